//! Mistakes between brackets, where the parser only says that it expected a
//! comma or the end. The brackets are read once more, by what a person who
//! wrote them would have meant.

use super::cause::Cause;
use super::explain::Mistake;
use super::piece::{Kind, Piece, Pieces};
use crate::diagnostic::Diagnostic;

/// What a collection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// An item, or the name of a field.
    Entry,
    /// The `:` after the name of a field.
    Colon,
    /// What stands after a `:`.
    Value,
    /// The `,` after an entry.
    Comma,
}

/// A bracket that is open.
#[derive(Debug)]
struct Open {
    at: usize,
    is_mapping: bool,
    expected: Expected,
}

/// What is wrong between the brackets.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// The bracket at this byte has no partner.
    NeverClosed(usize),
    /// The second bracket stands where the partner of the first should.
    Mismatch(usize, Piece),
    /// A quote on the line of this piece has no partner.
    Quote(Piece),
    /// `//` or `/*`, which other languages begin comments with.
    Comment(usize),
    /// `${…}` without quotes.
    Reference(usize),
    /// No `,` between these two.
    Comma(Piece, Piece),
    /// No `:` between these two.
    Colon(Piece, Piece),
    /// A second `:` in one entry.
    SecondColon(Piece),
    /// A `,` with nothing before it.
    LoneComma(Piece),
}

impl Mistake<'_> {
    /// A mistake between brackets, at its place.
    pub(super) fn between_brackets(&self) -> Option<Diagnostic> {
        if self.cause != Cause::Brackets {
            return None;
        }
        let is_bracket = |at: &usize| matches!(self.text.char_at(*at), Some('[' | '{'));
        let begin = self.begin.filter(is_bracket);
        let begin = begin.or_else(|| self.open_bracket())?;
        Some(match Reader::new(self.text.whole, begin).fault() {
            Some(fault) => self.explain_fault(begin, &fault),
            None => self.unexpected(begin),
        })
    }

    fn explain_fault(&self, begin: usize, fault: &Fault) -> Diagnostic {
        let text = &self.text;
        let error = |at: usize, width: usize, summary: String| {
            Diagnostic::error("syntax", text.range(at, at + width), summary)
        };
        let written = |piece: &Piece| first_line(&text.whole[piece.start..piece.end]);
        let diagnostic = match fault {
            Fault::NeverClosed(at) => return self.bracket_never_closed(*at),
            Fault::Mismatch(at, piece) => {
                let (bracket, closing) = self.pair(*at);
                return error(
                    piece.start,
                    1,
                    format!("`{}` can't close `{bracket}`", written(piece)),
                )
                .related(text.at_byte(*at), "opened here")
                .help(format!("write `{closing}`"));
            }
            Fault::Quote(piece) => error(
                piece.start,
                written(piece).len(),
                "a quote is missing: those on this line don't pair up".to_owned(),
            )
            .help("a quote stands before and after each text"),
            Fault::Comment(at) => error(
                *at,
                2,
                format!("`{}` begins no comment in YAML", &text.whole[*at..at + 2]),
            )
            .help("write `#`, with a space before it"),
            Fault::Reference(at) => {
                let whole = reference(text.rest(*at));
                error(
                    *at,
                    whole.len(),
                    format!("between brackets `{whole}` needs quotes"),
                )
                .help(format!("write `\"{whole}\"`"))
            }
            Fault::Comma(before, piece) => error(
                piece.start,
                written(piece).len(),
                "a `,` is missing before this".to_owned(),
            )
            .help(format!("write `{},`", written(before)))
            .help("a text with `: ` or brackets in it needs quotes"),
            Fault::Colon(before, piece) => error(
                piece.start,
                written(piece).len(),
                "a `:` is missing before this".to_owned(),
            )
            .help(format!("write `{}: {}`", written(before), written(piece))),
            Fault::SecondColon(_) => return self.unexpected(begin),
            Fault::LoneComma(piece) => {
                error(piece.start, 1, "nothing stands before this `,`".to_owned())
                    .help("remove it, or write the value that is missing")
            }
        };
        diagnostic.related(text.at_byte(begin), "inside this bracket")
    }

    fn bracket_never_closed(&self, at: usize) -> Diagnostic {
        let (bracket, closing) = self.pair(at);
        Diagnostic::error(
            "syntax",
            self.text.at_byte(at),
            format!("`{bracket}` is never closed"),
        )
        .label("opened here")
        .help(format!(
            "close it with `{closing}`; a text that begins with `{bracket}` needs quotes"
        ))
    }

    /// What can't be told better than the parser does.
    fn unexpected(&self, begin: usize) -> Diagnostic {
        let (bracket, closing) = self.pair(begin);
        Diagnostic::error(
            "syntax",
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

    /// The last bracket before the place that is not closed before it.
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

/// Reads from an opening bracket to its partner.
struct Reader<'a> {
    text: &'a str,
    pieces: Pieces<'a>,
    open: Vec<Open>,
    before: Option<Piece>,
    /// The first line of a text without quotes that goes on on the next.
    continued: Option<(Piece, Piece)>,
    /// The first thing that was not expected.
    fault: Option<Fault>,
    comment: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, begin: usize) -> Self {
        Self {
            text,
            pieces: Pieces::new(text, begin),
            open: Vec::new(),
            before: None,
            continued: None,
            fault: None,
            comment: None,
        }
    }

    /// What is wrong; a missing bracket counts more than what it makes of the
    /// lines after it, a missing quote more than a missing bracket.
    fn fault(mut self) -> Option<Fault> {
        while let Some(piece) = self.pieces.next() {
            let touches = self
                .before
                .as_ref()
                .is_some_and(|before| before.kind == Kind::Quoted && before.end == piece.start);
            let is_value = matches!(piece.kind, Kind::Quoted | Kind::Plain);
            if let Some(before) = self.before.take_if(|_| touches && is_value) {
                return Some(Fault::Quote(before));
            }
            if let Kind::Close(closing) = piece.kind {
                let open = self.open.pop()?;
                if open.is_mapping != (closing == '}') {
                    let is_one_line = !self.text[open.at..piece.start].contains('\n');
                    return Some(self.comment_or(if is_one_line {
                        Fault::Mismatch(open.at, piece)
                    } else {
                        Fault::NeverClosed(open.at)
                    }));
                }
                if self.open.is_empty() {
                    let fault = self.fault.take()?;
                    return Some(self.comment_or(fault));
                }
                self.entry_ends();
            } else {
                self.take(piece);
            }
            self.before = Some(piece);
        }
        let open = self.open.last()?.at;
        Some(Fault::NeverClosed(open))
    }

    fn comment_or(&self, fault: Fault) -> Fault {
        self.comment.map_or(fault, Fault::Comment)
    }

    fn take(&mut self, piece: Piece) {
        match piece.kind {
            Kind::Open(bracket) => {
                self.value(piece);
                self.open.push(Open {
                    at: piece.start,
                    is_mapping: bracket == '{',
                    expected: Expected::Entry,
                });
            }
            Kind::Quoted | Kind::Plain => {
                self.note_comment(piece);
                if self.goes_on(piece) {
                    self.continued = self.before.map(|before| (before, piece));
                } else {
                    self.value(piece);
                    self.entry_ends();
                }
            }
            Kind::Colon => self.colon(piece),
            Kind::Comma => {
                let Some(open) = self.open.last_mut() else {
                    return;
                };
                if open.expected == Expected::Entry {
                    self.fault.get_or_insert(Fault::LoneComma(piece));
                }
                open.expected = Expected::Entry;
            }
            Kind::Close(_) => {}
        }
    }

    /// A value stands here: is one expected?
    fn value(&mut self, piece: Piece) {
        let Some(open) = self.open.last() else { return };
        let Some(before) = self.before else { return };
        let fault = match open.expected {
            Expected::Entry | Expected::Value => return,
            _ if piece.kind == Kind::Open('{') && self.text[..piece.start].ends_with('$') => {
                Fault::Reference(piece.start - 1)
            }
            Expected::Colon => Fault::Colon(before, piece),
            Expected::Comma => Fault::Comma(before, piece),
        };
        self.fault.get_or_insert(fault);
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

    fn colon(&mut self, piece: Piece) {
        let continued = self.continued.take();
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let is_second =
            open.is_mapping && open.expected == Expected::Comma || open.expected == Expected::Value;
        // The line before was no beginning of this name, but lacks its comma.
        let is_new = continued.filter(|(_, next)| self.before == Some(*next));
        open.expected = Expected::Value;
        if let Some((before, next)) = is_new {
            self.fault.get_or_insert(Fault::Comma(before, next));
        } else if is_second {
            self.fault.get_or_insert(Fault::SecondColon(piece));
        }
    }

    /// A text without quotes may go on on the next line.
    fn goes_on(&self, piece: Piece) -> bool {
        let is_open = |open: &Open| !matches!(open.expected, Expected::Entry | Expected::Value);
        piece.kind == Kind::Plain
            && self.before.is_some_and(|before| before.kind == Kind::Plain)
            && self.open.last().is_some_and(is_open)
    }

    fn note_comment(&mut self, piece: Piece) {
        let written = &self.text[piece.start..piece.end];
        if piece.kind != Kind::Plain || self.comment.is_some() {
            return;
        }
        for sign in ["//", "/*"] {
            if written.starts_with(sign) {
                self.comment = Some(piece.start);
            } else if let Some(at) = written.find(&format!(" {sign}")) {
                self.comment = Some(piece.start + at + 1);
            }
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// `${…}` at the beginning of a text, as far as it stands on one line.
fn reference(text: &str) -> &str {
    let line = first_line(text);
    line.find('}').map_or(line, |end| &line[..=end])
}
