//! Messages about conflicts that only a person can decide.

use crate::error::CommandError;
use crate::lock::{Merge3, Merge3Conflict, Reason};
use crate::report::Output;
use crate::suggestion::{Message, Suggestion};

/// Returns the error that lists the conflicts. `resolve` is the command `state resolve`
/// for the lockfile.
pub(super) fn undecided(
    message: String,
    conflicts: &[Merge3Conflict],
    resolve: &Suggestion,
) -> CommandError {
    let said: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
    let mut error = CommandError::new(message).caused_by(said.join("; "));
    let has = |is: fn(&Reason) -> bool| conflicts.iter().any(|found| is(&found.reason));
    if has(|reason| matches!(reason, Reason::TwoIds { .. })) {
        error = error.help(
            Message::from("choose the id to keep: ")
                .command(resolve.clone().option("--keep", "ID"))
                .text(
                    "; the other id stays in the lockfile as replaced until `apply --prune` \
                     deletes it",
                ),
        );
    }
    if has(|reason| matches!(reason, Reason::TwoKeys { .. })) {
        error = error
            .help(Message::from("remove one of the two entries, then ").command(resolve.clone()));
    }
    if has(|reason| matches!(reason, Reason::Address | Reason::Organization)) {
        error = error.help(
            "keep one whole side: `git checkout --ours PATH` or `git checkout --theirs PATH`",
        );
    }
    error
}

/// Notes the fields that both sides changed.
pub(super) fn note_clashes(merge: &Merge3, name: &str, output: &Output) {
    for clash in &merge.clashes {
        output.note(format!(
            "{name}: both sides changed `{}` of `{}`; the next apply sends the field again",
            clash.field, clash.key
        ));
    }
}
