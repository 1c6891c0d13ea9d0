//! Equal failures, which share one message.

use std::collections::BTreeMap;
use std::fmt::Display;

/// The least number of equal failures that share a message.
const LEAST: usize = 3;

/// The largest number of failures that a shared message names.
const NAMED: usize = 5;

/// Returns the failures in groups of equal texts, in the order of the first of each group.
/// Fewer than three equal failures are groups of one.
pub(super) fn groups<'a, T>(
    failures: impl IntoIterator<Item = &'a T>,
    text: impl Fn(&T) -> String,
) -> Vec<Vec<&'a T>> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<Vec<&T>> = Vec::new();
    for failure in failures {
        let place = *places.entry(text(failure)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(failure),
            None => groups.push(vec![failure]),
        }
    }
    let split = groups.into_iter().flat_map(|group| match group.len() {
        LEAST.. => vec![group],
        _ => group.into_iter().map(|failure| vec![failure]).collect(),
    });
    split.collect()
}

/// Returns a line for each name below a shared message, with the number of names that are
/// left out.
pub(super) fn names(all: impl ExactSizeIterator<Item = impl Display>, indent: usize) -> String {
    let more = all.len().saturating_sub(NAMED);
    let blanks = " ".repeat(indent);
    let shown = all.take(NAMED);
    let mut text: String = shown.map(|name| format!("{blanks}{name}\n")).collect();
    if more > 0 {
        text.push_str(&format!("{blanks}and {more} more\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_failures_share_a_group_and_few_stay_alone() {
        let failures = ["down 1", "other", "down 2", "other", "down 3"];
        let word = |failure: &&str| failure.split(' ').next().unwrap_or_default().to_owned();
        let groups = groups(&failures, word);
        assert_eq!(
            groups,
            [
                vec![&"down 1", &"down 2", &"down 3"],
                vec![&"other"],
                vec![&"other"]
            ]
        );
    }

    #[test]
    fn names_are_cut_and_the_rest_is_counted() {
        assert_eq!(names(["a", "b"].iter(), 2), "  a\n  b\n");
        let many: Vec<_> = (1..=35).collect();
        let text = names(many.iter(), 2);
        assert_eq!(text, "  1\n  2\n  3\n  4\n  5\n  and 30 more\n");
    }
}
