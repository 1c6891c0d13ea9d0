//! `destroy`: delete what the lockfile holds.
//!
//! An apply of nothing with `--prune`, without the bound on deletes, since that
//! is what was asked for; where one is protected, none is deleted.

use super::apply::{Confirmation, run_job};
use super::project::{load_valid, plan_options, state_files};
use crate::cli::{AdoptArg, ApplyArgs, DestroyArgs, GlobalArgs, OnChangeArg, PlanningArgs};
use crate::error::{CommandError, Exit};
use crate::plan::DeleteBound;
use crate::report::{self, Output};
use crate::resource::desired::DesiredState;

/// Deletes.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &DestroyArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    if !args.yes && !report::output::is_terminal() {
        return Err(CommandError::new("`destroy` needs a person to confirm it")
            .help("without a terminal, pass `--yes` if all of it may be deleted"));
    }
    let apply = as_apply(args);
    let read = |output: &Output| {
        let Some(mut workspace) = load_valid(global, output)? else {
            return Ok(None);
        };
        let mut options = plan_options(&apply.planning, &workspace);
        let desired = std::mem::take(&mut workspace.desired);
        options.protected = protected(desired);
        options.delete_bound = DeleteBound::Unbounded;
        let paths = state_files(&workspace, global);
        if paths.read()?.replay.lock.simulations.is_empty() {
            output.note("the lockfile holds nothing to delete");
        }
        Ok(Some((workspace, options)))
    };
    run_job(global, &apply, read, Confirmation::TypeNumber, output).await
}

/// A file may say so since the last apply, so the lockfile alone doesn't decide.
fn protected(
    desired: DesiredState,
) -> std::collections::BTreeSet<crate::resource::key::SimulationKey> {
    let simulations = desired.simulations.into_iter();
    simulations
        .filter(|(_, simulation)| simulation.is_protected)
        .map(|(key, _)| key)
        .collect()
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
        settle: std::time::Duration::from_secs(30),
        lock_timeout: args.lock_timeout,
        faults: Vec::new(),
    }
}
