//! The numbers of an apply.

use super::Finished;
use crate::apply::{ChangeResult, Operation, Outcome};
use crate::error::Exit;
use crate::plan::Summary;

/// Returns the numbers of finished changes by kind, in the form of a plan.
#[must_use]
pub fn done_by_kind(ended: &Finished<'_>) -> Summary {
    let mut summary = Summary {
        unchanged: ended.unchanged,
        orphan: ended.orphans.len(),
        ..Summary::default()
    };
    for (operation, count) in counts(ended.outcome) {
        *match operation {
            Operation::Create => &mut summary.create,
            Operation::Update => &mut summary.update,
            Operation::Replace => &mut summary.replace,
            Operation::Delete => &mut summary.delete,
            Operation::Move => &mut summary.moved,
            Operation::Adopt => &mut summary.adopt,
            // Attaching is a step of an update.
            Operation::Attach => continue,
        } = count;
    }
    summary
}

/// Returns the numbers of executed changes by operation, in the order of a plan.
fn counts(outcome: &Outcome) -> Vec<(Operation, usize)> {
    let all = [
        Operation::Create,
        Operation::Update,
        Operation::Replace,
        Operation::Delete,
        Operation::Move,
        Operation::Adopt,
    ];
    let results = outcome.results();
    let count = |operation| {
        let done = ChangeResult::Done(operation);
        results.values().filter(|result| **result == done).count()
    };
    let counts = all.into_iter();
    counts
        .map(|operation| (operation, count(operation)))
        .collect()
}

/// Returns the number of changes that were not started.
#[must_use]
pub(in crate::report) fn not_begun(outcome: &Outcome) -> usize {
    let results = outcome.results().into_values();
    results
        .filter(|result| *result == ChangeResult::NotStarted)
        .count()
}

/// Returns the summary in one sentence.
pub(in crate::report) fn sentence(ended: &Finished<'_>) -> String {
    let Finished {
        outcome,
        unchanged,
        orphans,
        exit,
        sent: _,
    } = ended;
    let mut parts: Vec<_> = counts(outcome)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(operation, count)| format!("{count} {}", operation.done()))
        .collect();
    let nothing_done = parts.is_empty();
    let results = outcome.results();
    let count = |wanted| results.values().filter(|result| **result == wanted).count();
    for (count, label) in [
        (count(ChangeResult::Failed), "failed"),
        (count(ChangeResult::Open), "open"),
        (count(ChangeResult::Undecided), "undecided"),
        (count(ChangeResult::Skipped), "skipped"),
        (count(ChangeResult::NotStarted), "not started"),
        (*unchanged, "unchanged"),
        (orphans.len(), "orphaned"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {label}"));
        }
    }
    let head = match exit {
        Exit::Success if nothing_done => "No changes",
        Exit::Success => "Apply complete",
        Exit::Interrupted(_) => "Apply interrupted, state safe",
        Exit::Failure if nothing_done => "Apply failed, nothing was changed",
        Exit::Failure => "Apply failed, nothing was changed at the API",
        _ => "Apply incomplete",
    };
    if parts.is_empty() {
        format!("{head}.\n")
    } else {
        format!("{head}: {}.\n", parts.join(", "))
    }
}
