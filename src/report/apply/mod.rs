//! The report at the end of an apply.

mod candidates;
mod summary;
mod ways_out;

use candidates::{describe, shown_candidates};

pub use candidates::named_ids;
pub use summary::done_by_kind;
pub(super) use summary::{not_begun, sentence};
pub(super) use ways_out::ways_out;

use super::groups::{groups, names};
use super::layout::{Layout, Part};
use super::plan::place_text;
use super::style::{Paint, Palette};
use super::{Destination, diagnostics, suggestion};
use crate::api::{ApiError, Sent};
use crate::apply::{Failed, Failure, Operation, Outcome, UndecidedCreate};
use crate::diagnostic::{self, Diagnostic};
use crate::error::Exit;
use crate::plan::Undecided;
use crate::resource::desired::{DesiredState, Source};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::suggestion::{Message, Suggestion, Verb, counted};
use crate::visible;

/// A finished apply.
pub struct Finished<'a> {
    /// The outcome of each change.
    pub outcome: &'a Outcome,
    /// The number of unchanged resources.
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
    let mut others = Vec::new();
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
            _ => others.push(failed),
        }
    }
    let groups = groups(others, message_and_help);
    let problems = groups.iter().map(|group| match group[..] {
        [failed] => {
            let declared = desired.resources.get(&failed.key);
            problem(failed, declared.map(|declared| &declared.source), palette)
        }
        _ => shared_problem(group, palette),
    });
    let mut problems: String = problems.collect();
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
    if matches!(ended.exit, Exit::Interrupted(_)) && is_incomplete(ended.outcome) {
        problems.push_str(&format!(
            "{}: repeat the command: it looks up open requests, and continues\n",
            palette.help("help")
        ));
    }
    Report {
        problems,
        result: sentence(ended),
    }
}

/// Returns the last lines of an apply. If the header was shown with the plan, the sentence
/// contains its short form. Otherwise the header comes before the sentence.
#[must_use]
pub fn closing(
    sentence: &str,
    destination: &Destination,
    has_header: bool,
    layout: Layout,
) -> String {
    let sentence = sentence.trim_end();
    let (header, sentence) = if has_header {
        let place = destination.short();
        let sentence = sentence.trim_end_matches('.');
        (String::new(), format!("{sentence} ({place})."))
    } else {
        (destination.header(layout), sentence.to_owned())
    };
    let sentence = [Part::new(Paint::Plain, &sentence)];
    header + &layout.paragraph(&sentence, 0, "  ".len()) + "\n"
}

/// Returns whether a change was not executed, or not known to be executed.
fn is_incomplete(outcome: &Outcome) -> bool {
    !outcome.failed.is_empty() || !outcome.not_started.is_empty()
}

/// Returns the message and the help of a failure. Failures that share them are reported
/// together.
fn message_and_help(failed: &Failed) -> String {
    let help = ways_out(failed);
    let help: Vec<_> = help.iter().map(suggestion::text).collect();
    let (message, key) = match &failed.failure {
        Failure::Blocked { .. } => (NEED_FAILED.to_owned(), ""),
        // The report names the candidates of each key.
        Failure::Undecided(_) | Failure::UndecidedCreate(_) => {
            (failed.failure.to_string(), failed.key.as_str())
        }
        failure => (failure.to_string(), ""),
    };
    format!("{message}\n{}\n{key}", help.join("\n"))
}

/// The message of several changes that need different failed changes.
const NEED_FAILED: &str = "nothing was sent, because a resource that each needs failed";

/// Returns the report of failures with the same message and help.
fn shared_problem(group: &[&Failed], palette: Palette) -> String {
    let Some(first) = group.first() else {
        return String::new();
    };
    let (word, message) = match &first.failure {
        Failure::Blocked { .. } => ("skipped", NEED_FAILED.to_owned()),
        failure @ (Failure::Open(_) | Failure::CutOff) => ("left open", failure.to_string()),
        failure => ("failed", failure.to_string()),
    };
    let mut text = format!(
        "{}: {} {word}: {}\n",
        palette.error("error"),
        counted(group.len(), "change"),
        visible::line(&message)
    );
    let changes = group.iter().map(|failed| {
        let (verb, key) = (failed.operation.verb(), &failed.key);
        match &failed.failure {
            Failure::Blocked { by } => format!("{verb} {key}, which needs {by}"),
            _ => format!("{verb} {key}"),
        }
    });
    text.push_str(&names(changes, 2));
    for help in ways_out(first) {
        let help = suggestion::text(&help);
        text.push_str(&format!("{}: {help}\n", palette.help("help")));
    }
    text
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
