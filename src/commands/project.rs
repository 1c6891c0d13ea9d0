//! What most commands begin with: the checked workspace and the paths in it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::load::{LoadOptions, Project, Workspace, load, load_beside};
use super::workspace::lockfile_for;
use crate::apply::crash_point;
use crate::cli::{GlobalArgs, PlanningArgs};
use crate::error::CommandError;
use crate::journal::Replay;
use crate::lock::{ApiAddress, Lockfile};
use crate::plan::{DeleteBound, PlanOptions};
use crate::report::{Output, diagnostics};
use crate::store;
use crate::store::journal_file::{self, journal_path};
use crate::store::lock_store::{self, LockReadError};
use crate::store::neighbours::Neighbours;

/// The files that an apply writes: links to them are followed, so that all of
/// them lie in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paths {
    /// The lockfile.
    pub lockfile: PathBuf,
    /// Its journal.
    pub journal: PathBuf,
    /// The project's first lockfile: its neighbours are named after it.
    base: PathBuf,
}

impl Paths {
    /// The files of a workspace; those of the sandbox with `--sandbox`.
    pub fn of(workspace: &Workspace, global: &GlobalArgs) -> Self {
        Self::in_project(&workspace.project, global)
    }

    fn in_project(project: &Project, global: &GlobalArgs) -> Self {
        let lockfile = if global.sandbox {
            lockfile_for(&project.lockfile, "sandbox")
        } else {
            project.lockfile.clone()
        };
        let lockfile = store::real_path(&lockfile);
        Self {
            base: project.base_lockfile.clone(),
            journal: journal_path(&lockfile),
            lockfile,
        }
    }
}

impl Paths {
    /// The other lockfiles of the project, as far as they are for this API.
    pub fn neighbours(&self, api: &ApiAddress) -> Result<Neighbours, LockReadError> {
        Neighbours::read(&self.base, &self.lockfile, api)
    }

    /// Writes the lockfile, and then clears the journal of all that is closed.
    ///
    /// In that order: whatever is cut off between the two, every id is in one of
    /// them. A lockfile with nothing in it is not begun.
    pub fn save(&self, replay: &Replay) -> Result<(), CommandError> {
        if !replay.lock.simulations.is_empty() || self.lockfile.exists() {
            lock_store::save(&self.lockfile, &replay.lock, |checksum| {
                // On a full disk this fails and the lockfile may still be written; the
                // journal is then folded onto it once more.
                let _ = journal_file::note_save(&self.journal, checksum);
                crash_point!("lockfile.before");
            })?;
        }
        crash_point!("lockfile.after");
        match &replay.lock.api {
            Some(api) if !replay.open.is_empty() => {
                journal_file::replace(&self.journal, &replay.open_entries(api.clone()))?;
            }
            _ => journal_file::remove(&self.journal)?,
        }
        crash_point!("journal.cleared");
        Ok(())
    }
}

/// The options of loading that the command line gives.
pub(super) fn load_options(global: &GlobalArgs) -> LoadOptions {
    const PREFIX: &str = "BLUEJAY_VAR_";
    let environment_vars = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.to_str()?.strip_prefix(PREFIX)?.to_owned();
        Some((name, value.to_string_lossy().into_owned()))
    });
    LoadOptions {
        directory: global.chdir.clone().unwrap_or_else(|| PathBuf::from(".")),
        config: global.config.clone(),
        environment: global.env.clone(),
        vars: global.vars.clone(),
        environment_vars: environment_vars.collect(),
    }
}

/// Loads everything and shows what is wrong with it. `None` when something is,
/// so that nothing may be done.
pub(super) fn load_valid(
    global: &GlobalArgs,
    output: &Output,
) -> Result<Option<Workspace>, CommandError> {
    let workspace = load_and_show(global, output)?;
    Ok((!workspace.has_errors()).then_some(workspace))
}

/// The same for a command that is about to write the first simulation: that
/// there is none yet is nothing wrong.
pub(super) fn load_valid_to_fill(
    global: &GlobalArgs,
    output: &Output,
) -> Result<Option<Workspace>, CommandError> {
    let mut workspace = load(&load_options(global))?;
    let found = &mut workspace.diagnostics;
    found.retain(|diagnostic| diagnostic.code != "no-simulations");
    show_mistakes(&workspace, output);
    Ok((!workspace.has_errors()).then_some(workspace))
}

/// Loads everything and shows what is wrong with it.
pub(super) fn load_and_show(
    global: &GlobalArgs,
    output: &Output,
) -> Result<Workspace, CommandError> {
    let workspace = load(&load_options(global))?;
    show_mistakes(&workspace, output);
    Ok(workspace)
}

/// The same with the lockfile beside it, for a command that changes neither:
/// what is declared as it is recorded is held once.
pub(super) fn load_and_show_beside_lock(
    global: &GlobalArgs,
    output: &Output,
) -> Result<(Workspace, ReadLock), CommandError> {
    let (workspace, lock) = load_beside(
        &load_options(global),
        |project| lock_store::read(&Paths::in_project(project, global).lockfile),
        |lock| lock.as_ref().ok(),
    )?;
    show_mistakes(&workspace, output);
    Ok((workspace, lock))
}

/// A lockfile, or why there is none to use.
pub(super) type ReadLock = Result<Lockfile, LockReadError>;

fn show_mistakes(workspace: &Workspace, output: &Output) {
    let is_invalid = workspace.has_errors();
    if !workspace.diagnostics.is_empty() && (is_invalid || !output.is_quiet) {
        let text = diagnostics::human(&workspace.diagnostics, output.err_palette.is_coloured());
        output.problem(text.trim_end());
    }
}

/// The options of planning that the command line and the project file give, for
/// all keys: which are meant is known once the lockfile is.
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
    }
}
