//! What every subcommand of `run` reads first: the files, the recorded state, and the
//! simulations that the command selects.

use crate::cli::GlobalArgs;
use crate::commands::load::{Workspace, load};
use crate::commands::project::{load_options, state_files};
use crate::commands::selection::choose_simulations;
use crate::commands::{address, remote};
use crate::error::CommandError;
use crate::report::{Destination, Output, diagnostics};
use crate::resource::Kind;
use crate::resource::desired::DesiredState;
use crate::runner::Wanted;
use crate::state::{Snapshot, StateFiles};
use crate::suggestion::{Message, Suggestion, Verb};

/// The simulations that a command selects, and where they are.
pub(super) struct Selected {
    /// The project.
    pub workspace: Workspace,
    /// The recorded state.
    pub recorded: Snapshot,
    /// The files of the recorded state.
    pub paths: StateFiles,
    /// The simulations, by key.
    pub wanted: Vec<Wanted>,
    /// Where the simulations are.
    pub destination: Destination,
}

impl Selected {
    /// Reads and checks everything that a command needs before its first request. Warns of
    /// what an earlier apply left open. Shows the mistakes of invalid files, and returns
    /// `None`.
    pub(super) fn read(
        global: &GlobalArgs,
        keys: &[String],
        output: &Output,
    ) -> Result<Option<Self>, CommandError> {
        let options = load_options(global);
        let workspace = load(&options)?;
        if workspace.has_errors() {
            diagnostics::show(&workspace.diagnostics, output);
            return Ok(None);
        }
        let paths = state_files(&workspace, global);
        let recorded = paths.read()?;
        for note in recorded.left_open() {
            output.warn(note);
        }
        let lockfile = options.shown(paths.lockfile());
        let wanted = wanted(keys, (&recorded, &lockfile), &workspace.desired)?;
        let address = address::of(global, &workspace)?;
        recorded.check_address(address.target.recorded(), &paths)?;
        remote::check(global, &workspace, output)?;
        let destination = address.destination(&recorded.replay.lock, lockfile);
        Ok(Some(Self {
            workspace,
            recorded,
            paths,
            wanted,
            destination,
        }))
    }

    /// Writes for people where the simulations are, before the first request.
    pub(super) fn show_destination(&self, output: &mut Output) {
        let header = self.destination.header(output.layout());
        output.human(&format!("{header}\n"));
    }
}

/// Returns the simulations of a lockfile that match these keys and globs; an error if there is
/// none.
fn wanted(
    keys: &[String],
    (recorded, lockfile): (&Snapshot, &str),
    desired: &DesiredState,
) -> Result<Vec<Wanted>, CommandError> {
    let resources = &recorded.replay.lock.resources;
    if resources.keys().all(|key| key.kind() != Kind::Simulation) {
        let message = format!("there is nothing to run: no simulation in `{lockfile}`");
        let help =
            Message::from("create simulations first: ").command(Suggestion::new(Verb::Apply));
        return Err(CommandError::new(message).help(help));
    }
    let chosen = choose_simulations(keys, &recorded.replay, desired)?;
    let wanted = resources
        .iter()
        .filter(|(key, _)| chosen.contains(key))
        .map(|(key, locked)| Wanted {
            key: key.clone(),
            id: locked.id,
        });
    Ok(wanted.collect())
}
