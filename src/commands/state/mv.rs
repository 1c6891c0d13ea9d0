//! `state mv FROM TO`: renames an entry.

use super::{mend, no_entry};
use crate::error::{CommandError, Exit};
use crate::journal::Replay;
use crate::report::Output;
use crate::resource::key::ResourceKey;
use crate::state::StateFiles;

/// Renames an entry of the lockfile. The simulation does not change.
pub(super) fn run(
    paths: &StateFiles,
    from: &str,
    to: &str,
    output: &Output,
) -> Result<Exit, CommandError> {
    let exit = mend(paths, |_| false, |replay| rename(replay, from, to))?;
    output.note(format!("`{from}` is now `{to}`"));
    Ok(exit)
}

fn rename(replay: &mut Replay, from: &str, to: &str) -> Result<(), CommandError> {
    let simulations = &mut replay.lock.resources;
    if let Some(problem) = ResourceKey::problem(to) {
        return Err(CommandError::new(format!("`{to}` can't be a key")).caused_by(problem));
    }
    if simulations.contains_key(to) {
        return Err(CommandError::new(format!(
            "the lockfile has an entry `{to}` already"
        )));
    }
    match simulations.remove(from) {
        Some(locked) => {
            simulations.insert(ResourceKey::from(to), locked);
            Ok(())
        }
        None => Err(no_entry(&replay.lock, from)),
    }
}
