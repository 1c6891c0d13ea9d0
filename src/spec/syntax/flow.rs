//! Explains mistakes in flow collections, where the parser only reports a missing comma
//! or end. The collection is read again, with tolerance for the usual mistakes.

use super::cause::Cause;
use super::explain::Mistake;
use super::token::{Kind, Token, Tokens};
use crate::diagnostic::{Diagnostic, DiagnosticCode};

/// The token that a collection expects next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// An item, or the name of a field.
    Entry,
    /// The `:` after the name of a field.
    Colon,
    /// The value after a `:`.
    Value,
    /// The `,` after an entry.
    Comma,
}

/// An open bracket.
#[derive(Debug)]
struct OpenBracket {
    at: usize,
    is_mapping: bool,
    expected: Expected,
}

/// A mistake between brackets.
#[derive(Debug, PartialEq, Eq)]
enum BracketMistake {
    /// The bracket at this offset is not closed.
    NeverClosed(usize),
    /// The closing bracket does not match the opening bracket.
    Mismatch(usize, Token),
    /// A quote on the line of this token is not closed.
    Quote(Token),
    /// A `//` or `/*`, which begins a comment in other languages.
    Comment(usize),
    /// A reference to a variable without quotes.
    Reference(usize),
    /// A missing `,` between two tokens.
    Comma(Token, Token),
    /// A missing `:` between two tokens.
    Colon(Token, Token),
    /// A second `:` in one entry.
    SecondColon(Token),
    /// A `,` with nothing before it.
    LoneComma(Token),
}

impl Mistake<'_> {
    /// Returns the error about a mistake between brackets.
    pub(super) fn between_brackets(&self) -> Option<Diagnostic> {
        if self.cause != Cause::FlowCollection {
            return None;
        }
        let is_bracket = |at: &usize| matches!(self.text.char_at(*at), Some('[' | '{'));
        let begin = self.begin.filter(is_bracket);
        let begin = begin.or_else(|| self.open_bracket())?;
        Some(match Reader::new(self.text.whole, begin).mistake() {
            Some(mistake) => self.explain_fault(begin, &mistake),
            None => self.parser_error(begin),
        })
    }

    fn explain_fault(&self, begin: usize, mistake: &BracketMistake) -> Diagnostic {
        let text = &self.text;
        let error = |at: usize, width: usize, summary: String| {
            Diagnostic::error(DiagnosticCode::Syntax, text.range(at, at + width), summary)
        };
        let written = |token: &Token| first_line(&text.whole[token.start..token.end]);
        let diagnostic = match mistake {
            BracketMistake::NeverClosed(at) => return self.bracket_never_closed(*at),
            BracketMistake::Mismatch(at, token) => {
                let (bracket, closing) = self.pair(*at);
                return error(
                    token.start,
                    1,
                    format!("`{}` can't close `{bracket}`", written(token)),
                )
                .related(text.at_byte(*at), "opened here")
                .help(format!("write `{closing}`"));
            }
            BracketMistake::Quote(token) => error(
                token.start,
                written(token).len(),
                "a quote is missing: a quote on this line is not closed".to_owned(),
            )
            .help("put a quote before and after each text"),
            BracketMistake::Comment(at) => error(
                *at,
                2,
                format!(
                    "`{}` does not begin a comment in YAML",
                    &text.whole[*at..at + 2]
                ),
            )
            .help("write `#`, with a space before it"),
            BracketMistake::Reference(at) => {
                let whole = reference(text.rest(*at));
                error(
                    *at,
                    whole.len(),
                    format!("`{whole}` between brackets needs quotes"),
                )
                .help(format!("write `\"{whole}\"`"))
            }
            BracketMistake::Comma(before, token) => error(
                token.start,
                written(token).len(),
                "a `,` is missing before this".to_owned(),
            )
            .help(format!("write `{},`", written(before)))
            .help("a text with `: ` or brackets in it needs quotes"),
            BracketMistake::Colon(before, token) => error(
                token.start,
                written(token).len(),
                "a `:` is missing before this".to_owned(),
            )
            .help(format!("write `{}: {}`", written(before), written(token))),
            BracketMistake::SecondColon(_) => return self.parser_error(begin),
            BracketMistake::LoneComma(token) => error(
                token.start,
                1,
                "a value is missing before this `,`".to_owned(),
            )
            .help("remove it, or write the value that is missing"),
        };
        diagnostic.related(text.at_byte(begin), "inside this bracket")
    }

    fn bracket_never_closed(&self, at: usize) -> Diagnostic {
        let (bracket, closing) = self.pair(at);
        Diagnostic::error(
            DiagnosticCode::Syntax,
            self.text.at_byte(at),
            format!("`{bracket}` is never closed"),
        )
        .label("opened here")
        .help(format!(
            "close it with `{closing}`; a text that begins with `{bracket}` needs quotes"
        ))
    }

    /// Returns the parser's own message.
    fn parser_error(&self, begin: usize) -> Diagnostic {
        let (bracket, closing) = self.pair(begin);
        Diagnostic::error(
            DiagnosticCode::Syntax,
            self.text.at_byte(self.byte),
            format!("expected `,` or `{closing}` here"),
        )
        .related(self.text.at_byte(begin), format!("inside this `{bracket}`"))
        .help(format!(
            "a text that begins with `{bracket}` or contains `: ` needs quotes"
        ))
    }

    fn pair(&self, at: usize) -> (char, char) {
        match self.text.char_at(at) {
            Some('[') => ('[', ']'),
            _ => ('{', '}'),
        }
    }

    /// Returns the last bracket before the mistake that is not closed before the
    /// mistake.
    pub(super) fn open_bracket(&self) -> Option<usize> {
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
}

/// Reads from an opening bracket to its closing bracket.
struct Reader<'a> {
    text: &'a str,
    tokens: Tokens<'a>,
    open: Vec<OpenBracket>,
    before: Option<Token>,
    /// The two lines of an unquoted text that continues on the next line.
    continued: Option<(Token, Token)>,
    /// The first unexpected token.
    mistake: Option<BracketMistake>,
    comment: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, begin: usize) -> Self {
        Self {
            text,
            tokens: Tokens::new(text, begin),
            open: Vec::new(),
            before: None,
            continued: None,
            mistake: None,
            comment: None,
        }
    }

    /// Returns the mistake. A missing bracket takes precedence over the mistakes that
    /// follow from it, a missing quote takes precedence over a missing bracket.
    fn mistake(mut self) -> Option<BracketMistake> {
        while let Some(token) = self.tokens.next() {
            let touches = self
                .before
                .as_ref()
                .is_some_and(|before| before.kind == Kind::Quoted && before.end == token.start);
            let is_value = matches!(token.kind, Kind::Quoted | Kind::Plain);
            if let Some(before) = self.before.take_if(|_| touches && is_value) {
                return Some(BracketMistake::Quote(before));
            }
            if let Kind::Close(closing) = token.kind {
                let open = self.open.pop()?;
                if open.is_mapping != (closing == '}') {
                    let is_one_line = !self.text[open.at..token.start].contains('\n');
                    return Some(self.or_comment(if is_one_line {
                        BracketMistake::Mismatch(open.at, token)
                    } else {
                        BracketMistake::NeverClosed(open.at)
                    }));
                }
                if self.open.is_empty() {
                    let mistake = self.mistake.take()?;
                    return Some(self.or_comment(mistake));
                }
                self.entry_ends();
            } else {
                self.take(token);
            }
            self.before = Some(token);
        }
        let open = self.open.last()?.at;
        Some(BracketMistake::NeverClosed(open))
    }

    fn or_comment(&self, mistake: BracketMistake) -> BracketMistake {
        self.comment.map_or(mistake, BracketMistake::Comment)
    }

    fn take(&mut self, token: Token) {
        match token.kind {
            Kind::Open(bracket) => {
                self.value(token);
                self.open.push(OpenBracket {
                    at: token.start,
                    is_mapping: bracket == '{',
                    expected: Expected::Entry,
                });
            }
            Kind::Quoted | Kind::Plain => {
                self.detect_comment(token);
                if self.continues_line_above(token) {
                    self.continued = self.before.map(|before| (before, token));
                } else {
                    self.value(token);
                    self.entry_ends();
                }
            }
            Kind::Colon => self.colon(token),
            Kind::Comma => {
                let Some(open) = self.open.last_mut() else {
                    return;
                };
                if open.expected == Expected::Entry {
                    self.mistake.get_or_insert(BracketMistake::LoneComma(token));
                }
                open.expected = Expected::Entry;
            }
            Kind::Close(_) => {}
        }
    }

    /// Checks whether a value is expected here.
    fn value(&mut self, token: Token) {
        let Some(open) = self.open.last() else { return };
        let Some(before) = self.before else { return };
        let mistake = match open.expected {
            Expected::Entry | Expected::Value => return,
            _ if token.kind == Kind::Open('{') && self.text[..token.start].ends_with('$') => {
                BracketMistake::Reference(token.start - 1)
            }
            Expected::Colon => BracketMistake::Colon(before, token),
            Expected::Comma => BracketMistake::Comma(before, token),
        };
        self.mistake.get_or_insert(mistake);
    }

    fn entry_ends(&mut self) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        open.expected = match open.expected {
            Expected::Entry if open.is_mapping => Expected::Colon,
            _ => Expected::Comma,
        };
    }

    fn colon(&mut self, token: Token) {
        let continued = self.continued.take();
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let is_second =
            open.is_mapping && open.expected == Expected::Comma || open.expected == Expected::Value;
        // The line above is not the beginning of this name: its comma is missing.
        let is_new = continued.filter(|(_, next)| self.before == Some(*next));
        open.expected = Expected::Value;
        if let Some((before, next)) = is_new {
            self.mistake
                .get_or_insert(BracketMistake::Comma(before, next));
        } else if is_second {
            self.mistake
                .get_or_insert(BracketMistake::SecondColon(token));
        }
    }

    /// Returns whether this token may continue the unquoted text of the line above.
    fn continues_line_above(&self, token: Token) -> bool {
        let is_open =
            |open: &OpenBracket| !matches!(open.expected, Expected::Entry | Expected::Value);
        token.kind == Kind::Plain
            && self.before.is_some_and(|before| before.kind == Kind::Plain)
            && self.open.last().is_some_and(is_open)
    }

    fn detect_comment(&mut self, token: Token) {
        let written = &self.text[token.start..token.end];
        if token.kind != Kind::Plain || self.comment.is_some() {
            return;
        }
        for sign in ["//", "/*"] {
            if written.starts_with(sign) {
                self.comment = Some(token.start);
            } else if let Some(at) = written.find(&format!(" {sign}")) {
                self.comment = Some(token.start + at + 1);
            }
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Returns the `${…}` at the start of a text, up to the end of the line.
fn reference(text: &str) -> &str {
    let line = first_line(text);
    line.find('}').map_or(line, |end| &line[..=end])
}
