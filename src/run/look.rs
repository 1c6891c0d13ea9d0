//! Which run came of a request whose answer was lost.

use super::snapshot::{ListedRun, RunId};

/// What two looks at the runs of a simulation say about a request between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// No run is new (yet).
    Nothing,
    /// This one is.
    One(RunId),
    /// Several are, so that one of them can't be told from the others.
    Several(Vec<RunId>),
}

/// The runs that were not there before.
///
/// One that is older than some of those before is not new: it only became
/// visible, say on another page of the list.
#[must_use]
pub fn find_new(before: &[ListedRun], after: &[ListedRun]) -> Found {
    let newest = before.iter().filter_map(|run| run.created_at).max();
    let mut new: Vec<_> = after
        .iter()
        .filter(|run| before.iter().all(|known| known.id != run.id))
        .filter(|run| match (run.created_at, newest) {
            (Some(created_at), Some(newest)) => created_at >= newest,
            _ => true,
        })
        .map(|run| run.id.clone())
        .collect();
    new.sort();
    new.dedup();
    match new.len() {
        0 => Found::Nothing,
        1 => Found::One(new.remove(0)),
        _ => Found::Several(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(listed: &[(&str, Option<i64>)]) -> Vec<ListedRun> {
        let run = |(id, created_at): &(&str, Option<i64>)| ListedRun {
            id: RunId((*id).to_owned()),
            created_at: *created_at,
        };
        listed.iter().map(run).collect()
    }

    fn id(text: &str) -> RunId {
        RunId(text.to_owned())
    }

    #[test]
    fn the_new_one_is_ours() {
        let before = runs(&[("a", Some(5)), ("b", Some(7))]);
        assert_eq!(find_new(&before, &before), Found::Nothing);
        assert_eq!(find_new(&[], &runs(&[("a", None)])), Found::One(id("a")));
        let after = runs(&[("c", Some(9)), ("b", Some(7)), ("a", Some(5))]);
        assert_eq!(find_new(&before, &after), Found::One(id("c")));
        let timeless = runs(&[("b", None), ("c", None)]);
        assert_eq!(find_new(&before, &timeless), Found::One(id("c")));
    }

    #[test]
    fn one_that_only_became_visible_is_not_new() {
        let before = runs(&[("b", Some(7))]);
        let after = runs(&[("b", Some(7)), ("a", Some(5))]);
        assert_eq!(find_new(&before, &after), Found::Nothing);
    }

    #[test]
    fn of_two_new_ones_neither_is_taken() {
        let after = runs(&[("c", None), ("b", Some(1)), ("c", None)]);
        assert_eq!(
            find_new(&[], &after),
            Found::Several(vec![id("b"), id("c")])
        );
    }
}
