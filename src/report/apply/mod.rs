//! The report at the end of an apply.

mod candidates;
mod summary;
mod ways_out;

use candidates::{describe, shown_candidates};

pub use candidates::named_ids;
pub use summary::done_by_kind;
pub(super) use summary::sentence;
pub(super) use ways_out::ways_out;

use super::plan::place_text;
use super::style::Palette;
use super::{diagnostics, suggestion};
use crate::api::{ApiError, Sent};
use crate::apply::{Failed, Failure, Operation, Outcome, UndecidedCreate};
use crate::diagnostic::{self, Diagnostic};
use crate::error::Exit;
use crate::plan::Undecided;
use crate::resource::desired::{DesiredState, Source};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::suggestion::{Message, Suggestion, Verb};
use crate::visible;

/// A finished apply.
pub struct Finished<'a> {
    /// The outcome of each change.
    pub outcome: &'a Outcome,
    /// The number of unchanged simulations.
    pub unchanged: usize,
    /// The orphans: keys with their ids.
    pub orphans: Vec<(ResourceKey, RemoteId)>,
    /// The exit code.
    pub exit: Exit,
    /// The requests that were sent.
    pub sent: Sent,
}

/// The report for people.
pub struct Report {
    /// The text for stderr: each failure with its cause and its help.
    pub problems: String,
    /// The text for stdout: one sentence.
    pub result: String,
}

/// Returns the report for people. `locate` returns the diagnostics for an error of the
/// API.
pub fn finished(
    ended: &Finished<'_>,
    desired: &DesiredState,
    palette: Palette,
    locate: impl Fn(&Failure, &Source) -> Vec<Diagnostic>,
) -> Report {
    let mut problems = String::new();
    let mut located = Vec::new();
    let mut rejection = None;
    for failed in &ended.outcome.failed {
        if let Failure::Api(error) | Failure::Lookup(error) = &failed.failure
            && error.concerns_every_call()
        {
            rejection = Some(error);
            continue;
        }
        let source = desired
            .resources
            .get(&failed.key)
            .map(|simulation| &simulation.source);
        match (&failed.failure, source) {
            (
                failure @ (Failure::Api(ApiError::Refused { .. }) | Failure::Retained(_)),
                Some(source),
            ) => {
                located.extend(locate(failure, source));
            }
            _ => problems.push_str(&problem(failed, source, palette)),
        }
    }
    problems.push_str(&not_started(&ended.outcome.not_started, palette));
    problems.push_str(&orphans(&ended.orphans, palette));
    if let Some(error) = rejection {
        let text = error.to_string();
        let message = visible::line(&text);
        problems.push_str(&format!("{}: {message}\n", palette.error("error")));
        let help = error.help().unwrap_or_default();
        problems.push_str(&format!("{}: {help}\n", palette.help("help")));
    }
    if !located.is_empty() {
        diagnostic::sort(&mut located);
        problems.push_str(&diagnostics::human(&located, palette.is_coloured()));
    }
    Report {
        problems,
        result: sentence(ended),
    }
}

/// The largest number of changes that the report names as not started.
const NAMED_NOT_STARTED: usize = 20;

/// Returns the lines about changes that were not started.
fn not_started(changes: &[(ResourceKey, Operation)], palette: Palette) -> String {
    let named = changes.iter().take(NAMED_NOT_STARTED);
    let mut text: String = named
        .map(|(key, operation)| {
            let words = palette.changed("not started");
            format!("{words}: {} {key}\n", operation.verb())
        })
        .collect();
    if let Some(more @ 1..) = changes.len().checked_sub(NAMED_NOT_STARTED) {
        text.push_str(&format!("and {more} more were not started\n"));
    }
    text
}

/// The largest number of orphans that the report names.
const NAMED_ORPHANS: usize = 10;

/// Returns the lines about orphans.
fn orphans(orphans: &[(ResourceKey, RemoteId)], palette: Palette) -> String {
    let mut text: String = orphans
        .iter()
        .take(NAMED_ORPHANS)
        .map(|(key, id)| {
            let sign = palette.changed("!");
            format!("{sign} {key} ({id}) is kept\n")
        })
        .collect();
    if orphans.len() > NAMED_ORPHANS {
        text.push_str(&format!("! and {} more\n", orphans.len() - NAMED_ORPHANS));
    }
    if !orphans.is_empty() {
        let help = Message::default()
            .command(Suggestion::new(Verb::Plan))
            .text(" shows the reason for each; `--prune` deletes them");
        let help = suggestion::text(&help);
        text.push_str(&format!("{}: {help}\n", palette.help("help")));
    }
    text
}

fn problem(failed: &Failed, source: Option<&Source>, palette: Palette) -> String {
    let Failed {
        key,
        operation,
        failure,
    } = failed;
    let verb = operation.verb();
    let mut text = format!(
        "{}: could not {verb} `{key}`: {}\n",
        palette.error("error"),
        visible::line(&failure.to_string())
    );
    if let Some(source) = source {
        text.push_str(&format!("  --> {}\n", place_text(source)));
    }
    if let Failure::Undecided(Undecided { candidates, .. })
    | Failure::UndecidedCreate(UndecidedCreate { candidates, .. }) = failure
    {
        let (named, more) = shown_candidates(candidates);
        for candidate in named {
            text.push_str(&format!("  could be: {}\n", describe(candidate)));
        }
        if more > 0 {
            text.push_str(&format!("  and {more} more\n"));
        }
    }
    for help in ways_out(failed) {
        let help = suggestion::text(&help);
        text.push_str(&format!("{}: {help}\n", palette.help("help")));
    }
    text
}

#[cfg(test)]
mod tests;
