//! A mistake that knows its path in a document, but not yet its place in a file.
//!
//! Checks work on values and stay quick; only a file that has a mistake is read
//! again to find out where its values stand.

use serde_json::Value;

use super::path::Path;
use crate::diagnostic::Severity;

/// A mistake in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable name for the kind of mistake.
    pub code: &'static str,
    /// The value that it is about.
    pub path: Path,
    /// Which part of it.
    pub part: FieldPart,
    /// What is wrong, in one line.
    pub summary: String,
    /// A few words at the place; may be empty.
    pub label: String,
    /// Ways out.
    pub help: Vec<String>,
    /// Other values that belong to it, with a few words each.
    pub related: Vec<(Path, String)>,
    /// The value as the messages quote it. The file may spell it otherwise, as
    /// `1.50` for 1.5, and is quoted in the end.
    pub spelling: Option<String>,
}

/// Which part of a field a mistake is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldPart {
    /// The name of the field.
    Key,
    /// Its value.
    Value,
    /// The anchor before its value.
    Anchor,
    /// The first occurrence of this text in its value.
    Text(String),
    /// The first name in the mapping that is a list or a mapping itself.
    InvalidName,
    /// The second writing of this field in the mapping at the path, and those after it.
    Repeated(String, usize),
}

impl Problem {
    /// An error about a value.
    #[must_use]
    pub fn error(code: &'static str, path: Path, summary: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            path,
            part: FieldPart::Value,
            summary: summary.into(),
            label: String::new(),
            help: Vec::new(),
            related: Vec::new(),
            spelling: None,
        }
    }

    /// A warning about a value.
    #[must_use]
    pub fn warning(code: &'static str, path: Path, summary: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, path, summary)
        }
    }

    /// The same about another part of the field.
    #[must_use]
    pub fn part(mut self, part: FieldPart) -> Self {
        self.part = part;
        self
    }

    /// The same with a few words at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with one more way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The same with a way out, if there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help.extend(help);
        self
    }

    /// The same, about a number or a boolean that its messages quote.
    #[must_use]
    pub fn spelled(mut self, value: &Value) -> Self {
        self.spelling = match value {
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            _ => None,
        };
        self
    }

    /// The same with the value quoted as it was written.
    #[must_use]
    pub fn as_written(mut self, written: &str) -> Self {
        let Some(spelling) = self.spelling.take_if(|spelling| spelling != written) else {
            return self;
        };
        self.summary = respelled(&self.summary, &spelling, written);
        for help in &mut self.help {
            *help = respelled(help, &spelling, written);
        }
        self
    }

    /// The same with another value that belongs to it.
    #[must_use]
    pub fn related(mut self, path: Path, label: impl Into<String>) -> Self {
        self.related.push((path, label.into()));
        self
    }
}

/// How many errors, and how many warnings, of one file are told; who has more
/// has another problem.
pub const MAX_PROBLEMS: usize = 100;

/// A message that quotes a value in another spelling.
fn respelled(message: &str, spelling: &str, written: &str) -> String {
    let parts = message.split('`').enumerate().map(|(index, part)| {
        // Every second part stands between the backticks.
        let is_value = index % 2 == 1 && part.trim_matches(['"', '[', ']']) == spelling;
        if is_value {
            part.replace(spelling, written)
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// The problems of one document: at most one error for one part of one value,
/// because what follows from a mistake is not a second mistake.
///
/// Of each severity, one more than [`MAX_PROBLEMS`] is kept: a document with a
/// hundred thousand mistakes costs no more than one with a hundred.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds a problem, unless its place has an error already.
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

    /// Whether there is an error among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// All of them, in the order in which they were found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// Whether there are none.
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
