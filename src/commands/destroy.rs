//! `destroy`: deletes the resources of the lockfile.
//!
//! `destroy` is an apply of an empty desired state with `--prune`, without the limit on
//! deletes. If one resource is protected, none is deleted.

use super::apply::{Confirmation, run_job};
use super::project::{load_valid, plan_options, state_files};
use crate::cli::{AdoptArg, ApplyArgs, DestroyArgs, GlobalArgs, OnChangeArg, PlanningArgs};
use crate::error::{CommandError, Exit};
use crate::plan::DeleteBound;
use crate::report::{self, Output};

/// Runs `destroy`.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &DestroyArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    if !args.yes && !report::output::is_terminal() {
        return Err(CommandError::new("`destroy` needs confirmation").help(
            "without a terminal, pass `--yes` to delete the resources without \
             confirmation",
        ));
    }
    let apply = as_apply(args);
    let read = |output: &Output| {
        let Some(mut workspace) = load_valid(global, output)? else {
            return Ok(None);
        };
        let mut options = plan_options(&apply.planning, &workspace);
        let desired = std::mem::take(&mut workspace.desired);
        workspace.desired.ownership.clone_from(&desired.ownership);
        // A file may declare the protection since the last apply, so files and lockfile
        // both count.
        options.protected = desired.protected();
        options.delete_bound = DeleteBound::Unbounded;
        let paths = state_files(&workspace, global);
        if paths.read()?.replay.lock.resources.is_empty() {
            output.note("the lockfile has nothing to delete");
        }
        Ok(Some((workspace, options)))
    };
    let job = run_job(global, &apply, read, Confirmation::TypeNumber, output);
    Box::pin(job).await
}

fn as_apply(args: &DestroyArgs) -> ApplyArgs {
    ApplyArgs {
        plan_file: None,
        planning: PlanningArgs {
            targets: args.targets.clone(),
            prune: true,
            refresh: false,
            force: args.force,
            on_change: OnChangeArg::Update,
        },
        format: args.format,
        json_into: None,
        yes: args.yes,
        requests: args.requests.clone(),
        adopt: AdoptArg::Identical,
        settle: None,
        lock_timeout: args.lock_timeout,
        faults: Vec::new(),
    }
}
