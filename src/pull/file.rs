//! Edits one file, and checks what the edited file declares.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::Pull;
use super::left::{Left, LeftReason};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use crate::lock::Lockfile;
use crate::resource::desired::DesiredResource;
use crate::resource::key::ResourceKey;
use crate::resource::{Kind, Normalized, diff, is_recorded};
use crate::spec::declarations::{FileDeclarations, SimulationFile, read_with_texts};
use crate::spec::edit::{Edit, Refused, edit};
use crate::spec::included_text::IncludedTexts;
use crate::spec::path::{Path, Step};
use crate::spec::position::TextIndex;
use crate::spec::settings::Settings;

/// The wanted edits of one document.
#[derive(Debug, Clone)]
pub struct FileEdits<'a> {
    /// The resource, and the values that the document should declare.
    pub pull: &'a Pull,
    /// The edits, by the path of the state.
    pub edits: BTreeMap<String, Vec<Edit>>,
    /// The paths whose values changed in a shared source.
    pub shared: BTreeSet<String>,
}

/// An edited file.
#[derive(Debug, Clone, PartialEq)]
pub struct EditedFile {
    /// The text.
    pub text: String,
    /// The paths that the file now declares as wanted, with those of shared sources.
    pub taken: BTreeMap<ResourceKey, BTreeSet<String>>,
    /// The values that the file can't declare.
    pub left: Vec<Left>,
}

/// Makes the edits that leave everything else equal. The edits of a document are made
/// together, or else one by one. `lock` has the ids of the resources and the agents that the
/// file refers to.
#[must_use]
pub fn edit_file(
    input: &SimulationFile,
    texts: &IncludedTexts,
    settings: &Settings,
    edits: &[FileEdits<'_>],
    lock: &Lockfile,
) -> EditedFile {
    let before = read_with_texts(input, settings, texts);
    let mut file = Editing {
        input,
        texts,
        settings,
        edits,
        lock,
        kinds: document_kinds(&before),
        before: resources(before, lock),
        text: input.file.text.as_deref().unwrap_or_default().to_owned(),
        taken: edits
            .iter()
            .map(|edits| (edits.pull.key.clone(), edits.shared.clone()))
            .collect(),
    };
    let mut left = Vec::new();
    for document in edits {
        let all: Vec<_> = document.edits.keys().collect();
        if file.take(document, &all).is_ok() {
            continue;
        }
        for path in all {
            if let Err((reason, place)) = file.take(document, &[path]) {
                left.push(Left {
                    place,
                    ..document.pull.left(path, reason)
                });
            }
        }
    }
    EditedFile {
        text: file.text,
        taken: file.taken,
        left,
    }
}

struct Editing<'a> {
    input: &'a SimulationFile,
    texts: &'a IncludedTexts,
    settings: &'a Settings,
    edits: &'a [FileEdits<'a>],
    lock: &'a Lockfile,
    /// The kinds of the documents.
    kinds: BTreeMap<usize, Kind>,
    /// The declared resources before the edits.
    before: BTreeMap<ResourceKey, DesiredResource>,
    text: String,
    taken: BTreeMap<ResourceKey, BTreeSet<String>>,
}

/// Why an edit was not made, and where.
type NotTaken = (LeftReason, Option<Place>);

impl Editing<'_> {
    /// Makes the edits of these paths. After an error, the text is unchanged.
    fn take(&mut self, document: &FileEdits<'_>, paths: &[&String]) -> Result<(), NotTaken> {
        let edits = paths.iter().filter_map(|path| document.edits.get(*path));
        let edits: Vec<_> = edits.flatten().cloned().collect();
        let order = |document: usize, path: &Path, name: &str| self.order(document, path, name);
        let text = edit(&self.text, &edits, &order).map_err(|refused| self.not_edited(&refused))?;
        let mut taken = self.taken.clone();
        let of_document = taken.entry(document.pull.key.clone()).or_default();
        of_document.extend(paths.iter().map(|path| (*path).clone()));
        self.check(&text, &taken)
            .map_err(|reason| (LeftReason::Undeclarable(reason), None))?;
        (self.text, self.taken) = (text, taken);
        Ok(())
    }

    fn order(&self, document: usize, path: &Path, name: &str) -> Option<usize> {
        field_place(*self.kinds.get(&document)?, path, name)
    }

    fn not_edited(&self, refused: &Refused) -> NotTaken {
        let text = self.text.as_str();
        let index = TextIndex::new(text);
        let line = text[refused.at..].lines().next().unwrap_or_default();
        let span = index.span(text, refused.at, refused.at + line.len());
        let file = SourceFile::new(self.input.file.name.as_str(), text);
        let place = Place::span(&file, span);
        (LeftReason::Unsafe(refused.reason.clone()), Some(place))
    }

    /// Checks that an edited text declares the wanted state, and nothing else than before.
    fn check(
        &self,
        text: &str,
        taken: &BTreeMap<ResourceKey, BTreeSet<String>>,
    ) -> Result<(), String> {
        let input = SimulationFile {
            file: SourceFile::new(self.input.file.name.as_str(), text),
            default_key: self.input.default_key.clone(),
        };
        let after = read_with_texts(&input, self.settings, self.texts);
        if let Some(error) = after.diagnostics.iter().find(|found| found.is_error()) {
            return Err(summary(error));
        }
        let after = resources(after, self.lock);
        if !after.keys().eq(self.before.keys()) {
            return Err("another document would change".to_owned());
        }
        for (key, declared) in &after {
            let pull = self.edits.iter().find(|edits| edits.pull.key == *key);
            let is_wanted = match (pull, taken.get(key), self.before.get(key)) {
                (Some(edits), Some(paths), _) => {
                    differences(edits.pull, paths, declared, self.lock).is_none()
                }
                (_, _, Some(before)) => is_equal(key.kind(), declared, before, self.lock),
                _ => false,
            };
            if !is_wanted {
                return Err("the file would declare another value".to_owned());
            }
        }
        Ok(())
    }
}

/// Returns the place of a field of a map in the table of fields. `path` is the path of the
/// map.
#[must_use]
pub fn field_place(kind: Kind, path: &Path, name: &str) -> Option<usize> {
    let mut fields = kind.fields();
    for step in &path.0 {
        if let Step::Field(name) = step {
            let field = fields.iter().find(|field| field.name == *name)?;
            fields = field.nested();
        }
    }
    fields.iter().position(|field| field.name == name)
}

/// Compares a declaration with the wanted one: with the observed values at these paths, and
/// as before otherwise. Returns the paths of the fields that differ; no path if something else
/// differs, and `None` if nothing differs.
pub(super) fn differences(
    pull: &Pull,
    paths: &BTreeSet<String>,
    declared: &DesiredResource,
    lock: &Lockfile,
) -> Option<BTreeSet<String>> {
    let kind = pull.key.kind();
    let declared = declared.resolved(|key| lock.id_of(key)).into_owned();
    let mut wanted = pull.wanted(paths);
    let normalized = Normalized::of(kind, &declared.body);
    let changes = diff(kind, &declared.body, &wanted.body);
    // An observed text may differ from the text of the file in white space.
    let is_observed = |path: &String| {
        let observed = pull.values.get(path).filter(|_| paths.contains(path));
        observed.is_some_and(|observed| is_recorded(kind, &normalized, path, observed))
    };
    let other = changes.into_iter().map(|change| change.path);
    let other: BTreeSet<_> = other.filter(|path| !is_observed(path)).collect();
    wanted.body = declared.body.clone();
    let is_declared = other.is_empty() && is_equal(kind, &declared, &wanted, lock);
    (!is_declared).then_some(other)
}

/// Returns whether two declarations have the same meaning.
pub(super) fn is_equal(
    kind: Kind,
    one: &DesiredResource,
    other: &DesiredResource,
    lock: &Lockfile,
) -> bool {
    let id_of = |key: &ResourceKey| lock.id_of(key);
    let (one, other) = (one.resolved(id_of), other.resolved(id_of));
    diff(kind, &one.body, &other.body).is_empty()
        && one.digital_humans == other.digital_humans
        && one.digital_human_keys == other.digital_human_keys
        && one.is_exclusive == other.is_exclusive
        && one.is_protected == other.is_protected
        && one.moved_from == other.moved_from
}

fn summary(error: &Diagnostic) -> String {
    error.summary.clone()
}

fn document_kinds(declarations: &FileDeclarations) -> BTreeMap<usize, Kind> {
    let declared = declarations.declared.iter();
    declared
        .filter_map(|one| Some((one.document, one.key.as_ref()?.kind())))
        .collect()
}

/// Returns the declared resources, with the known ids of their agents.
fn resources(
    declarations: FileDeclarations,
    lock: &Lockfile,
) -> BTreeMap<ResourceKey, DesiredResource> {
    let declared = declarations.declared.into_iter();
    let declared = declared.filter_map(|one| {
        let mut resource = one.resource?;
        resource.resolve_agent(&lock.agents);
        Some((one.key?, resource))
    });
    declared.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::resource::key::{PlainId, RemoteId};
    use crate::spec::declarations::read_declarations;

    const TEXT: &str = "agent_id: \"42\"\nname: a\ndescription: d\nmax_concurrent: 5\n";

    fn input() -> SimulationFile {
        SimulationFile {
            file: SourceFile::new("a.yaml", TEXT),
            default_key: "a".into(),
        }
    }

    /// Edits the file so that it declares these values at the top.
    fn edited(values: Value) -> EditedFile {
        let declarations = read_declarations(&input(), &Settings::default());
        let (key, declared) = resources(declarations, &Lockfile::default())
            .pop_first()
            .unwrap();
        let values: BTreeMap<_, _> = values.as_object().unwrap().clone().into_iter().collect();
        let edits = values.iter().map(|(name, value)| {
            let edit = Edit {
                document: 0,
                path: Path::from([name.as_str()]),
                value: Some(value.clone()),
            };
            (name.clone(), vec![edit])
        });
        let edits = edits.collect();
        let pull = Pull {
            id: RemoteId::of(key.kind(), PlainId::Number(1)),
            key,
            declared,
            values,
            attached: BTreeSet::new(),
            humans: None,
            agreed: BTreeSet::new(),
            fields: BTreeMap::new(),
        };
        let edits = FileEdits {
            pull: &pull,
            edits,
            shared: BTreeSet::new(),
        };
        let (texts, settings) = (IncludedTexts::default(), Settings::default());
        edit_file(&input(), &texts, &settings, &[edits], &Lockfile::default())
    }

    #[test]
    fn a_value_that_no_file_can_declare_is_left_alone_and_the_others_are_taken() {
        let found = edited(json!({"description": "new", "max_concurrent": 900}));
        assert_eq!(found.text, TEXT.replace("n: d", "n: new"));
        let reasons: Vec<_> = found.left.iter().map(|left| &left.reason).collect();
        let expected = "`max_concurrent` must be between 1 and 500, found 900";
        assert_eq!(reasons, [&LeftReason::Undeclarable(expected.to_owned())]);
    }
}
