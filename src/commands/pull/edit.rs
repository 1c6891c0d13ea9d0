//! Edits the files in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::super::load::{LoadOptions, Workspace};
use super::super::workspace::dotted;
use super::job::{DocumentEdits, Job};
use super::shared::{SharedEdits, take_shared};
use crate::diagnostic::SourceFile;
use crate::error::CommandError;
use crate::import::Keys;
use crate::lock::Lockfile;
use crate::pull::{
    Decision, EditedFile, FileEdits, Left, LeftReason, Pull, Sources, edit_file, edits_of,
};
use crate::report::pull::{ChangedFile, Pulled};
use crate::resource::desired::DesiredState;
use crate::resource::key::ResourceKey;
use crate::spec::declarations::SimulationFile;
use crate::spec::yaml;
use crate::store;
use crate::store::writable::WritablePath;

/// The result of the edits.
pub(super) struct Edited {
    /// The changed files, in the order of their names.
    pub files: Vec<ChangedFile>,
    /// The values that the files now declare, by resource.
    pub pulled: Vec<Pulled>,
    /// What is left alone.
    pub left: Vec<Left>,
    /// The desired state of the edited files.
    pub desired: DesiredState,
}

/// Edits the files so that they declare the observed values. Nothing is written.
pub(super) fn edit(
    options: LoadOptions,
    workspace: &Workspace,
    lock: &Lockfile,
    decision: Decision,
) -> Result<Edited, CommandError> {
    let mut job = Job {
        workspace,
        lock,
        keys: declared_keys(lock, workspace),
        project: workspace
            .project
            .file
            .as_ref()
            .map_or(Value::Null, first_document),
        options,
        pulls: &decision.pulls,
        left: decision.left,
    };
    let documents = job.edits();
    let documents = take_shared(&mut job, documents)?;
    let taken = job.edit_files(&documents)?;
    let pulls = decision.pulls.iter();
    let pulled = pulls.map(|pull| Pulled {
        pull: pull.clone(),
        edited: taken.get(&pull.key).cloned().unwrap_or_default(),
    });
    let pulled = pulled.collect();
    let (files, left) = (job.changed_files()?, job.placed_left());
    let desired = job.checked(&taken)?;
    Ok(Edited {
        files,
        pulled,
        left,
        desired,
    })
}

/// Returns the keys of the declared resources by their recorded ids.
fn declared_keys(lock: &Lockfile, workspace: &Workspace) -> Keys {
    let mut keys = Keys::default();
    for (key, locked) in &lock.resources {
        if workspace.desired.resources.contains_key(key) {
            keys.insert(locked.id, key.clone());
        }
    }
    keys
}

fn documents(file: &Arc<SourceFile>) -> Vec<Value> {
    let documents = yaml::parse(file).unwrap_or_default().into_iter();
    documents.map(|document| document.value).collect()
}

pub(super) fn first_document(file: &Arc<SourceFile>) -> Value {
    documents(file).into_iter().next().unwrap_or_default()
}

impl Job<'_> {
    /// Returns the edits of each resource, in the order of the pulls.
    fn edits(&mut self) -> Vec<DocumentEdits> {
        let pulls = self.pulls;
        pulls.iter().map(|pull| self.edits_of(pull)).collect()
    }

    fn edits_of(&mut self, pull: &Pull) -> DocumentEdits {
        let source = &pull.declared.source;
        let document = self.candidate(&source.file).map(|candidate| {
            if let Err(error) =
                WritablePath::within(&self.workspace.project.bounds, &candidate.path)
            {
                return Err(LeftReason::Unwritable(reason_of(&error)));
            }
            let file = self.options.file(candidate);
            let file = file.map_err(|found| LeftReason::Unwritable(found.summary.clone()))?;
            Ok(documents(&file).into_iter().nth(source.document))
        });
        let mut edits = DocumentEdits::new();
        for path in pull.paths() {
            let document = match &document {
                Some(Ok(Some(document))) => document,
                Some(Err(reason)) => {
                    self.left.push(pull.left(&path, reason.clone()));
                    continue;
                }
                _ => continue,
            };
            let wanted = pull.wanted(&BTreeSet::from([path.clone()]));
            let sources = Sources {
                settings: &self.workspace.settings,
                project: &self.project,
                document,
                index: source.document,
                keys: &self.keys,
            };
            match edits_of(pull, &path, &wanted.body, &sources) {
                Ok(found) => drop(edits.insert(path, found)),
                Err(reason) => self.left.push(pull.left(&path, reason)),
            }
        }
        edits
    }

    /// Edits the files one by one. Returns the paths that each resource took.
    fn edit_files(
        &mut self,
        edits: &SharedEdits,
    ) -> Result<BTreeMap<ResourceKey, BTreeSet<String>>, CommandError> {
        let mut taken = edits.taken.clone();
        let mut by_file: BTreeMap<&str, Vec<FileEdits<'_>>> = BTreeMap::new();
        for (pull, edits) in self.pulls.iter().zip(&edits.documents) {
            let shared = taken.get(&pull.key).cloned().unwrap_or_default();
            let edits = edits.clone();
            let file = &*pull.declared.source.file;
            by_file.entry(file).or_default().push(FileEdits {
                pull,
                edits,
                shared,
            });
        }
        if by_file.is_empty() {
            return Ok(taken);
        }
        let reloaded = (!self.options.edited.is_empty())
            .then(|| self.reload())
            .transpose()?;
        let workspace = self.workspace;
        let settings = &reloaded.as_ref().unwrap_or(workspace).settings;
        for (name, edits) in by_file {
            let Some(candidate) = self.candidate(name).cloned() else {
                continue;
            };
            let Ok(file) = self.options.file(&candidate) else {
                continue;
            };
            let bounds = &workspace.project.bounds;
            let texts = self.options.included_texts(&file, &candidate, bounds);
            let input = SimulationFile {
                file: Arc::clone(&file),
                default_key: candidate.default_key.as_str().into(),
            };
            let id_of = |key: &ResourceKey| self.lock.resources.get(key).map(|locked| locked.id);
            let EditedFile {
                text,
                taken: of_file,
                left,
            } = edit_file(&input, &texts, settings, &edits, &id_of);
            taken.extend(of_file);
            self.left.extend(left);
            self.set_text(&candidate.path, &file, text);
        }
        Ok(taken)
    }

    fn changed_files(&self) -> Result<Vec<ChangedFile>, CommandError> {
        let edited = self.options.edited.iter();
        let files = edited.map(|(path, after)| {
            let before = store::read_bytes_or_empty(path)?;
            let before = String::from_utf8(before).unwrap_or_default();
            let mark = if after.skipped > 0 { "\u{feff}" } else { "" };
            let text = after.text.as_deref().unwrap_or_default();
            Ok(ChangedFile {
                name: after.name.clone(),
                path: path.clone(),
                before,
                after: format!("{mark}{text}"),
            })
        });
        let mut files = files.collect::<Result<Vec<_>, CommandError>>()?;
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(files)
    }

    /// Returns what is left alone, each at its place.
    fn placed_left(&mut self) -> Vec<Left> {
        let mut left = std::mem::take(&mut self.left);
        for one in &mut left {
            let declared = self.workspace.desired.resources.get(&one.key);
            if let (None, Some(declared)) = (&one.place, declared) {
                let path = one.field.as_ref().map(|field| dotted(&field.path));
                let path = path.unwrap_or_default();
                one.place = Some(self.workspace.place_in(&declared.source, &path));
            }
        }
        left.sort_by(|one, other| one.key.cmp(&other.key));
        left
    }

    /// Loads all edited files, and checks that nothing else has changed.
    fn checked(
        &self,
        taken: &BTreeMap<ResourceKey, BTreeSet<String>>,
    ) -> Result<DesiredState, CommandError> {
        if self.options.edited.is_empty() {
            return Ok(self.workspace.desired.clone());
        }
        let reloaded = self.reload()?;
        if reloaded.has_errors() {
            let mut errors = reloaded.diagnostics.iter().filter(|found| found.is_error());
            let error = CommandError::new("the edited files would be invalid");
            return Err(match errors.next() {
                Some(first) => error.caused_by(first.summary.clone()),
                None => error,
            }
            .help("edit the values by hand; nothing was written"));
        }
        let changed = self.unexpected(&reloaded.desired, taken);
        match changed.first() {
            None => Ok(reloaded.desired),
            Some(key) => Err(CommandError::new(format!(
                "the edited files would change `{key}`, too; nothing was written"
            ))),
        }
    }
}

fn reason_of(error: &store::StoreError) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}
