//! The lockfile as text: JSON that git merges well.
//!
//! Keys are sorted, two spaces indent, a newline ends the file. Equal values give
//! equal bytes.

use std::collections::BTreeMap;
use std::fmt;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::conflict::has_conflict_markers;
use super::lockfile::{ApiAddress, LockedSimulation, Lockfile, SharedId};
use super::strict::{self, Object};
use crate::resource::key::{SimulationId, SimulationKey};
use crate::spec::schema::{NamedSchema, generate};
use crate::suggestion::{Message, Suggestion, Verb, quoted};

/// The version that this program writes, and the newest version that it reads.
pub const FORMAT_VERSION: u64 = 1;

/// The schema of the lockfile.
pub const SCHEMA: NamedSchema = NamedSchema::new("lockfile", generate::<LockfileV1>);

/// The lockfile of bluejayctl: which simulation of the API belongs to which
/// key, and what was applied last. Written by `bluejayctl apply`, committed to git.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "bluejayctl lockfile")]
struct LockfileV1 {
    // In the order of their names, as in every object of the file.
    /// The address of the API that the ids belong to.
    api: ApiAddress,
    /// The organisation that the ids belong to, where the API names it.
    #[serde(default)]
    organization: Option<String>,
    /// The simulations by key.
    #[serde(deserialize_with = "entries")]
    simulations: BTreeMap<SimulationKey, LockedSimulation>,
    /// The version of this format.
    version: u64,
}

/// Reads entries, each of which must be a map.
fn entries<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<SimulationKey, LockedSimulation>, D::Error> {
    let entries = strict::by_key::<_, Object<LockedSimulation>>(deserializer)?;
    Ok(entries
        .into_iter()
        .map(|(key, Object(entry))| (key, entry))
        .collect())
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
                write!(
                    f,
                    "simulation {id} is recorded under `{first}` and under `{second}`"
                )
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
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let v1 = match parse_in_parallel(text) {
        Some(v1) => Ok(v1),
        // Once more from the beginning, to the end or for the line of the mistake.
        None => serde_json::from_str(text).map(|Object(v1)| v1),
    };
    let v1: LockfileV1 = match v1 {
        Ok(v1) => v1,
        Err(error) => {
            if let Some(line) = has_conflict_markers(text) {
                return Err(FormatError::Conflict { line });
            }
            return Err(match serde_json::from_str::<Version>(text) {
                Ok(Version { version }) if version != FORMAT_VERSION => {
                    FormatError::Newer { found: version }
                }
                _ => FormatError::Broken {
                    line: error.line(),
                    reason: strict::reason(&error),
                },
            });
        }
    };
    if v1.version != FORMAT_VERSION {
        return Err(FormatError::Newer { found: v1.version });
    }
    Ok(Lockfile {
        api: Some(v1.api),
        organization: v1.organization,
        simulations: v1.simulations,
    })
}

/// The ids in a text that looks like a lockfile, such as one with conflict markers or
/// one of a newer version: whatever a field of an entry names one with.
///
/// Other files that end in `.lock` give none.
#[must_use]
pub fn ids_in_text(text: &str) -> Vec<SimulationId> {
    let of_field = |field: &str| {
        let values = text.split(field).skip(1);
        let values = values.filter_map(|rest| rest.trim_start().strip_prefix(':'));
        values.flat_map(leading_numbers).collect::<Vec<_>>()
    };
    let mut ids = of_field("\"simulation_id\"");
    ids.extend(of_field("\"replaced\""));
    ids
}

/// The number that a text begins with, or the numbers of the list.
fn leading_numbers(text: &str) -> Vec<SimulationId> {
    let text = text.trim_start();
    let (text, is_list) = text
        .strip_prefix('[')
        .map_or((text, false), |list| (list, true));
    let part = |c: char| c.is_ascii_digit() || (is_list && (c == ',' || c.is_whitespace()));
    let end = text.find(|c| !part(c)).unwrap_or(text.len());
    let numbers = text[..end].split(|c: char| !c.is_ascii_digit());
    numbers
        .filter_map(|number| number.parse().ok().map(SimulationId))
        .collect()
}

/// Skims the text for its entries, and then reads these on all cores; `None`
/// when anything is wrong. Reading is most of what a plan does besides reading
/// the files.
fn parse_in_parallel(text: &str) -> Option<LockfileV1> {
    let Object::<Skimmed<'_>>(skimmed) = serde_json::from_str(text).ok()?;
    let entries: Vec<_> = skimmed.simulations.into_iter().collect();
    let simulations = entries.into_par_iter().map(|(key, entry)| {
        let Object(entry) = serde_json::from_str(entry.get()).ok()?;
        Some((key, entry))
    });
    let simulations: Option<Vec<_>> = simulations.collect();
    Some(LockfileV1 {
        api: skimmed.api,
        organization: skimmed.organization,
        simulations: simulations?.into_iter().collect(),
        version: skimmed.version,
    })
}

/// A lockfile whose entries were not looked into.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skimmed<'a> {
    api: ApiAddress,
    #[serde(default)]
    organization: Option<String>,
    #[serde(borrow, deserialize_with = "strict::by_key")]
    simulations: BTreeMap<SimulationKey, &'a RawValue>,
    version: u64,
}
