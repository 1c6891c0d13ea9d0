//! Diagnostics as `JUnit` XML: one test case per file.

use std::collections::BTreeMap;

use super::diagnostics;
use crate::diagnostic::Diagnostic;
use crate::visible;

/// Returns the files as test cases. A file with errors is a failed case; warnings are the
/// output of a case.
#[must_use]
pub fn text(file_names: &[String], all: &[Diagnostic]) -> String {
    let mut cases: BTreeMap<&str, Vec<Diagnostic>> = BTreeMap::new();
    for name in file_names {
        cases.entry(name).or_default();
    }
    for diagnostic in all {
        let case = cases.entry(&diagnostic.place.file.name).or_default();
        case.push(diagnostic.clone());
    }
    let failed = |case: &&Vec<Diagnostic>| case.iter().any(Diagnostic::is_error);
    let failures = cases.values().filter(failed).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\"",
        cases.len()
    );
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"bluejayctl validate\" {counts}>\n  \
         <testsuite name=\"bluejayctl validate\" {counts} skipped=\"0\">\n"
    );
    for (name, case) in &cases {
        text += &test_case(name, case);
    }
    text + "  </testsuite>\n</testsuites>\n"
}

fn test_case(name: &str, case: &[Diagnostic]) -> String {
    let name = escape(&visible::line(name));
    let head = format!("    <testcase name=\"{name}\" classname=\"validate\"");
    let (errors, warnings): (Vec<_>, Vec<_>) = case.iter().cloned().partition(Diagnostic::is_error);
    let mut body = String::new();
    if let Some(first) = errors.first() {
        let more = match errors.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        body += &format!(
            "      <failure type=\"{}\" message=\"{}{more}\">{}</failure>\n",
            escape(first.code.as_str()),
            escape(&first.summary),
            escape(&diagnostics::human(&errors, false))
        );
    }
    if !warnings.is_empty() {
        let shown = escape(&diagnostics::human(&warnings, false));
        body += &format!("      <system-out>{shown}</system-out>\n");
    }
    if body.is_empty() {
        return format!("{head}/>\n");
    }
    format!("{head}>\n{body}    </testcase>\n")
}

/// Escapes text for XML. Characters that XML can't contain become replacement characters.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible::lines(text).chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            // A CI searches printed text for commands.
            '[' if visible::opens_command(&escaped) => escaped += "&#91;",
            '\n' | '\t' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{DiagnosticCode, Place, SourceFile};

    #[test]
    fn junit_has_a_case_for_each_file() {
        let place = Place::file(&SourceFile::unreadable("b.yaml"));
        let files = ["a.yaml".to_owned(), "b.yaml".to_owned()];
        let text = text(
            &files,
            &[Diagnostic::error(
                DiagnosticCode::Syntax,
                place,
                "a < \"b\"\u{fffe}",
            )],
        );
        assert!(text.contains("tests=\"2\" failures=\"1\""), "{text}");
        assert!(text.contains("<testcase name=\"a.yaml\" classname=\"validate\"/>"));
        assert!(text.contains("message=\"a &lt; &quot;b&quot;\u{fffd}\""));
    }
}
