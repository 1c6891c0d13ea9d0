//! Diagnostics for programs, in the shape of Terraform's `validate -json`.

use serde_json::{Value, json};

use super::suggestion;
use crate::diagnostic::{Diagnostic, Place, Position, Span};
use crate::visible;

/// Longest line that is given as a snippet, in bytes.
const MAX_CODE: usize = 1_000;

/// All diagnostics as one JSON object.
#[must_use]
pub fn text(diagnostics: &[Diagnostic]) -> String {
    visible::json(&format!("{:#}\n", value(diagnostics)))
}

/// All diagnostics as a JSON value.
#[must_use]
pub fn value(diagnostics: &[Diagnostic]) -> Value {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .count();
    json!({
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": diagnostics.len() - errors,
        "diagnostics": diagnostics.iter().map(one).collect::<Vec<_>>(),
    })
}

/// Returns the ways out, one a line.
fn help(diagnostic: &Diagnostic) -> String {
    let help: Vec<_> = diagnostic.help.iter().map(suggestion::text).collect();
    help.join("\n")
}

/// One of them.
#[must_use]
pub fn one(diagnostic: &Diagnostic) -> Value {
    let mut object = json!({
        "severity": diagnostic.severity.to_string(),
        "code": diagnostic.code,
        "summary": diagnostic.summary,
        "detail": help(diagnostic),
        "range": range(&diagnostic.place),
        "snippet": snippet(&diagnostic.place),
    });
    if !diagnostic.related.is_empty() {
        let related = diagnostic.related.iter();
        object["related"] = related
            .map(|related| json!({ "message": related.label, "range": range(&related.place) }))
            .collect();
    }
    object
}

/// A place; without characters it is the file's first position.
fn range(place: &Place) -> Value {
    const TOP: Position = Position {
        line: 1,
        column: 1,
        byte: 0,
    };
    let span = place.span.unwrap_or(Span {
        start: TOP,
        end: TOP,
    });
    json!({
        "filename": place.file.name,
        "start": position(span.start, place.file.skipped),
        "end": position(span.end, place.file.skipped),
    })
}

/// A position; its byte is one of the whole file.
fn position(position: Position, skipped: usize) -> Value {
    json!({ "line": position.line, "column": position.column, "byte": position.byte + skipped })
}

/// The line of a place, and which of its bytes are meant.
fn snippet(place: &Place) -> Value {
    let (Some(span), Some(text)) = (place.span, place.file.text.as_deref()) else {
        return Value::Null;
    };
    let before = text.get(..span.start.byte).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let code = text[start..].lines().next().unwrap_or_default();
    if code.len() > MAX_CODE {
        return Value::Null;
    }
    json!({
        "context": null,
        "code": code,
        "start_line": span.start.line,
        "highlight_start_offset": span.start.byte - start,
        "highlight_end_offset": (span.end.byte - start).min(code.len()),
        "values": [],
    })
}
