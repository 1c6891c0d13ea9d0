//! `state show KEY|ID|NAME`: shows one entry of the lockfile.

use serde_json::Value;

use super::no_entry;
use crate::error::{CommandError, Exit};
use crate::lock::{LockedResource, Lockfile};
use crate::report::{Output, json};
use crate::resource::Kind;
use crate::resource::key::ResourceKey;
use crate::spec::nearest::join_names;
use crate::spec::yaml;
use crate::state::StateFiles;
use crate::visible;

/// The most keys in a message.
const MAX_NAMED: usize = 10;

/// Prints an entry as YAML, or as the JSON of the lockfile.
pub(super) fn run(
    paths: &StateFiles,
    key: &str,
    is_json: bool,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let recorded = paths.read()?;
    let lock = &recorded.replay.lock;
    let (key, locked) = entry(lock, key)?;
    let text = if is_json {
        json::text(locked)
    } else {
        let entry = serde_json::to_value(locked)
            .map_err(|error| CommandError::new("could not show the entry").caused_by(error))?;
        visible::terminal(&human(key.as_str(), locked, &entry), false)
    };
    output.result(&text);
    Ok(Exit::Success)
}

/// Returns the entry with this key, id or name.
fn entry<'a>(
    lock: &'a Lockfile,
    text: &str,
) -> Result<(&'a ResourceKey, &'a LockedResource), CommandError> {
    let found = lock.find(text);
    let [key] = found[..] else {
        return Err(match found.len() {
            0 => no_entry(lock, text),
            count => several(text, count, &found),
        });
    };
    let locked = lock.resources.get_key_value(key);
    locked.ok_or_else(|| no_entry(lock, text))
}

/// Returns the error for an id or a name of several entries.
fn several(text: &str, count: usize, found: &[&ResourceKey]) -> CommandError {
    let named = found.iter().take(MAX_NAMED).map(|key| key.as_str());
    let named = join_names(named, "and");
    let more = match count.saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    CommandError::new(format!("`{text}` finds {count} entries of the lockfile"))
        .help(format!("name one of them by its key: {named}{more}"))
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
