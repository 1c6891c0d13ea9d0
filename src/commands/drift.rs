//! `drift`: compares the observed state with the prior state.

use super::address;
use super::project::{load_and_show_beside_lock, load_options, state_files};
use super::refresh::{Purpose, read_api};
use super::selection;
use super::skip_drop;
use crate::apply::Depth;
use crate::cli::{DriftArgs, DriftFormat, GlobalArgs};
use crate::error::{CommandError, Exit};
use crate::lock::Lockfile;
use crate::plan::{Coverage, DriftReport, Refusal, drift_report, show_keys};
use crate::report::drift::{Shown, human, json, markdown};
use crate::report::markdown::COMMENT_LIMIT;
use crate::report::{Output, requests};
use crate::resource::Kind;
use crate::resource::key::ResourceKey;

/// Reads the API, compares, and reports. Changes nothing.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &DriftArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (mut workspace, lock) = load_and_show_beside_lock(global, output)?;
    if workspace.has_errors() {
        return Ok(Exit::Failure);
    }
    let paths = state_files(&workspace, global);
    let recorded = paths.read_with(lock?)?;
    let pins = &recorded.replay.lock.agents;
    workspace.desired.resolve_agents(pins);
    for note in recorded.left_open() {
        output.warn(note);
    }
    let only = selection::targets_here(&args.targets, &workspace.desired, &recorded.replay)?;
    let depth = if args.quick {
        Depth::Listed
    } else {
        Depth::Whole
    };
    let (seen, _) = read_api(
        global,
        &workspace,
        &recorded,
        only.as_ref(),
        &args.requests,
        output,
        Purpose::Compare(depth),
    )
    .await?;
    let lock = &recorded.replay.lock;
    let mut report = drift_report(&workspace.desired, lock, &seen.refreshed.observed);
    if args.format != DriftFormat::Json {
        let drifted = report.drifted.iter_mut();
        show_keys(lock, drifted.flat_map(|one| &mut one.fields));
    }
    let path = load_options(global).shown(paths.lockfile());
    let destination = address::of(global, &workspace)?.destination(lock, path);
    let shown = Shown {
        destination: &destination,
        report: &report,
        untracked: &seen.refreshed.untracked,
        failed: &seen.refreshed.failed,
        coverage: Coverage::of(&workspace.desired, lock, only.as_ref()),
        is_quick: args.quick,
        sent: seen.sent,
        plural: Kind::plural_of(lock.resources.keys().map(ResourceKey::kind)),
        is_nothing_visible: !seen.is_same_organization && is_nothing_visible(&report),
    };
    let is_nothing_visible = shown.is_nothing_visible;
    let is_nothing_compared = shown.coverage.is_nothing();
    let text = match args.format {
        DriftFormat::Human => human(&shown, output.layout()),
        DriftFormat::Json => json(&shown),
        DriftFormat::Markdown => markdown(&shown, COMMENT_LIMIT),
    };
    output.result(&text);
    if let (DriftFormat::Human, Some(sent)) = (args.format, requests::sentence(seen.sent)) {
        output.note(sent);
    }
    note_adopted(lock, output);
    if is_nothing_visible {
        let count = report.drifted.len();
        let plural = Kind::plural_of(report.drifted.iter().map(|one| one.key.kind()));
        output.warn(Refusal::NothingVisible { count, plural }.to_string());
    }
    let exit = if !seen.refreshed.failed.is_empty() || is_nothing_compared {
        Exit::Failure
    } else if report.drifted.is_empty() && seen.refreshed.untracked.is_empty() {
        Exit::Success
    } else {
        Exit::Found
    };
    skip_drop((workspace, recorded, report, seen));
    Ok(exit)
}

/// Notes the adopted resources: somebody else may have changed them.
fn note_adopted(lock: &Lockfile, output: &Output) {
    const NAMED: usize = 10;
    let adopted = lock.resources.iter();
    let adopted: Vec<_> = adopted
        .filter(|(_, locked)| locked.was_adopted(locked.id))
        .map(|(key, _)| key)
        .collect();
    if !adopted.is_empty() {
        let named = adopted.iter().take(NAMED);
        let named: Vec<_> = named.map(|key| format!("`{key}`")).collect();
        let named = named.join(", ");
        let more = match adopted.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let what = Kind::plural_of(adopted.iter().map(|key| key.kind()));
        output.note(format!(
            "these {what} were adopted, so somebody else may manage them: {named}{more}"
        ));
    }
}

/// Returns whether no simulation of several is visible. The key may then belong to
/// another organisation, and `apply --refresh` refuses.
fn is_nothing_visible(report: &DriftReport) -> bool {
    let mut drifted = report.drifted.iter();
    report.in_sync == 0 && report.drifted.len() > 1 && drifted.all(|drifted| drifted.is_gone)
}
