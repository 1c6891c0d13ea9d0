//! `drift`: what the API holds now, against what was applied last.

use super::leave;
use super::project::{load_and_show_beside_lock, state_files};
use super::refresh::look_only;
use super::selection;
use crate::cli::{DriftArgs, DriftFormat, GlobalArgs};
use crate::error::{CommandError, Exit};
use crate::plan::{DriftReport, Refusal, drifted};
use crate::report::Output;
use crate::report::drift::{Shown, human, json, markdown};
use crate::report::markdown::COMMENT_LIMIT;

/// Looks, compares and reports. Changes nothing.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &DriftArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (workspace, lock) = load_and_show_beside_lock(global, output)?;
    if workspace.has_errors() {
        return Ok(Exit::Failure);
    }
    let recorded = state_files(&workspace, global).read_with(lock?)?;
    for note in recorded.left_open() {
        output.warn(&note);
    }
    let only = selection::targets(&args.targets, &workspace.desired, &recorded.replay)?;
    let (seen, _) = look_only(
        global,
        &workspace,
        &recorded,
        only.as_ref(),
        &args.requests,
        output,
        |_| None,
    )
    .await?;
    let lock = &recorded.replay.lock;
    let report = drifted(&workspace.desired, lock, &seen.refreshed.sightings);
    let shown = Shown {
        report: &report,
        untracked: &seen.refreshed.untracked,
        failed: &seen.refreshed.failed,
    };
    let text = match args.format {
        DriftFormat::Human => human(&shown, output.out_palette),
        DriftFormat::Json => json(&shown),
        DriftFormat::Markdown => markdown(&shown, COMMENT_LIMIT),
    };
    output.result(&text)?;
    if !seen.is_same_organization {
        warn_of_blindness(&report, output);
    }
    let exit = if !seen.refreshed.failed.is_empty() {
        Exit::Failure
    } else if report.drifted.is_empty() && seen.refreshed.untracked.is_empty() {
        Exit::Success
    } else {
        Exit::Found
    };
    leave((workspace, recorded, report, seen));
    Ok(exit)
}

/// When nothing at all is there, the key may be another organisation's.
fn warn_of_blindness(report: &DriftReport, output: &Output) {
    let count = report.drifted.len();
    if count > 1 && report.in_sync == 0 && report.drifted.iter().all(|drifted| drifted.is_gone) {
        output.warn(&Refusal::NothingVisible { count }.to_string());
    }
}
