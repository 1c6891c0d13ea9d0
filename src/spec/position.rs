//! From offsets in a text to lines, columns and bytes.

use crate::diagnostic::{Position, Span};

/// Where the lines and characters of a text begin.
///
/// Made only for files that have a mistake.
#[derive(Debug)]
pub struct TextIndex {
    /// The byte at which each line begins.
    line_starts: Vec<usize>,
    /// The byte at which each character begins; `None` for plain ASCII, where
    /// both counts are the same.
    char_starts: Option<Vec<u32>>,
    length: usize,
}

impl TextIndex {
    /// The index of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            line_starts: std::iter::once(0)
                .chain(starts.map(|(at, _)| at + 1))
                .collect(),
            char_starts: (!text.is_ascii()).then(|| {
                text.char_indices()
                    .map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX))
                    .collect()
            }),
            length: text.len(),
        }
    }

    /// The byte at which a character stands, counted from 0; the end of the
    /// text for one past it.
    #[must_use]
    pub fn byte_of_char(&self, index: usize) -> usize {
        match &self.char_starts {
            None => index.min(self.length),
            Some(starts) => starts.get(index).map_or(self.length, |byte| *byte as usize),
        }
    }

    /// The byte at which a line begins, counted from 1; the end of the text
    /// for one past it.
    #[must_use]
    pub fn byte_of_line(&self, line: usize) -> usize {
        self.line_starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(self.length)
    }

    /// The position of a byte that begins a character.
    #[must_use]
    pub fn position(&self, text: &str, byte: usize) -> Position {
        let byte = byte.min(self.length);
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = self.line_starts[line - 1];
        Position {
            line,
            column: text.get(start..byte).map_or(0, |part| part.chars().count()) + 1,
            byte,
        }
    }

    /// The span between two bytes, without white space at its end.
    #[must_use]
    pub fn span(&self, text: &str, start: usize, end: usize) -> Span {
        let slice = text.get(start..end.max(start)).unwrap_or_default();
        let end = start + slice.trim_end().len();
        Span {
            start: self.position(text, start),
            end: self.position(text, end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_in_columns_and_bytes_in_bytes() {
        let text = "a: é\nb: ü x\n";
        let index = TextIndex::new(text);
        let at = index.byte_of_char(text.chars().position(|c| c == 'x').unwrap_or(0));
        assert_eq!(
            index.position(text, at),
            Position {
                line: 2,
                column: 6,
                byte: 12
            }
        );
    }

    #[test]
    fn the_end_of_the_text_has_a_position() {
        let index = TextIndex::new("a\n");
        assert_eq!(index.position("a\n", 99).line, 2);
    }
}
