//! The report at the end of an apply.

use std::collections::BTreeSet;

use super::plan::place_text;
use super::style::Palette;
use super::{diagnostics, suggestion};
use crate::api::{ApiError, Sent};
use crate::apply::{Failed, Failure, Operation, Outcome, UndecidedCreate};
use crate::diagnostic::{self, Diagnostic};
use crate::error::Exit;
use crate::plan::{Observed, Summary, Undecided, UndecidedReason};
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

/// The largest number of candidates that a message names.
const NAMED_CANDIDATES: usize = 10;

/// Returns the candidates that a message names, each id once, and the number of other
/// candidates.
fn shown_candidates(candidates: &[Observed]) -> (Vec<&Observed>, usize) {
    let mut ids = BTreeSet::new();
    let distinct = candidates
        .iter()
        .filter(|candidate| ids.insert(candidate.id));
    let mut named: Vec<_> = distinct.collect();
    let more = named.len().saturating_sub(NAMED_CANDIDATES);
    named.truncate(NAMED_CANDIDATES);
    (named, more)
}

/// Returns the ids of the candidates that a message names: `3, 4 and 2 more`.
#[must_use]
pub fn named_ids(candidates: &[Observed]) -> String {
    let (named, more) = shown_candidates(candidates);
    let ids: Vec<_> = named.iter().map(|found| found.id.to_string()).collect();
    match more {
        0 => ids.join(", "),
        more => format!("{} and {more} more", ids.join(", ")),
    }
}

fn describe(candidate: &Observed) -> String {
    let name = candidate.name.as_deref().unwrap_or("(no name)");
    let created = candidate.created_at.as_deref().unwrap_or("an unknown time");
    format!("{:#} {name:?}, created {created}", candidate.id)
}

/// Returns the help for a failure, mostly with the exact command.
pub(super) fn ways_out(failed: &Failed) -> Vec<Message> {
    let (key, operation) = (&failed.key, failed.operation);
    let noun = key.kind().noun();
    let apply = || Suggestion::new(Verb::Apply).option("--target", key.as_str());
    let resolve = |id: &dyn std::fmt::Display| {
        Suggestion::new(Verb::StateResolve)
            .argument(key)
            .argument(id)
    };
    match &failed.failure {
        Failure::Undecided(undecided) => ways_out_of_candidates(failed, undecided),
        Failure::UndecidedCreate(UndecidedCreate {
            candidates,
            locked: Some(locked),
        }) => {
            let (named, _) = shown_candidates(candidates);
            let ids = named.iter().map(|found| found.id).chain([*locked]);
            ids.map(|id| Message::from(format!("to keep {id:#}: ")).command(resolve(&id)))
                .collect()
        }
        Failure::UndecidedCreate(UndecidedCreate { candidates, .. }) => {
            let (named, _) = shown_candidates(candidates);
            let ids = named.iter().map(|found| found.id);
            let mut ways: Vec<_> = ids
                .map(|id| Message::from(format!("to use {id:#}: ")).command(resolve(&id)))
                .collect();
            ways.push(Message::from("if the create made none of them: ").command(resolve(&"none")));
            ways
        }
        Failure::Owned { .. } | Failure::Open(ApiError::Unsupported { .. }) => vec![
            Message::from(format!("find the {noun} in the dashboard, then: "))
                .command(resolve(&"ID"))
                .text(" or ")
                .command(resolve(&"none")),
        ],
        Failure::OtherOwner(_) => vec![
            Message::from(format!("to leave the {noun} to the other project: "))
                .command(Suggestion::new(Verb::StateRm).argument(key)),
            format!(
                "if the project was renamed, or should adopt the {noun}: the same command with \
                 `--force`"
            )
            .into(),
        ],
        Failure::Api(ApiError::Throttled { .. }) => {
            vec!["apply again later, or with a lower `--parallelism`".into()]
        }
        Failure::Open(ApiError::NotFound { .. }) | Failure::Api(ApiError::NotFound { .. })
            if operation == Operation::Delete =>
        {
            vec![
                "this API key can see no simulation of the lockfile: all were deleted, or the key \
                 belongs to another organisation"
                    .into(),
                "if the API key is the right one, repeat the command with `--force`".into(),
            ]
        }
        Failure::Open(error @ (ApiError::Contradictory { .. } | ApiError::Unconfirmed { .. }))
        | Failure::Lookup(
            error @ (ApiError::Contradictory { .. } | ApiError::Unconfirmed { .. }),
        )
        | Failure::Api(error @ (ApiError::Contradictory { .. } | ApiError::Unconfirmed { .. })) => {
            ways_out_of_contradiction(failed, error)
        }
        Failure::Open(_) => vec!["the next apply settles the open intent".into()],
        Failure::Api(ApiError::NotFound { .. }) if operation == Operation::Attach => vec![
            "one of its digital humans was deleted, or belongs to another organisation than the \
             key: check `digital_humans` in the file"
                .into(),
        ],
        Failure::Api(ApiError::NotFound { .. })
            if matches!(operation, Operation::Create | Operation::Replace) =>
        {
            vec![
                "the file refers to something that does not exist or belongs to another \
                 organisation than the key: check `agent_id` first"
                    .into(),
            ]
        }
        Failure::Api(ApiError::NotFound { .. }) => vec![
            "it was deleted, or it belongs to another organisation than the key".into(),
            Message::from(format!("if the {noun} was deleted: "))
                .command(apply().flag("--refresh"))
                .text(" creates it again"),
        ],
        Failure::Api(error) | Failure::Lookup(error) => {
            error.help().map(Message::from).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the help for a key whose candidates a person has to decide about.
fn ways_out_of_candidates(failed: &Failed, undecided: &Undecided) -> Vec<Message> {
    let Undecided { candidates, reason } = undecided;
    let key = &failed.key;
    let noun = key.kind().noun();
    let apply = || Suggestion::new(Verb::Apply).option("--target", key.as_str());
    let import = |id| {
        let import = Suggestion::new(Verb::Import).argument(key).argument(id);
        Message::from(format!("to use {id:#}: ")).command(import)
    };
    let (named, _) = shown_candidates(candidates);
    let mut ways: Vec<_> = match reason {
        UndecidedReason::OtherOwner => Vec::new(),
        _ => named.iter().map(|found| import(found.id)).collect(),
    };
    if *reason == UndecidedReason::SameName {
        ways.push(
            Message::from(format!("to adopt the {noun} by name and update it: "))
                .command(apply().option("--adopt", "name")),
        );
    }
    ways.push(
        Message::from(format!("to create another {noun}: "))
            .command(apply().option("--adopt", "never")),
    );
    ways
}

/// Returns the help for a key whose simulation is in the listing but can't be read.
fn ways_out_of_contradiction(failed: &Failed, error: &ApiError) -> Vec<Message> {
    let Failed {
        key,
        operation,
        failure,
    } = failed;
    let noun = key.kind().noun();
    let ids = match error {
        ApiError::Contradictory { ids } => ids.as_slice(),
        _ => &[],
    };
    let verb = match failure {
        Failure::Open(_) => Verb::StateResolve,
        _ => Verb::Import,
    };
    let of_key = |verb| Suggestion::new(verb).argument(key);
    let mut ways = Vec::new();
    if *operation == Operation::Create {
        ways.extend(ids.iter().map(|id| {
            Message::from(format!("to use {id:#}: ")).command(of_key(verb).argument(id))
        }));
    }
    ways.push(match (operation, failure) {
        (Operation::Create, Failure::Open(_)) => Message::from("if the create made none of them: ")
            .command(of_key(Verb::StateResolve).argument("none")),
        (Operation::Create, _) => Message::from(format!("to create another {noun}: ")).command(
            Suggestion::new(Verb::Apply)
                .option("--target", key.as_str())
                .option("--adopt", "never"),
        ),
        _ => Message::from(format!(
            "if the {noun} was deleted, remove it from the lockfile: "
        ))
        .command(of_key(Verb::StateRm)),
    });
    ways.push("otherwise apply again later, when the answers of the API agree".into());
    ways
}

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

/// Returns the numbers of finished operations, in the order of a plan.
fn counts(outcome: &Outcome) -> Vec<(Operation, usize)> {
    let all = [
        Operation::Create,
        Operation::Update,
        Operation::Replace,
        Operation::Delete,
        Operation::Move,
        Operation::Adopt,
    ];
    all.into_iter()
        .map(|operation| {
            (
                operation,
                outcome
                    .done
                    .iter()
                    .filter(|(_, done)| *done == operation)
                    .count(),
            )
        })
        .collect()
}

/// Returns the summary in one sentence.
pub(super) fn sentence(ended: &Finished<'_>) -> String {
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
    let (undecided, failed): (Vec<_>, Vec<_>) = outcome.failed.iter().partition(|failed| {
        matches!(
            failed.failure,
            Failure::Undecided(_) | Failure::UndecidedCreate(_)
        )
    });
    for (count, label) in [
        (failed.len(), "failed"),
        (undecided.len(), "undecided"),
        (outcome.not_started.len(), "not started"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Kind;
    use crate::resource::key::PlainId;
    use crate::suggestion::Invocation;

    fn candidates(count: u64) -> Vec<Observed> {
        let ids = (1..=count).map(RemoteId::simulation);
        ids.map(|id| Observed {
            id,
            agent_id: None,
            name: Some("a".to_owned()),
            created_at: None,
            fields: std::collections::BTreeMap::new(),
            unknown_settings: std::collections::BTreeSet::new(),
        })
        .collect()
    }

    fn undecided(candidates: Vec<Observed>) -> Failure {
        let reason = UndecidedReason::SameName;
        Failure::Undecided(Undecided { candidates, reason })
    }

    #[test]
    fn a_thousand_candidates_are_counted_and_not_listed() {
        let failed = Failed {
            key: "a".into(),
            operation: Operation::Create,
            failure: undecided(candidates(20_000)),
        };
        let text = problem(&failed, None, Palette::new(false));
        assert!(text.len() < 4_000, "{}", text.len());
        assert!(text.contains("  could be: simulation 10 \"a\""), "{text}");
        assert!(text.contains("  and 19990 more\n"), "{text}");
        assert_eq!(ways_out(&failed).len(), NAMED_CANDIDATES + 2);
    }

    #[test]
    fn changes_that_were_not_started_are_named_up_to_a_limit() {
        let change = |number: usize| (ResourceKey::new(number.to_string()), Operation::Create);
        let palette = Palette::new(false);
        let few: Vec<_> = (0..2).map(change).collect();
        let expected = "not started: create 0\nnot started: create 1\n";
        assert_eq!(not_started(&few, palette), expected);
        let many: Vec<_> = (0..10_000).map(change).collect();
        let text = not_started(&many, palette);
        assert_eq!(text.lines().count(), NAMED_NOT_STARTED + 1);
        assert!(text.ends_with("and 9980 more were not started\n"));
    }

    #[test]
    fn a_candidate_that_is_listed_twice_is_shown_once() {
        let twice = [candidates(2), candidates(2)].concat();
        assert_eq!(named_ids(&twice), "1, 2");
        let failure = undecided(twice);
        let (key, operation) = ("a".into(), Operation::Create);
        let ways = ways_out(&Failed {
            key,
            operation,
            failure,
        });
        let shown: Vec<_> = ways
            .iter()
            .map(|way| way.render(&Invocation::default().environment("staging")))
            .collect();
        assert_eq!(
            shown,
            [
                "to use simulation 1: `bluejayctl --env staging import a 1`",
                "to use simulation 2: `bluejayctl --env staging import a 2`",
                "to adopt the simulation by name and update it: \
                 `bluejayctl --env staging apply --target a --adopt name`",
                "to create another simulation: \
                 `bluejayctl --env staging apply --target a --adopt never`",
            ]
        );
    }

    #[test]
    fn a_candidate_of_another_kind_is_named_by_its_kind() {
        let mut candidates = candidates(1);
        let id = PlainId::text("3c90c3cc-0d44-4b50-8888-8dd25736052a").unwrap();
        candidates[0].id = RemoteId::of(Kind::CustomMetric, id);
        let failed = Failed {
            key: "custom_metric:a".into(),
            operation: Operation::Create,
            failure: undecided(candidates),
        };
        let text = problem(&failed, None, Palette::new(false));
        let expected = "an untracked custom metric of the same name has other fields";
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("simulation"), "{text}");
        let ways = ways_out(&failed);
        let shown = ways.iter().map(|way| way.render(&Invocation::default()));
        let shown: Vec<_> = shown.collect();
        assert!(shown[1].starts_with("to adopt the custom metric by name"));
        assert!(shown[2].starts_with("to create another custom metric"));
    }
}
