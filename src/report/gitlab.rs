//! Diagnostics as a Code Quality report of GitLab.

use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::suggestion;
use crate::diagnostic::{Diagnostic, Severity};
use crate::visible;

/// Returns all diagnostics as one report. GitLab needs paths from the root of the
/// repository: `folder` is the path of the project from the root, with a slash at the end.
#[must_use]
pub fn code_quality(diagnostics: &[Diagnostic], folder: &str) -> String {
    let mut fingerprints = Fingerprints::default();
    let issues = diagnostics.iter().map(|diagnostic| {
        let fingerprint = fingerprints.next(diagnostic);
        issue(diagnostic, &fingerprint, folder)
    });
    let issues = Value::Array(issues.collect());
    visible::json(&format!("{issues:#}\n"))
}

fn issue(diagnostic: &Diagnostic, fingerprint: &str, folder: &str) -> Value {
    let name = &diagnostic.place.file.name;
    let folder = if name.starts_with('/') { "" } else { folder };
    let help = diagnostic.help.iter().map(suggestion::text);
    let lines = std::iter::once(diagnostic.summary.clone()).chain(help);
    json!({
        "check_name": diagnostic.code.as_str(),
        "description": lines.collect::<Vec<_>>().join("; "),
        // The fingerprint of a line is unique only within a file.
        "fingerprint": format!("{name}:{fingerprint}"),
        "location": {
            "lines": { "begin": diagnostic.place.span.map_or(1, |span| span.start.line) },
            "path": format!("{folder}{name}"),
        },
        "severity": match diagnostic.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{DiagnosticCode, Place, SourceFile};

    #[test]
    fn every_issue_has_a_place_and_a_fingerprint_of_its_own() {
        let place = |name| Place::file(&SourceFile::unreadable(name));
        let found = [
            Diagnostic::error(DiagnosticCode::WrongType, place("a.yaml"), "wrong").help("mend it"),
            Diagnostic::error(DiagnosticCode::WrongType, place("a.yaml"), "wrong"),
            Diagnostic::warning(DiagnosticCode::WrongType, place("b.yaml"), "wrong"),
        ];
        let report: Value = serde_json::from_str(&code_quality(&found, "sub/")).unwrap();
        let issues = report.as_array().unwrap();
        assert_eq!(issues[0]["description"], "wrong; mend it");
        assert_eq!(issues[0]["check_name"], "wrong-type");
        let location = json!({"lines": {"begin": 1}, "path": "sub/a.yaml"});
        assert_eq!(issues[0]["location"], location);
        let severities = [0, 2].map(|at: usize| issues[at]["severity"].as_str());
        assert_eq!(severities, [Some("major"), Some("minor")]);
        for (at, issue) in issues.iter().enumerate() {
            let same = |other: &Value| other["fingerprint"] == issue["fingerprint"];
            assert_eq!(issues.iter().position(same), Some(at), "{issue}");
        }
        assert_eq!(code_quality(&[], ""), "[]\n");
    }
}
