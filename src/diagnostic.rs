//! Mistakes in the user's files, as data.
//!
//! A [`Diagnostic`] contains a place in a file, a description of the mistake and a way
//! to mend the mistake. `spec` creates diagnostics, `report` shows them.

mod code;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

pub use self::code::DiagnosticCode;
use crate::suggestion::Message;
use crate::visible;

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// An error: no request is sent.
    Error,
    /// A warning: the command continues.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A file that a diagnostic refers to.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as the user would type it, with forward slashes.
    pub name: String,
    /// The content; `None` if the file could not be read.
    pub text: Option<Arc<str>>,
    /// How many bytes of the file stand before the text: a byte order mark.
    pub skipped: usize,
}

impl SourceFile {
    /// Returns a file with its text.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: Some(text.into()),
            skipped: 0,
        })
    }

    /// Returns a file with its text, without the byte order mark at its beginning.
    #[must_use]
    pub fn after_byte_order_mark(name: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: Some(text.into()),
            skipped: '\u{feff}'.len_utf8(),
        })
    }

    /// Returns the same file with another text.
    #[must_use]
    pub fn with_text(&self, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            name: self.name.clone(),
            text: Some(text.into()),
            skipped: self.skipped,
        })
    }

    /// Returns the content of the file on the disk: the text after the byte order mark.
    #[must_use]
    pub fn content(&self) -> String {
        let mark = if self.skipped > 0 { "\u{feff}" } else { "" };
        format!("{mark}{}", self.text.as_deref().unwrap_or_default())
    }

    /// Returns the name for messages, shortened and escaped.
    #[must_use]
    pub fn shown_name(&self) -> String {
        visible::line(&visible::bounded(&self.name, MAX_NAME)).into_owned()
    }

    /// Returns a file or folder without a text.
    #[must_use]
    pub fn unreadable(name: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: None,
            skipped: 0,
        })
    }
}

/// A position in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// Counted from 0, in bytes of the UTF-8 text.
    pub byte: usize,
}

/// A range of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

/// The place of a mistake: a file and, if known, a range of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The range; `None` if the diagnostic refers to the whole file.
    pub span: Option<Span>,
}

impl Place {
    /// Returns the place of a whole file.
    #[must_use]
    pub fn file(file: &Arc<SourceFile>) -> Self {
        Self {
            file: Arc::clone(file),
            span: None,
        }
    }

    /// Returns the place of a range in a file.
    #[must_use]
    pub fn span(file: &Arc<SourceFile>, span: Span) -> Self {
        Self {
            file: Arc::clone(file),
            span: Some(span),
        }
    }

    /// Returns the place of a line, counted from 1, in a file whose text is not shown.
    #[must_use]
    pub fn line(name: &str, line: usize) -> Self {
        let start = Position {
            line,
            column: 1,
            byte: 0,
        };
        Self::span(&SourceFile::unreadable(name), Span { start, end: start })
    }

    /// Returns the first line of the range, and the byte at which the line starts; `None`
    /// for a whole file.
    #[must_use]
    pub fn first_line(&self) -> Option<(usize, &str)> {
        let (span, text) = (self.span?, self.file.text.as_deref()?);
        let before = text.get(..span.start.byte).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        Some((start, text[start..].lines().next().unwrap_or_default()))
    }

    /// Returns the key by which the report sorts places: the file, then the position.
    #[must_use]
    pub fn sort_key(&self) -> (&str, usize) {
        (
            &self.file.name,
            self.span.map_or(0, |span| span.start.byte + 1),
        )
    }
}

impl fmt::Display for Place {
    /// `file:line:column`, the form that editors and terminals make clickable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file.shown_name())?;
        match self.span {
            Some(span) => write!(f, ":{}:{}", span.start.line, span.start.column),
            None => Ok(()),
        }
    }
}

/// A further place that belongs to the same mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub place: Place,
    /// How the place relates to the mistake.
    pub label: String,
}

/// A mistake or a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The severity.
    pub severity: Severity,
    /// The kind of mistake.
    pub code: DiagnosticCode,
    /// The description in one line, shown after `error: `.
    pub summary: String,
    /// The place.
    pub place: Place,
    /// A few words that are shown at the place; may be empty.
    pub label: String,
    /// Further places.
    pub related: Vec<Related>,
    /// Ways to mend the mistake, each a sentence or a command.
    pub help: Vec<Message>,
}

impl Diagnostic {
    /// Returns an error at a place.
    #[must_use]
    pub fn error(code: DiagnosticCode, place: Place, summary: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, place, summary)
    }

    /// Returns a warning at a place.
    #[must_use]
    pub fn warning(code: DiagnosticCode, place: Place, summary: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, place, summary)
    }

    fn new(
        severity: Severity,
        code: DiagnosticCode,
        place: Place,
        summary: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            code,
            summary: shown(summary.into()),
            place,
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Sets the words that are shown at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = shown(label.into());
        self
    }

    /// Adds a way to mend the mistake.
    #[must_use]
    pub fn help(mut self, help: impl Into<Message>) -> Self {
        self.help.push(help.into().map_text(shown));
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push(Related {
            place,
            label: shown(label.into()),
        });
        self
    }

    /// Returns whether the diagnostic is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The maximum length of a message, in characters.
const MAX_MESSAGE: usize = 2_000;

/// The maximum length of a file name, in characters.
const MAX_NAME: usize = 500;

/// Shortens and escapes a message, which can quote untrusted text.
fn shown(text: String) -> String {
    let short = visible::bounded(&text, MAX_MESSAGE);
    match visible::line(&short) {
        Cow::Borrowed(line) if line.len() == text.len() => text,
        line => line.into_owned(),
    }
}

/// Sorts into the order of the report: file, position, errors first, code.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        (a.place.sort_key(), a.severity, a.code, &a.summary).cmp(&(
            b.place.sort_key(),
            b.severity,
            b.code,
            &b.summary,
        ))
    });
}

/// Returns whether any diagnostic is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}
