//! Finds the run that a request started whose answer was lost.

use super::snapshot::{ListedRun, RunId};

/// The runs of a simulation that appeared between two lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewRuns {
    /// No run appeared.
    None,
    /// One run appeared.
    One(RunId),
    /// Several runs appeared, in the order of their ids.
    Several(Vec<RunId>),
}

/// Returns the runs of `after` that `before` does not have.
///
/// A run that is older than the newest run of `before` is not new: an earlier list
/// did not show the run, for example because it was on another page.
#[must_use]
pub fn find_new_runs(before: &[ListedRun], after: &[ListedRun]) -> NewRuns {
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
        0 => NewRuns::None,
        1 => NewRuns::One(new.remove(0)),
        _ => NewRuns::Several(new),
    }
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::{Snapshot, Tests};
    use super::super::status::RunStatus;
    use super::*;

    fn runs(listed: &[(&str, Option<i64>)]) -> Vec<ListedRun> {
        let run = |(id, created_at): &(&str, Option<i64>)| ListedRun {
            id: RunId((*id).to_owned()),
            created_at: *created_at,
            last: Snapshot::of(RunStatus::Completed, Tests::default()),
        };
        listed.iter().map(run).collect()
    }

    fn id(text: &str) -> RunId {
        RunId(text.to_owned())
    }

    #[test]
    fn a_run_that_only_the_second_list_has_is_new() {
        let before = runs(&[("a", Some(5)), ("b", Some(7))]);
        assert_eq!(find_new_runs(&before, &before), NewRuns::None);
        assert_eq!(
            find_new_runs(&[], &runs(&[("a", None)])),
            NewRuns::One(id("a"))
        );
        let after = runs(&[("c", Some(9)), ("b", Some(7)), ("a", Some(5))]);
        assert_eq!(find_new_runs(&before, &after), NewRuns::One(id("c")));
        let timeless = runs(&[("b", None), ("c", None)]);
        assert_eq!(find_new_runs(&before, &timeless), NewRuns::One(id("c")));
    }

    #[test]
    fn a_run_older_than_the_newest_known_run_is_not_new() {
        let before = runs(&[("b", Some(7))]);
        let after = runs(&[("b", Some(7)), ("a", Some(5))]);
        assert_eq!(find_new_runs(&before, &after), NewRuns::None);
    }

    #[test]
    fn several_new_runs_are_all_returned() {
        let after = runs(&[("c", None), ("b", Some(1)), ("c", None)]);
        assert_eq!(
            find_new_runs(&[], &after),
            NewRuns::Several(vec![id("b"), id("c")])
        );
    }
}
