//! Writes the text of a lockfile.

use std::collections::BTreeMap;

use serde::Serialize;

use super::entry::{ResourceEntry, SimulationEntry};
use super::format::{LockfileV1, LockfileV2};
use super::lockfile::Lockfile;
use crate::resource::Kind;

/// Returns the text of a lockfile; `None` for a lockfile without an address.
///
/// The text has the lowest version that can say the lockfile: version 1 for simulations
/// alone, without the ids of agents.
#[must_use]
pub fn render(lockfile: &Lockfile) -> Option<String> {
    let api = lockfile.api.clone()?;
    let organization = lockfile.organization.clone();
    let mut resources = lockfile.resources.iter();
    let are_simulations = resources.all(|(key, _)| key.kind() == Kind::Simulation);
    if are_simulations && lockfile.agents.is_empty() {
        let entries = lockfile.resources.iter();
        let document = LockfileV1 {
            api,
            organization,
            simulations: entries
                .map(|(key, locked)| (key.key().to_owned(), SimulationEntry::from(locked)))
                .collect(),
            version: 1,
        };
        return Some(text(&document, lockfile.resources.len()));
    }
    let mut by_kind = BTreeMap::new();
    for (key, locked) in &lockfile.resources {
        let of_kind: &mut BTreeMap<_, _> = by_kind.entry(key.kind().name().to_owned()).or_default();
        of_kind.insert(key.key().to_owned(), ResourceEntry::from(locked));
    }
    let agents = lockfile.agents.iter();
    let document = LockfileV2 {
        agents: agents
            .map(|(selector, id)| (selector.to_string(), id.clone()))
            .collect(),
        api,
        organization,
        resources: by_kind,
        version: 2,
    };
    Some(text(&document, lockfile.resources.len()))
}

/// The bytes that are reserved for each resource. Most resources need fewer. A text that
/// grows step by step would touch three times the memory of the whole text.
const RESERVED_BYTES: usize = 2048;

fn text(document: &impl Serialize, resources: usize) -> String {
    let mut text = Vec::with_capacity((resources + 1) * RESERVED_BYTES);
    // An empty lockfile in place of an error would lose the ids.
    serde_json::to_writer_pretty(&mut text, document)
        .unwrap_or_else(|error| unreachable!("maps with text keys serialize: {error}"));
    text.push(b'\n');
    String::from_utf8(text).unwrap_or_else(|error| unreachable!("JSON is UTF-8: {error}"))
}
