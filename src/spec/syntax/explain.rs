//! Explains a syntax error by its most probable cause. The most specific causes come
//! first.

use super::cause::Cause;
use super::text::SourceText;
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, Span};

/// A syntax error and its context.
#[derive(Debug)]
pub(super) struct Mistake<'a> {
    /// The text.
    pub text: SourceText<'a>,
    /// The cause that the parser reports.
    pub cause: Cause,
    /// The message of the parser, for causes without a better message.
    pub problem: &'static str,
    /// The offset at which the parser stopped.
    pub byte: usize,
    /// The offset at which the construct begins that the parser was reading.
    pub begin: Option<usize>,
}

impl Mistake<'_> {
    /// Returns the diagnostic of the first cause that applies.
    pub fn explain(&self) -> Diagnostic {
        self.text
            .conflict()
            .or_else(|| self.tab())
            .or_else(|| self.byte_order_mark())
            .or_else(|| self.line_separator())
            .or_else(|| self.document_end())
            .or_else(|| self.unclosed_quote())
            .or_else(|| self.between_brackets())
            .or_else(|| self.colon())
            .or_else(|| self.reserved_character())
            .or_else(|| self.alias())
            .or_else(|| self.escape())
            .or_else(|| self.text_after_closing())
            .or_else(|| self.line_without_colon())
            .or_else(|| self.indentation())
            .or_else(|| self.indicator())
            .or_else(|| self.tag())
            .unwrap_or_else(|| self.parser_message())
    }

    fn tab(&self) -> Option<Diagnostic> {
        let text = &self.text;
        let start = text.line_start(self.byte);
        let line = text.line(self.byte);
        let is_at_tab = self.text.char_at(self.byte) == Some('\t');
        let is_about_it = match self.cause {
            // Between brackets, tabs may indent a line.
            Cause::FlowCollection => false,
            Cause::InvalidCharacter => is_at_tab,
            _ => true,
        };
        if !is_about_it {
            return None;
        }
        let before = line.get(..self.byte - start)?;
        if self.cause == Cause::InvalidCharacter && before.trim_start().ends_with('-') {
            return Some(
                Diagnostic::error(
                    DiagnosticCode::Tab,
                    self.text.at_byte(self.byte),
                    "a tab is not allowed between `-` and its item",
                )
                .label("a tab")
                .help(format!(
                    "write `- {}`",
                    self.text
                        .rest(self.byte)
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .trim()
                )),
            );
        }
        let indent = line.len() - line.trim_start().len();
        let tab = line[..indent].find('\t')? + start;
        (self.byte <= start + indent).then(|| {
            let width = text.rest(tab).len() - text.rest(tab).trim_start_matches('\t').len();
            let index = &text.index;
            let span = Span {
                start: index.position(text.whole, tab),
                end: index.position(text.whole, tab + width),
            };
            Diagnostic::error(
                DiagnosticCode::Tab,
                Place::span(text.file, span),
                "YAML can't be indented with tabs",
            )
            .label("a tab")
            .help("indent with spaces, two for each level")
        })
    }

    /// Finds a line of a text that begins with `...`, which ends the document.
    fn document_end(&self) -> Option<Diagnostic> {
        const END: &str = "...";
        let start = self.text.line_start(self.byte);
        let is_about_it = matches!(self.cause, Cause::DocumentExpected | Cause::UnclosedQuote);
        let rest = self.text.line(self.byte).strip_prefix(END)?;
        (is_about_it && !rest.trim().is_empty()).then(|| {
            let place = if self.byte > start {
                self.text.at_byte(self.byte)
            } else {
                self.text.range(start, start + END.len())
            };
            Diagnostic::error(
                DiagnosticCode::Syntax,
                place,
                "`...` at the beginning of a line ends the document",
            )
            .help("indent the line, if it belongs to the text above")
        })
    }

    fn unclosed_quote(&self) -> Option<Diagnostic> {
        if self.cause != Cause::UnclosedQuote {
            return None;
        }
        let begin = self.begin.unwrap_or_else(|| first_quote(self.text.whole));
        Some(unclosed_quote_error(self.text.at_byte(begin)))
    }

    fn reserved_character(&self) -> Option<Diagnostic> {
        let character = self.text.char_at(self.byte)?;
        let is_reserved = matches!(character, '@' | '`' | '%');
        if !is_reserved || self.cause != Cause::InvalidCharacter {
            return None;
        }
        let error = |byte: usize, summary: String| {
            Diagnostic::error(DiagnosticCode::Syntax, self.text.at_byte(byte), summary)
        };
        let before = self.text.whole.get(..self.byte)?;
        if character == '%' && before.ends_with('{') {
            return Some(
                error(
                    self.byte - 1,
                    "`{% … %}` belongs to a template, not to YAML".to_owned(),
                )
                .help("remove it, or quote the text that contains it"),
            );
        }
        if self.text.line(self.byte).starts_with("```") {
            return Some(
                error(self.byte, "a Markdown code fence is not YAML".to_owned())
                    .help("remove this line"),
            );
        }
        Some(
            error(self.byte, format!("a value can't begin with `{character}`"))
                .help(format!("quote it: {}", quote_text(self.value(self.byte)))),
        )
    }

    /// Returns the unquoted value that begins at an offset, up to the end of its line.
    pub(super) fn value(&self, byte: usize) -> &str {
        let line = self.text.rest(byte).lines().next().unwrap_or_default();
        let line = match self.open_bracket() {
            Some(_) => line.split([',', ']', '}']).next().unwrap_or_default(),
            None => line,
        };
        without_comment(line).trim_end()
    }

    fn alias(&self) -> Option<Diagnostic> {
        if self.cause != Cause::AliasName {
            return None;
        }
        let begin = self.begin.unwrap_or(self.byte);
        let sign = self.text.char_at(begin)?;
        Some(
            Diagnostic::error(
                DiagnosticCode::Syntax,
                self.text.at_byte(begin),
                format!("a text that begins with `{sign}` needs quotes"),
            )
            .help(format!("write {}", quote_text(self.value(begin)))),
        )
    }

    fn escape(&self) -> Option<Diagnostic> {
        const HELP: &str = "use single quotes, where a backslash has no special meaning, or write the backslash \
             twice";
        let is_short = self.cause == Cause::ShortEscape;
        let at = if is_short {
            self.text.whole.get(..self.byte)?.rfind('\\')?
        } else {
            self.byte
        };
        if !is_short && self.cause != Cause::UnknownEscape || self.text.char_at(at) != Some('\\') {
            return None;
        }
        let shown: String = self.text.rest(at).chars().take(2).collect();
        let digits = match shown.as_str() {
            "\\x" => 2,
            "\\u" => 4,
            _ => 8,
        };
        let summary = if is_short {
            format!("`{shown}` needs {digits} hexadecimal digits after it")
        } else {
            format!("`{shown}` is not a valid escape in double quotes")
        };
        let place = self.text.range(at, at + shown.len());
        Some(Diagnostic::error(DiagnosticCode::Syntax, place, summary).help(HELP))
    }

    fn text_after_closing(&self) -> Option<Diagnostic> {
        let start = self.text.line_start(self.byte);
        let before = self.text.whole.get(start..self.byte)?.trim_end();
        let is_closing = |c: &char| matches!(c, '"' | '\'' | ']' | '}');
        let closing = before.chars().next_back().filter(is_closing)?;
        if !matches!(self.cause, Cause::FieldExpected) {
            return None;
        }
        if let Some(opening) = self.opening_above(before, closing) {
            return Some(unclosed_quote_error(self.text.at_byte(opening)));
        }
        let diagnostic = Diagnostic::error(
            DiagnosticCode::Syntax,
            self.text.at_byte(self.byte),
            format!("text after the closing `{closing}`"),
        );
        Some(diagnostic.help(match closing {
            '\'' => "inside single quotes an apostrophe is written twice: `'it''s'`",
            '"' => {
                "inside double quotes a quote is written `\\\"`; or put the whole value into single quotes"
            }
            _ => "a text that begins with a bracket needs quotes",
        }))
    }

    /// Returns the offset of an unclosed quote on a line above, if this quote closes
    /// it. The original closing quote is then missing.
    fn opening_above(&self, before: &str, quote: char) -> Option<usize> {
        let is_quote = matches!(quote, '"' | '\'');
        if !is_quote || before.matches(quote).count() != 1 {
            return None;
        }
        let above = self.text.whole.get(..self.text.line_start(self.byte))?;
        let mut start = above.len();
        for line in above.split_inclusive('\n').rev() {
            start -= line.len();
            if line.matches(quote).count() % 2 == 1 {
                return line.rfind(quote).map(|at| start + at);
            }
        }
        None
    }

    /// Finds a line whose indentation matches no line above.
    fn indentation(&self) -> Option<Diagnostic> {
        let start = self.text.line_start(self.byte);
        let is_first = self.text.whole.get(start..self.byte)?.trim().is_empty();
        if !is_first || !self.cause.is_about_columns() {
            return None;
        }
        let line = self.text.line(self.byte).trim();
        let name = line.find(':').map_or(line.len(), |colon| colon + 1);
        let place = self.text.range(self.byte, self.byte + name);
        if line.starts_with([']', '}']) {
            return Some(self.unopened_bracket(self.byte));
        }
        let is_item = line.starts_with("- ");
        let is_alike = is_item || self.cause != Cause::ItemExpected;
        let column = self.text.expected_column(self.byte).filter(|_| is_alike);
        let (summary, help) = if is_item && column.is_some() {
            (
                "this list item begins in another column than the items above",
                "the items of one list begin in the same column",
            )
        } else if is_item && self.cause != Cause::ItemExpected {
            (
                "a list item is not allowed between fields",
                "a list and fields can't be on the same level: indent the list below its field",
            )
        } else if self.cause == Cause::ItemExpected {
            (
                "expected another `- ` here, because the lines above are a list",
                "a list and fields can't be on the same level: indent the list below its field",
            )
        } else {
            (
                "the indentation of this line matches no line above",
                "fields of one level begin in the same column, fields below a field begin two \
                 spaces deeper",
            )
        };
        let mut diagnostic = Diagnostic::error(DiagnosticCode::Syntax, place, summary);
        if let Some(column) = column {
            diagnostic = diagnostic.help(column);
        }
        Some(diagnostic.help(help))
    }
}

fn unclosed_quote_error(opening: Place) -> Diagnostic {
    Diagnostic::error(DiagnosticCode::Syntax, opening, "the quote is never closed")
        .label("opened here")
        .help("close it with the same quote; inside single quotes an apostrophe is written twice: `'it''s'`")
}

/// Returns a line without its comment.
pub(super) fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    line.split(" #").next().unwrap_or_default()
}

/// Returns a text in quotes for a message, shortened.
pub(super) fn quote_text(text: &str) -> String {
    let short: String = text.chars().take(50).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    if short.contains('"') || short.contains('\\') {
        format!("`'{}{dots}'`", short.replace('\'', "''"))
    } else {
        format!("`\"{short}{dots}\"`")
    }
}

/// Returns a value for a message, in quotes if YAML would read no text.
pub(super) fn value_text(text: &str) -> String {
    let text = text.trim();
    if text.starts_with(['*', '&', '!', '@', '`', '%']) {
        quote_text(text).trim_matches('`').to_owned()
    } else {
        text.to_owned()
    }
}

fn first_quote(text: &str) -> usize {
    text.find(['"', '\'']).unwrap_or(0)
}
