//! The diff of two lists, by element.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Detail;
use super::element::{bounded, element};
use super::row::{Row, Tag};

/// The largest number of unchanged elements in a row that are shown one by one.
const SHOWN_UNCHANGED: usize = 2;

/// The largest lists that are compared in order. The comparison of larger lists could take
/// long.
const MAX_ORDERED: usize = 2_000;

/// Marks an element at another place.
const MOVED: &str = " (moved)";

/// The difference of two lists.
pub struct ListDiff {
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether only the order of the elements differs.
    pub is_reordered: bool,
}

/// Compares two lists. The order of a set has no meaning.
pub fn list_rows(before: &[Value], after: &[Value], is_set: bool, detail: Detail) -> ListDiff {
    // Whole elements are compared, because different elements may look equal when
    // shortened.
    let texts = |list: &[Value]| -> Vec<String> {
        let texts = list.iter().map(|value| element(value, true));
        texts.collect()
    };
    let (before, after) = (texts(before), texts(after));
    let lists = Lists {
        old: counts(&before),
        new: counts(&after),
        before: &before,
        after: &after,
    };
    let is_large = before.len().max(after.len()) > MAX_ORDERED;
    let mut rows = if is_set || is_large {
        lists.unordered(detail)
    } else {
        lists.ordered(detail)
    };
    if !detail.is_full {
        shorten(&mut rows);
    }
    ListDiff {
        rows,
        is_reordered: lists.old == lists.new,
    }
}

type Counts<'a> = BTreeMap<&'a str, usize>;

fn counts(list: &[String]) -> Counts<'_> {
    let mut counts = Counts::new();
    for text in list {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

/// The elements of two lists as texts, and how often each text is there.
struct Lists<'a> {
    before: &'a [String],
    after: &'a [String],
    old: Counts<'a>,
    new: Counts<'a>,
}

impl Lists<'_> {
    /// Returns removed, then added elements, and the number of others.
    fn unordered(&self, detail: Detail) -> Vec<Row> {
        let (removed, same) = without(self.before, &self.new);
        let (added, _) = without(self.after, &self.old);
        let removed = removed.into_iter().map(|text| Row::new(Tag::Removed, text));
        let added = added.into_iter().map(|text| Row::new(Tag::Added, text));
        let mut rows: Vec<_> = removed.chain(added).collect();
        push_unchanged(&mut rows, &same, detail);
        rows
    }

    /// Returns the elements in their order. An element at another place is removed and
    /// added, and marked as moved.
    fn ordered(&self, detail: Detail) -> Vec<Row> {
        let mut rows = Vec::new();
        for op in capture_diff_slices(Algorithm::Myers, self.before, self.after) {
            if let DiffOp::Equal { old_index, len, .. } = op {
                let same: Vec<_> = self.before[old_index..old_index + len].iter().collect();
                push_unchanged(&mut rows, &same, detail);
                continue;
            }
            let removed = self.before[op.old_range()].iter();
            let added = self.after[op.new_range()].iter();
            rows.extend(removed.map(|text| self.changed(Tag::Removed, text)));
            rows.extend(added.map(|text| self.changed(Tag::Added, text)));
        }
        rows
    }

    fn changed(&self, tag: Tag, text: &str) -> Row {
        let is_moved = self.old.get(text) == self.new.get(text);
        if is_moved {
            Row::new(tag, format!("{text}{MOVED}"))
        } else {
            Row::new(tag, text)
        }
    }
}

/// Splits a list into the elements that another list does not have as often, and the rest.
fn without<'a>(list: &'a [String], others: &Counts<'_>) -> (Vec<&'a String>, Vec<&'a String>) {
    let mut seen = Counts::new();
    list.iter().partition(|text| {
        let seen = seen.entry(text).or_default();
        *seen += 1;
        *seen > others.get(text.as_str()).copied().unwrap_or_default()
    })
}

fn push_unchanged(rows: &mut Vec<Row>, same: &[&String], detail: Detail) {
    if same.len() <= SHOWN_UNCHANGED || detail.is_full {
        rows.extend(same.iter().map(|text| Row::new(Tag::Unchanged, *text)));
    } else {
        rows.push(Row::new(Tag::Note, format!("({} unchanged)", same.len())));
    }
}

/// Shortens long elements, unless two different elements would look equal.
fn shorten(rows: &mut [Row]) {
    let short = |row: &Row| bounded(&row.text()).into_owned();
    let mut whole: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows.iter() {
        let texts = whole.entry(short(row)).or_default();
        texts.insert(row.text().into_owned());
    }
    for row in rows {
        let text = short(row);
        if whole[&text].len() == 1 {
            *row = Row::new(row.tag, text);
        }
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
    fn one_of_two_equal_elements_is_removed() {
        let (before, after) = (json!(["a", "a", "b"]), json!(["a", "b"]));
        for is_set in [false, true] {
            let shown = if is_set {
                ["- a", "  a", "  b"]
            } else {
                ["  a", "- a", "  b"]
            };
            check(before.clone(), after.clone(), is_set, &shown);
        }
    }

    #[test]
    fn long_elements_that_differ_in_the_middle_differ_in_the_diff() {
        let text = |middle: &str| format!("{}{middle}{}", "a".repeat(500), "b".repeat(500));
        let (before, after) = ([text("x").into()], [text("y").into()]);
        let diff = list_rows(&before, &after, false, Detail::default());
        assert!(!diff.is_reordered);
        let rows: Vec<_> = diff.rows.iter().map(|row| row.text()).collect();
        assert_eq!(rows, [text("x"), text("y")]);
        let same = [text("x").into(), "new".into()];
        let diff = list_rows(&before, &same, false, Detail::default());
        assert!(diff.rows[0].text().len() < 500);
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
