//! `state list`: keys and ids.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{CommandError, Exit};
use crate::lock::LockedResource;
use crate::report::Output;
use crate::report::json::{self, FORMAT_VERSION, IdMembers};
use crate::resource::Kind;
use crate::resource::key::{PlainId, ResourceKey};
use crate::state::StateFiles;
use crate::suggestion::{Message, Suggestion, Verb};
use crate::visible;

/// The output of `bluejayctl state list --json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl state list --json")]
pub(in crate::commands) struct Document<'a> {
    /// The version of this format.
    format_version: &'static str,
    /// The simulations and the other resources, by key.
    simulations: Vec<Listed<'a>>,
}

/// A resource in the lockfile.
#[derive(Debug, Serialize, JsonSchema)]
struct Listed<'a> {
    /// The agent of a simulation.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    /// The key.
    key: &'a ResourceKey,
    /// The display name.
    name: Option<&'a str>,
    /// The ids of old instances, which still exist.
    replaced: Vec<PlainId>,
    #[serde(flatten)]
    id: IdMembers,
}

impl<'a> Document<'a> {
    fn of(simulations: &'a BTreeMap<ResourceKey, LockedResource>) -> Self {
        let simulations = simulations.iter();
        Self {
            format_version: FORMAT_VERSION,
            simulations: simulations
                .map(|(key, locked)| Listed {
                    agent_id: match key.kind() {
                        Kind::Simulation => Some(locked.applied.agent_id()),
                        _ => None,
                    },
                    key,
                    name: locked.applied.name(),
                    replaced: locked.replaced.iter().map(|id| id.plain()).collect(),
                    id: locked.id.into(),
                })
                .collect(),
        }
    }
}

/// Prints the keys and ids of lockfile and journal.
pub(super) fn run(
    paths: &StateFiles,
    is_json: bool,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let recorded = paths.read()?;
    for note in recorded.left_open() {
        output.warn(note);
    }
    let simulations = &recorded.replay.lock.resources;
    let text = if is_json {
        json::text(&Document::of(simulations))
    } else {
        visible::terminal(&listed(simulations), false)
    };
    if simulations.is_empty() {
        let name = paths.lockfile().file_name().unwrap_or_default();
        output.note(
            Message::from(format!("`{}` records no simulation; ", name.display()))
                .command(Suggestion::new(Verb::Apply))
                .text(" records them"),
        );
    }
    output.result(&text);
    Ok(Exit::Success)
}

/// Returns one line per entry: key, id, and the ids of old instances.
fn listed(simulations: &BTreeMap<ResourceKey, LockedResource>) -> String {
    let lengths = simulations.keys().map(|key| key.as_str().chars().count());
    let width = lengths.max().unwrap_or(0);
    let line = |(key, locked): (&ResourceKey, &LockedResource)| {
        let replaced: Vec<_> = locked.replaced.iter().map(ToString::to_string).collect();
        let more = match replaced.as_slice() {
            [] => String::new(),
            ids => format!("  (replaced, still at the API: {})", ids.join(", ")),
        };
        let (key, id) = (key.as_str(), locked.id);
        format!("{key:<width$}  {id}{more}\n")
    };
    simulations.iter().map(line).collect()
}
