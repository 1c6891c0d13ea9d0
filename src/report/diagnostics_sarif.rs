//! Diagnostics as SARIF 2.1.0, for code scanning.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::suggestion;
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::visible;

/// Returns all diagnostics as one SARIF log. Code scanning needs paths from the root of
/// the repository: `folder` is the path of the project from the root, with a slash at the
/// end.
#[must_use]
pub fn text(diagnostics: &[Diagnostic], folder: &str) -> String {
    visible::json(&format!("{:#}\n", log(diagnostics, folder)))
}

fn log(diagnostics: &[Diagnostic], folder: &str) -> Value {
    let codes: BTreeSet<&str> = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": env!("CARGO_PKG_NAME"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": diagnostics
                .iter()
                .map(|diagnostic| result(diagnostic, &codes, folder))
                .collect::<Vec<_>>(),
        }],
    })
}

fn rule(code: &str) -> Value {
    json!({ "id": code, "shortDescription": { "text": code.replace('-', " ") } })
}

fn result(diagnostic: &Diagnostic, codes: &BTreeSet<&str>, folder: &str) -> Value {
    let help = diagnostic.help.iter().map(suggestion::text);
    let lines = std::iter::once(diagnostic.summary.clone()).chain(help);
    let message = lines.collect::<Vec<_>>().join("\n");
    let mut result = json!({
        "ruleId": diagnostic.code,
        "ruleIndex": codes.iter().position(|code| *code == diagnostic.code),
        "level": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": { "text": message },
        "locations": [location(&diagnostic.place, folder)],
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
    use crate::diagnostic::SourceFile;

    #[test]
    fn sarif_has_the_rule_and_the_place() {
        let place = Place::file(&SourceFile::unreadable("a b/é.yaml"));
        let log = log(
            &[
                Diagnostic::error("z", place.clone(), "wrong").help("mend it"),
                Diagnostic::warning("a", place, "odd"),
            ],
            "sub/",
        );
        let result = &log["runs"][0]["results"][0];
        assert_eq!(result["ruleIndex"], 1);
        assert_eq!(result["message"]["text"], "wrong\nmend it");
        assert_eq!(
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "sub/a%20b/%C3%A9.yaml"
        );
    }
}
