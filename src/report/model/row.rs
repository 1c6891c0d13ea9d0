//! One line of a diff.

use std::borrow::Cow;

/// The kind of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// A line or an element that is no longer there.
    Removed,
    /// A new line or element.
    Added,
    /// A line or an element without a change.
    Unchanged,
    /// Words about lines or elements that are not shown, or about the row above.
    Note,
}

/// A part of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text, without control characters.
    pub text: String,
    /// Whether the words of the part changed.
    pub is_changed: bool,
}

/// A line of a diff: a line of a text, or an element of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The kind.
    pub tag: Tag,
    /// The parts.
    pub pieces: Vec<Piece>,
}

impl Row {
    /// Returns a row of one part.
    #[must_use]
    pub fn new(tag: Tag, text: impl Into<String>) -> Self {
        let (text, is_changed) = (text.into(), false);
        let pieces = vec![Piece { text, is_changed }];
        Self { tag, pieces }
    }

    /// Returns the characters before the text.
    #[must_use]
    pub fn sign(&self) -> &'static str {
        match self.tag {
            Tag::Removed => "- ",
            Tag::Added => "+ ",
            Tag::Unchanged | Tag::Note => "  ",
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.pieces[..] {
            [piece] => Cow::Borrowed(&piece.text),
            pieces => pieces.iter().map(|piece| piece.text.as_str()).collect(),
        }
    }
}
