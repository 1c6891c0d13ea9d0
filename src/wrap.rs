//! Breaks prose into lines.

/// The width of prose that does not follow a terminal.
pub const WIDTH: usize = 80;

/// The largest width of prose on a terminal: longer lines are hard to read.
pub const MAX_WIDTH: usize = 100;

/// Returns the words in lines of at most `width` characters, if the words allow it.
pub fn wrap_words<'a>(words: impl Iterator<Item = &'a str>, width: usize) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in words {
        let word_length = word.chars().count();
        // A CI reads a line that starts with `::` as a command.
        let may_begin = !word.starts_with("::");
        if length > 0 && length + 1 + word_length > width && may_begin {
            lines.push('\n');
            length = 0;
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += word_length;
    }
    lines
}

/// Returns a text that begins in the column `indent` and continues there, in lines of at
/// most `width` characters.
#[must_use]
pub fn hanging(text: &str, indent: usize, width: usize) -> String {
    let lines = wrap_words(text.split(' '), width.saturating_sub(indent));
    lines.replace('\n', &format!("\n{:indent$}", ""))
}
