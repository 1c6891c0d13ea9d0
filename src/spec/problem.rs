//! A mistake with its path in a document, but without its place in the file.
//!
//! The checks work on values, which is fast. Only a file with a mistake is parsed again
//! to find the places of its values.

use serde_json::Value;

use super::path::Path;
use crate::diagnostic::{DiagnosticCode, Place, Severity};

/// A mistake in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The severity.
    pub severity: Severity,
    /// A stable identifier of the kind of mistake.
    pub code: DiagnosticCode,
    /// The path of the value.
    pub path: Path,
    /// The part of the field that is wrong.
    pub part: FieldPart,
    /// The field that the map at the path lacks.
    pub missing: Option<String>,
    /// The description in one line.
    pub summary: String,
    /// A few words that are shown at the place; may be empty.
    pub label: String,
    /// Ways to mend the mistake.
    pub help: Vec<String>,
    /// The paths of related values, with a few words each.
    pub related: Vec<(Path, String)>,
    /// Places in other files, with a few words each.
    pub elsewhere: Vec<(Place, String)>,
    /// The value as the messages quote it. The place replaces the quote by the spelling
    /// in the file: `1.50` in place of 1.5.
    pub spelling: Option<String>,
}

/// The part of a field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldPart {
    /// The name of the field.
    Key,
    /// The value of the field.
    Value,
    /// The anchor before the value.
    Anchor,
    /// The first occurrence of this text in the value.
    Text(String),
    /// The first name in the mapping that is a list or a mapping.
    InvalidName,
    /// A repeated occurrence of this field in the mapping at the path, counted from 1.
    Repeated(String, usize),
}

impl Problem {
    /// Returns an error about a value.
    #[must_use]
    pub fn error(code: DiagnosticCode, path: Path, summary: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            path,
            part: FieldPart::Value,
            missing: None,
            summary: summary.into(),
            label: String::new(),
            help: Vec::new(),
            related: Vec::new(),
            elsewhere: Vec::new(),
            spelling: None,
        }
    }

    /// Returns a warning about a value.
    #[must_use]
    pub fn warning(code: DiagnosticCode, path: Path, summary: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, path, summary)
        }
    }

    /// Sets the part of the field that is wrong.
    #[must_use]
    pub fn part(mut self, part: FieldPart) -> Self {
        self.part = part;
        self
    }

    /// Sets the field that the map at the path lacks.
    #[must_use]
    pub fn missing(mut self, field: &str) -> Self {
        self.missing = Some(field.to_owned());
        self
    }

    /// Sets the words that are shown at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds a way to mend the mistake.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a way to mend the mistake, if there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help.extend(help);
        self
    }

    /// Notes that the messages quote this value, if it is a number or a boolean.
    #[must_use]
    pub fn quoting_value(mut self, value: &Value) -> Self {
        self.spelling = match value {
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            _ => None,
        };
        self
    }

    /// Replaces the quoted value in the messages by its spelling in the file.
    #[must_use]
    pub fn with_spelling(mut self, written: &str) -> Self {
        let Some(spelling) = self.spelling.take_if(|spelling| spelling != written) else {
            return self;
        };
        self.summary = replace_quoted_value(&self.summary, &spelling, written);
        for help in &mut self.help {
            *help = replace_quoted_value(help, &spelling, written);
        }
        self
    }

    /// Adds a place in another file.
    #[must_use]
    pub fn elsewhere(mut self, place: Place, label: impl Into<String>) -> Self {
        self.elsewhere.push((place, label.into()));
        self
    }

    /// Adds a related value.
    #[must_use]
    pub fn related(mut self, path: Path, label: impl Into<String>) -> Self {
        self.related.push((path, label.into()));
        self
    }
}

/// The maximum number of errors, and of warnings, that are shown for one file.
pub const MAX_PROBLEMS: usize = 100;

/// Replaces the quoted value in one message.
fn replace_quoted_value(message: &str, spelling: &str, written: &str) -> String {
    let parts = message.split('`').enumerate().map(|(index, part)| {
        // Every second part is inside backticks.
        let is_value = index % 2 == 1 && part.trim_matches(['"', '[', ']']) == spelling;
        if is_value {
            part.replace(spelling, written)
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// The problems of one document, with at most one error for each part of a value. A
/// further error would only be a consequence of the first.
///
/// Of each severity, at most one more than [`MAX_PROBLEMS`] problems are stored, so
/// that a document with very many mistakes is not slow.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds a problem, unless the part of the value already has an error.
    pub fn push(&mut self, problem: Problem) {
        let alike = self.0.iter();
        let alike = alike.filter(|known| known.severity == problem.severity);
        if alike.count() > MAX_PROBLEMS {
            return;
        }
        let is_known = self.0.iter().any(|known| {
            known.severity == Severity::Error
                && known.path == problem.path
                && (known.part == problem.part
                    || matches!(
                        (&known.part, &problem.part),
                        (
                            FieldPart::Text(_) | FieldPart::InvalidName,
                            FieldPart::Value
                        )
                    ))
        });
        if !is_known {
            self.0.push(problem);
        }
    }

    /// Returns whether a problem is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// Returns the problems in the order in which they were found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// Returns whether there are no problems.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        for problem in problems {
            self.push(problem);
        }
    }
}
