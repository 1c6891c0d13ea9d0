//! Mistakes in the user's files, as data.
//!
//! A [`Diagnostic`] knows which file and which characters it is about, what is
//! wrong and how to mend it. It knows no YAML and no terminal: `spec` makes
//! diagnostics, `report` shows them.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::suggestion::Message;
use crate::visible;

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is sent while one of these stands.
    Error,
    /// Worth a look; never stops anything.
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

/// A file that a diagnostic points into: its name as shown, and its text.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as the user would type it, with forward slashes.
    pub name: String,
    /// The content; `None` where the file couldn't be read at all.
    pub text: Option<Arc<str>>,
    /// How many bytes of the file stand before the text: a byte order mark.
    pub skipped: usize,
}

impl SourceFile {
    /// A file whose text is known.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: Some(text.into()),
            skipped: 0,
        })
    }

    /// A file whose text is known, behind a byte order mark.
    #[must_use]
    pub fn after_byte_order_mark(name: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: Some(text.into()),
            skipped: '\u{feff}'.len_utf8(),
        })
    }

    /// Its name as a part of a line.
    #[must_use]
    pub fn shown_name(&self) -> String {
        visible::line(&visible::bounded(&self.name, MAX_NAME)).into_owned()
    }

    /// A file or folder that can only be named.
    #[must_use]
    pub fn unreadable(name: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: None,
            skipped: 0,
        })
    }
}

/// One point of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// Counted from 0, in bytes of the UTF-8 text.
    pub byte: usize,
}

/// A stretch of text; `end` is the first position after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

/// Where something stands: a file and, where it can be told, the characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The characters; `None` when the whole file is meant.
    pub span: Option<Span>,
}

impl Place {
    /// The whole of a file.
    #[must_use]
    pub fn file(file: &Arc<SourceFile>) -> Self {
        Self {
            file: Arc::clone(file),
            span: None,
        }
    }

    /// A stretch of a file.
    #[must_use]
    pub fn span(file: &Arc<SourceFile>, span: Span) -> Self {
        Self {
            file: Arc::clone(file),
            span: Some(span),
        }
    }

    /// The order in which places are reported: by file, then by position.
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

/// A second place that belongs to the same mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What it has to do with the mistake.
    pub label: String,
}

/// One mistake, or one warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable name for the kind of mistake, for scripts: `unknown-field`.
    pub code: &'static str,
    /// What is wrong, in one line that reads after `error: `.
    pub summary: String,
    /// Where.
    pub place: Place,
    /// A few words shown right at the place; may be empty.
    pub label: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// Ways out, each a sentence or a command.
    pub help: Vec<Message>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: &'static str, place: Place, summary: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, place, summary)
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: &'static str, place: Place, summary: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, place, summary)
    }

    fn new(
        severity: Severity,
        code: &'static str,
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

    /// The same with a few words at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = shown(label.into());
        self
    }

    /// The same with one more way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<Message>) -> Self {
        self.help.push(help.into().map_text(shown));
        self
    }

    /// The same with one more place that belongs to it.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push(Related {
            place,
            label: shown(label.into()),
        });
        self
    }

    /// Whether it stops the run.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The longest message, in characters. What is longer quotes too much of a file.
const MAX_MESSAGE: usize = 2_000;

/// The longest path of a file, in characters.
const MAX_NAME: usize = 500;

/// One line of bounded length with nothing in it that a terminal would obey:
/// messages quote what stands in files.
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

/// Whether any of them stops the run.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}
