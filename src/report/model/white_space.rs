//! Makes white space visible, and characters that look like others.

use unicode_normalization::UnicodeNormalization as _;

use super::row::Piece;
use crate::visible;

/// The longest line, in characters, unless whole values are shown.
const MAX_LINE: usize = 4_000;

/// Shows blanks at the end of a line.
const BLANK: char = '·';

/// Returns a text with escapes for characters that look like others: spaces that are not
/// U+0020, and combining marks of letters, which composed letters (NFC) do not have. A
/// blank at the end of the text is shown as `·`.
#[must_use]
pub fn distinct(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let pieces = changed_line(&[(false, text)], true);
    pieces.into_iter().map(|piece| piece.text).collect()
}

/// Returns whether a text has only characters that everybody sees: most texts.
fn is_plain(text: &str) -> bool {
    !text.ends_with(' ') && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Returns an unchanged line of a text.
pub fn unchanged_line(line: &str, is_full: bool) -> String {
    visible::line(&bounded(line, is_full)).into_owned()
}

/// Returns a changed line of a text. The first value of a part is whether it changed.
pub fn changed_line(parts: &[(bool, &str)], is_full: bool) -> Vec<Piece> {
    let whole: String = parts.iter().map(|(_, part)| *part).collect();
    let short = bounded(&whole, is_full);
    if short.len() < whole.len() {
        return changed_line(&[(false, &short)], true);
    }
    // A line with such a dot shows the blanks as escapes, to stay unambiguous.
    let has_dot = whole.contains(BLANK);
    let ends_at = whole.trim_end_matches(' ').len();
    let mut at = 0;
    let pieces = parts.iter().map(|(is_changed, part)| {
        let mut text = String::with_capacity(part.len());
        for character in part.chars() {
            let is_space = character != ' ' && !character.is_control() && character.is_whitespace();
            let is_mark = matches!(character, '\u{300}'..='\u{36f}');
            if at >= ends_at && !has_dot {
                text.push(BLANK);
            } else if at >= ends_at || is_space || is_mark {
                text.extend(character.escape_unicode());
            } else {
                text.push(character);
            }
            at += character.len_utf8();
        }
        Piece {
            text: visible::line(&text).into_owned(),
            is_changed: *is_changed,
        }
    });
    pieces.collect()
}

fn bounded(line: &str, is_full: bool) -> std::borrow::Cow<'_, str> {
    if is_full {
        line.into()
    } else {
        visible::bounded(line, MAX_LINE)
    }
}

/// Returns what differs if two texts have the same words.
pub fn sole_difference(before: &str, after: &str) -> Option<&'static str> {
    let same = |fold: fn(&str) -> String| fold(before) == fold(after);
    if same(|text| text.replace("\r\n", "\n")) {
        Some("only line ends differ")
    } else if same(|text| text.nfc().collect()) {
        Some("only the Unicode normalisation differs")
    } else if same(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")) {
        Some("only white space differs")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_look_like_others_are_escaped() {
        for (text, expected) in [
            ("a  b", "a  b"),
            ("a b  ", "a b··"),
            ("a· ", "a·\\u{20}"),
            ("a\u{a0}b", "a\\u{a0}b"),
            ("e\u{301}", "e\\u{301}"),
            ("a\tb\r", "a\\tb\\r"),
            ("a\t", "a\\t"),
        ] {
            assert_eq!(distinct(text), expected);
        }
    }

    #[test]
    fn a_difference_that_nobody_sees_is_named() {
        for (before, after, expected) in [
            ("a\nb", "a\r\nb", Some("only line ends differ")),
            ("a b", "a  b\n", Some("only white space differs")),
            (
                "\u{e9}",
                "e\u{301}",
                Some("only the Unicode normalisation differs"),
            ),
            ("a b", "a c", None),
        ] {
            assert_eq!(sole_difference(before, after), expected);
        }
    }
}
