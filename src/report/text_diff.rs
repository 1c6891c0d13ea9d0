//! Line diffs of long texts.

use similar::{ChangeTag, TextDiff};

use super::style::Palette;
use crate::visible;

/// The number of unchanged lines around a change.
const CONTEXT: usize = 2;

/// Returns the changed lines with their context; each line starts with `indent`.
#[must_use]
pub fn text_diff(before: &str, after: &str, indent: &str, palette: Palette) -> String {
    let diff = TextDiff::from_lines(before, after);
    let ends_differ = before.ends_with('\n') != after.ends_with('\n');
    let mut text = String::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            text.push_str(&format!("{indent}{}\n", palette.faint("  ...")));
        }
        for op in group {
            for change in diff.iter_changes(op) {
                let value = change.value();
                let unchanged = || printable(value.trim_end_matches(['\n', '\r']));
                let changed = || distinct(&printable(value.trim_end_matches('\n')));
                let line = match change.tag() {
                    ChangeTag::Delete => palette.removed(format!("- {}", changed())),
                    ChangeTag::Insert => palette.added(format!("+ {}", changed())),
                    ChangeTag::Equal => palette.faint(format!("  {}", unchanged())),
                };
                text.push_str(&format!("{indent}{line}\n"));
                if ends_differ && change.tag() != ChangeTag::Equal && change.missing_newline() {
                    let note = palette.faint("\\ no line break at the end");
                    text.push_str(&format!("{indent}{note}\n"));
                }
            }
        }
    }
    text
}

/// Returns a changed text with escapes for characters that look like others: blanks at
/// the end, spaces that are not U+0020, and combining marks of letters, which composed
/// letters (NFC) do not have.
#[must_use]
pub fn distinct(text: &str) -> String {
    let seen = text.trim_end_matches(' ').len();
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let is_space = character != ' ' && character != '\t' && character.is_whitespace();
        let is_mark = matches!(character, '\u{300}'..='\u{36f}');
        if at >= seen || is_space || is_mark {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The longest line, in characters.
const MAX_LINE: usize = 4_000;

/// Returns a line of limited length, with control characters escaped.
#[must_use]
pub fn printable(line: &str) -> String {
    visible::lines(&visible::bounded(line, MAX_LINE)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: &str) {
        let diff = text_diff(before, after, "", Palette::new(false));
        assert_eq!(diff, expected);
    }

    #[test]
    fn a_missing_line_break_at_the_end_is_shown() {
        check(
            "one\ntwo\n",
            "one\ntwo",
            "  one\n- two\n+ two\n\\ no line break at the end\n",
        );
    }

    #[test]
    fn lines_that_look_equal_are_shown_with_escapes() {
        check("a  b\n", "a b \n", "- a  b\n+ a b\\u{20}\n");
        check("a b\n", "a\u{a0}b\n", "- a b\n+ a\\u{a0}b\n");
        check("\u{e9}\n", "e\u{301}\n", "- \u{e9}\n+ e\\u{301}\n");
        check("a\n", "a\r\n", "- a\n+ a\\r\n");
    }
}
