//! Explains lines that should be fields.

use super::cause::Cause;
use super::explain::{Mistake, quote_text, value_text, without_comment};
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::resource::Kind;

impl Mistake<'_> {
    pub(super) fn colon(&self) -> Option<Diagnostic> {
        if self.cause != Cause::Colon {
            return None;
        }
        let text = &self.text;
        let line = text.line(self.byte);
        let start = text.line_start(self.byte);
        let before = text.whole.get(start..self.byte).unwrap_or_default();
        if let Some(colon) = before.find(": ") {
            let value = without_comment(line.get(colon + 2..).unwrap_or_default());
            return Some(
                Diagnostic::error(
                    DiagnosticCode::Syntax,
                    text.at_byte(self.byte),
                    "a second `:` on one line: a text with `: ` in it needs quotes",
                )
                .help(format!("write {}", quote_text(value.trim()))),
            );
        }
        if start > 0
            && let Some(diagnostic) = self.missing_space(start - 1)
        {
            return Some(diagnostic);
        }
        if let Some(begin) = self.continued_text_start(start) {
            return Some(self.not_a_field(begin));
        }
        let name = start + (line.len() - line.trim_start().len());
        let mut diagnostic = Diagnostic::error(
            DiagnosticCode::Syntax,
            text.range(name, self.byte.max(name + 1)),
            "this field is indented deeper than the field before it",
        );
        if let Some(column) = text.expected_column(name) {
            diagnostic = diagnostic.help(column);
        }
        Some(diagnostic.help(
            "fields of one level begin in the same column; a line that continues a text \
                   must not contain `: `",
        ))
    }

    /// Returns the offset of the lines directly above that have no `:`, if these lines
    /// should have been fields. Returns `None` if the lines continue the text of a
    /// field.
    fn continued_text_start(&self, line_start: usize) -> Option<usize> {
        let mut first = None;
        let mut end = line_start;
        while end > 0 {
            let start = self.text.line_start(end - 1);
            let line = without_comment(self.text.line(start)).trim_end();
            let indent = line.len() - line.trim_start().len();
            let content = line.trim_start();
            end = start;
            if content.is_empty() {
                continue;
            }
            if content.contains(": ") || content.ends_with(':') || content == "---" {
                let is_text_of_it = content.contains(": ")
                    && first.is_some_and(|(_, own_indent)| own_indent > indent);
                return first.filter(|_| !is_text_of_it).map(|(at, _)| at);
            }
            if content.starts_with("- ") {
                return None;
            }
            first = Some((start + indent, indent));
            if content.starts_with("--- ") {
                return Some(start + "--- ".len());
            }
        }
        first.map(|(at, _)| at)
    }

    /// Finds a `name:value` without a space on the line of this byte.
    pub(super) fn missing_space(&self, byte: usize) -> Option<Diagnostic> {
        let line = without_comment(self.text.line(byte)).trim_end();
        let (name, value) = line.split_once(':')?;
        let is_field = !name.trim().is_empty()
            && !name.trim().contains([' ', '#', '"', '\''])
            && !value.is_empty()
            && !value.starts_with([' ', '/']);
        let colon = self.text.line_start(byte) + name.len();
        is_field.then(|| {
            let diagnostic = Diagnostic::error(
                DiagnosticCode::Syntax,
                self.text.at_byte(colon),
                "a space is missing after `:`",
            );
            name_odd_blank(diagnostic, value).help(format!(
                "write `{}: {}`",
                name.trim(),
                value_text(value)
            ))
        })
    }

    pub(super) fn line_without_colon(&self) -> Option<Diagnostic> {
        if self.cause != Cause::ColonExpected {
            return None;
        }
        let begin = self.begin.unwrap_or(self.byte);
        Some(
            self.missing_space(begin)
                .unwrap_or_else(|| self.not_a_field(begin)),
        )
    }

    /// Returns the error about a line without `:`, with the field that was probably
    /// meant.
    fn not_a_field(&self, begin: usize) -> Diagnostic {
        let line = self.text.rest(begin).lines().next().unwrap_or_default();
        let line = without_comment(line).trim_end();
        let diagnostic = |summary: &str| {
            Diagnostic::error(
                DiagnosticCode::Syntax,
                self.text.range(begin, begin + line.len()),
                summary,
            )
        };
        if line.starts_with("//") || line.starts_with("/*") {
            return diagnostic("`//` and `/*` do not begin a comment in YAML").help("write `#`");
        }
        if let Some(item) = line.strip_prefix('-').filter(|item| !item.starts_with('-')) {
            return name_odd_blank(diagnostic("a space is missing after `-`"), item)
                .help(format!("write `- {}`", value_text(item)));
        }
        let diagnostic = diagnostic("expected `field: value`, found a line without `:`");
        match intended_field(line) {
            Some((name, value)) => {
                diagnostic.help(format!("write `{name}: {}`", value_text(value)))
            }
            None => diagnostic,
        }
        .help("a line that continues a text must be indented deeper than its field")
    }
}

/// Adds the code point of a blank that looks like a space.
fn name_odd_blank(diagnostic: Diagnostic, behind: &str) -> Diagnostic {
    match behind
        .chars()
        .next()
        .filter(|letter| letter.is_whitespace())
    {
        Some(odd) => diagnostic.help(format!(
            "the character there is U+{:04X}, not a normal space",
            u32::from(odd)
        )),
        None => diagnostic,
    }
}

/// Returns the name and the value of a line in the syntax of another language.
fn intended_field(line: &str) -> Option<(&str, &str)> {
    for sign in ["=>", ":=", "=", ";"] {
        if let Some((name, value)) = line.split_once(sign) {
            return Some((name.trim(), value.trim()));
        }
    }
    let (name, value) = line.split_once(' ')?;
    let mut kinds = Kind::ALL.into_iter();
    let is_field = kinds.any(|kind| kind.field_anywhere(name).is_some());
    is_field.then(|| (name, value.trim()))
}
