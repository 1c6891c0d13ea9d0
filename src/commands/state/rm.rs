//! `state rm KEY...`: stops managing simulations, and keeps them alive.

use super::{mend, no_entry};
use crate::error::{CommandError, Exit};
use crate::journal::{Intent, Replay};
use crate::lock::LockedSimulation;
use crate::report::Output;
use crate::state::StateFiles;

/// Forgets the keys, all of them or none.
///
/// An update or an attaching of digital humans that was cut off is forgotten with
/// its key: whether it was done matters to nobody any more. A create that is open
/// refuses, since its simulation may have no entry yet.
pub(super) fn run(
    paths: &StateFiles,
    keys: &[String],
    output: &Output,
) -> Result<Exit, CommandError> {
    let may_be_dropped = |intent: &Intent| match intent {
        Intent::Update { key, .. } | Intent::Attach { key, .. } => {
            keys.iter().any(|forgotten| forgotten == key.as_str())
        }
        Intent::Create { .. } | Intent::Delete { .. } => false,
    };
    mend(paths, may_be_dropped, |replay| {
        replay.open.clear();
        forget(replay, keys, output)
    })
}

fn forget(replay: &mut Replay, keys: &[String], output: &Output) -> Result<(), CommandError> {
    for key in keys {
        let locked = replay.lock.simulations.remove(key.as_str());
        let locked = locked.ok_or_else(|| no_entry(&replay.lock, key))?;
        output.note(format!("`{key}` is no longer managed; {}", kept(&locked)));
    }
    Ok(())
}

/// Every id that is forgotten: those that replaces left behind, too.
fn kept(locked: &LockedSimulation) -> String {
    let id = locked.simulation_id;
    let old: Vec<_> = locked.replaced.iter().map(ToString::to_string).collect();
    if old.is_empty() {
        format!("simulation {id} stays as it is")
    } else {
        format!(
            "simulation {id} stays as it is, and so does what replaces left behind: {}",
            old.join(", ")
        )
    }
}
