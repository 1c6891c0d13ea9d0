//! Reads the text of a lockfile in two steps.
//!
//! The first step reads all but the applied fields. The second step reads the applied
//! fields, on all cores. Fields that the YAML files declare unchanged are only compared:
//! most of a lockfile is unchanged, and to build its values is most of the work.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::conflict::has_conflict_markers;
use super::entry::{ResourceEntry, SimulationEntry};
use super::format::{FORMAT_VERSION, FormatError};
use super::lockfile::{ApiAddress, LockedResource, Lockfile};
use super::strict::{self, Object};
use crate::resource::Kind;
use crate::resource::agent::AgentIds;
use crate::resource::body::Body;
use crate::resource::key::ResourceKey;

/// Reads a lockfile. A damaged lockfile is an error and never an empty lockfile.
pub fn parse(text: &str) -> Result<Lockfile, FormatError> {
    LockfileText::skim(text)?.read(|_| None)
}

/// Reads a lockfile, and accepts one id under two keys, so that `state rm` can correct
/// the lockfile.
pub fn parse_allowing_shared_ids(text: &str) -> Result<Lockfile, FormatError> {
    LockfileText::skim(text)?.read_allowing_shared_ids(|_| None)
}

/// The text of a lockfile whose applied fields are not read yet.
#[derive(Debug, Default)]
pub struct LockfileText<'a> {
    text: Cow<'a, str>,
    /// The lockfile without its resources.
    lockfile: Lockfile,
    entries: Vec<Entry>,
}

/// A resource without its applied fields.
#[derive(Debug)]
struct Entry {
    key: ResourceKey,
    locked: LockedResource,
    /// The place of the applied fields in the text.
    applied: Range<usize>,
}

impl<'a> LockfileText<'a> {
    /// Reads all but the applied fields.
    pub fn skim(text: impl Into<Cow<'a, str>>) -> Result<Self, FormatError> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(FormatError::Empty);
        }
        let (lockfile, entries) = skim(&text).map_err(|damage| explain(&text, damage))?;
        Ok(Self {
            text,
            lockfile,
            entries,
        })
    }

    /// Reads the applied fields. A resource whose applied fields equal its `declared` fields
    /// shares their memory.
    pub fn read<'d>(
        self,
        declared: impl Fn(&ResourceKey) -> Option<&'d Body> + Sync,
    ) -> Result<Lockfile, FormatError> {
        let lockfile = self.read_allowing_shared_ids(declared)?;
        match lockfile.shared_id() {
            Some(shared) => Err(FormatError::SharedId(shared)),
            None => Ok(lockfile),
        }
    }

    /// Reads the applied fields like [`Self::read`], and accepts one id under two keys.
    pub fn read_allowing_shared_ids<'d>(
        self,
        declared: impl Fn(&ResourceKey) -> Option<&'d Body> + Sync,
    ) -> Result<Lockfile, FormatError> {
        let text = &*self.text;
        let resources = self.entries.into_par_iter().map(|mut entry| {
            let applied = &text[entry.applied.clone()];
            let same = declared(&entry.key).filter(|declared| declared.is_text(applied));
            entry.locked.applied = match same {
                Some(declared) => declared.clone(),
                None => serde_json::from_str(applied)
                    .map_err(|error| broken(&error, line_at(text, entry.applied.start)))?,
            };
            Ok((entry.key, entry.locked))
        });
        let resources: Result<Vec<_>, FormatError> = resources.collect();
        let resources = resources.map_err(|damage| explain(text, damage))?;
        Ok(Lockfile {
            resources: resources.into_iter().collect(),
            ..self.lockfile
        })
    }
}

/// Returns the reason of a damage: conflict markers, or a newer version.
fn explain(text: &str, damage: FormatError) -> FormatError {
    if let Some(line) = has_conflict_markers(text) {
        return FormatError::Conflict { line };
    }
    match version(text) {
        Some(found) if found > FORMAT_VERSION => FormatError::Newer { found },
        _ => damage,
    }
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

/// A lockfile of any version whose applied fields are still text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skimmed<'a> {
    #[serde(default, deserialize_with = "strict::optional_agents")]
    agents: Option<AgentIds>,
    api: ApiAddress,
    #[serde(default)]
    organization: Option<String>,
    #[serde(borrow, default, deserialize_with = "strict::optional_entries")]
    simulations: Option<Entries<SimulationEntry<&'a RawValue>>>,
    #[serde(borrow, default, deserialize_with = "strict::optional_kinds")]
    resources: Option<BTreeMap<Kind, Entries<ResourceEntry<&'a RawValue>>>>,
    version: u64,
}

/// Entries by key.
type Entries<T> = BTreeMap<String, Object<T>>;

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

fn skim(text: &str) -> Result<(Lockfile, Vec<Entry>), FormatError> {
    let skimmed = serde_json::from_str::<Object<Skimmed<'_>>>(text);
    let Object(skimmed) = skimmed.map_err(|error| broken(&error, 1))?;
    if skimmed.version > FORMAT_VERSION {
        let found = skimmed.version;
        return Err(FormatError::Newer { found });
    }
    if let Some(reason) = skimmed.wrong_field() {
        return Err(FormatError::Broken { line: 1, reason });
    }
    let mut entries = Vec::new();
    let mut add = |kind, key: &str, applied: &RawValue, read: Result<LockedResource, String>| {
        let applied = place_in(text, applied.get());
        let locked = read.map_err(|reason| FormatError::Broken {
            line: line_at(text, applied.start),
            reason,
        })?;
        let key = ResourceKey::of(kind, key);
        entries.push(Entry {
            key,
            locked,
            applied,
        });
        Ok(())
    };
    for (key, Object(entry)) in skimmed.simulations.into_iter().flatten() {
        add(Kind::Simulation, &key, entry.applied, entry.read())?;
    }
    for (kind, of_kind) in skimmed.resources.into_iter().flatten() {
        for (key, Object(entry)) in of_kind {
            add(kind, &key, entry.applied, entry.read(kind))?;
        }
    }
    let lockfile = Lockfile {
        api: Some(skimmed.api),
        organization: skimmed.organization,
        agents: skimmed.agents.unwrap_or_default(),
        resources: BTreeMap::new(),
    };
    Ok((lockfile, entries))
}

/// Returns the place of a part of the text.
fn place_in(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// Returns the line of an offset, from 1.
fn line_at(text: &str, offset: usize) -> usize {
    1 + text[..offset].matches('\n').count()
}

/// Returns a mistake in a part of the text that begins in this line.
fn broken(error: &serde_json::Error, first: usize) -> FormatError {
    FormatError::Broken {
        line: first + error.line().saturating_sub(1),
        reason: strict::reason(error),
    }
}
