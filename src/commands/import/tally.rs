//! The counts of an import, its summary and its exit code.

use crate::commands::load::PROJECT_FILE;
use crate::error::Exit;

/// The counts of an import.
#[derive(Default)]
pub(super) struct Tally {
    pub written: usize,
    pub recorded: usize,
    pub failed: usize,
}

/// Returns the summary for people.
pub(super) fn sentence(tally: &Tally, tracked: usize) -> String {
    let counts = [
        (tally.written, "written"),
        (tally.recorded, "recorded for files that declare them"),
        (tally.failed, "failed"),
        (tracked, "already tracked"),
    ];
    let counts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if counts.is_empty() {
        return format!("Nothing to import; {PROJECT_FILE} and the lockfile are unchanged.\n");
    }
    format!("Imported: {}.\n", counts.join(", "))
}

/// Returns the exit code.
pub(super) fn exit(tally: &Tally) -> Exit {
    match (tally.failed, tally.written + tally.recorded) {
        (0, _) => Exit::Success,
        (_, 0) => Exit::Failure,
        _ => Exit::Incomplete,
    }
}
