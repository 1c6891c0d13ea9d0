//! The simulations that a command selects.

use crate::commands::selection::choose_simulations;
use crate::error::CommandError;
use crate::resource::Kind;
use crate::runner::Wanted;
use crate::state::Snapshot;
use crate::suggestion::{Message, Suggestion, Verb};

/// Returns the simulations of a lockfile that match these keys and globs; an error if there is
/// none.
pub(super) fn wanted(
    keys: &[String],
    recorded: &Snapshot,
    lockfile: &str,
) -> Result<Vec<Wanted>, CommandError> {
    let resources = &recorded.replay.lock.resources;
    if resources.keys().all(|key| key.kind() != Kind::Simulation) {
        let message = format!("there is nothing to run: no simulation in `{lockfile}`");
        let help =
            Message::from("create simulations first: ").command(Suggestion::new(Verb::Apply));
        return Err(CommandError::new(message).help(help));
    }
    let chosen = choose_simulations(keys, &recorded.replay)?;
    let wanted = resources
        .iter()
        .filter(|(key, _)| chosen.contains(key))
        .map(|(key, locked)| Wanted {
            key: key.clone(),
            id: locked.id,
        });
    Ok(wanted.collect())
}
