//! `state resolve`: joins both sides of a lockfile that git could not merge.

use std::collections::BTreeSet;

use super::super::project::Paths;
use super::super::recorded::shown;
use super::with_guard;
use crate::error::{CommandError, Exit};
use crate::lock::{self, MergeConflict};
use crate::report::Output;
use crate::spec::key::SimulationId;
use crate::store::lock_store;

/// Joins both sides of a lockfile that git could not merge.
pub(super) fn run(paths: &Paths, keep: &[u64], output: &Output) -> Result<Exit, CommandError> {
    with_guard(paths, || {
        let path = paths.lockfile.display();
        let text = lock_store::read_text(&paths.lockfile)?.unwrap_or_default();
        if lock::has_conflict_markers(&text).is_none() {
            output.note(&format!("`{path}` holds no conflict markers"));
            return Ok(Exit::Success);
        }
        let (ours, theirs) = lock::split_conflict_sides(&text);
        let side = |text: &str, which: &str| {
            lock::parse(text).map_err(|error| {
                CommandError::new(format!("could not read {which} side of `{path}`"))
                    .caused_by(error)
                    .help(format!(
                        "take one side whole: `git checkout --ours -- {}`",
                        lock::quoted(&shown(&paths.lockfile))
                    ))
            })
        };
        let choices: BTreeSet<_> = keep.iter().copied().map(SimulationId).collect();
        let joined = lock::join(&side(&ours, "our")?, &side(&theirs, "their")?, &choices)
            .map_err(|conflicts| undecided(&conflicts))?;
        if let Some(shared) = joined.shared_id() {
            return Err(CommandError::new(format!(
                "simulation {} would stand under `{}` and under `{}`",
                shared.id, shared.first, shared.second
            ))
            .help("a key was renamed on one side: rename it on the other, then resolve again"));
        }
        lock_store::write(&paths.lockfile, &joined)?;
        output.note(&format!(
            "joined both sides: {} simulations; now `git add {path}`",
            joined.simulations.len()
        ));
        Ok(Exit::Success)
    })
}

fn undecided(conflicts: &[MergeConflict]) -> CommandError {
    let said: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
    CommandError::new("the two sides of the lockfile can't be joined without a decision")
        .caused_by(said.join("; "))
        .help(
            "say which id to keep: `bluejayctl state resolve --keep ID`; the other one stays \
             in the lockfile as replaced, until `apply --prune` deletes it",
        )
}
