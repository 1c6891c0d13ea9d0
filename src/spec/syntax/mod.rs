//! Explains why a text is not YAML: the most probable cause of the parser's error, and
//! the way to mend the mistake.

mod alias;
mod cause;
mod columns;
mod conflict;
mod explain;
mod flow;
mod indicator;
mod invisible;
mod line;
mod text;
mod token;

use std::sync::Arc;

use self::cause::Cause;
use self::explain::Mistake;
use self::text::SourceText;
use super::tree::{MAX_DEPTH, MAX_WEIGHT, TreeError};
use crate::diagnostic::{Diagnostic, DiagnosticCode, SourceFile};

/// Returns the diagnostic of a text that can't be parsed.
#[must_use]
pub fn explain(file: &Arc<SourceFile>, error: TreeError) -> Diagnostic {
    let text = SourceText::new(file);
    let bound = |code, at, summary: String, help: &str| {
        Diagnostic::error(code, text.at_byte(at), summary).help(help)
    };
    match error {
        TreeError::Syntax(error) => Mistake {
            cause: Cause::of(&error),
            problem: error.problem,
            byte: error.at,
            begin: error.begin,
            text,
        }
        .explain(),
        TreeError::UnknownAlias(at) => text.conflict().unwrap_or_else(|| text.unknown_alias(at)),
        TreeError::TooDeep(at) => bound(
            DiagnosticCode::TooDeep,
            at,
            format!("nested deeper than {MAX_DEPTH} levels"),
            "a simulation nests two or three levels deep",
        ),
        TreeError::Recursive(at) => bound(
            DiagnosticCode::RecursiveAlias,
            at,
            "the alias is inside the value that it refers to".to_owned(),
            "write the value in place of the alias",
        ),
        TreeError::TooHeavy(at) => bound(
            DiagnosticCode::AliasBomb,
            at,
            format!(
                "with its aliases expanded the file has more than {} MiB",
                MAX_WEIGHT / (1024 * 1024)
            ),
            "write the values in place of the aliases",
        ),
        TreeError::TooManyAliases(at) => bound(
            DiagnosticCode::AliasBomb,
            at,
            "the file uses its aliases too often".to_owned(),
            "write the values in place of the aliases",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn explained(text: &str) -> String {
        match yaml::parse(&SourceFile::new("a", text)) {
            Ok(_) => "fine".to_owned(),
            Err(diagnostic) => format!("{} {}", diagnostic.place, diagnostic.summary),
        }
    }

    #[test]
    fn syntax_errors_have_a_place_and_a_cause() {
        for (text, expected) in [
            ("a:\n\tb: 1", "a:2:1 YAML can't be indented with tabs"),
            ("a: 'x\nb: 1\n", "a:1:4 the quote is never closed"),
            (
                "a: \"x\nb: y\nc: \"z\"\n",
                "a:1:4 the quote is never closed",
            ),
            ("a: [1, 2\nb: 1\n", "a:1:4 `[` is never closed"),
            ("a: [1 2, b: c: d]", "a:1:14 expected `,` or `]` here"),
            (
                "a: b: c",
                "a:1:5 a second `:` on one line: a text with `: ` in it needs quotes",
            ),
            ("a:b\nc: d\n", "a:1:2 a space is missing after `:`"),
            ("x: 1\na:b\nc: d\n", "a:2:2 a space is missing after `:`"),
            (
                "a: 1\n  b: 2",
                "a:2:3 this field is indented deeper than the field before it",
            ),
            ("a: @x", "a:1:4 a value can't begin with `@`"),
            (
                "a: *x",
                "a:1:4 the alias `*x` has no anchor above it in this document",
            ),
            (
                "a: **b** c",
                "a:1:4 a text that begins with `*` needs quotes",
            ),
            (
                "a: \"\\q\"",
                "a:1:5 `\\q` is not a valid escape in double quotes",
            ),
            ("a: 'it's'", "a:1:8 text after the closing `'`"),
            (
                "a: 1\nb = 2\nc: 2\n",
                "a:2:1 expected `field: value`, found a line without `:`",
            ),
            (
                "# Größe 日本語🎉\na: @x",
                "a:2:4 a value can't begin with `@`",
            ),
            (
                "a: Büro\nb: ü: c",
                "a:2:5 a second `:` on one line: a text with `: ` in it needs quotes",
            ),
            ("a: 1\na: 2\nb: \"open", "a:3:4 the quote is never closed"),
            (
                "a: &x [*x]\n",
                "a:1:8 the alias is inside the value that it refers to",
            ),
        ] {
            assert_eq!(explained(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_suggested_value_is_a_text() {
        for (text, expected) in [
            ("a:*b\n", "write `a: \"*b\"`"),
            ("x: 1\na = &b\n", "write `a: \"&b\"`"),
            ("x:\n-@a\n", "write `- \"@a\"`"),
            ("x:\n-a\n", "write `- a`"),
        ] {
            let Err(diagnostic) = yaml::parse(&SourceFile::new("a", &*format!("{text}c: d\n")))
            else {
                panic!("{text:?} is valid");
            };
            assert_eq!(diagnostic.help[0], expected.into(), "{text:?}");
        }
    }
}
