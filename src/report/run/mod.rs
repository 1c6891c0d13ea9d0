//! What the user sees of runs: while they go on, and in the end.

mod human;
mod json;
mod junit;
mod markdown;
pub mod progress;

pub use human::human;
pub use json::{Document, json};
pub use junit::junit;
pub use markdown::markdown;

use super::Output;
use crate::run::{Judged, Outcome, Verdict};
use crate::visible;

/// Says on stderr what is left to look after: runs that go on, and wishes of
/// which nobody knows.
pub fn tell_what_goes_on(judged: &[Judged], output: &Output) {
    for judged in judged {
        let (key, id) = (&judged.key, judged.simulation_id);
        match &judged.outcome {
            Outcome::TimedOut { run, .. }
            | Outcome::Interrupted { run, .. }
            | Outcome::Unreadable { run, .. } => output.problem(&format!(
                "run {run} of `{key}` (simulation {id}) may still go on"
            )),
            Outcome::Undecided { candidates, .. } => {
                let candidates: Vec<_> = candidates.iter().map(ToString::to_string).collect();
                let which = match candidates.as_slice() {
                    [] => String::new(),
                    ids => format!("; one of these may be it: {}", ids.join(", ")),
                };
                output.problem(&format!(
                    "`{key}` (simulation {id}) was not queued again, since its first request may \
                     have been taken{which}"
                ));
            }
            Outcome::Ended { .. } | Outcome::NotQueued { .. } => {}
        }
    }
    let late = |judged: &Judged| matches!(judged.outcome, Outcome::TimedOut { .. });
    if judged.iter().any(late) {
        let help = output.err_palette.help("help");
        output.problem(&format!(
            "{help}: wait longer with `--timeout`, or run more at a time with `--parallelism`"
        ));
    }
}

/// `2 of 3 runs passed`, and the bound.
fn summary(judged: &[Judged], min_score: impl std::fmt::Display) -> String {
    let passed = judged.iter().filter(|judged| judged.verdict.is_passed());
    let (passed, all) = (passed.count(), judged.len());
    let runs = if all == 1 { "run" } else { "runs" };
    format!("{passed} of {all} {runs} passed with a score of at least {min_score}")
}

/// Status, `passed/total` and score of a run, each `-` where there is none.
fn cells(judged: &Judged) -> [String; 3] {
    let none = || "-".to_owned();
    let last = judged.outcome.last();
    [
        last.map_or_else(none, |last| match last.status.as_str() {
            "" => none(),
            status => visible::line(status).into_owned(),
        }),
        last.map_or_else(none, |last| {
            format!("{}/{}", last.tests.passed, last.tests.total)
        }),
        score(judged).map_or_else(none, |score| score.to_string()),
    ]
}

/// The score of a run that has ended.
fn score(judged: &Judged) -> Option<crate::run::Score> {
    match &judged.outcome {
        Outcome::Ended { last, .. } => crate::run::Score::of(last.tests),
        _ => None,
    }
}

/// `passed`, or why not.
fn result(judged: &Judged) -> String {
    match &judged.verdict {
        Verdict::Passed(_) => "passed".to_owned(),
        Verdict::Failed(reason) => visible::line(&reason.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests;
