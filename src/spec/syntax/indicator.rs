//! Explains YAML indicators and tags in places where YAML allows none.

use super::cause::Cause;
use super::explain::{Mistake, quote_text};
use crate::diagnostic::{Diagnostic, DiagnosticCode};

impl Mistake<'_> {
    /// Returns the error about a value that begins with a YAML indicator.
    pub(super) fn indicator(&self) -> Option<Diagnostic> {
        let error = |summary: String| {
            Diagnostic::error(
                DiagnosticCode::Syntax,
                self.text.at_byte(self.byte),
                summary,
            )
        };
        match self.cause {
            Cause::TextAfterBlockIndicator => {
                return Some(
                    error("the text of a `|` or `>` begins on the next line".to_owned())
                        .help("write it below, indented by two spaces; or put all of it in quotes"),
                );
            }
            Cause::ListOnFieldLine => {
                return Some(
                    error("a list can't begin on the line of its field".to_owned()).help(
                        "a list begins on the line after its field, or is written `[a, b]`; a text that begins with `- ` needs quotes",
                    ),
                );
            }
            Cause::Indicator => {}
            _ => return None,
        }
        let character = self.text.char_at(self.byte)?;
        if matches!(character, ']' | '}') {
            return Some(self.unopened_bracket(self.byte));
        }
        Some(
            error(format!("a value can't begin with `{character}`"))
                .help(format!("quote it: {}", quote_text(self.value(self.byte)))),
        )
    }

    /// Returns the error about a closing bracket without an opening bracket.
    pub(super) fn unopened_bracket(&self, byte: usize) -> Diagnostic {
        let bracket = self.text.char_at(byte).unwrap_or('}');
        Diagnostic::error(
            DiagnosticCode::Syntax,
            self.text.at_byte(byte),
            format!("this `{bracket}` has no opening bracket"),
        )
        .help("remove it, or add the opening bracket")
    }

    /// Returns the error about an unknown tag or directive.
    pub(super) fn tag(&self) -> Option<Diagnostic> {
        let summary = match self.cause {
            Cause::TagHandle | Cause::Tag => {
                let at = self.begin.unwrap_or(self.byte);
                let rest = self.text.rest(at);
                let word = rest.split_whitespace().next().unwrap_or_default();
                let diagnostic = Diagnostic::error(
                    DiagnosticCode::CustomTag,
                    self.text.range(at, at + word.len()),
                    format!("the tag `{word}` has no meaning here"),
                );
                return Some(diagnostic.help("remove it; texts that begin with `!` need quotes"));
            }
            Cause::Version => "`%YAML` names a version that doesn't exist",
            Cause::Directive => "this line is not a valid YAML directive",
            _ => return None,
        };
        Some(
            Diagnostic::error(
                DiagnosticCode::Syntax,
                self.text.at_byte(self.byte),
                summary,
            )
            .help("remove the line; a text that begins with `%` needs quotes"),
        )
    }

    /// Returns the error with the parser's own message.
    pub(super) fn parser_message(&self) -> Diagnostic {
        Diagnostic::error(
            DiagnosticCode::Syntax,
            self.text.at_byte(self.byte),
            format!("the file is not valid YAML: {}", self.problem),
        )
        .help(if self.cause.is_about_columns() {
            "check the indentation: fields of one level begin in the same column"
        } else {
            "check the indentation here and on the line before; texts with special characters need quotes"
        })
    }
}
