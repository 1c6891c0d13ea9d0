//! Resolves keys and globs of the command line.

use std::collections::BTreeSet;

use crate::error::CommandError;
use crate::journal::Replay;
use crate::resource::Kind;
use crate::resource::desired::DesiredState;
use crate::resource::key::ResourceKey;
use crate::spec::selection::{SelectionError, select, with_meant_kind};
use crate::suggestion::{Message, Suggestion, Verb, quoted};

/// Returns the keys that match `--target`; `None` without targets, for all keys.
///
/// A target without a match is an error: a misspelt target would make an empty plan,
/// which looks like success.
pub(super) fn targets(
    targets: &[String],
    desired: &DesiredState,
    recorded: &Replay,
) -> Result<Option<BTreeSet<ResourceKey>>, CommandError> {
    if targets.is_empty() {
        return Ok(None);
    }
    select(targets, known(desired, recorded).into_iter())
        .map(|chosen| Some(chosen.into_iter().cloned().collect()))
        .map_err(|unmatched| match left_out(&unmatched, desired) {
            Some(error) => error,
            None => unmatched_error(unmatched, Verb::Graph),
        })
}

/// Returns the keys that match these targets like [`targets`]. Without targets, returns
/// all keys but those that the chosen environment leaves out; `None` if it leaves none
/// out.
pub(super) fn targets_here(
    targets: &[String],
    desired: &DesiredState,
    recorded: &Replay,
) -> Result<Option<BTreeSet<ResourceKey>>, CommandError> {
    let mut tracked = recorded.lock.resources.keys();
    if targets.is_empty() && tracked.any(|key| desired.left_out.contains(key)) {
        return Ok(Some(
            known(desired, recorded).into_iter().cloned().collect(),
        ));
    }
    self::targets(targets, desired, recorded)
}

/// Returns the declared and the recorded keys, without those that the chosen environment
/// leaves out.
fn known<'a>(desired: &'a DesiredState, recorded: &'a Replay) -> BTreeSet<&'a ResourceKey> {
    let open = recorded.open.values().map(|open| open.intent.key());
    let tracked = recorded.lock.resources.keys().chain(open);
    let tracked = tracked.filter(|key| !desired.left_out.contains(*key));
    desired.resources.keys().chain(tracked).collect()
}

/// Returns the error for a target that matches only what the chosen environment does not
/// declare.
fn left_out(unmatched: &SelectionError, desired: &DesiredState) -> Option<CommandError> {
    let (SelectionError::NoMatch { pattern, .. } | SelectionError::Folder { pattern, .. }) =
        unmatched
    else {
        return None;
    };
    let found = select(std::slice::from_ref(pattern), desired.left_out.iter()).ok()?;
    let key = found.into_iter().next()?;
    let summary = format!("the chosen environment declares nothing that matches `{pattern}`");
    Some(CommandError::new(summary).help(format!(
        "files declare `{key}`, but `environments` of the document or `select` of the \
         environment leave it out"
    )))
}

/// Returns the declared keys that match `--target`.
pub(super) fn declared<'a>(
    targets: &[String],
    desired: &'a DesiredState,
) -> Result<BTreeSet<&'a ResourceKey>, CommandError> {
    select(targets, desired.resources.keys())
        .map_err(|unmatched| unmatched_error(unmatched, Verb::Graph))
}

/// Returns the keys of simulations of the lockfile that match these keys and globs.
pub(super) fn choose_simulations<'a>(
    patterns: &[String],
    recorded: &'a Replay,
    desired: &DesiredState,
) -> Result<BTreeSet<&'a ResourceKey>, CommandError> {
    let keys = recorded.lock.resources.keys();
    select(patterns, keys.filter(|key| key.kind() == Kind::Simulation)).map_err(|unmatched| {
        match cannot_run(&unmatched, recorded, desired) {
            Some(error) => error,
            None => unmatched_error(unmatched, Verb::StateList),
        }
    })
}

/// Returns the error for a pattern that matches only resources that can't run: of other
/// kinds, or not applied yet.
fn cannot_run(
    unmatched: &SelectionError,
    recorded: &Replay,
    desired: &DesiredState,
) -> Option<CommandError> {
    let SelectionError::NoMatch { pattern, .. } = unmatched else {
        return None;
    };
    let known = known(desired, recorded).into_iter();
    let found = select(std::slice::from_ref(pattern), known).ok()?;
    let key = found.into_iter().next()?;
    Some(match key.kind() {
        Kind::Simulation => CommandError::new(format!("`{key}` is not applied yet"))
            .help(Message::from("apply first: ").command(Suggestion::new(Verb::Apply))),
        kind => {
            let noun = kind.noun();
            CommandError::new(format!("`{key}` is a {noun}, and only simulations run")).help(
                Message::default()
                    .command(Suggestion::new(Verb::Graph))
                    .text(" shows the simulations that use it"),
            )
        }
    })
}

fn unmatched_error(unmatched: SelectionError, shows_keys: Verb) -> CommandError {
    match unmatched {
        SelectionError::NoMatch { pattern, nearest } => {
            let error = CommandError::new(no_match(&pattern));
            let meant = with_meant_kind(&pattern);
            match nearest.or(meant) {
                Some(meant) if pattern.contains(['*', ':']) => {
                    error.help(format!("did you mean `{meant}`?"))
                }
                Some(key) => error.help(format!("a similar key exists: `{key}`")),
                None => error.help(
                    Message::default()
                        .command(Suggestion::new(shows_keys))
                        .text(match shows_keys {
                            Verb::Graph => " shows the declared keys",
                            _ => " lists the recorded keys",
                        }),
                ),
            }
        }
        SelectionError::Folder { pattern, glob } => {
            CommandError::new(no_match(&pattern)).help(format!(
                "`{pattern}` is a folder; {} matches every key below it",
                quoted(&glob)
            ))
        }
        SelectionError::InvalidPattern { pattern, reason } => {
            CommandError::new(format!("`{pattern}` is not a pattern"))
                .caused_by(reason)
                .help("`*` stands for a part of a key, `**` for several parts")
        }
    }
}

fn no_match(pattern: &str) -> String {
    let noun = ResourceKey::from(pattern).kind().noun();
    format!("no {noun} matches `{pattern}`")
}
