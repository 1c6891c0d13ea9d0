//! Long text as a line diff.

use similar::{ChangeTag, TextDiff};

use super::style::Palette;
use crate::visible;

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 2;

/// The lines that differ, with a little around them, each behind `indent`.
#[must_use]
pub fn text_diff(before: &str, after: &str, indent: &str, palette: Palette) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut text = String::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            text.push_str(&format!("{indent}{}\n", palette.faint("  ...")));
        }
        for op in group {
            for change in diff.iter_changes(op) {
                let line = printable(change.value().trim_end_matches(['\n', '\r']));
                let line = match change.tag() {
                    ChangeTag::Delete => palette.removed(format!("- {line}")),
                    ChangeTag::Insert => palette.added(format!("+ {line}")),
                    ChangeTag::Equal => palette.faint(format!("  {line}")),
                };
                text.push_str(&format!("{indent}{line}\n"));
            }
        }
    }
    text
}

/// The longest line, in characters.
const MAX_LINE: usize = 4_000;

/// A line of bounded length without what a terminal would obey.
#[must_use]
pub fn printable(line: &str) -> String {
    visible::lines(&visible::bounded(line, MAX_LINE)).into_owned()
}
