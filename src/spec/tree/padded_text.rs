//! A text as the parser of places can take it.
//!
//! `libyaml-safer` 0.3 panics where a block of lines or an escape is cut off at
//! the end of the text, and at a `,` right behind a tag between brackets. The
//! text that it is given always ends with a line break and has a space before
//! such a `,`. Only the content of values can differ by that, never their places.

/// A text with a few bytes more.
#[derive(Debug)]
pub(super) struct PaddedText {
    /// The text for the parser.
    pub text: String,
    /// The bytes of [`Self::text`] that the original doesn't have.
    inserted: Vec<usize>,
    /// The length of the original.
    length: usize,
}

impl PaddedText {
    pub fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len() + 1);
        let mut inserted = Vec::new();
        for (index, part) in original.split(',').enumerate() {
            if index > 0 {
                if ends_with_tag(&text) {
                    if text.ends_with(':') {
                        // With a space behind it the `:` would begin a value.
                        text.pop();
                        text.push('_');
                    }
                    inserted.push(text.len());
                    text.push(' ');
                }
                text.push(',');
            }
            text.push_str(part);
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Self {
            text,
            inserted,
            length: original.len(),
        }
    }

    /// The offset in the original of an offset in [`Self::text`].
    pub fn original(&self, at: u64) -> usize {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let before = self.inserted.partition_point(|inserted| *inserted < at);
        (at - before).min(self.length)
    }
}

/// Whether a text ends with what may be a tag: `!x`, `!<x>`.
fn ends_with_tag(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "-_;/?:@&=+$.%!~*'()".contains(c);
    let word = text.rfind(|c| !is_letter(c)).map_or(0, |at| at + 1);
    text.ends_with('>') || text.get(word..).is_none_or(|word| word.contains('!'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserts_only_behind_a_tag_and_at_the_end() {
        for (text, expected) in [
            ("a: [b, c]\n", "a: [b, c]\n"),
            ("a: |\n  b", "a: |\n  b\n"),
            ("[!a,!!b,\n", "[!a ,!!b ,\n"),
            ("[!<c>, !d:,\n", "[!<c> , !d_ ,\n"),
        ] {
            assert_eq!(PaddedText::new(text).text, expected);
        }
        let padded = PaddedText::new("[!a,!!b,");
        let originals: Vec<_> = (0..=10).map(|at| padded.original(at)).collect();
        assert_eq!(originals, [0, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8]);
    }
}
