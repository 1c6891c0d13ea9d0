//! `state rm KEY...`: removes entries from the lockfile. The resources stay at the API.

use super::{edit_lockfile, no_entry};
use crate::error::{CommandError, Exit};
use crate::journal::{Intent, Replay};
use crate::lock::LockedResource;
use crate::report::Output;
use crate::resource::key::ResourceKey;
use crate::state::StateFiles;

/// Removes all of these keys, or none.
///
/// An open update or attach is removed with its key, because its outcome no longer
/// matters. An open create is an error: its resource may have no entry yet.
pub(super) fn run(
    paths: &StateFiles,
    keys: &[String],
    output: &Output,
) -> Result<Exit, CommandError> {
    let may_be_dropped = |intent: &Intent| match intent {
        Intent::Update { key, .. } | Intent::Attach { key, .. } => {
            let mut names = keys.iter();
            names.any(|name| ResourceKey::named(name, |named| named == key) == *key)
        }
        Intent::Create { .. } | Intent::Delete { .. } => false,
    };
    edit_lockfile(paths, may_be_dropped, |replay| {
        replay.open.clear();
        forget(replay, keys, output)
    })
}

fn forget(replay: &mut Replay, keys: &[String], output: &Output) -> Result<(), CommandError> {
    for key in keys {
        let resources = &mut replay.lock.resources;
        let named = ResourceKey::named(key, |key| resources.contains_key(key));
        let locked = resources.remove(&named);
        let locked = locked.ok_or_else(|| no_entry(&replay.lock, named.as_str()))?;
        output.note(format!("`{named}` is no longer tracked; {}", kept(&locked)));
    }
    Ok(())
}

/// Returns a message with every removed id, old instances included.
fn kept(locked: &LockedResource) -> String {
    let id = locked.id;
    let old: Vec<_> = locked.replaced.iter().map(ToString::to_string).collect();
    if old.is_empty() {
        format!("{id:#} is unchanged")
    } else {
        format!(
            "{id:#} is unchanged, and so are its old instances: {}",
            old.join(", ")
        )
    }
}
