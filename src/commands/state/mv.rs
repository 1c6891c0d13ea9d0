//! `state mv FROM TO`: renames an entry.

use super::{edit_lockfile, no_entry};
use crate::error::{CommandError, Exit};
use crate::journal::Replay;
use crate::report::Output;
use crate::resource::key::ResourceKey;
use crate::state::StateFiles;
use crate::suggestion::{Message, Suggestion, Verb};

/// Renames an entry of the lockfile. The resource does not change.
pub(super) fn run(
    paths: &StateFiles,
    from: &str,
    to: &str,
    output: &Output,
) -> Result<Exit, CommandError> {
    edit_lockfile(
        paths,
        |_| false,
        |replay| {
            let (from, to) = rename(replay, from, to)?;
            output.note(format!("`{from}` is now `{to}`"));
            Ok(())
        },
    )
}

/// Renames an entry. Returns the old and the new key.
fn rename(
    replay: &mut Replay,
    from: &str,
    to: &str,
) -> Result<(ResourceKey, ResourceKey), CommandError> {
    let resources = &mut replay.lock.resources;
    let new = ResourceKey::named(to, |_| false);
    let from = ResourceKey::named(from, |key| resources.contains_key(key));
    if let Some(problem) = ResourceKey::problem(new.key()) {
        return Err(CommandError::new(format!("`{to}` can't be a key")).caused_by(problem));
    }
    if let Some((old, _)) = resources.get_key_value(&from)
        && old.kind() != new.kind()
    {
        return Err(other_kind(old, &new));
    }
    if resources.contains_key(&new) {
        return Err(CommandError::new(format!(
            "the lockfile has an entry `{new}` already"
        )));
    }
    match resources.remove(&from) {
        Some(locked) => {
            resources.insert(new.clone(), locked);
            Ok((from, new))
        }
        None => Err(no_entry(&replay.lock, from.as_str())),
    }
}

/// Returns the error for a new key of another kind.
fn other_kind(old: &ResourceKey, new: &ResourceKey) -> CommandError {
    let (kind, other) = (old.kind().noun(), new.kind().noun());
    let meant = ResourceKey::of(old.kind(), new.key());
    CommandError::new(format!(
        "`{old}` is a {kind}, and `{new}` is the key of a {other}"
    ))
    .help(
        Message::from("write the new key with the same kind: ")
            .command(Suggestion::new(Verb::StateMv).argument(old).argument(meant)),
    )
}
