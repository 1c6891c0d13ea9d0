//! `state show KEY`: shows one entry of the lockfile.

use serde_json::Value;

use super::no_entry;
use crate::error::{CommandError, Exit};
use crate::lock::LockedResource;
use crate::report::{Output, json};
use crate::resource::Kind;
use crate::spec::yaml;
use crate::state::StateFiles;
use crate::visible;

/// Prints an entry as YAML, or as the JSON of the lockfile.
pub(super) fn run(
    paths: &StateFiles,
    key: &str,
    is_json: bool,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let recorded = paths.read()?;
    let lock = &recorded.replay.lock;
    let locked = lock.resources.get(key).ok_or_else(|| no_entry(lock, key))?;
    let text = if is_json {
        json::text(locked)
    } else {
        let entry = serde_json::to_value(locked)
            .map_err(|error| CommandError::new("could not show the entry").caused_by(error))?;
        visible::terminal(&human(key, locked, &entry), false)
    };
    output.result(&text);
    Ok(Exit::Success)
}

/// Returns the entry as YAML: identity first, prior state last.
fn human(key: &str, locked: &LockedResource, entry: &Value) -> String {
    let more = ["protect", "replaced", "digital_humans", "applied"];
    let more = more
        .iter()
        .filter_map(|field| Some(((*field).to_owned(), entry.get(*field)?.clone())));
    let id = match locked.id.kind() {
        Kind::Simulation => "simulation_id",
        _ => "id",
    };
    let first = [
        ("key".to_owned(), key.into()),
        (id.to_owned(), locked.id.plain().to_value()),
    ];
    let fields: Vec<_> = first.into_iter().chain(more).collect();
    yaml::render(&fields)
}
