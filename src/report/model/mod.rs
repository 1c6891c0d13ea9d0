//! The parts of a change: one model for terminals, Markdown and annotations.
//!
//! The model decides the content of a report about a change: [`words()`] describe the
//! action, [`fields()`] the values, and [`Row`]s a diff by line or by element. A renderer
//! only decides how a text is painted and escaped, where lines end, and how much of a
//! value is shown. White space and characters that look like others are made visible here,
//! so that every format shows them.

mod element;
mod fields;
mod list_rows;
mod map_rows;
mod references;
mod row;
mod text_rows;
mod value;
mod white_space;
mod words;

pub use fields::{FieldView, compare, fields, is_set};
pub use row::{Row, Tag};
pub use text_rows::text_rows;
pub use value::{Content, Shown, UNLIMITED_ROOM, in_one_line, in_unit_of};
pub use words::{Span, Tone, plain, sign, subject, words};

/// How much of a change is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Detail {
    /// Whether unchanged lines and long values are shown whole.
    pub is_full: bool,
    /// Whether the changed words of a line are marked.
    pub has_emphasis: bool,
}

/// The longest text that is shown in one line, in characters.
pub const LONG: usize = 60;

/// Returns whether a text is shown as lines: a long one, or one with line breaks.
fn is_long(text: &str) -> bool {
    let has_lines = text.contains('\n') && !text.trim().is_empty();
    has_lines || text.chars().count() > LONG
}
