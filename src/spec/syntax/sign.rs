//! Signs and tags where YAML allows none, in our words.

use super::cause::{Mistake, quoted};
use crate::diagnostic::Diagnostic;

impl Mistake<'_> {
    /// A value that begins with a sign of YAML.
    pub(super) fn sign(&self) -> Option<Diagnostic> {
        let says = |part| self.message.contains(part);
        let error =
            |summary: String| Diagnostic::error("syntax", self.text.at_byte(self.byte), summary);
        if says("comment or line break") {
            return Some(
                error("the text of a `|` or `>` begins on the next line".to_owned())
                    .help("write it below, indented by two spaces; or put all of it in quotes"),
            );
        }
        if says("block sequence entries are not allowed") {
            return Some(
                error("a list can't begin on the line of its field".to_owned()).help(
                    "a list begins on the line after its field, or is written `[a, b]`; a text that begins with `- ` needs quotes",
                ),
            );
        }
        let is_sign = says("mapping keys are not allowed") || says("expected node content");
        let character = self.text.char_at(self.byte).filter(|_| is_sign)?;
        if matches!(character, ']' | '}') {
            return Some(self.closes_nothing(self.byte));
        }
        Some(
            error(format!("a value can't begin with `{character}`"))
                .help(format!("quote it: {}", quoted(self.value(self.byte)))),
        )
    }

    /// A closing bracket without an opening one.
    pub(super) fn closes_nothing(&self, byte: usize) -> Diagnostic {
        let bracket = self.text.char_at(byte).unwrap_or('}');
        Diagnostic::error(
            "syntax",
            self.text.at_byte(byte),
            format!("this `{bracket}` closes nothing"),
        )
        .help("remove it, or write what it should close")
    }

    /// A tag or a directive that YAML doesn't know.
    pub(super) fn tag(&self) -> Option<Diagnostic> {
        let says = |part| self.message.contains(part);
        let word = || {
            let rest = self.text.rest(self.byte);
            rest.split_whitespace().next().unwrap_or_default()
        };
        if says("undefined tag handle") {
            let place = self.text.range(self.byte, self.byte + word().len());
            return Some(
                Diagnostic::error(
                    "custom-tag",
                    place,
                    format!("the tag `{}` means nothing here", word()),
                )
                .help("remove it; texts that begin with `!` need quotes"),
            );
        }
        let summary = if says("incompatible YAML document") {
            "`%YAML` names a version that doesn't exist"
        } else if says("directive") {
            "this line with `%` is no directive of YAML"
        } else if says("invalid value") {
            "the value is not what its tag says"
        } else {
            return None;
        };
        let diagnostic = Diagnostic::error("syntax", self.text.at_byte(self.byte), summary);
        Some(diagnostic.help(if says("invalid value") {
            "remove the tag, such as `!!int`"
        } else {
            "remove the line; a text that begins with `%` needs quotes"
        }))
    }

    /// Whatever else the parser says.
    pub(super) fn other(&self) -> Diagnostic {
        let reason = self.message.split(" at line ").next().unwrap_or_default();
        let reason = reason.split(" at position ").next().unwrap_or_default();
        let is_about_columns = ["expected key", "<document start>", "'-' indicator"]
            .iter()
            .any(|part| self.message.contains(part));
        Diagnostic::error(
            "syntax",
            self.text.at_byte(self.byte),
            format!("the file is not valid YAML: {reason}"),
        )
        .help(if is_about_columns {
            "check the indentation: fields of one level begin in the same column"
        } else {
            "check the indentation here and on the line before; texts with special characters need quotes"
        })
    }
}
