//! `state resolve`: merges both sides of a lockfile with git conflict markers.

use std::collections::BTreeSet;

use super::super::id_argument::id_argument;
use super::super::recorded::shown;
use super::undecided::{note_clashes, undecided};
use super::with_guard;
use crate::error::{CommandError, Exit};
use crate::lock::{self, Lockfile};
use crate::report::Output;
use crate::resource::Kind;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::state::StateFiles;
use crate::suggestion::{Suggestion, Verb, quoted};

/// Merges both sides of a lockfile with git conflict markers.
pub(super) fn run(
    paths: &StateFiles,
    keep: &[String],
    output: &Output,
) -> Result<Exit, CommandError> {
    let choices = choices(keep)?;
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
        // A shell of git takes a backslash for an escape.
        let path = path.to_string().replace(std::path::MAIN_SEPARATOR, "/");
        output.note(format!(
            "merged both sides: {} {}; now `git add {path}`",
            joined.resources.len(),
            plural(&joined)
        ));
        Ok(Exit::Success)
    })
}

/// Returns the ids to keep. A text can be the id of a resource of several kinds; the
/// conflicts decide which is meant.
fn choices(keep: &[String]) -> Result<BTreeSet<RemoteId>, CommandError> {
    let mut choices = BTreeSet::new();
    for text in keep {
        let ids = Kind::ALL.map(|kind| id_argument(kind, text));
        let ids: Vec<_> = ids.into_iter().flatten().collect();
        if ids.is_empty() {
            return Err(CommandError::new(format!("`{text}` can't be an id")));
        }
        choices.extend(ids);
    }
    Ok(choices)
}

fn plural(lock: &Lockfile) -> &'static str {
    let mut kinds = lock.resources.keys().map(ResourceKey::kind);
    if kinds.all(|kind| kind == Kind::Simulation) {
        Kind::Simulation.plural()
    } else {
        "resources"
    }
}
