//! What only a person can decide about two sides of a lockfile.

use crate::error::CommandError;
use crate::lock::{Merge3, Merge3Conflict, Reason};
use crate::report::Output;

/// Says what there is to decide. `option` is what `state resolve` needs to find the
/// lockfile beside what this command line said: nothing, or ` --env NAME`.
pub(super) fn undecided(
    message: String,
    conflicts: &[Merge3Conflict],
    option: &str,
) -> CommandError {
    let said: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
    let mut error = CommandError::new(message).caused_by(said.join("; "));
    let has = |is: fn(&Reason) -> bool| conflicts.iter().any(|found| is(&found.reason));
    if has(|reason| matches!(reason, Reason::TwoIds { .. })) {
        error = error.help(format!(
            "say which id to keep: `bluejayctl state resolve{option} --keep ID`; the other one \
             stays in the lockfile as replaced, until `apply --prune` deletes it"
        ));
    }
    if has(|reason| matches!(reason, Reason::TwoKeys { .. })) {
        error = error.help(format!(
            "take the entry away that is not to stay, then `bluejayctl state resolve{option}`"
        ));
    }
    if has(|reason| matches!(reason, Reason::Address | Reason::Organization)) {
        error = error.help(
            "take one side whole: `git checkout --ours PATH` or `git checkout --theirs PATH`",
        );
    }
    error
}

/// Names the fields that neither side decides.
pub(super) fn note_clashes(merge: &Merge3, name: &str, output: &Output) {
    for clash in &merge.clashes {
        output.note(&format!(
            "{name}: both sides changed `{}` of `{}`; the next apply sends it again",
            clash.field, clash.key
        ));
    }
}
