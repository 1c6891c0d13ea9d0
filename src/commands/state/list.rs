//! `state list`: keys and ids.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::no_entry;
use crate::cli::ListArgs;
use crate::error::{CommandError, Exit};
use crate::lock::{LockedResource, Lockfile};
use crate::report::Output;
use crate::report::json::{self, FORMAT_VERSION, IdMembers};
use crate::resource::Kind;
use crate::resource::key::{PlainId, ResourceKey};
use crate::spec::selection::select;
use crate::state::StateFiles;
use crate::suggestion::{Message, Suggestion, Verb};
use crate::visible;

/// The entries of a lockfile.
type Resources = BTreeMap<ResourceKey, LockedResource>;

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

/// Prints the keys and ids of lockfile and journal, or those that the arguments find.
pub(super) fn run(
    paths: &StateFiles,
    args: &ListArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let recorded = paths.read()?;
    for note in recorded.left_open() {
        output.warn(note);
    }
    let found = found(&args.find, &recorded.replay.lock)?;
    let simulations = &*found;
    let text = if args.json {
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

/// Returns the entries that the texts find; all entries without texts. A text that finds
/// nothing is an error.
fn found<'a>(texts: &[String], lock: &'a Lockfile) -> Result<Cow<'a, Resources>, CommandError> {
    if texts.is_empty() {
        return Ok(Cow::Borrowed(&lock.resources));
    }
    let mut keys = BTreeSet::new();
    for text in texts {
        let mut found = lock.find(text);
        if found.is_empty() {
            found = lock.find_part(text);
        }
        if found.is_empty() {
            let globs = select(std::slice::from_ref(text), lock.resources.keys());
            found.extend(globs.unwrap_or_default());
        }
        if found.is_empty() {
            return Err(no_entry(lock, text));
        }
        keys.extend(found);
    }
    let found = lock.resources.iter();
    let found = found.filter(|(key, _)| keys.contains(key));
    let found = found.map(|(key, locked)| (key.clone(), locked.clone()));
    Ok(Cow::Owned(found.collect()))
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
