//! The lockfile as a value.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, SimulationId, SimulationKey};
use crate::resource::simulation::MARKER;

/// The address of the API that ids belong to, in a normalised form.
///
/// The form has no trailing slash, no trailing `/v1` and no default port, and the
/// host is in lower case. Two spellings of one address are therefore equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ApiAddress(String);

impl ApiAddress {
    /// Returns the normalised address.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let url = Url::parse(text.trim());
        let text = url.as_ref().map_or(text.trim(), Url::as_str);
        let text = text.trim_end_matches('/');
        let text = text.strip_suffix("/v1").unwrap_or(text);
        Self(text.trim_end_matches('/').to_owned())
    }

    /// Returns the address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ApiAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(&text))
    }
}

impl fmt::Display for ApiAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The prior state of all simulations of one environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lockfile {
    /// The address that the ids belong to; `None` before the first apply.
    pub api: Option<ApiAddress>,
    /// The organisation that the ids belong to, where the API names it.
    pub organization: Option<String>,
    /// The simulations by key, in the order of keys.
    pub simulations: BTreeMap<SimulationKey, LockedSimulation>,
}

/// The prior state of one simulation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockedSimulation {
    // In the order of their names, as in every object of the file.
    /// Those of its ids that were taken over, not created: somebody else may manage
    /// them. They are only deleted with `--force`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub adopted: BTreeSet<SimulationId>,
    /// The fields that the API accepted.
    pub applied: Body,
    /// The digital humans that were attached by the files.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub digital_humans: BTreeSet<DigitalHumanId>,
    /// It was declared with `protect: true`: deleting its file doesn't lift that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// Ids that a replace left behind: still at the API, no longer declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<SimulationId>,
    /// The id that the API gave.
    #[serde(deserialize_with = "super::strict::id")]
    pub simulation_id: SimulationId,
}

impl LockedSimulation {
    /// Returns the entry of a simulation that was just created or adopted.
    #[must_use]
    pub fn new(simulation_id: SimulationId, applied: Body) -> Self {
        Self {
            adopted: BTreeSet::new(),
            simulation_id,
            applied,
            digital_humans: BTreeSet::new(),
            protect: false,
            replaced: Vec::new(),
        }
    }
}

impl LockedSimulation {
    /// Returns the entry, adopted and not created. A simulation with the marker of the
    /// project counts as created: only the project itself sets the marker.
    #[must_use]
    pub fn adopted(mut self) -> Self {
        if self.applied.get(MARKER).is_none() {
            self.adopted.insert(self.simulation_id);
        }
        self
    }

    /// Whether one of its ids was taken over.
    #[must_use]
    pub fn was_adopted(&self, id: SimulationId) -> bool {
        self.adopted.contains(&id)
    }
}

/// An id that belongs to two keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedId {
    /// The id.
    pub id: SimulationId,
    /// The first key, in the order of keys.
    pub first: SimulationKey,
    /// The second key.
    pub second: SimulationKey,
}

impl Lockfile {
    /// Returns every tracked id with its key: the ids of simulations and of old
    /// instances.
    pub fn ids(&self) -> impl Iterator<Item = (SimulationId, &SimulationKey)> {
        self.simulations.iter().flat_map(|(key, locked)| {
            std::iter::once(locked.simulation_id)
                .chain(locked.replaced.iter().copied())
                .map(move |id| (id, key))
        })
    }

    /// Returns the first id that belongs to two keys, or twice to one key.
    #[must_use]
    pub fn shared_id(&self) -> Option<SharedId> {
        let mut owners = BTreeMap::new();
        for (id, key) in self.ids() {
            if let Some(first) = owners.insert(id, key) {
                return Some(SharedId {
                    id,
                    first: first.clone(),
                    second: key.clone(),
                });
            }
        }
        None
    }
}
