//! `state show KEY`: one entry.

use super::super::project::Paths;
use super::super::recorded::Recorded;
use super::no_entry;
use crate::error::{CommandError, Exit};
use crate::report::Output;

/// Prints the entry as JSON.
pub(super) fn run(paths: &Paths, key: &str, output: &mut Output) -> Result<Exit, CommandError> {
    let recorded = Recorded::read(paths)?;
    let lock = &recorded.replay.lock;
    let locked = lock
        .simulations
        .get(key)
        .ok_or_else(|| no_entry(lock, key))?;
    let entry = serde_json::to_value(locked)
        .map_err(|error| CommandError::new("could not show the entry").caused_by(error))?;
    output.result(&format!("{entry:#}\n"))?;
    Ok(Exit::Success)
}
