//! Breaks prose into lines.

/// Returns the words in lines of at most `width` characters, if the words allow it.
pub(super) fn wrap_words<'a>(words: impl Iterator<Item = &'a str>, width: usize) -> String {
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
