//! `state`: shows and edits the lockfile, without the API. One file per subcommand.

mod list;
mod merge_driver;
mod mv;
mod resolve_conflict;
mod resolve_create;
mod rm;
mod show;
mod undecided;

pub(super) use list::Document as ListDocument;

use std::time::Duration;

use super::load::load;
use super::project::{load_options, state_files};
use crate::cli::{GlobalArgs, ListArgs, StateCommand};
use crate::error::{CommandError, Exit};
use crate::journal::{Intent, Replay};
use crate::lock::Lockfile;
use crate::report::Output;
use crate::resource::key::ResourceKey;
use crate::spec::nearest::nearest;
use crate::state::{GuardResult, Snapshot, StateFiles};
use crate::suggestion::{Message, Suggestion, Verb};

/// Runs `list`, which is `state list`.
pub(super) fn list(
    global: &GlobalArgs,
    args: &ListArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let workspace = load(&load_options(global))?;
    list::run(&state_files(&workspace, global), args, output)
}

/// Runs a subcommand of `state`.
pub(super) fn run(
    global: &GlobalArgs,
    command: &StateCommand,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    // The lockfile can be edited even if the files have mistakes.
    let paths = || -> Result<StateFiles, CommandError> {
        let workspace = load(&load_options(global))?;
        Ok(state_files(&workspace, global))
    };
    match command {
        StateCommand::List(args) => list::run(&paths()?, args, output),
        StateCommand::Show { key, json } => show::run(&paths()?, key, *json, output),
        StateCommand::Mv { from, to } => mv::run(&paths()?, from, to, output),
        StateCommand::Rm { keys } => rm::run(&paths()?, keys, output),
        StateCommand::Resolve {
            key: Some(key),
            id: Some(id),
            ..
        } => resolve_create::run(&paths()?, key, id, output),
        StateCommand::Resolve { keep, .. } => resolve_conflict::run(&paths()?, keep, output),
        // Git calls the merge driver with temporary files, also without a project.
        StateCommand::MergeDriver(args) => merge_driver::run(global, args, output),
    }
}

fn no_entry(lock: &Lockfile, key: &str) -> CommandError {
    let error = CommandError::new(format!("the lockfile has no entry `{key}`"));
    match nearest(key, lock.resources.keys().map(ResourceKey::as_str)) {
        Some(known) => error.help(format!("a similar key exists: `{known}`")),
        None => error.help(
            Message::default()
                .command(Suggestion::new(Verb::StateList))
                .text(" lists all keys"),
        ),
    }
}

/// Edits the lockfile under the guard. Returns an error if an intent is open that the
/// edit may affect, except for removed keys.
fn edit_lockfile(
    paths: &StateFiles,
    may_be_dropped: impl Fn(&Intent) -> bool,
    change: impl FnOnce(&mut Replay) -> Result<(), CommandError>,
) -> Result<Exit, CommandError> {
    with_guard(paths, || {
        let Snapshot {
            mut replay, lock, ..
        } = paths.read_for_repair()?;
        let mut open = replay.open.values();
        if let Some(open) = open.find(|open| !may_be_dropped(&open.intent)) {
            return Err(CommandError::new(format!(
                "an earlier apply left `{}` open",
                open.intent.key()
            ))
            .help(apply_first()));
        }
        change(&mut replay)?;
        paths.save(&replay, &lock)?;
        Ok(Exit::Success)
    })
}

/// Returns the help for an open intent that prevents a command.
pub(in crate::commands) fn apply_first() -> Message {
    Message::from("run ")
        .command(Suggestion::new(Verb::Apply))
        .text(" first, to settle the open intent")
}

/// Runs `work` with the guard of the lockfile. Returns an error that names the holder if
/// the guard is held.
pub(in crate::commands) fn with_guard(
    paths: &StateFiles,
    run: impl FnOnce() -> Result<Exit, CommandError>,
) -> Result<Exit, CommandError> {
    match paths.take_guard(Duration::ZERO, |_| {})? {
        GuardResult::Taken(_guard) => run(),
        GuardResult::Held(holder) => Err(CommandError::new(format!(
            "an apply is running on `{}`: {holder}",
            paths.lockfile().display()
        ))),
    }
}
