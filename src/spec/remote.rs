//! Converts the server's message about a request into a diagnostic at the YAML line.

use std::sync::{Arc, LazyLock};

use super::origin::Origins;
use super::path::{Path, Step};
use super::source_map::SourceMap;
use super::vars::Vars;
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, SourceFile};
use crate::resource::Kind;
use crate::resource::document_fields::EXTRA;

/// The maximum length of a server message that is shown, in characters.
const MAX_MESSAGE: usize = 300;

/// Requests contain no references to variables.
static NO_VARS: LazyLock<Vars> = LazyLock::new(Vars::default);

/// The document whose request the server answered.
#[derive(Debug, Clone, Copy)]
pub struct RefusedDocument<'a> {
    /// The file of the document.
    pub file: &'a Arc<SourceFile>,
    /// The index of the document in its file, from 0.
    pub document: usize,
    /// The project file, if there is one.
    pub project: Option<&'a Arc<SourceFile>>,
    /// The selected environment.
    pub environment: Option<&'a str>,
}

impl RefusedDocument<'_> {
    /// Returns the place of a value: in the resource's file, or in the project file
    /// where the value is a default, or else the document's first line.
    #[must_use]
    pub fn place(&self, path: &Path) -> Place {
        let source_map = SourceMap::new(self.file);
        let project = self.project.map(SourceMap::new);
        let origins = self.origins(&source_map, project.as_ref());
        let found = if path.is_top() {
            None
        } else {
            origins
                .place_of_whole(path)
                .or_else(|| origins.place_of_whole(&in_extra(path)))
                .or_else(|| origins.place_of_whole(&under_other_name(origins.kind(), path)?))
                .or_else(|| origins.place_of_single(&branchless(path)?))
                .or_else(|| origins.place_of(path))
        };
        found.unwrap_or_else(|| source_map.first_place(self.document))
    }

    fn origins<'a>(&'a self, file: &'a SourceMap, project: Option<&'a SourceMap>) -> Origins<'a> {
        Origins {
            file,
            document: self.document,
            project,
            environment: self.environment,
            vars: &NO_VARS,
        }
    }

    /// Returns the noun for the kind of the document.
    fn noun(&self) -> &'static str {
        let source_map = SourceMap::new(self.file);
        self.origins(&source_map, None).kind().noun()
    }

    /// Returns the diagnostic of a field that the server refused, at the field's
    /// [`place`](Self::place).
    ///
    /// The path is the API's `loc` without the leading `body`.
    #[must_use]
    pub fn refused(&self, path: &Path, message: &str) -> Diagnostic {
        let message = bounded(message);
        let summary = if path.is_top() {
            format!("the API refused the {}: {message}", self.noun())
        } else {
            format!("the API refused `{path}`: {message}")
        };
        Diagnostic::error(DiagnosticCode::RefusedByApi, self.place(path), summary)
    }

    /// Returns the diagnostic of a field whose value differs after an accepted update.
    /// `said` describes the value that the API shows. If the document does not have the
    /// field, the place is the document.
    #[must_use]
    pub fn kept(&self, path: &Path, said: &str) -> Diagnostic {
        let said = bounded(said);
        let mut diagnostic = self.refused(path, "");
        diagnostic.code = DiagnosticCode::KeptByApi;
        diagnostic.summary = format!("the API accepted the update, but {said}");
        diagnostic.help(format!(
            "the field stays in the plan; write the observed value, or replace the {} with \
             `--on-change recreate`",
            self.noun()
        ))
    }

    /// Returns the diagnostic of an error that concerns the whole resource.
    #[must_use]
    pub fn failed(&self, message: &str) -> Diagnostic {
        let place = SourceMap::new(self.file).first_place(self.document);
        Diagnostic::error(DiagnosticCode::RefusedByApi, place, bounded(message))
    }
}

/// Returns the path without its last step, which can be a name that pydantic gives to
/// the types of a union: `max_concurrent.int`.
fn branchless(path: &Path) -> Option<Path> {
    let (last, value) = path.0.split_last()?;
    let is_name = matches!(last, Step::Field(_)) && !value.is_empty();
    is_name.then(|| Path(value.to_vec()))
}

/// Returns the path of a field that the document contains under another name: a schedule
/// names its simulation by key, and the server by id.
fn under_other_name(kind: Kind, path: &Path) -> Option<Path> {
    let (Step::Field(name), rest) = path.0.split_first()? else {
        return None;
    };
    let mut fields = kind.fields().iter();
    let field = fields.find(|field| field.sent_as == Some(name.as_str()))?;
    let first = Step::Field(field.name.to_owned());
    Some(Path(
        std::iter::once(first).chain(rest.iter().cloned()).collect(),
    ))
}

/// Returns the path of the field inside `extra`.
fn in_extra(path: &Path) -> Path {
    let extra = Step::Field(EXTRA.to_owned());
    Path(
        std::iter::once(extra)
            .chain(path.0.iter().cloned())
            .collect(),
    )
}

/// Returns a message as one short line without control characters.
fn bounded(message: &str) -> String {
    let line: String = message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let short: String = line.chars().take(MAX_MESSAGE).collect();
    if short.len() < line.len() {
        format!("{short}…")
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_where_the_value_was_written() {
        let file = SourceFile::new(
            "a.yaml",
            "agent_id: 1\nextra:\n  tags: [a]\n  digital_humans_settings: {x: 1}\n\
             digital_humans_settings: {num_runs: 1}\nselected_custom_metrics:\n  - x\n",
        );
        let project = SourceFile::new("bluejay.yaml", "defaults:\n  max_concurrent: 9\n");
        let request = RefusedDocument {
            file: &file,
            document: 0,
            project: Some(&project),
            environment: None,
        };
        for (path, expected) in [
            (
                Path::from(["selected_custom_metrics"]).index(0),
                "a.yaml:7:5",
            ),
            (Path::from(["tags"]).index(0), "a.yaml:3:10"),
            (Path::from(["digital_humans_settings", "x"]), "a.yaml:4:32"),
            (Path::from(["max_concurrent"]), "bluejay.yaml:2:19"),
            (Path::from(["agent_id", "int"]), "a.yaml:1:11"),
            (Path::from(["max_concurrent", "int"]), "bluejay.yaml:2:19"),
            (Path::from(["nowhere"]), "a.yaml:1:1"),
            (Path::top(), "a.yaml:1:1"),
        ] {
            let diagnostic = request.refused(&path, "no");
            assert_eq!(diagnostic.place.to_string(), expected, "{path}");
        }
    }

    #[test]
    fn the_defaults_of_the_environment_come_first() {
        let file = SourceFile::new("a.yaml", "agent_id: 1\n");
        let project = SourceFile::new(
            "bluejay.yaml",
            "defaults: {max_concurrent: 9, name: x}\nenvironments:\n  prod:\n    defaults:\n      max_concurrent: 8\n",
        );
        let request = RefusedDocument {
            file: &file,
            document: 0,
            project: Some(&project),
            environment: Some("prod"),
        };
        let place = |field: &str| request.place(&Path::from([field])).to_string();
        assert_eq!(place("max_concurrent"), "bluejay.yaml:5:23");
        assert_eq!(place("name"), "bluejay.yaml:1:37");
    }

    #[test]
    fn a_key_stands_for_the_id_that_was_refused() {
        let file = SourceFile::new(
            "a.yaml",
            "kind: schedule\nsimulation: front\nschedule: {frequency: daily, time: '02:30'}\n",
        );
        let request = RefusedDocument {
            file: &file,
            document: 0,
            project: None,
            environment: None,
        };
        let field = request.refused(&Path::from(["simulation_id"]), "no");
        assert_eq!(field.place.to_string(), "a.yaml:2:13");
        let whole = request.refused(&Path::top(), "no");
        assert_eq!(whole.summary, "the API refused the schedule: no");
    }
}
