//! The output of `run`: progress and reports. [`RunReport`] is the content of every report.

mod callers;
mod chart;
pub mod history;
mod human;
mod json;
mod junit;
mod live;
mod markdown;
mod page;
pub mod progress;

pub use callers::{CallerName, CallerNames};
pub use human::human;
pub use json::{Document, json};
pub use junit::junit;
pub use markdown::markdown;
pub use page::page;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use super::{Destination, Output, suggestion};
use crate::error::Exit;
use crate::resource::key::ResourceKey;
use crate::run::{Conversation, ConversationOutcome, Gate, Judged, Outcome, Verdict};
use crate::suggestion::{Message, Suggestion, Verb, share};
use crate::visible;

/// The runs of a command, for every report.
pub struct RunReport<'a> {
    /// The runs, by key.
    pub judged: &'a [Judged],
    /// The gate.
    pub gate: Gate,
    /// The names of the digital humans.
    pub callers: &'a CallerNames,
    /// Where the simulations ran.
    pub destination: &'a Destination,
    /// The exit code of the command.
    pub exit: Exit,
    /// The time of the report.
    pub now: Timestamp,
}

impl RunReport<'_> {
    /// Returns the failed conversations of a run, in the order of the API. Equal failures of
    /// one digital human are counted.
    fn failed(&self, judged: &Judged) -> Vec<Failure> {
        let mut failures: Vec<Failure> = Vec::new();
        let mut places = BTreeMap::new();
        for conversation in conversations(judged) {
            if conversation.outcome != ConversationOutcome::Failed {
                continue;
            }
            let reason = conversation.why().unwrap_or("the API shows no reason");
            let place = places
                .entry((conversation.digital_human, reason))
                .or_insert(failures.len());
            match failures.get_mut(*place) {
                Some(failure) => failure.count += 1,
                None => failures.push(Failure {
                    caller: self.callers.label(conversation.digital_human),
                    reason: visible::line(reason).into_owned(),
                    count: 1,
                }),
            }
        }
        failures
    }
}

/// Equal failures of one digital human in one run.
struct Failure {
    /// The digital human.
    caller: String,
    /// The reason, in one line.
    reason: String,
    /// The number of conversations.
    count: usize,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.caller, self.reason)?;
        match self.count {
            1 => Ok(()),
            count => write!(f, " ({count} times)"),
        }
    }
}

/// Returns the conversations of a run that were read.
fn conversations(judged: &Judged) -> &[Conversation] {
    let last = judged.outcome.last();
    last.map_or(&[], |last| last.conversations.as_slice())
}

/// Returns how one sees the score of a run that nobody waits for.
fn score_later(key: &ResourceKey) -> Message {
    let history = Suggestion::new(Verb::RunHistory).argument(key);
    Message::default()
        .command(history)
        .text(" shows the score after the end of the run")
}

/// Returns how one sees whether a request without an answer queued a run.
fn queued_or_not(key: &ResourceKey) -> Message {
    let history = Suggestion::new(Verb::RunHistory).argument(key);
    Message::default()
        .command(history)
        .text(" shows whether a run was queued")
}

/// Writes to stderr which runs may still be running, and which requests have an unknown
/// outcome.
pub fn tell_what_goes_on(judged: &[Judged], output: &Output) {
    for judged in judged {
        let (key, id) = (&judged.key, judged.simulation_id);
        match &judged.outcome {
            Outcome::TimedOut { run, .. }
            | Outcome::Interrupted { run, .. }
            | Outcome::Unreadable { run, .. } => output.problem(&format!(
                "{run:#} of `{key}` (simulation {id}) may still be running"
            )),
            Outcome::Undecided { candidates, .. } => {
                let candidates: Vec<_> = candidates.iter().map(ToString::to_string).collect();
                let which = match candidates.as_slice() {
                    [] => String::new(),
                    ids => format!(
                        "; the first request may have queued one of these runs: {}",
                        ids.join(", ")
                    ),
                };
                output.problem(&format!(
                    "`{key}` (simulation {id}) was not queued again, because the first request \
                     may have queued a run{which}"
                ));
            }
            Outcome::Ended { .. } | Outcome::NotQueued { .. } => {}
        }
    }
    let help = output.err_palette.help("help");
    let is_cut_off = |judged: &&Judged| matches!(judged.outcome, Outcome::Interrupted { .. });
    if let Some(first) = judged.iter().find(is_cut_off) {
        let text = suggestion::text(&score_later(&first.key));
        output.problem(&format!("{help}: {text}"));
    }
    let is_undecided = |judged: &&Judged| matches!(judged.outcome, Outcome::Undecided { .. });
    if let Some(first) = judged.iter().find(is_undecided) {
        let text = suggestion::text(&queued_or_not(&first.key));
        output.problem(&format!("{help}: {text}"));
    }
    let late = |judged: &Judged| matches!(judged.outcome, Outcome::TimedOut { .. });
    if judged.iter().any(late) {
        output.problem(&format!(
            "{help}: wait longer with `--timeout`, or run more at a time with `--parallelism`"
        ));
    }
}

/// Returns the summary: `2 of 3 runs passed`, with the lowest score.
fn summary(judged: &[Judged], min_score: impl std::fmt::Display) -> String {
    let passed = judged.iter().filter(|judged| judged.verdict.is_passed());
    let passed = share(passed.count(), judged.len(), "run");
    let sentence = format!("{passed} passed with a score of at least {min_score}");
    match without_result(judged) {
        counts if counts.is_empty() => sentence,
        counts => format!("{sentence}; {}", counts.join(", ")),
    }
}

/// Returns the counts of the runs without a result, if there are any, after the count of
/// the failed runs.
fn without_result(judged: &[Judged]) -> Vec<String> {
    let (mut failed, mut open, mut not_queued, mut unknown) = (0, 0, 0, 0);
    for judged in judged.iter().filter(|judged| !judged.verdict.is_passed()) {
        *match judged.outcome {
            Outcome::Ended { .. } => &mut failed,
            Outcome::TimedOut { .. } | Outcome::Interrupted { .. } | Outcome::Unreadable { .. } => {
                &mut open
            }
            Outcome::NotQueued { .. } => &mut not_queued,
            Outcome::Undecided { .. } => &mut unknown,
        } += 1;
    }
    if open + not_queued + unknown == 0 {
        return Vec::new();
    }
    let counts = [
        (failed, "failed"),
        (open, "not ended"),
        (not_queued, "not queued"),
        (unknown, "unknown"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts
        .map(|(count, label)| format!("{count} {label}"))
        .collect()
}

/// Returns status, `passed/total` and score of a run; `-` for an unknown value.
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

/// Returns the score of a run that has ended.
fn score(judged: &Judged) -> Option<crate::run::Score> {
    match &judged.outcome {
        Outcome::Ended { last, .. } => crate::run::Score::of(last.tests),
        _ => None,
    }
}

/// Returns `passed`, or the reason why the run failed.
fn result(judged: &Judged) -> String {
    match &judged.verdict {
        Verdict::Passed(_) => "passed".to_owned(),
        Verdict::Failed(reason) => visible::line(&reason.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests;
