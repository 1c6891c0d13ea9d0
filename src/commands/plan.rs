//! `plan`: shows what an apply would do. Only `--refresh` uses the API.

use std::collections::BTreeMap;

use super::address;
use super::agents;
use super::load::Workspace;
use super::project::{
    add_claims, load_and_show_beside_lock, load_options, plan_options, state_files,
};
use super::recorded::ids;
use super::refresh::{ApiState, Purpose, read_api, warn_of_undecided, warn_of_untracked};
use super::remote::{self, Remote};
use super::saved_plan;
use super::selection;
use super::signals::Signals;
use super::skip_drop;
use super::step::{self, Step};
use crate::cli::{GlobalArgs, PlanArgs, PlanFormat};
use crate::diagnostic::Diagnostic;
use crate::error::{CommandError, Exit};
use crate::lock::Lockfile;
use crate::plan::{Change, Plan, PlanInput, plan};
use crate::report::github::{self, Outputs};
use crate::report::markdown::{self, COMMENT_LIMIT};
use crate::report::plan::PlanDocument;
use crate::report::{self, Destination, Layout, Output, diagnostics};
use crate::resource::agent::AgentSelector;
use crate::sandbox::Faults;
use crate::state::Snapshot;
use crate::store::writable::WritablePath;

/// Makes a plan and shows it.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &PlanArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (mut workspace, read) = load_and_show_beside_lock(global, output)?;
    if workspace.has_errors() {
        return invalid(&workspace, global, args, output);
    }
    let paths = state_files(&workspace, global);
    let mut asked = plan_options(&args.planning, &workspace);
    let recorded = paths.read_with(read?)?;
    let address = address::of(global, &workspace)?;
    let api = address.target.recorded().clone();
    let destination = address.destination(
        &recorded.replay.lock,
        load_options(global).shown(paths.lockfile()),
    );
    if let Err(error) = recorded.check_address(&api, &paths) {
        output.warn(format!("{error}, so an apply would be refused"));
    }
    for note in recorded.left_open() {
        output.warn(note);
    }
    resolve_agents(global, &mut workspace, &recorded, args, output).await?;
    if workspace.has_errors() {
        return invalid(&workspace, global, args, output);
    }
    let (desired, replay) = (&workspace.desired, &recorded.replay);
    asked.targets = selection::targets(&args.planning.targets, desired, replay)?;
    let unknown = recorded.replay.unknown_fields();
    let offline = PlanInput::offline(desired, &replay.lock, &unknown);
    let unread = (!args.planning.refresh).then(|| plan(offline, &asked));
    let has_claims = add_claims(&mut asked, &paths, &api, unread.as_ref())?;
    let options = |state: &ApiState| {
        let mut options = asked.clone();
        options.trusts_absence |= state.is_same_organization;
        options
    };
    let plan_of = |state: &ApiState, found: &BTreeMap<_, _>| {
        let observed = &state.refreshed.observed;
        let input = PlanInput {
            observed,
            found,
            ..offline
        };
        plan(input, &options(state))
    };
    let (state, first) = if args.planning.refresh {
        let targets = asked.targets.as_ref();
        read_api(
            global,
            &workspace,
            &recorded,
            targets,
            &args.requests,
            output,
            Purpose::Plan(&plan_of, args.adopt.into()),
        )
        .await?
    } else {
        let unread = unread.filter(|_| !has_claims);
        (ApiState::default(), unread)
    };
    // The plan for undecided keys shows what an apply would do after the decision.
    let found = &state.lookup.adopted;
    let plan = match first {
        Some(first) if found.is_empty() => first,
        _ => plan_of(&state, found),
    };
    let open = recorded.replay.open.values();
    let open: Vec<_> = open.map(|open| open.intent.key().to_string()).collect();
    show(&plan, &destination, &open, &workspace, global, args, output)?;
    publish(&plan, &destination, &open, &recorded, global, output);
    warn_of_untracked(&state, output);
    warn_of_renames(&plan, output);
    warn_of_undecided(&state, output);
    if let Some(file) = &args.out {
        let context = saved_plan::Context {
            global,
            planning: &args.planning,
            adopt: args.adopt.into(),
            workspace: &workspace,
            replay: &recorded.replay,
            api: &api,
        };
        saved_plan::save(file, &context, &plan, &destination, output)?;
    }
    report::plan::unread(&state.refreshed.failed, output);
    if !plan.is_applyable() {
        refused(&plan, "refused", output);
    }
    let exit = exit(args, &plan, !open.is_empty(), &state);
    skip_drop((workspace, recorded, plan, state));
    Ok(exit)
}

/// Resolves the agents that the files name, and looks up the agents without a pin in the
/// lockfile. The mistakes become diagnostics of the workspace.
async fn resolve_agents(
    global: &GlobalArgs,
    workspace: &mut Workspace,
    recorded: &Snapshot,
    args: &PlanArgs,
    output: &Output,
) -> Result<(), CommandError> {
    let lock = &recorded.replay.lock;
    let is_refreshed = args.planning.refresh;
    let unknown = agents::resolve_pinned(&mut workspace.desired, lock, is_refreshed);
    if unknown.is_empty() {
        return Ok(());
    }
    let paths = state_files(workspace, global);
    let address = address::of(global, workspace)?;
    recorded.check_address(address.target.recorded(), &paths)?;
    workspace.diagnostics = match remote::check(global, workspace, output) {
        Ok(()) => look_up_agents(global, workspace, lock, &unknown, args, output).await?,
        Err(error) => agents::without_look_up(&unknown, &error, workspace),
    };
    if workspace.has_errors() {
        diagnostics::show(&workspace.diagnostics, output);
    } else if !is_refreshed {
        let count = unknown.len();
        let plural = if count == 1 { "" } else { "s" };
        output.note(format!(
            "the lockfile does not pin {count} agent{plural}, so this plan asked the API; an apply \
             pins the agents"
        ));
    }
    Ok(())
}

/// Looks up agents, and returns the mistakes.
async fn look_up_agents(
    global: &GlobalArgs,
    workspace: &mut Workspace,
    lock: &Lockfile,
    unknown: &[AgentSelector],
    args: &PlanArgs,
    output: &Output,
) -> Result<Vec<Diagnostic>, CommandError> {
    let remote = Remote::open(global, workspace, Faults::default()).await?;
    let signals = Signals::of_reader();
    let requests = workspace.project.requests(&args.requests);
    let (client, status) = remote.shown_client(requests, signals.stop.clone(), output)?;
    let looked_up = agents::look_up(&client, unknown, lock, workspace);
    let looked_up = Box::pin(status.during(agents::LOOK_UP, &client, looked_up));
    let mistakes = signals.cancel(async { Ok(looked_up.await) }).await;
    remote.close().await?;
    mistakes
}

fn exit(args: &PlanArgs, plan: &Plan, is_open: bool, state: &ApiState) -> Exit {
    // A plan with refusals is shown and not saved.
    let is_unsaved = args.out.is_some() && !plan.is_applyable();
    if is_unsaved || !state.refreshed.failed.is_empty() {
        Exit::Failure
    } else if args.detailed_exitcode && (plan.has_work() || is_open) {
        Exit::Found
    } else {
        Exit::Success
    }
}

fn show(
    plan: &Plan,
    destination: &Destination,
    open: &[String],
    workspace: &Workspace,
    global: &GlobalArgs,
    args: &PlanArgs,
    output: &mut Output,
) -> Result<(), CommandError> {
    let document = PlanDocument::of(plan, destination, open);
    if let Some(path) = &args.json_into {
        let path = global.path(path);
        WritablePath::named(&path).write_with(|file| report::json::write(file, &document))?;
    }
    let text = match args.format {
        PlanFormat::Human => {
            let (stdout, is_full) = (output.stdout(), args.full);
            let layout = Layout {
                is_full,
                ..output.layout()
            };
            stdout
                .write_with(|writer| report::plan::write_human(writer, plan, destination, layout));
            return Ok(());
        }
        PlanFormat::Json => {
            let stdout = output.stdout();
            stdout.write_with(|writer| report::json::write(writer, &document));
            return Ok(());
        }
        PlanFormat::Markdown => {
            let marker = step::marker(global);
            markdown::plan(plan, destination, open, &marker, COMMENT_LIMIT)
        }
        PlanFormat::Github => {
            let locate = |change: &Change| workspace.place_of(change);
            github::plan(plan, destination, locate, &step::folder(global))
        }
    };
    output.result(&text);
    Ok(())
}

/// Writes the summary and the outputs of the step, in GitHub Actions.
fn publish(
    plan: &Plan,
    destination: &Destination,
    open: &[String],
    recorded: &Snapshot,
    global: &GlobalArgs,
    output: &Output,
) {
    let Some(step) = Step::current() else { return };
    step.summarize(output, |room| {
        markdown::plan(plan, destination, open, &step::marker(global), room)
    });
    let outputs = Outputs {
        // The workflow comments on a pull request only if the plan has changes.
        has_changes: plan.has_work() || !open.is_empty() || destination.needs_review(),
        counts: plan.summary(),
        failed: None,
        ids: &ids(&recorded.replay),
    };
    step.set(output, &github::outputs(&outputs));
}

/// Warns of creates that look like renames.
pub(super) fn warn_of_renames(plan: &Plan, output: &Output) {
    let hints = report::plan::hints(plan, output.err_palette);
    if !output.is_quiet && !hints.is_empty() {
        output.problem(hints.trim_end());
    }
}

/// Shows the reasons why an apply would refuse this plan.
pub(super) fn refused(plan: &Plan, label: &str, output: &Output) {
    let refusals = report::plan::refusals(plan, label, output.err_palette);
    output.problem(refusals.trim_end());
}

/// Reports invalid files in the chosen format. Invalid files have no plan.
fn invalid(
    workspace: &Workspace,
    global: &GlobalArgs,
    args: &PlanArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let found = &workspace.diagnostics;
    let marker = step::marker(global);
    if let Some(path) = &args.json_into {
        let json = report::plan::invalid_json(found);
        WritablePath::named(&global.path(path)).write(&json)?;
    }
    let text = match args.format {
        PlanFormat::Human => String::new(),
        PlanFormat::Json => report::plan::invalid_json(found),
        PlanFormat::Markdown => markdown::diagnostics(found, &marker, COMMENT_LIMIT),
        PlanFormat::Github => github::diagnostics(found, &step::folder(global)),
    };
    output.result(&text);
    if let Some(step) = Step::current() {
        step.summarize(output, |room| markdown::diagnostics(found, &marker, room));
    }
    Ok(Exit::Failure)
}
