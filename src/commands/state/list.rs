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

/// Prints the keys and ids of lockfile and journal, or only the entries that the arguments
/// find.
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
        visible::terminal(&listed(simulations, output.layout().width), false)
    };
    if simulations.is_empty() {
        let name = paths.lockfile().file_name().unwrap_or_default();
        output.note(
            Message::from(format!("`{}` records no resource; ", name.display()))
                .command(Suggestion::new(Verb::Apply))
                .text(" records the declared ones"),
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

/// Returns one line per entry: key, id, and the ids of old instances. All ids begin in one
/// column if the lines then fit into the width; otherwise the ids of each kind do, and an
/// id that does not fit begins below its key.
fn listed(resources: &BTreeMap<ResourceKey, LockedResource>, width: usize) -> String {
    let length = |key: &ResourceKey| key.as_str().chars().count();
    let id_length = |locked: &LockedResource| locked.id.to_string().chars().count();
    let longest = resources.keys().map(length).max().unwrap_or(0);
    let ids = resources.values().map(id_length);
    let is_narrow = longest.saturating_add(2 + ids.max().unwrap_or(0)) > width;
    let mut columns = BTreeMap::new();
    for key in resources.keys() {
        let column = columns.entry(key.kind()).or_insert(0);
        *column = if is_narrow {
            length(key).max(*column)
        } else {
            longest
        };
    }
    let line = |(key, locked): (&ResourceKey, &LockedResource)| {
        let replaced: Vec<_> = locked.replaced.iter().map(ToString::to_string).collect();
        let more = match replaced.as_slice() {
            [] => String::new(),
            ids => format!("  (replaced, still at the API: {})", ids.join(", ")),
        };
        let column = columns.get(&key.kind()).copied().unwrap_or_default();
        let (name, id) = (key.as_str(), locked.id);
        if column + 2 + id_length(locked) > width {
            format!("{name}\n    {id}{more}\n")
        } else {
            format!("{name:<column$}  {id}{more}\n")
        }
    };
    resources.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::body::Body;
    use crate::resource::key::RemoteId;

    #[track_caller]
    fn check(width: usize, expected: &str) {
        let entry = |key: &str, id| {
            (
                ResourceKey::from(key),
                LockedResource::new(id, Body::default()),
            )
        };
        let id = PlainId::text("455b5214-92b6-4d3b-8b66-00000000005f");
        let id = RemoteId::of(Kind::Schedule, id.unwrap());
        let resources = [
            entry("a/long/key", RemoteId::simulation(7)),
            entry("b", RemoteId::simulation(12)),
            entry("schedule:a", id),
        ];
        let text = listed(&BTreeMap::from(resources), width);
        let lines = text.lines().map(|line| format!("|{line}\n"));
        assert_eq!(lines.collect::<String>(), expected);
    }

    #[test]
    fn ids_stand_in_one_column_as_far_as_the_width_allows() {
        check(
            48,
            "|a/long/key  7\n|b           12\n\
             |schedule:a  455b5214-92b6-4d3b-8b66-00000000005f\n",
        );
        check(
            47,
            "|a/long/key  7\n|b           12\n\
             |schedule:a\n|    455b5214-92b6-4d3b-8b66-00000000005f\n",
        );
    }
}
