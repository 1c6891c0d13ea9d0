//! Converts byte offsets into lines and columns.

use crate::diagnostic::{Position, Span};

/// The offsets at which the lines of a text begin. Only files with a mistake need an
/// index.
#[derive(Debug)]
pub struct TextIndex {
    /// The byte at which each line begins.
    line_starts: Vec<usize>,
    length: usize,
}

impl TextIndex {
    /// Returns the index of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            line_starts: std::iter::once(0)
                .chain(starts.map(|(at, _)| at + 1))
                .collect(),
            length: text.len(),
        }
    }

    /// Returns the position of a character, given the offset of its first byte.
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

    /// Returns the range between two offsets, without trailing white space.
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
        let at = text.find('x').unwrap_or_default();
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
