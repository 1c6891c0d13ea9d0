//! Diagnostics as annotations.

use super::annotation::{Annotation, Level, Point, annotations};
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::diagnostics::count;
use crate::report::suggestion;

/// Returns the diagnostics as annotations; diagnostics beyond the limit are counted.
/// `folder` is the path of the project from the root of the repository.
#[must_use]
pub fn diagnostics(all: &[Diagnostic], folder: &str) -> String {
    let found: Vec<_> = all.iter().map(annotation).collect();
    annotations(&found, &format!("{} in all", count(all)), folder)
}

/// Returns one diagnostic as an annotation.
pub(super) fn annotation(diagnostic: &Diagnostic) -> Annotation {
    let related = diagnostic.related.iter();
    let related = related.map(|related| format!("{}: {}", related.place, related.label));
    let help = diagnostic.help.iter().map(suggestion::text);
    let help = help.map(|help| format!("help: {help}"));
    let lines = std::iter::once(diagnostic.summary.clone());
    let message: Vec<_> = lines.chain(related).chain(help).collect();
    Annotation {
        level: match diagnostic.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        },
        file: Some(diagnostic.place.file.name.clone()),
        points: diagnostic.place.span.map(|span| {
            let point = |position: crate::diagnostic::Position| Point {
                line: position.line,
                column: Some(position.column),
            };
            (point(span.start), Some(point(span.end)))
        }),
        title: diagnostic.code.as_str().to_owned(),
        message: message.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{DiagnosticCode, Place, SourceFile};

    fn error(name: &str, summary: &str) -> Diagnostic {
        Diagnostic::error(
            DiagnosticCode::Syntax,
            Place::file(&SourceFile::unreadable(name)),
            summary,
        )
    }

    #[test]
    fn workflow_commands_in_files_are_escaped() {
        assert_eq!(
            diagnostics(
                &[error("a,b:c.yaml", "50%").help("::set-output name=x::y")],
                "sub/"
            ),
            "::error file=sub/a%2Cb%3Ac.yaml,title=syntax::50%25%0Ahelp: ::set-output name=x::y\n"
        );
    }

    #[test]
    fn further_annotations_are_counted() {
        let many: Vec<_> = (0..12).map(|_| error("a.yaml", "x")).collect();
        let text = diagnostics(&many, "");
        assert_eq!(text.lines().count(), 10);
        assert!(
            text.ends_with("::error::and 3 more: 12 errors in 1 file in all\n"),
            "{text}"
        );
    }
}
