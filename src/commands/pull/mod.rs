//! `pull`: writes observed values into the files that declare them.
//!
//! `snapshot` reads the files once, `edit` edits them in memory and checks them, and `write`
//! writes them and the lockfile.

mod edit;
mod job;
mod others;
mod shared;
mod snapshot;
mod write;

use edit::{Edited, edit};
use snapshot::Snapshot;
use write::write;

use super::project::{load_and_show_beside_lock, load_options, state_files};
use super::refresh::{Purpose, read_api};
use super::selection;
use super::state::apply_first;
use crate::apply::Depth;
use crate::cli::{DriftFormat, GlobalArgs, PullArgs};
use crate::error::{CommandError, Exit};
use crate::plan::{Coverage, show_keys};
use crate::pull::decide;
use crate::report::markdown::COMMENT_LIMIT;
use crate::report::pull::{Pulled, Shown, human, json, markdown};
use crate::report::{Output, requests};

/// Reads the API, edits the files, reports, and unless `--check` is given, writes the
/// files and records the values.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &PullArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (mut workspace, lock) = load_and_show_beside_lock(global, output)?;
    if workspace.has_errors() {
        return Ok(Exit::Failure);
    }
    let paths = state_files(&workspace, global);
    let recorded = paths.read_with(lock?)?;
    if !recorded.replay.open.is_empty() {
        return Err(CommandError::new("an earlier apply left an open intent").help(apply_first()));
    }
    let lock = &recorded.replay.lock;
    workspace.desired.resolve_agents(&lock.agents);
    let only = selection::targets_here(&args.keys, &workspace.desired, &recorded.replay)?;
    let coverage = Coverage::of(&workspace.desired, lock, only.as_ref());
    match coverage.gap() {
        Some(gap) if coverage.is_nothing() => {
            return Err(CommandError::new(gap).help(Coverage::help()));
        }
        Some(gap) => output.note(gap),
        None => {}
    }
    let (seen, _) = read_api(
        global,
        &workspace,
        &recorded,
        only.as_ref(),
        &args.requests,
        output,
        Purpose::Compare(Depth::Whole),
    )
    .await?;
    let observed = &seen.refreshed.observed;
    let mut decision = decide(&workspace.desired, lock, observed, args.force);
    let in_sync = decision.in_sync;
    let files = Snapshot::read(load_options(global), &workspace, &decision.pulls);
    if !decision.pulls.is_empty() {
        workspace = files.reload(&workspace, lock)?;
        decision.relocate(&workspace.desired);
    }
    let mut edited = edit(files, &workspace, lock, decision)?;
    if !args.check {
        write(&paths, &workspace.project.bounds, lock, &edited)?;
    }
    if args.format != DriftFormat::Json {
        let left = edited.left.iter_mut();
        show_keys(lock, left.filter_map(|left| left.field.as_mut()));
    }
    let shown = Shown {
        is_check: args.check,
        files: &edited.files,
        pulled: &edited.pulled,
        left: &edited.left,
        others: &edited.others,
        failed: &seen.refreshed.failed,
        in_sync,
    };
    let text = match args.format {
        DriftFormat::Human => human(&shown, output.layout()),
        DriftFormat::Json => json(&shown),
        DriftFormat::Markdown => markdown(&shown, COMMENT_LIMIT),
    };
    output.result(&text);
    if let (DriftFormat::Human, Some(sent)) = (args.format, requests::sentence(seen.sent)) {
        output.note(sent);
    }
    Ok(exit(args.check, &edited, seen.refreshed.failed.is_empty()))
}

fn exit(is_check: bool, edited: &Edited, are_all_read: bool) -> Exit {
    let is_anything_pulled = !edited.pulled.iter().all(Pulled::is_empty);
    match (is_anything_pulled, are_all_read, edited.left.is_empty()) {
        (true, true, _) if is_check => Exit::Found,
        (true, ..) if is_check => Exit::Failure,
        (false, false, _) => Exit::Failure,
        (true, false, _) | (_, true, false) => Exit::Incomplete,
        (_, true, true) => Exit::Success,
    }
}
