//! The diff of two lists, by element.

use std::collections::BTreeMap;

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Detail;
use super::element::element;
use super::row::{Row, Tag};

/// The largest number of unchanged elements in a row that are shown one by one.
const SHOWN_UNCHANGED: usize = 2;

/// The largest lists that are compared in order. The comparison of larger ones that differ
/// everywhere would take long.
const MAX_ORDERED: usize = 2_000;

/// The difference of two lists.
pub struct ListDiff {
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether only the order of the elements differs.
    pub is_reordered: bool,
}

/// Compares two lists. The order of a set has no meaning.
pub fn list_rows(before: &[Value], after: &[Value], is_set: bool, detail: Detail) -> ListDiff {
    let texts = |list: &[Value]| -> Vec<String> {
        let texts = list.iter().map(|value| element(value, detail.is_full));
        texts.collect()
    };
    let (before, after) = (texts(before), texts(after));
    let (old, new) = (counts(&before), counts(&after));
    let is_reordered = old == new;
    let rows = if is_set || before.len().max(after.len()) > MAX_ORDERED {
        unordered(&before, &after, &old, &new, detail)
    } else {
        ordered(&before, &after, &old, &new, detail)
    };
    ListDiff { rows, is_reordered }
}

type Counts<'a> = BTreeMap<&'a str, usize>;

fn counts(list: &[String]) -> Counts<'_> {
    let mut counts = Counts::new();
    for text in list {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

/// Returns removed, then added elements, and the number of others.
fn unordered(
    before: &[String],
    after: &[String],
    old: &Counts<'_>,
    new: &Counts<'_>,
    detail: Detail,
) -> Vec<Row> {
    let (mut rows, mut same) = (Vec::new(), Vec::new());
    for text in before {
        if new.contains_key(text.as_str()) {
            same.push(text.clone());
        } else {
            rows.push(Row::new(Tag::Removed, text));
        }
    }
    let added = after.iter().filter(|text| !old.contains_key(text.as_str()));
    rows.extend(added.map(|text| Row::new(Tag::Added, text)));
    push_unchanged(&mut rows, &same, detail);
    rows
}

/// Returns the elements in their order. An element at another place is removed and added,
/// and marked as moved.
fn ordered(
    before: &[String],
    after: &[String],
    old: &Counts<'_>,
    new: &Counts<'_>,
    detail: Detail,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let changed = |tag, text: &String, others: &Counts<'_>| {
        if others.contains_key(text.as_str()) {
            Row::new(tag, format!("{text} (moved)"))
        } else {
            Row::new(tag, text)
        }
    };
    for op in capture_diff_slices(Algorithm::Myers, before, after) {
        if let DiffOp::Equal { old_index, len, .. } = op {
            push_unchanged(&mut rows, &before[old_index..old_index + len], detail);
            continue;
        }
        let (removed, added) = (&before[op.old_range()], &after[op.new_range()]);
        rows.extend(removed.iter().map(|text| changed(Tag::Removed, text, new)));
        rows.extend(added.iter().map(|text| changed(Tag::Added, text, old)));
    }
    rows
}

fn push_unchanged(rows: &mut Vec<Row>, same: &[String], detail: Detail) {
    if same.len() <= SHOWN_UNCHANGED || detail.is_full {
        rows.extend(same.iter().map(|text| Row::new(Tag::Unchanged, text)));
    } else {
        rows.push(Row::new(Tag::Note, format!("({} unchanged)", same.len())));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(before: Value, after: Value, is_set: bool, expected: &[&str]) {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let (before, after) = (list(&before), list(&after));
        let diff = list_rows(&before, &after, is_set, Detail::default());
        let rows = diff.rows.iter();
        let rows: Vec<_> = rows
            .map(|row| format!("{}{}", row.sign(), row.text()))
            .collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn only_the_elements_that_differ_are_shown() {
        let before = json!(["a", "b", "politeness", "c", "d", "e"]);
        let after = json!(["a", "b", "tone", "c", "d", "e"]);
        let expected = ["  a", "  b", "- politeness", "+ tone", "  (3 unchanged)"];
        check(before, after, false, &expected);
    }

    #[test]
    fn the_order_of_a_set_has_no_meaning() {
        let (before, after) = (json!(["a", "b", "c"]), json!(["c", "d", "b"]));
        check(before, after, true, &["- a", "+ d", "  b", "  c"]);
    }

    #[test]
    fn an_element_at_another_place_is_marked_as_moved() {
        let (before, after) = (json!(["a", "b", "c"]), json!(["b", "c", "a", "d"]));
        let expected = ["- a (moved)", "  b", "  c", "+ a (moved)", "+ d"];
        check(before, after, false, &expected);
    }

    #[test]
    fn lists_of_the_same_elements_are_reordered() {
        let list = |value: Value| value.as_array().cloned().unwrap();
        let (before, after) = (list(json!([1, 2, 3])), list(json!([2, 1, 3])));
        let detail = Detail::default();
        assert!(list_rows(&before, &after, false, detail).is_reordered);
        assert!(!list_rows(&before, &after[..2], false, detail).is_reordered);
    }

    #[test]
    fn long_lists_are_compared_in_little_time() {
        let list = |from: usize| (from..from + 100_000).map(Value::from).collect::<Vec<_>>();
        let diff = list_rows(&list(0), &list(50_000), false, Detail::default());
        assert_eq!(diff.rows.len(), 100_001);
    }
}
