//! Pads a text so that the parser does not panic.
//!
//! `libyaml-safer` 0.3 panics if the text ends inside a block scalar or an escape, and at a
//! `,` directly after a tag in a flow collection. It also misreads what follows a line
//! separator of Unicode. The padded text always ends with a line break, has a space before
//! such a `,`, and a line feed in place of each line separator. The padding can change the
//! content of values, but not their places.

/// The line separators of Unicode, which YAML reads as line breaks.
const SEPARATORS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// A padded text and the offsets of the padding.
#[derive(Debug)]
pub(super) struct PaddedText {
    /// The padded text.
    pub text: String,
    /// The offsets of the inserted bytes in [`Self::text`].
    inserted: Vec<usize>,
    /// The offset in [`Self::text`] of each removed byte of the original text.
    removed: Vec<usize>,
    /// The length of the original text.
    length: usize,
}

impl PaddedText {
    pub fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len() + 1);
        let (mut inserted, mut removed) = (Vec::new(), Vec::new());
        for (index, part) in original.split(',').enumerate() {
            if index > 0 {
                if ends_with_tag(&text) {
                    if text.ends_with(':') {
                        // A space after the `:` would begin a value.
                        text.pop();
                        text.push('_');
                    }
                    inserted.push(text.len());
                    text.push(' ');
                }
                text.push(',');
            }
            for piece in part.split_inclusive(SEPARATORS) {
                match piece.strip_suffix(SEPARATORS) {
                    Some(before) => {
                        text.push_str(before);
                        text.push('\n');
                        let bytes = piece.len() - before.len() - 1;
                        removed.extend(std::iter::repeat_n(text.len(), bytes));
                    }
                    None => text.push_str(piece),
                }
            }
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Self {
            text,
            inserted,
            removed,
            length: original.len(),
        }
    }

    /// Converts an offset in [`Self::text`] into an offset in the original text.
    pub fn original(&self, at: u64) -> usize {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let before = self.inserted.partition_point(|inserted| *inserted < at);
        let removed = self.removed.partition_point(|removed| *removed <= at);
        (at - before + removed).min(self.length)
    }
}

/// Returns whether a text ends with a possible tag: `!x`, `!<x>`.
fn ends_with_tag(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "-_;/?:@&=+$.%!~*'()".contains(c);
    let word = text.rfind(|c| !is_letter(c)).map_or(0, |at| at + 1);
    text.ends_with('>') || text.get(word..).is_none_or(|word| word.contains('!'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pads_only_after_a_tag_and_at_the_end() {
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

    #[test]
    fn a_line_separator_becomes_a_line_feed() {
        let padded = PaddedText::new("a\u{2028}-,\u{85}b\n");
        assert_eq!(padded.text, "a\n-,\nb\n");
        let originals: Vec<_> = (0..=6).map(|at| padded.original(at)).collect();
        assert_eq!(originals, [0, 1, 4, 5, 6, 8, 9]);
    }
}
