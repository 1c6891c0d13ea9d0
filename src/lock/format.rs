//! The lockfile as text: JSON that git merges well.
//!
//! Keys are sorted, two spaces indent, a newline ends the file. Equal values give
//! equal bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::entry::{ResourceEntry, SimulationEntry};
use super::lockfile::{ApiAddress, SharedId};
use crate::resource::Kind;
use crate::resource::key::{PlainId, RemoteId};
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
    // The fields are in the order of their names, as in every object of the file.
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
    // The fields are in the order of their names, as in every object of the file.
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
