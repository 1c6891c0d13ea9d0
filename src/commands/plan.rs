//! `plan`: what an apply would do, from the files on this disk alone unless the
//! API is to be asked.

use super::project::{Paths, load_and_show_beside_lock, plan_options};
use super::recorded::Recorded;
use super::refresh::{Look, look_only, warn_of_untracked};
use super::remote::target;
use super::saved_plan;
use super::selection;
use crate::cli::{GlobalArgs, PlanArgs, PlanFormat};
use crate::error::{CommandError, Exit};
use crate::plan::{PlanInput, plan};
use crate::report::{self, Output, diagnostics_json};

/// Plans and shows the plan.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &PlanArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (workspace, read) = load_and_show_beside_lock(global, output)?;
    if workspace.has_errors() {
        if args.format == PlanFormat::Json {
            output.result(&diagnostics_json::in_place_of_plan(&workspace.diagnostics))?;
        }
        return Ok(Exit::Failure);
    }
    let paths = Paths::of(&workspace, global);
    let mut options = plan_options(&args.planning, &workspace)?;
    let recorded = Recorded::of(read, &paths)?;
    let api = target(global, &workspace)?.recorded().clone();
    if let Err(error) = recorded.check_address(&api, &paths) {
        output.warn(&format!("{error}, so an apply would be refused"));
    }
    for note in recorded.left_open() {
        output.warn(&note);
    }
    selection::check_targets(&args.planning.targets, &workspace.desired, &recorded.replay)?;
    let look = if args.planning.refresh {
        let targets = options.targets.as_ref();
        look_only(
            global,
            &workspace,
            &recorded,
            targets,
            &args.requests,
            output,
        )
        .await?
    } else {
        Look::default()
    };
    options.trusts_absence |= look.is_same_organization;
    let unsure = recorded.replay.unsure();
    let input = PlanInput {
        desired: &workspace.desired,
        locked: &recorded.replay.lock,
        unsure: &unsure,
        sightings: &look.refreshed.sightings,
    };
    let plan = plan(input, &options);
    let open = recorded.replay.open.values();
    let open: Vec<_> = open.map(|open| open.intent.key().to_string()).collect();
    let text = match args.format {
        PlanFormat::Human => report::plan::human(&plan, output.out_palette),
        PlanFormat::Json => report::plan::json(&plan, &open),
    };
    output.result(&text)?;
    warn_of_untracked(&look, output);
    if let Some(file) = &args.out {
        let context = saved_plan::Context {
            global,
            planning: &args.planning,
            desired: &workspace.desired,
            replay: &recorded.replay,
            api: &api,
        };
        saved_plan::save(file, &context, &plan, output)?;
    }
    for (key, error) in &look.refreshed.failed {
        output.error(
            &CommandError::new(format!(
                "could not read `{key}`, so it was planned from the lockfile"
            ))
            .caused_by(error.clone()),
        );
    }
    let exit = exit(args, &plan, !open.is_empty(), &look);
    // The process ends; taking ten thousand simulations apart first takes longer
    // than planning them did.
    std::mem::forget((workspace, recorded, plan));
    Ok(exit)
}

fn exit(args: &PlanArgs, plan: &crate::plan::Plan, is_open: bool, look: &Look) -> Exit {
    if !plan.is_applyable() || !look.refreshed.failed.is_empty() {
        Exit::Failure
    } else if args.detailed_exitcode && (plan.has_work() || is_open) {
        Exit::Found
    } else {
        Exit::Success
    }
}
