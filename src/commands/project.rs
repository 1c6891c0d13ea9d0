//! Loads the checked workspace and its paths for commands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::load::{LoadOptions, Project, Workspace, load, load_beside};
use super::workspace::lockfile_for;
use crate::cli::{GlobalArgs, PlanningArgs};
use crate::diagnostic::DiagnosticCode;
use crate::error::CommandError;
use crate::lock::{ApiAddress, Lockfile};
use crate::plan::{Change, DeleteBound, DeleteScope, Plan, PlanOptions};
use crate::report::{Output, diagnostics};
use crate::state::{StateError, StateFiles};
use crate::store::ignored::ignoring_line;

/// Returns the state files of a workspace; with `--sandbox` the state files of the
/// sandbox.
pub(super) fn state_files(workspace: &Workspace, global: &GlobalArgs) -> StateFiles {
    state_files_of(&workspace.project, global)
}

fn state_files_of(project: &Project, global: &GlobalArgs) -> StateFiles {
    if global.sandbox {
        let lockfile = lockfile_for(&project.lockfile, "sandbox");
        return StateFiles::new(&project.base_lockfile, &lockfile, &project.bounds);
    }
    StateFiles::new(&project.base_lockfile, &project.lockfile, &project.bounds)
}

/// Warns if git ignores the lockfile: its ids would be lost with this work tree.
pub(super) fn warn_if_ignored(lockfile: &Path, output: &Output) {
    let Some(ignoring) = ignoring_line(lockfile) else {
        return;
    };
    let name = lockfile.file_name().unwrap_or_default().to_string_lossy();
    output.warn(format!(
        "`{name}` can't be committed: {ignoring} makes git ignore it; add the line `!{name}` \
         after that line"
    ));
}

/// Returns the options of loading from the command line and the environment.
pub(super) fn load_options(global: &GlobalArgs) -> LoadOptions {
    const PREFIX: &str = "BLUEJAY_VAR_";
    let environment_vars = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.to_str()?.strip_prefix(PREFIX)?.to_owned();
        Some((name, value))
    });
    LoadOptions {
        directory: global.chdir.clone().unwrap_or_else(|| PathBuf::from(".")),
        config: global.config.clone(),
        environment: global.env.clone(),
        is_environment_inherited: global.is_env_inherited,
        vars: global.vars.clone(),
        environment_vars: environment_vars.collect(),
        ..LoadOptions::default()
    }
}

/// Loads the workspace and shows its mistakes. Returns `None` if the files have errors.
pub(super) fn load_valid(
    global: &GlobalArgs,
    output: &Output,
) -> Result<Option<Workspace>, CommandError> {
    let workspace = load_and_show(global, output)?;
    Ok((!workspace.has_errors()).then_some(workspace))
}

/// Loads the workspace like [`load_valid`], for a command that may write the first
/// simulation: a project without simulations is valid, and so is a pattern of an environment
/// that matches nothing yet.
pub(super) fn load_valid_to_fill(
    global: &GlobalArgs,
    output: &Output,
) -> Result<Option<Workspace>, CommandError> {
    let mut workspace = load(&load_options(global))?;
    let found = &mut workspace.diagnostics;
    let is_filled = |code| {
        let codes = [
            DiagnosticCode::NoSimulations,
            DiagnosticCode::UnmatchedPattern,
        ];
        codes.contains(&code)
    };
    found.retain(|diagnostic| !is_filled(diagnostic.code));
    show_mistakes(&mut workspace, output);
    Ok((!workspace.has_errors()).then_some(workspace))
}

/// Loads the workspace and shows its mistakes.
pub(super) fn load_and_show(
    global: &GlobalArgs,
    output: &Output,
) -> Result<Workspace, CommandError> {
    let mut workspace = load(&load_options(global))?;
    show_mistakes(&mut workspace, output);
    Ok(workspace)
}

/// Loads the workspace and the recorded state concurrently, for a command that changes
/// neither. Equal resources share their memory.
pub(super) fn load_and_show_beside_lock(
    global: &GlobalArgs,
    output: &Output,
) -> Result<(Workspace, ReadLock), CommandError> {
    let (mut workspace, (files, skimmed)) = load_beside(&load_options(global), |project| {
        let files = state_files_of(project, global);
        let skimmed = files.skim_lockfile();
        (files, skimmed)
    })?;
    show_mistakes(&mut workspace, output);
    let lock = skimmed.and_then(|text| files.read_skimmed(text, &workspace.desired));
    Ok((workspace, lock))
}

/// The recorded state, or the error of reading it.
pub(super) type ReadLock = Result<Lockfile, StateError>;

/// Shows the mistakes. Drops the warnings of valid files, which hold the texts of their
/// files in memory.
fn show_mistakes(workspace: &mut Workspace, output: &Output) {
    let is_invalid = workspace.has_errors();
    if is_invalid || !output.is_quiet {
        diagnostics::show(&workspace.diagnostics, output);
    }
    if !is_invalid {
        workspace.diagnostics = Vec::new();
    }
}

/// Returns the options of planning from the command line and the project file, without
/// targets: targets need the lockfile.
pub(super) fn plan_options(args: &PlanningArgs, workspace: &Workspace) -> PlanOptions {
    let project = &workspace.project;
    let max_deletes = project.safety.max_deletes.clone();
    PlanOptions {
        prune: args.prune,
        on_change: args.on_change.into(),
        targets: None,
        delete_bound: if args.force {
            DeleteBound::Unbounded
        } else {
            max_deletes.map_or(DeleteBound::Default, DeleteBound::Project)
        },
        protect_all: project.is_protected,
        protected: BTreeSet::new(),
        trusts_absence: args.force,
        delete_scope: if args.force {
            DeleteScope::Any
        } else {
            DeleteScope::default()
        },
    }
}

/// Adds the ids that other lockfiles of the repository track, if a prune deletes
/// resources. `plan` is `None` if a read of the API may still change the plan. Returns
/// whether ids were added.
pub(super) fn add_claims(
    options: &mut PlanOptions,
    files: &StateFiles,
    api: &ApiAddress,
    plan: Option<&Plan>,
) -> Result<bool, CommandError> {
    let may_delete = plan.is_none_or(|plan| plan.changes.iter().any(Change::deletes));
    match &mut options.delete_scope {
        DeleteScope::Owned { claimed, used } if options.prune && may_delete => {
            let claims = files.neighbours(api)?.claims_now()?;
            (*claimed, *used) = (claims.ids, claims.used);
            Ok(true)
        }
        _ => Ok(false),
    }
}
