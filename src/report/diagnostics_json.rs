//! Diagnostics for programs, in the shape of Terraform's `validate -json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{self, FORMAT_VERSION};
use super::suggestion;
use crate::diagnostic::{self, Diagnostic, Place, Span};

/// The longest line of a snippet, in bytes.
const MAX_CODE: usize = 1_000;

/// The output of `bluejayctl validate --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl validate --format json")]
pub struct Document<'a> {
    /// The mistakes, by file and position.
    diagnostics: Vec<JsonDiagnostic<'a>>,
    /// How many of the diagnostics are errors.
    error_count: usize,
    /// The version of this format.
    format_version: &'static str,
    /// Whether there is no error. Warnings are allowed.
    valid: bool,
    /// How many of the diagnostics are warnings.
    warning_count: usize,
}

/// One mistake, or one warning.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Diagnostic")]
pub struct JsonDiagnostic<'a> {
    /// The stable identifier of the kind of mistake.
    code: &'a str,
    /// The ways out, one per line.
    detail: String,
    /// The place of the mistake.
    range: Range<'a>,
    /// Other places that belong to the mistake.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
    /// `error` or `warning`.
    severity: Severity,
    /// The line of the mistake, where it can be shown.
    snippet: Option<Snippet<'a>>,
    /// The mistake in one line.
    summary: &'a str,
}

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Severity {
    /// An error prevents all requests.
    Error,
    /// A warning does not prevent requests.
    Warning,
}

/// A second place that belongs to a mistake.
#[derive(Debug, Serialize, JsonSchema)]
struct Related<'a> {
    /// The relation of the place to the mistake.
    message: &'a str,
    /// The place.
    range: Range<'a>,
}

/// A range of a file. A mistake in a whole file is at its first position.
#[derive(Debug, Serialize, JsonSchema)]
struct Range<'a> {
    /// The first position after the range.
    end: Position,
    /// The path of the file, with forward slashes.
    filename: &'a str,
    /// The first position of the range.
    start: Position,
}

/// A position in a file.
#[derive(Debug, Serialize, JsonSchema)]
struct Position {
    /// The byte, from 0; a byte order mark counts.
    byte: usize,
    /// The character of the line, from 1.
    column: usize,
    /// The line, from 1.
    line: usize,
}

/// The line of a mistake.
#[derive(Debug, Serialize, JsonSchema)]
struct Snippet<'a> {
    /// The line.
    code: &'a str,
    /// Always null.
    context: (),
    /// The first byte of the line after the mistake, from 0.
    highlight_end_offset: usize,
    /// The first byte of the mistake in the line, from 0.
    highlight_start_offset: usize,
    /// The number of the line, from 1.
    start_line: usize,
    /// Always empty.
    values: [(); 0],
}

impl<'a> Document<'a> {
    /// Returns the document of all diagnostics of a run.
    #[must_use]
    pub fn of(diagnostics: &'a [Diagnostic]) -> Self {
        let errors = diagnostics.iter().filter(|found| found.is_error()).count();
        Self {
            diagnostics: diagnostics.iter().map(JsonDiagnostic::of).collect(),
            error_count: errors,
            format_version: FORMAT_VERSION,
            valid: errors == 0,
            warning_count: diagnostics.len() - errors,
        }
    }
}

/// Returns all diagnostics as the text of one JSON document.
#[must_use]
pub fn text(diagnostics: &[Diagnostic]) -> String {
    json::text(&Document::of(diagnostics))
}

impl<'a> JsonDiagnostic<'a> {
    /// Returns one diagnostic.
    #[must_use]
    pub fn of(diagnostic: &'a Diagnostic) -> Self {
        let help: Vec<_> = diagnostic.help.iter().map(suggestion::text).collect();
        let related = diagnostic.related.iter();
        let related = related.map(|related| Related {
            message: &related.label,
            range: Range::of(&related.place),
        });
        Self {
            code: diagnostic.code.as_str(),
            detail: help.join("\n"),
            range: Range::of(&diagnostic.place),
            related: related.collect(),
            severity: match diagnostic.severity {
                diagnostic::Severity::Error => Severity::Error,
                diagnostic::Severity::Warning => Severity::Warning,
            },
            snippet: Snippet::of(&diagnostic.place),
            summary: &diagnostic.summary,
        }
    }
}

impl<'a> Range<'a> {
    fn of(place: &'a Place) -> Self {
        const TOP: diagnostic::Position = diagnostic::Position {
            line: 1,
            column: 1,
            byte: 0,
        };
        let span = place.span.unwrap_or(Span {
            start: TOP,
            end: TOP,
        });
        let position = |position: diagnostic::Position| Position {
            byte: position.byte + place.file.skipped,
            column: position.column,
            line: position.line,
        };
        Self {
            end: position(span.end),
            filename: &place.file.name,
            start: position(span.start),
        }
    }
}

impl<'a> Snippet<'a> {
    /// Returns the line of a place; `None` if the place has no line, or a very long line.
    fn of(place: &'a Place) -> Option<Self> {
        let (span, (start, code)) = (place.span?, place.first_line()?);
        (code.len() <= MAX_CODE).then(|| Self {
            code,
            context: (),
            highlight_end_offset: (span.end.byte - start).min(code.len()),
            highlight_start_offset: span.start.byte - start,
            start_line: span.start.line,
            values: [],
        })
    }
}
