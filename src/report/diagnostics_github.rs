//! Diagnostics as workflow annotations of GitHub Actions.

use super::diagnostics::count;
use crate::diagnostic::{Diagnostic, Severity};

/// How many annotations are written: GitHub shows ten a step, and the last says
/// how many more there are.
const MAX_ANNOTATIONS: usize = 9;

/// The diagnostics as annotations, errors first, so that a warning never
/// crowds one out; the rest is a count.
#[must_use]
pub fn text(diagnostics: &[Diagnostic]) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| diagnostic.severity);
    let mut text = String::new();
    for diagnostic in sorted.iter().take(MAX_ANNOTATIONS) {
        text += &annotation(diagnostic);
        text.push('\n');
    }
    let more = sorted.len().saturating_sub(MAX_ANNOTATIONS);
    if more > 0 {
        let word = word(sorted[MAX_ANNOTATIONS].severity);
        let message = format!("and {more} more: {} in all", count(diagnostics));
        text += &format!("::{word}::{}\n", escape_message(&message));
    }
    text
}

fn annotation(diagnostic: &Diagnostic) -> String {
    let word = word(diagnostic.severity);
    let mut properties = format!("file={}", escape_property(&diagnostic.place.file.name));
    if let Some(span) = diagnostic.place.span {
        properties += &format!(",line={},col={}", span.start.line, span.start.column);
        properties += &format!(",endLine={}", span.end.line);
        // GitHub refuses an end column where the lines differ.
        if span.end.line == span.start.line && span.end.column > span.start.column {
            properties += &format!(",endColumn={}", span.end.column);
        }
    }
    properties += &format!(",title={}", escape_property(diagnostic.code));
    let lines = std::iter::once(diagnostic.summary.clone())
        .chain(
            diagnostic
                .related
                .iter()
                .map(|related| format!("{}: {}", related.place, related.label)),
        )
        .chain(diagnostic.help.iter().map(|help| format!("help: {help}")));
    let message = lines.collect::<Vec<_>>().join("\n");
    format!("::{word} {properties}::{}", escape_message(&message))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// What ends a command or begins another one must not come from a file.
fn escape_message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Place, SourceFile};

    fn error(name: &str, summary: &str) -> Diagnostic {
        Diagnostic::error("code", Place::file(&SourceFile::unreadable(name)), summary)
    }

    #[test]
    fn escapes_what_a_file_could_inject() {
        assert_eq!(
            text(&[error("a,b:c.yaml", "50%").help("::set-output name=x::y")]),
            "::error file=a%2Cb%3Ac.yaml,title=code::50%25%0Ahelp: ::set-output name=x::y\n"
        );
    }

    #[test]
    fn says_how_many_more() {
        let many: Vec<_> = (0..12).map(|_| error("a.yaml", "x")).collect();
        let text = text(&many);
        assert_eq!(text.lines().count(), 10);
        assert!(
            text.ends_with("::error::and 3 more: 12 errors in 1 file in all\n"),
            "{text}"
        );
    }
}
