//! The diff of two texts, by line.

use similar::{Algorithm, ChangeTag, TextDiff};

use super::Detail;
use super::row::{Row, Tag};
use super::white_space::{changed_line, unchanged_line};

/// The number of unchanged lines around a change.
const CONTEXT: usize = 2;

/// Returns the changed lines with their context.
#[must_use]
pub fn text_rows(before: &str, after: &str, detail: Detail) -> Vec<Row> {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .diff_lines(before, after);
    let ends_differ = before.ends_with('\n') != after.ends_with('\n');
    let groups = if detail.is_full {
        vec![diff.ops().to_vec()]
    } else {
        diff.grouped_ops(CONTEXT)
    };
    let mut rows = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        if number > 0 {
            rows.push(Row::new(Tag::Note, "..."));
        }
        for op in group {
            let mut push = |tag, parts: &[(bool, &str)], is_cut: bool| {
                rows.push(row(tag, parts, detail));
                if ends_differ && tag != ChangeTag::Equal && is_cut {
                    rows.push(Row::new(Tag::Note, "(no line break at the end)"));
                }
            };
            if detail.has_emphasis {
                for change in diff.iter_inline_changes(op) {
                    push(change.tag(), change.values(), change.missing_newline());
                }
            } else {
                for change in diff.iter_changes(op) {
                    let parts = [(false, change.value())];
                    push(change.tag(), &parts, change.missing_newline());
                }
            }
        }
    }
    rows
}

fn row(tag: ChangeTag, parts: &[(bool, &str)], detail: Detail) -> Row {
    let mut parts = parts.to_vec();
    if let Some((_, last)) = parts.last_mut() {
        *last = last.strip_suffix('\n').unwrap_or(last);
    }
    let tag = match tag {
        ChangeTag::Delete => Tag::Removed,
        ChangeTag::Insert => Tag::Added,
        ChangeTag::Equal => {
            let line: String = parts.iter().map(|(_, part)| *part).collect();
            let line = unchanged_line(line.trim_end_matches('\r'), detail.is_full);
            return Row::new(Tag::Unchanged, line);
        }
    };
    let pieces = changed_line(&parts, detail.is_full);
    Row { tag, pieces }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, detail: Detail, expected: &[&str]) {
        let rows = text_rows(before, after, detail);
        let shown: Vec<_> = rows
            .iter()
            .map(|row| format!("{}{}", row.sign(), row.text()))
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_missing_line_break_at_the_end_is_shown() {
        let expected = ["  one", "- two", "+ two", "  (no line break at the end)"];
        check("one\ntwo\n", "one\ntwo", Detail::default(), &expected);
    }

    #[test]
    fn lines_that_look_equal_differ_in_what_is_shown() {
        let detail = Detail::default();
        check("a  b\n", "a b \n", detail, &["- a  b", "+ a b·"]);
        check("a\tb\n", "a b\n", detail, &["- a\\tb", "+ a b"]);
        check("a\n", "a\r\n", detail, &["- a", "+ a\\r"]);
    }

    #[test]
    fn unchanged_lines_far_from_a_change_are_left_out() {
        let before: String = (0..20).map(|line| format!("{line}\n")).collect();
        let after = before.replace("2\n", "two\n").replace("15\n", "x\n");
        let short = text_rows(&before, &after, Detail::default());
        assert!(short.iter().any(|row| row.text() == "..."));
        let is_full = true;
        let whole = text_rows(
            &before,
            &after,
            Detail {
                is_full,
                ..Detail::default()
            },
        );
        assert!(whole.len() > 20 && whole.iter().all(|row| row.tag != Tag::Note));
    }

    #[test]
    fn changed_words_are_marked() {
        let detail = Detail {
            has_emphasis: true,
            ..Detail::default()
        };
        let rows = text_rows("ask for the name\n", "ask for the date\n", detail);
        let marked: Vec<_> = rows
            .iter()
            .flat_map(|row| &row.pieces)
            .filter(|piece| piece.is_changed)
            .map(|piece| piece.text.as_str())
            .collect();
        assert_eq!(marked, ["name", "date"]);
    }
}
