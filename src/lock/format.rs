//! The lockfile as text: JSON that git merges well.
//!
//! Keys are sorted, two spaces indent, a newline ends the file. Equal values give
//! equal bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::conflict::has_conflict_markers;
use super::entry::{ResourceEntry, SimulationEntry};
use super::lockfile::{ApiAddress, LockedResource, Lockfile, SharedId};
use super::strict::{self, Object};
use crate::resource::Kind;
use crate::resource::agent::AgentIds;
use crate::resource::key::{PlainId, RemoteId, ResourceKey};
use crate::spec::schema::{NamedSchema, generate};
use crate::suggestion::{Message, Suggestion, Verb, quoted};

/// The newest version of the format that this program reads and writes.
///
/// | version | content |
/// | --- | --- |
/// | 1 | simulations alone |
/// | 2 | resources of every kind, by kind; ids of agents |
pub const FORMAT_VERSION: u64 = 2;

/// The schema of the lockfile.
pub const SCHEMA: NamedSchema = NamedSchema::new("lockfile", generate::<LockfileSchema>);

/// The lockfile of bluejayctl: which simulation of the API belongs to which
/// key, and what was applied last. Written by `bluejayctl apply`, committed to git.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(title = "bluejayctl lockfile")]
#[allow(dead_code, reason = "only its schema is used")]
enum LockfileSchema {
    /// A lockfile of simulations alone.
    V1(LockfileV1),
    /// A lockfile of resources of every kind.
    V2(LockfileV2),
}

/// The lockfile of version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LockfileV1 {
    // In the order of their names, as in every object of the file.
    /// The address of the API that the ids belong to.
    pub api: ApiAddress,
    /// The organisation that the ids belong to, where the API names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The simulations by key.
    pub simulations: BTreeMap<String, SimulationEntry>,
    /// The version of this format.
    pub version: u64,
}

/// The lockfile of version 2.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LockfileV2 {
    // In the order of their names, as in every object of the file.
    /// The ids of agents, by `external_id:EXTERNAL_ID` or `name:NAME`, as the files name
    /// the agents.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub agents: BTreeMap<String, String>,
    /// The address of the API that the ids belong to.
    pub api: ApiAddress,
    /// The organisation that the ids belong to, where the API names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The resources by kind and key.
    pub resources: BTreeMap<String, BTreeMap<String, ResourceEntry>>,
    /// The version of this format.
    pub version: u64,
}

/// The reason why a text is not a lockfile.
#[derive(Debug)]
pub enum FormatError {
    /// The text has git conflict markers; the line of the first marker.
    Conflict {
        /// Counted from 1.
        line: usize,
    },
    /// The text is empty. No apply writes an empty lockfile.
    Empty,
    /// A newer program wrote the lockfile.
    Newer {
        /// The version in the text.
        found: u64,
    },
    /// The text is torn or was edited by hand.
    Broken {
        /// Counted from 1.
        line: usize,
        /// The mistake in that line.
        reason: String,
    },
    /// One id belongs to two keys.
    SharedId(SharedId),
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { line } => write!(f, "it holds git conflict markers, from line {line}"),
            Self::Empty => f.write_str("it is empty"),
            Self::Newer { found } => write!(
                f,
                "it has version {found}, and this program knows up to {FORMAT_VERSION}"
            ),
            Self::Broken { line, reason } => {
                write!(f, "it is torn or was edited by hand: line {line}: {reason}")
            }
            Self::SharedId(SharedId { id, first, second }) => {
                write!(f, "{id:#} is recorded under `{first}` and under `{second}`")
            }
        }
    }
}

impl std::error::Error for FormatError {}

impl FormatError {
    /// Returns a suggestion for the lockfile at `path`.
    #[must_use]
    pub fn help(&self, path: &str) -> Message {
        match self {
            Self::Conflict { .. } => {
                Message::from("join both sides with ").command(Suggestion::new(Verb::StateResolve))
            }
            Self::Empty | Self::Broken { .. } => format!(
                "restore the file from git (`git checkout -- {}`); what was applied since is \
                 found again by the next apply",
                quoted(path)
            )
            .into(),
            Self::Newer { .. } => "use the bluejayctl that wrote it, or a newer one".into(),
            Self::SharedId(_) => Message::from("remove one of them with ")
                .command(Suggestion::new(Verb::StateRm).argument("KEY")),
        }
    }
}

/// Reads a lockfile. A damaged lockfile is an error and never an empty lockfile.
pub fn parse(text: &str) -> Result<Lockfile, FormatError> {
    let lockfile = parse_allowing_shared_ids(text)?;
    match lockfile.shared_id() {
        Some(shared) => Err(FormatError::SharedId(shared)),
        None => Ok(lockfile),
    }
}

/// Reads a lockfile, and accepts one id under two keys, so that `state rm` can correct
/// the lockfile.
pub fn parse_allowing_shared_ids(text: &str) -> Result<Lockfile, FormatError> {
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    read(text).map_err(|broken| {
        if let Some(line) = has_conflict_markers(text) {
            return FormatError::Conflict { line };
        }
        match version(text) {
            Some(found) if found > FORMAT_VERSION => FormatError::Newer { found },
            _ => broken,
        }
    })
}

/// Returns the version of a lockfile whose other fields may be unknown.
fn version(text: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    let read = serde_json::from_str::<Version>(text);
    read.ok().map(|read| read.version)
}

/// A lockfile of any version whose entries are still texts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skimmed<'a> {
    #[serde(default, deserialize_with = "strict::optional_agents")]
    agents: Option<AgentIds>,
    api: ApiAddress,
    #[serde(default)]
    organization: Option<String>,
    #[serde(borrow, default, deserialize_with = "strict::optional_entries")]
    simulations: Option<Entries<'a>>,
    #[serde(borrow, default, deserialize_with = "strict::optional_kinds")]
    resources: Option<BTreeMap<Kind, Entries<'a>>>,
    version: u64,
}

type Entries<'a> = BTreeMap<String, &'a RawValue>;

impl Skimmed<'_> {
    /// Returns the name of the field that the version lacks or does not have.
    fn wrong_field(&self) -> Option<String> {
        let missing = |name: &str| Some(format!("`{name}` is missing"));
        let unknown = |name: &str| Some(format!("the field `{name}` is not known"));
        if self.version == 1 && self.agents.is_some() {
            return unknown("agents");
        }
        match (self.version, &self.simulations, &self.resources) {
            (1, Some(_), None) | (2, None, Some(_)) => None,
            (1, None, _) => missing("simulations"),
            (1, Some(_), Some(_)) => unknown("resources"),
            (2, Some(_), _) => unknown("simulations"),
            (2, None, None) => missing("resources"),
            (other, ..) => Some(format!("version {other} does not exist")),
        }
    }
}

fn read(text: &str) -> Result<Lockfile, FormatError> {
    let skimmed = serde_json::from_str::<Object<Skimmed<'_>>>(text);
    let Object(skimmed) = skimmed.map_err(|error| broken(&error, 1))?;
    if skimmed.version > FORMAT_VERSION {
        let found = skimmed.version;
        return Err(FormatError::Newer { found });
    }
    if let Some(reason) = skimmed.wrong_field() {
        return Err(FormatError::Broken { line: 1, reason });
    }
    let simulations = skimmed.simulations.into_iter();
    let by_kind = simulations.map(|entries| (None, entries));
    let resources = skimmed.resources.into_iter().flatten();
    let by_kind = by_kind.chain(resources.map(|(kind, entries)| (Some(kind), entries)));
    let entries: Vec<_> = by_kind
        .flat_map(|(kind, entries)| entries.into_iter().map(move |(key, raw)| (kind, key, raw)))
        .collect();
    // To read the entries is most of the work of a plan, so all cores share it.
    let resources = entries.into_par_iter().map(|(kind, key, raw)| {
        let locked = read_entry(kind, raw.get()).map_err(|error| {
            // The entry is a part of the text, so its offset tells its first line.
            let offset = raw.get().as_ptr() as usize - text.as_ptr() as usize;
            let before = text.get(..offset).unwrap_or_default();
            broken(&error, 1 + before.matches('\n').count())
        })?;
        let kind = kind.unwrap_or(Kind::Simulation);
        Ok((ResourceKey::of(kind, &key), locked))
    });
    let resources: Result<Vec<_>, FormatError> = resources.collect();
    Ok(Lockfile {
        api: Some(skimmed.api),
        organization: skimmed.organization,
        agents: skimmed.agents.unwrap_or_default(),
        resources: resources?.into_iter().collect(),
    })
}

/// Reads an entry of version 1, or of version 2 for a kind.
fn read_entry(kind: Option<Kind>, text: &str) -> Result<LockedResource, serde_json::Error> {
    let read = match kind {
        None => {
            let Object::<SimulationEntry>(entry) = serde_json::from_str(text)?;
            entry.read()
        }
        Some(kind) => {
            let Object::<ResourceEntry>(entry) = serde_json::from_str(text)?;
            entry.read(kind)
        }
    };
    read.map_err(serde::de::Error::custom)
}

/// Returns a mistake in a part of the text that begins in this line.
fn broken(error: &serde_json::Error, first: usize) -> FormatError {
    FormatError::Broken {
        line: first + error.line().saturating_sub(1),
        reason: strict::reason(error),
    }
}

/// Returns the ids in a text that looks like a lockfile, such as a text with conflict
/// markers or of a newer version: the values of the fields that contain ids.
///
/// The text of version 2 does not tell the kind of an id without its context, so such an
/// id counts for every kind. Other files that end in `.lock` have no ids.
#[must_use]
pub fn ids_in_text(text: &str) -> BTreeSet<RemoteId> {
    let has_kinds = text.contains("\"resources\"");
    let kinds: &[Kind] = if has_kinds {
        &Kind::ALL
    } else {
        &[Kind::Simulation]
    };
    ["\"simulation_id\"", "\"id\"", "\"replaced\""]
        .iter()
        .flat_map(|field| text.split(field).skip(1))
        .filter_map(|rest| rest.trim_start().strip_prefix(':'))
        .flat_map(leading_ids)
        .flat_map(|id| {
            let of_kind = |kind: &Kind| PlainId::of_value(*kind, &id);
            let ids = kinds.iter();
            ids.filter_map(move |kind| Some(RemoteId::of(*kind, of_kind(kind)?)))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Returns the id that a text begins with, or the ids of the list.
fn leading_ids(text: &str) -> Vec<Value> {
    let text = text.trim_start();
    let text = match text.strip_prefix('[') {
        // A list may be incomplete.
        Some(list) => list.split([']', '<', '=', '>']).next().unwrap_or_default(),
        None => text.split([',', '}', '\n']).next().unwrap_or_default(),
    };
    let items = text.split(',').map(str::trim);
    items
        .filter_map(|item| serde_json::from_str(item).ok())
        .filter(|item: &Value| item.is_u64() || item.is_string())
        .collect()
}
