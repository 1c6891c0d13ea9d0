//! Diagnostics as SARIF 2.1.0, for code scanning.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::suggestion;
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, Severity};
use crate::visible;

/// The largest number of results of a log. Code scanning refuses a longer log.
pub const MAX_RESULTS: usize = 25_000;

/// Returns all diagnostics as one SARIF log, errors before warnings if a log of all would
/// be too long. Code scanning needs paths from the root of the repository: `folder` is the
/// path of the project from the root, with a slash at the end.
#[must_use]
pub fn text(diagnostics: &[Diagnostic], folder: &str) -> String {
    visible::json(&format!("{:#}\n", log(diagnostics, folder)))
}

/// Returns a sentence about the diagnostics that a log leaves out; `None` if the log has
/// every diagnostic.
#[must_use]
pub fn cut(diagnostics: &[Diagnostic]) -> Option<String> {
    let left_out = diagnostics.len().checked_sub(MAX_RESULTS)?;
    (left_out > 0).then(|| {
        format!(
            "the SARIF log has {MAX_RESULTS} results, the most that code scanning accepts; \
             {left_out} more are left out"
        )
    })
}

fn log(diagnostics: &[Diagnostic], folder: &str) -> Value {
    let shown = shown(diagnostics);
    let codes: BTreeSet<_> = shown.iter().map(|diagnostic| diagnostic.code).collect();
    let mut fingerprints = Fingerprints::default();
    let results = shown.iter().map(|diagnostic| {
        let fingerprint = fingerprints.next(diagnostic);
        result(diagnostic, &codes, fingerprint, folder)
    });
    let mut run = json!({
        "tool": {
            "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            },
        },
        "columnKind": "unicodeCodePoints",
        "results": results.collect::<Vec<_>>(),
    });
    if let Some(cut) = cut(diagnostics) {
        run["invocations"] = json!([{
            "executionSuccessful": true,
            "toolExecutionNotifications": [{ "level": "warning", "message": { "text": cut } }],
        }]);
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    })
}

/// Returns the diagnostics that fit into a log: errors before warnings, and within these
/// in the order of the report.
fn shown(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut shown: Vec<_> = diagnostics.iter().collect();
    if shown.len() > MAX_RESULTS {
        shown.sort_by_key(|diagnostic| diagnostic.severity);
        shown.truncate(MAX_RESULTS);
    }
    shown
}

fn rule(code: DiagnosticCode) -> Value {
    let advice = code.advice();
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": code.as_str().replace('-', " ") },
        "fullDescription": { "text": code.meaning() },
        "help": { "text": advice, "markdown": advice },
    })
}

fn result(
    diagnostic: &Diagnostic,
    codes: &BTreeSet<DiagnosticCode>,
    fingerprint: String,
    folder: &str,
) -> Value {
    let help = diagnostic.help.iter().map(suggestion::text);
    let lines = std::iter::once(diagnostic.summary.clone()).chain(help);
    let message = lines.collect::<Vec<_>>().join("\n");
    let mut result = json!({
        "ruleId": diagnostic.code.as_str(),
        "ruleIndex": codes.iter().position(|code| *code == diagnostic.code),
        "level": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": { "text": message },
        "locations": [location(&diagnostic.place, folder)],
        "partialFingerprints": { "primaryLocationLineHash": fingerprint },
    });
    if !diagnostic.related.is_empty() {
        let related = diagnostic.related.iter().enumerate();
        result["relatedLocations"] = related
            .map(|(id, related)| {
                let mut location = location(&related.place, folder);
                location["id"] = json!(id + 1);
                location["message"] = json!({ "text": related.label });
                location
            })
            .collect();
    }
    result
}

fn location(place: &Place, folder: &str) -> Value {
    let name = &place.file.name;
    let folder = if name.starts_with('/') { "" } else { folder };
    let mut physical = json!({
        "artifactLocation": { "uri": uri(&format!("{folder}{name}")) },
    });
    physical["region"] = match place.span {
        Some(span) => json!({
            "startLine": span.start.line,
            "startColumn": span.start.column,
            "endLine": span.end.line,
            "endColumn": span.end.column,
        }),
        // Code scanning does not show a result without a line.
        None => json!({ "startLine": 1 }),
    };
    json!({ "physicalLocation": physical })
}

/// Returns a path as a relative URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~/@+=,".contains(&byte);
        if is_plain {
            uri.push(char::from(byte));
        } else {
            uri += &format!("%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Position, SourceFile, Span};

    fn place(text: &str, line: usize) -> Place {
        let before = text.split_inclusive('\n').take(line - 1);
        let byte = before.map(str::len).sum();
        let start = Position {
            line,
            column: 1,
            byte,
        };
        Place::span(&SourceFile::new("a.yaml", text), Span { start, end: start })
    }

    #[test]
    fn sarif_has_the_rule_and_the_place() {
        let place = Place::file(&SourceFile::unreadable("a b/é.yaml"));
        let log = log(
            &[
                Diagnostic::error(DiagnosticCode::WrongType, place.clone(), "wrong")
                    .help("mend it"),
                Diagnostic::warning(DiagnosticCode::ManyCalls, place, "odd"),
            ],
            "sub/",
        );
        let run = &log["runs"][0];
        let result = &run["results"][0];
        assert_eq!(result["ruleIndex"], 1);
        assert_eq!(result["message"]["text"], "wrong\nmend it");
        assert_eq!(
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "sub/a%20b/%C3%A9.yaml"
        );
        let rule = &run["tool"]["driver"]["rules"][1];
        assert_eq!(rule["id"], "wrong-type");
        assert_eq!(
            rule["fullDescription"]["text"],
            "A value has the wrong type."
        );
        assert!(
            rule["help"]["text"]
                .as_str()
                .unwrap()
                .starts_with("Write a value")
        );
        assert!(run.get("invocations").is_none());
    }

    #[test]
    fn a_fingerprint_follows_its_line() {
        let fingerprints = |text: &str, lines: [usize; 2]| {
            let found = lines.map(|line| {
                Diagnostic::error(DiagnosticCode::UnknownField, place(text, line), "x")
            });
            let log = log(&found, "");
            let results = log["runs"][0]["results"].as_array().unwrap().clone();
            results
                .into_iter()
                .map(|result| result["partialFingerprints"]["primaryLocationLineHash"].clone())
                .collect::<Vec<_>>()
        };
        let before = fingerprints("nam: a\nnam: a\n", [1, 2]);
        assert_ne!(before[0], before[1]);
        assert_eq!(before, fingerprints("# new\n\nnam: a\n nam: a\n", [3, 4]));
        assert_ne!(before, fingerprints("nam: b\nnam: b\n", [1, 2]));
    }

    #[test]
    fn a_log_is_as_long_as_code_scanning_accepts() {
        let place = Place::file(&SourceFile::unreadable("a.yaml"));
        let warning = Diagnostic::warning(DiagnosticCode::ManyCalls, place.clone(), "odd");
        let mut found = vec![warning; MAX_RESULTS];
        assert_eq!(cut(&found), None);
        found.push(Diagnostic::error(DiagnosticCode::WrongType, place, "wrong"));
        let log = log(&found, "");
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), MAX_RESULTS);
        assert_eq!(results[0]["level"], "error");
        let note = &run["invocations"][0]["toolExecutionNotifications"][0];
        let note = note["message"]["text"].as_str().unwrap();
        assert!(note.ends_with("1 more are left out"), "{note}");
    }
}
