//! `plan`: what an apply would do, from the files on this disk alone.

use super::project::{Paths, load_valid, plan_options};
use super::recorded::Recorded;
use super::remote::target;
use crate::cli::{GlobalArgs, PlanArgs, PlanFormat};
use crate::error::{CommandError, Exit};
use crate::plan::{PlanInput, plan};
use crate::report::{self, Output};

/// Plans and shows the plan.
pub(super) fn run(
    global: &GlobalArgs,
    args: &PlanArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let Some(workspace) = load_valid(global, output)? else {
        return Ok(Exit::Failure);
    };
    let paths = Paths::of(&workspace, global);
    let options = plan_options(&args.planning, &workspace)?;
    let recorded = Recorded::read(&paths)?;
    if let Err(error) = recorded.check_address(target(global, &workspace)?.recorded(), &paths) {
        output.warn(&format!("{error}, so an apply would be refused"));
    }
    for note in recorded.left_open() {
        output.warn(&note);
    }
    let unsure = recorded.replay.unsure();
    let input = PlanInput {
        desired: &workspace.desired,
        locked: &recorded.replay.lock,
        unsure: &unsure,
    };
    let plan = plan(input, &options);
    let open = recorded.replay.open.values();
    let open: Vec<_> = open.map(|open| open.intent.key().to_string()).collect();
    let text = match args.format {
        PlanFormat::Human => report::plan::human(&plan, output.out_palette),
        PlanFormat::Json => report::plan::json(&plan, &open),
    };
    output.result(&text)?;
    Ok(
        if args.detailed_exitcode && (plan.has_work() || !open.is_empty()) {
            Exit::Found
        } else {
            Exit::Success
        },
    )
}
