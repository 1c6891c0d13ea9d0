//! The entries of a lockfile as JSON, in both versions.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::lockfile::LockedResource;
use crate::resource::Kind;
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, PlainId, RemoteId};

/// The prior state of one simulation.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LockedSimulation")]
pub struct SimulationEntry<Applied = Body> {
    // The fields are in the order of their names, as in every object of the file.
    /// The ids that were adopted, not created. Somebody else may manage these resources, so
    /// only `--force` deletes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    adopted: Vec<RemoteId>,
    /// The fields that the API accepted.
    pub applied: Applied,
    /// The digital humans that were attached by the files.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    digital_humans: BTreeSet<DigitalHumanId>,
    /// Whether the simulation was declared with `protect: true`. Deleting its file doesn't
    /// lift the protection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    /// The ids of old instances, which still exist at the API.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced: Vec<RemoteId>,
    /// The id that the API assigned.
    simulation_id: RemoteId,
}

/// The prior state of one resource of any kind.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LockedResource")]
pub struct ResourceEntry<Applied = Body> {
    // The fields are in the order of their names, as in every object of the file.
    /// The ids that were adopted, not created. Somebody else may manage these resources, so
    /// only `--force` deletes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    adopted: Vec<PlainId>,
    /// The fields that the API accepted. References are ids.
    pub applied: Applied,
    /// The digital humans that were attached by the files, for a simulation.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    digital_humans: BTreeSet<DigitalHumanId>,
    /// The id that the API assigned.
    id: PlainId,
    /// Whether the resource was declared with `protect: true`. Deleting its file doesn't
    /// lift the protection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    /// The ids of old instances, which still exist at the API.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced: Vec<PlainId>,
}

impl From<&LockedResource> for SimulationEntry {
    fn from(locked: &LockedResource) -> Self {
        Self {
            adopted: locked.adopted.iter().copied().collect(),
            applied: locked.applied.clone(),
            digital_humans: locked.digital_humans.clone(),
            protect: locked.protect,
            replaced: locked.replaced.clone(),
            simulation_id: locked.id,
        }
    }
}

impl From<&LockedResource> for ResourceEntry {
    fn from(locked: &LockedResource) -> Self {
        Self {
            adopted: locked.adopted.iter().map(|id| id.plain()).collect(),
            applied: locked.applied.clone(),
            digital_humans: locked.digital_humans.clone(),
            id: locked.id.plain(),
            protect: locked.protect,
            replaced: locked.replaced.iter().map(|id| id.plain()).collect(),
        }
    }
}

impl<Applied> SimulationEntry<Applied> {
    /// Returns the entry as a value without its applied fields; an error for an id that no
    /// simulation has.
    pub fn read(self) -> Result<LockedResource, String> {
        if self.simulation_id.number() == Some(0) {
            return Err("no simulation has the id 0".to_owned());
        }
        let mut ids = self.adopted.iter().chain(&self.replaced);
        let is_other = |id: &RemoteId| id.kind() != Kind::Simulation;
        if ids.any(is_other) || is_other(&self.simulation_id) {
            return Err("expected a whole number".to_owned());
        }
        Ok(LockedResource {
            adopted: self.adopted.into_iter().collect(),
            applied: Body::default(),
            digital_humans: self.digital_humans,
            protect: self.protect,
            replaced: self.replaced,
            id: self.simulation_id,
        })
    }
}

impl<Applied> ResourceEntry<Applied> {
    /// Returns the entry of a resource of this kind as a value without its applied fields; an
    /// error for an id that no such resource has.
    pub fn read(self, kind: Kind) -> Result<LockedResource, String> {
        let id = |plain: PlainId| {
            let checked = PlainId::of_value(kind, &plain.to_value());
            let checked = checked.filter(|checked| *checked == plain);
            let wrong = || format!("no {} has the id {plain}", kind.noun());
            checked.map(|id| RemoteId::of(kind, id)).ok_or_else(wrong)
        };
        Ok(LockedResource {
            adopted: self.adopted.into_iter().map(id).collect::<Result<_, _>>()?,
            applied: Body::default(),
            digital_humans: self.digital_humans,
            protect: self.protect,
            replaced: self
                .replaced
                .into_iter()
                .map(id)
                .collect::<Result<_, _>>()?,
            id: id(self.id)?,
        })
    }
}

/// One entry of the lockfile.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
pub enum EntrySchema {
    /// A simulation.
    Simulation(SimulationEntry),
    /// A resource of another kind.
    Resource(ResourceEntry),
}

/// Serializes the entry of a simulation as version 1 does, and any other entry as version 2
/// does.
impl Serialize for LockedResource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.id.kind() {
            Kind::Simulation => SimulationEntry::from(self).serialize(serializer),
            _ => ResourceEntry::from(self).serialize(serializer),
        }
    }
}
