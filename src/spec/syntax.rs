//! Explains why a text is not YAML: the parser's words become ours, with the
//! usual cause and the way to mend it.

use std::sync::Arc;

use super::position::TextIndex;
use super::tree::{MAX_DEPTH, MAX_NODES, TreeError};
use crate::diagnostic::{Diagnostic, Place, SourceFile};

/// The diagnostic for a bound that a file crosses.
#[must_use]
pub fn explain_bound(file: &Arc<SourceFile>, error: TreeError) -> Diagnostic {
    let text = Text::new(file);
    match error {
        TreeError::TooDeep(at) => Diagnostic::error(
            "too-deep",
            text.at_char(at),
            format!("nested deeper than {MAX_DEPTH} levels"),
        )
        .help("a simulation nests two or three levels deep"),
        TreeError::Recursive(at) => Diagnostic::error(
            "recursive-alias",
            text.at_char(at),
            "the alias stands inside what it stands for",
        )
        .help("write the value out"),
        TreeError::TooManyNodes(at) => Diagnostic::error(
            "alias-bomb",
            text.at_char(at),
            format!(
                "the file stands for more than {MAX_NODES} values, most of them through aliases"
            ),
        )
        .help("write out what the aliases stand for"),
        TreeError::Syntax => {
            Diagnostic::error("syntax", Place::file(file), "the file is not valid YAML")
        }
    }
}

/// The diagnostic for the parser's message; `at` counts characters.
#[must_use]
pub fn explain(file: &Arc<SourceFile>, message: &str, at: Option<usize>) -> Diagnostic {
    let text = Text::new(file);
    let mistake = Mistake {
        message,
        begin: begin_of_construct(message).map(|(line, column)| text.byte_of(line, column)),
        byte: text.index.byte_of_char(at.unwrap_or(0)),
        text,
    };
    mistake
        .tab()
        .or_else(|| mistake.unclosed_quote())
        .or_else(|| mistake.unclosed_bracket())
        .or_else(|| mistake.colon())
        .or_else(|| mistake.reserved_character())
        .or_else(|| mistake.alias())
        .or_else(|| mistake.escape())
        .or_else(|| mistake.text_after_closing())
        .or_else(|| mistake.lost_line())
        .or_else(|| mistake.indentation())
        .unwrap_or_else(|| mistake.other())
}

struct Text<'a> {
    file: &'a Arc<SourceFile>,
    whole: &'a str,
    index: TextIndex,
}

impl<'a> Text<'a> {
    fn new(file: &'a Arc<SourceFile>) -> Self {
        let text = file.text.as_deref().unwrap_or_default();
        Self {
            file,
            whole: text,
            index: TextIndex::new(text),
        }
    }

    fn at_char(&self, at: usize) -> Place {
        self.at_byte(self.index.byte_of_char(at))
    }

    /// The character at a byte; at the end of the text the last one before it.
    fn at_byte(&self, byte: usize) -> Place {
        let byte = if byte >= self.whole.len() {
            let visible = self.whole.trim_end();
            visible.char_indices().next_back().map_or(0, |(at, _)| at)
        } else {
            byte
        };
        let length = self.rest(byte).chars().next().map_or(0, char::len_utf8);
        self.range(byte, byte + length)
    }

    fn range(&self, start: usize, end: usize) -> Place {
        Place::span(self.file, self.index.span(self.whole, start, end))
    }

    fn rest(&self, byte: usize) -> &'a str {
        self.whole.get(byte..).unwrap_or_default()
    }

    fn line_start(&self, byte: usize) -> usize {
        let before = self.whole.get(..byte).unwrap_or_default();
        before.rfind('\n').map_or(0, |at| at + 1)
    }

    /// The line that a byte stands on, without its end.
    fn line(&self, byte: usize) -> &'a str {
        let start = self.line_start(byte);
        self.rest(start).lines().next().unwrap_or_default()
    }

    fn byte_of(&self, line: usize, column: usize) -> usize {
        let start = self.index.byte_of_line(line);
        let offset = self
            .rest(start)
            .char_indices()
            .nth(column.saturating_sub(1));
        start + offset.map_or(0, |(at, _)| at)
    }

    fn char_at(&self, byte: usize) -> Option<char> {
        self.rest(byte).chars().next()
    }
}

struct Mistake<'a> {
    text: Text<'a>,
    message: &'a str,
    /// Where the parser stopped.
    byte: usize,
    /// Where the construct begins that it was reading.
    begin: Option<usize>,
}

impl Mistake<'_> {
    fn tab(&self) -> Option<Diagnostic> {
        let text = &self.text;
        let start = text.line_start(self.byte);
        let line = text.line(self.byte);
        let indent = line.len() - line.trim_start().len();
        let tab = line[..indent].find('\t')? + start;
        (self.byte <= start + indent || self.message.contains("cannot start any token")).then(
            || {
                let width = text.rest(tab).len() - text.rest(tab).trim_start_matches('\t').len();
                let index = &text.index;
                let span = crate::diagnostic::Span {
                    start: index.position(text.whole, tab),
                    end: index.position(text.whole, tab + width),
                };
                Diagnostic::error(
                    "tab",
                    Place::span(text.file, span),
                    "YAML can't be indented with tabs",
                )
                .label("a tab")
                .help("indent with spaces, two for each level")
            },
        )
    }

    fn unclosed_quote(&self) -> Option<Diagnostic> {
        let is_quote = self.message.contains("quoted scalar");
        if !is_quote
            || !self.message.contains("end of stream")
                && !self.message.contains("document indicator")
        {
            return None;
        }
        let begin = self.begin.unwrap_or_else(|| first_quote(self.text.whole));
        Some(
            Diagnostic::error("syntax", self.text.at_byte(begin), "the quote is never closed")
                .label("opened here")
                .help("close it with the same quote; inside single quotes an apostrophe is written twice: `'it''s'`"),
        )
    }

    fn unclosed_bracket(&self) -> Option<Diagnostic> {
        if !self.message.contains("flow") {
            return None;
        }
        let begin = self.begin.or_else(|| self.open_bracket())?;
        let bracket = self.text.char_at(begin)?;
        let closing = match bracket {
            '[' => ']',
            '{' => '}',
            _ => return None,
        };
        let is_later_line =
            self.text.line_start(self.byte) > begin || self.byte >= self.text.whole.len();
        Some(if is_later_line {
            Diagnostic::error(
                "syntax",
                self.text.at_byte(begin),
                format!("`{bracket}` is never closed"),
            )
            .label("opened here")
            .help(format!(
                "close it with `{closing}`; a text that begins with `{bracket}` needs quotes"
            ))
        } else {
            Diagnostic::error(
                "syntax",
                self.text.at_byte(self.byte),
                format!("expected `,` or `{closing}` here"),
            )
            .related(self.text.at_byte(begin), format!("inside this `{bracket}`"))
            .help(format!(
                "a text that begins with `{bracket}` or contains `: ` needs quotes"
            ))
        })
    }

    /// The last bracket before the place that is not closed before it.
    fn open_bracket(&self) -> Option<usize> {
        let before = self.text.whole.get(..self.byte)?;
        let mut closed = 0_usize;
        for (at, character) in before.char_indices().rev() {
            match character {
                ']' | '}' => closed += 1,
                '[' | '{' if closed == 0 => return Some(at),
                '[' | '{' => closed -= 1,
                _ => {}
            }
        }
        None
    }

    fn colon(&self) -> Option<Diagnostic> {
        if !self.message.contains("mapping values are not allowed") {
            return None;
        }
        let text = &self.text;
        let line = text.line(self.byte);
        let start = text.line_start(self.byte);
        let before = text.whole.get(start..self.byte).unwrap_or_default();
        if let Some(colon) = before.find(": ") {
            let value =
                colon + 2 + (before[colon + 2..].len() - before[colon + 2..].trim_start().len());
            let shown = line[value..].trim_end();
            return Some(
                Diagnostic::error(
                    "syntax",
                    text.at_byte(self.byte),
                    "a second `:` on one line: a text with `: ` in it needs quotes",
                )
                .help(format!("write {}", quoted(shown))),
            );
        }
        if start > 0
            && let Some(diagnostic) = self.missing_space(start - 1)
        {
            return Some(diagnostic);
        }
        let name = start + (line.len() - line.trim_start().len());
        Some(
            Diagnostic::error(
                "syntax",
                text.range(name, self.byte.max(name + 1)),
                "this field is indented deeper than the one before it",
            )
            .help("fields of one level begin in the same column; a line that goes on with a text must not contain `: `"),
        )
    }

    /// `name:value` on the line of this byte.
    fn missing_space(&self, byte: usize) -> Option<Diagnostic> {
        let line = self.text.line(byte).trim_end();
        let (name, value) = line.split_once(':')?;
        let is_field = !name.trim().is_empty()
            && !name.trim().contains([' ', '#', '"', '\''])
            && !value.is_empty()
            && !value.starts_with([' ', '/']);
        let colon = self.text.line_start(byte) + name.len();
        is_field.then(|| {
            Diagnostic::error(
                "syntax",
                self.text.at_byte(colon),
                "a space is missing after `:`",
            )
            .help(format!("write `{}: {value}`", name.trim()))
        })
    }

    fn reserved_character(&self) -> Option<Diagnostic> {
        let character = self.text.char_at(self.byte)?;
        let is_reserved = matches!(character, '@' | '`' | '%');
        (self.message.contains("cannot start any token") && is_reserved).then(|| {
            let value = self.text.rest(self.byte).lines().next().unwrap_or_default();
            Diagnostic::error(
                "syntax",
                self.text.at_byte(self.byte),
                format!("a value can't begin with `{character}`"),
            )
            .help(format!("quote it: {}", quoted(value.trim_end())))
        })
    }

    fn alias(&self) -> Option<Diagnostic> {
        if self.message.contains("unknown anchor") {
            let name: String = self
                .text
                .rest(self.byte)
                .chars()
                .take_while(|c| !c.is_whitespace() && !matches!(c, ',' | ']' | '}'))
                .collect();
            return Some(
                Diagnostic::error(
                    "unknown-alias",
                    self.text.range(self.byte, self.byte + name.len()),
                    format!("`{name}` names no anchor above it in this document"),
                )
                .help(format!(
                    "put `&{}` before the value that is meant; a text that begins with `*` needs quotes",
                    name.trim_start_matches('*')
                )),
            );
        }
        if !self.message.contains("scanning an alias")
            && !self.message.contains("scanning an anchor")
        {
            return None;
        }
        let begin = self.begin.unwrap_or(self.byte);
        let value = self.text.rest(begin).lines().next().unwrap_or_default();
        let sign = self.text.char_at(begin)?;
        Some(
            Diagnostic::error(
                "syntax",
                self.text.at_byte(begin),
                format!("a text that begins with `{sign}` needs quotes"),
            )
            .help(format!("write {}", quoted(value.trim_end()))),
        )
    }

    fn escape(&self) -> Option<Diagnostic> {
        if !self.message.contains("escape") {
            return None;
        }
        let shown: String = self.text.rest(self.byte).chars().take(2).collect();
        Some(
            Diagnostic::error(
                "syntax",
                self.text.range(self.byte, self.byte + shown.len()),
                format!("`{shown}` is no escape that double quotes know"),
            )
            .help("use single quotes, where a backslash is just a backslash, or write it twice"),
        )
    }

    fn text_after_closing(&self) -> Option<Diagnostic> {
        let start = self.text.line_start(self.byte);
        let before = self.text.whole.get(start..self.byte)?.trim_end();
        let is_closing = |c: &char| matches!(c, '"' | '\'' | ']' | '}');
        let closing = before.chars().next_back().filter(is_closing)?;
        self.message.contains("did not find expected key").then(|| {
            Diagnostic::error(
                "syntax",
                self.text.at_byte(self.byte),
                format!("text after the closing `{closing}`"),
            )
            .help(match closing {
                '\'' => "inside single quotes an apostrophe is written twice: `'it''s'`",
                '"' => {
                    "inside double quotes a quote is written `\\\"`; or put the whole value into single quotes"
                }
                _ => "a text that begins with a bracket needs quotes",
            })
        })
    }

    /// A line whose column fits nothing above it.
    fn indentation(&self) -> Option<Diagnostic> {
        let start = self.text.line_start(self.byte);
        let is_first = self.text.whole.get(start..self.byte)?.trim().is_empty();
        let is_about_it = ["expected key", "<document start>", "'-' indicator"]
            .iter()
            .any(|part| self.message.contains(part));
        if !is_first || !is_about_it {
            return None;
        }
        let line = self.text.line(self.byte).trim();
        let name = line.find(':').map_or(line.len(), |colon| colon + 1);
        let place = self.text.range(self.byte, self.byte + name);
        let (summary, help) = if self.message.contains("'-' indicator") {
            (
                "expected another `- ` here, as the lines above form a list",
                "a list and fields can't stand on one level: indent the list below its field",
            )
        } else {
            (
                "the indentation of this line fits nothing above it",
                "fields of one level begin in the same column, those below a field two spaces deeper",
            )
        };
        Some(Diagnostic::error("syntax", place, summary).help(help))
    }

    fn lost_line(&self) -> Option<Diagnostic> {
        if !self.message.contains("could not find expected ':'") {
            return None;
        }
        let begin = self.begin.unwrap_or(self.byte);
        if let Some(diagnostic) = self.missing_space(begin) {
            return Some(diagnostic);
        }
        let line = self.text.rest(begin).lines().next().unwrap_or_default();
        let line = line.split(" #").next().unwrap_or_default().trim_end();
        let mut diagnostic = Diagnostic::error(
            "syntax",
            self.text.range(begin, begin + line.len()),
            "expected `field: value`, found a line without `:`",
        );
        if let Some((name, value)) = line.split_once('=') {
            diagnostic = diagnostic.help(format!("write `{}: {}`", name.trim(), value.trim()));
        }
        Some(diagnostic.help("a text that goes on must be indented deeper than its field"))
    }

    fn other(&self) -> Diagnostic {
        let reason = self.message.split(" at line ").next().unwrap_or_default();
        let reason = reason.split(" at position ").next().unwrap_or_default();
        let diagnostic = Diagnostic::error(
            "syntax",
            self.text.at_byte(self.byte),
            format!("the file is not valid YAML: {reason}"),
        );
        if self.message.contains("did not find expected key")
            || self.message.contains("expected <document start>")
            || self.message.contains("'-' indicator")
        {
            return diagnostic
                .help("check the indentation: fields of one level begin in the same column");
        }
        if self
            .message
            .contains("block sequence entries are not allowed")
        {
            return diagnostic
                .help("a list begins on the line after its field, or is written `[a, b]`");
        }
        diagnostic.help("check the indentation here and on the line before; texts with special characters need quotes")
    }
}

/// The text in quotes that keep it as it is, shortened for a message.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(50).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    if short.contains('"') || short.contains('\\') {
        format!("`'{}{dots}'`", short.replace('\'', "''"))
    } else {
        format!("`\"{short}{dots}\"`")
    }
}

fn first_quote(text: &str) -> usize {
    text.find(['"', '\'']).unwrap_or(0)
}

/// The line and column that the parser names last: where the construct begins
/// that it was reading, if it says so.
fn begin_of_construct(message: &str) -> Option<(usize, usize)> {
    let (_, while_reading) = message.split_once(", while ")?;
    let (_, place) = while_reading.rsplit_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
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
    fn names_the_place_and_the_cause() {
        for (text, expected) in [
            ("a:\n\tb: 1", "a:2:1 YAML can't be indented with tabs"),
            ("a: 'x\nb: 1\n", "a:1:4 the quote is never closed"),
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
                "a:2:3 this field is indented deeper than the one before it",
            ),
            ("a: @x", "a:1:4 a value can't begin with `@`"),
            (
                "a: *x",
                "a:1:4 `*x` names no anchor above it in this document",
            ),
            (
                "a: **b** c",
                "a:1:4 a text that begins with `*` needs quotes",
            ),
            (
                "a: \"\\q\"",
                "a:1:5 `\\q` is no escape that double quotes know",
            ),
            ("a: 'it's'", "a:1:8 text after the closing `'`"),
            (
                "a: 1\nb = 2\nc: 2\n",
                "a:2:1 expected `field: value`, found a line without `:`",
            ),
            (
                "a: &x [*x]\n",
                "a:1:8 the alias stands inside what it stands for",
            ),
        ] {
            assert_eq!(explained(text), expected, "{text:?}");
        }
    }
}
