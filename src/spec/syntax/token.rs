//! The tokens of a flow collection.

/// A token and its byte range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open(char),
    Close(char),
    Comma,
    Colon,
    Quoted,
    /// Unquoted text, up to the end of the line.
    Plain,
}

/// Splits a text into tokens up to the end of its document. Comments are skipped.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    is_after_quote: bool,
}

impl<'a> Tokens<'a> {
    pub fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            is_after_quote: false,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            if !rest.starts_with('#') || !self.text[..self.at].ends_with(char::is_whitespace) {
                return;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn is_at_document_end(&self) -> bool {
        let is_line_start = self.text[..self.at].ends_with('\n');
        is_line_start && (self.rest().starts_with("---") || self.rest().starts_with("..."))
    }

    fn plain_length(rest: &str) -> usize {
        let mut before = ' ';
        for (at, letter) in rest.char_indices() {
            let is_end = match letter {
                ',' | '[' | ']' | '{' | '}' | '\n' | '\r' => true,
                ':' => is_colon(&rest[at + 1..]),
                '#' => before == ' ',
                _ => false,
            };
            if is_end {
                return rest[..at].trim_end().len();
            }
            before = letter;
        }
        rest.trim_end().len()
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_space();
        let rest = self.rest();
        let first = rest.chars().next().filter(|_| !self.is_at_document_end())?;
        let (kind, length) = match first {
            '[' | '{' => (Kind::Open(first), 1),
            ']' | '}' => (Kind::Close(first), 1),
            ',' => (Kind::Comma, 1),
            ':' if self.is_after_quote || is_colon(&rest[1..]) => (Kind::Colon, 1),
            '"' | '\'' => (Kind::Quoted, quoted_length(rest, first)),
            // At least one character, so that the iterator terminates.
            _ => (Kind::Plain, Self::plain_length(rest).max(first.len_utf8())),
        };
        let start = self.at;
        self.at += length;
        self.is_after_quote = kind == Kind::Quoted;
        Some(Token {
            kind,
            start,
            end: self.at,
        })
    }
}

fn is_colon(after: &str) -> bool {
    after.is_empty() || after.starts_with([' ', '\t', '\n', '\r', ',', '[', ']', '{', '}'])
}

/// Returns the length of a quoted text with its quotes; the length of the rest if the
/// quote is not closed.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && quote == '"' {
            letters.next();
        } else if letter == quote {
            let is_doubled = quote == '\'' && letters.peek().is_some_and(|next| next.1 == quote);
            if !is_doubled {
                return at + 1;
            }
            letters.next();
        }
    }
    rest.len()
}
