//! The text of a file with a syntax error.

use std::sync::Arc;

use super::super::position::TextIndex;
use crate::diagnostic::{Place, SourceFile};

/// A text with look-ups for explanations.
#[derive(Debug)]
pub(super) struct SourceText<'a> {
    pub file: &'a Arc<SourceFile>,
    pub whole: &'a str,
    pub index: TextIndex,
}

impl<'a> SourceText<'a> {
    pub fn new(file: &'a Arc<SourceFile>) -> Self {
        let text = file.text.as_deref().unwrap_or_default();
        Self {
            file,
            whole: text,
            index: TextIndex::new(text),
        }
    }

    /// Returns the place of the character at an offset; of the last visible character
    /// for an offset at the end.
    pub fn at_byte(&self, byte: usize) -> Place {
        let byte = if byte >= self.whole.len() {
            let visible = self.whole.trim_end();
            visible.char_indices().next_back().map_or(0, |(at, _)| at)
        } else {
            byte
        };
        let length = self.rest(byte).chars().next().map_or(0, char::len_utf8);
        self.range(byte, byte + length)
    }

    pub fn range(&self, start: usize, end: usize) -> Place {
        Place::span(self.file, self.index.span(self.whole, start, end))
    }

    pub fn rest(&self, byte: usize) -> &'a str {
        self.whole.get(byte..).unwrap_or_default()
    }

    pub fn line_start(&self, byte: usize) -> usize {
        let before = self.whole.get(..byte).unwrap_or_default();
        before.rfind('\n').map_or(0, |at| at + 1)
    }

    /// Returns the line that contains an offset, without its line break.
    pub fn line(&self, byte: usize) -> &'a str {
        let start = self.line_start(byte);
        self.rest(start).lines().next().unwrap_or_default()
    }

    pub fn char_at(&self, byte: usize) -> Option<char> {
        self.rest(byte).chars().next()
    }
}

/// Characters that only YAML reads as line breaks.
pub(super) const SEPARATORS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];
