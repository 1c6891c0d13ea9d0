//! `state resolve`: merges both sides of a lockfile with git conflict markers.

use std::collections::BTreeSet;

use super::super::recorded::shown;
use super::undecided::{note_clashes, undecided};
use super::with_guard;
use crate::error::{CommandError, Exit};
use crate::lock;
use crate::report::Output;
use crate::resource::key::RemoteId;
use crate::state::StateFiles;
use crate::suggestion::{Suggestion, Verb, quoted};

/// Merges both sides of a lockfile with git conflict markers.
pub(super) fn run(paths: &StateFiles, keep: &[u64], output: &Output) -> Result<Exit, CommandError> {
    with_guard(paths, || {
        let path = paths.lockfile().display();
        let text = paths.lockfile_text()?.unwrap_or_default();
        if lock::has_conflict_markers(&text).is_none() {
            output.note(format!("`{path}` contains no conflict markers"));
            return Ok(Exit::Success);
        }
        let (ours, theirs) = lock::split_conflict_sides(&text);
        let side = |text: &str, which: &str| {
            lock::parse(text).map_err(|error| {
                CommandError::new(format!("could not read {which} side of `{path}`"))
                    .caused_by(error)
                    .help(format!(
                        "keep one whole side: `git checkout --ours -- {}`",
                        quoted(&shown(paths.lockfile()))
                    ))
            })
        };
        let choices: BTreeSet<_> = keep.iter().copied().map(RemoteId::simulation).collect();
        let (ours, theirs) = (side(&ours, "our")?, side(&theirs, "their")?);
        let merge = lock::join(&ours, &theirs, &choices);
        if !merge.conflicts.is_empty() {
            let resolve = Suggestion::new(Verb::StateResolve);
            let message = "the two sides of the lockfile can't be merged without a decision";
            return Err(undecided(message.to_owned(), &merge.conflicts, &resolve));
        }
        note_clashes(&merge, &path.to_string(), output);
        let joined = merge.merged;
        paths.replace_lockfile(&joined)?;
        output.note(format!(
            "merged both sides: {} simulations; now `git add {path}`",
            joined.resources.len()
        ));
        Ok(Exit::Success)
    })
}
