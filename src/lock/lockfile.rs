//! The lockfile as a value.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, SimulationId, SimulationKey};

/// The address of the API that ids belong to, in one spelling.
///
/// Without a trailing slash and without a trailing `/v1`, the host in lower case,
/// and without the scheme's own port, so that the same API is the same address
/// however the user typed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ApiAddress(String);

impl ApiAddress {
    /// The address in its one spelling.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let url = Url::parse(text.trim());
        let text = url.as_ref().map_or(text.trim(), Url::as_str);
        let text = text.trim_end_matches('/');
        let text = text.strip_suffix("/v1").unwrap_or(text);
        Self(text.trim_end_matches('/').to_owned())
    }

    /// The text.
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

/// What was applied last, for one lockfile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lockfile {
    /// Where the ids live; `None` while nothing was ever applied.
    pub api: Option<ApiAddress>,
    /// The organisation that the ids belong to, where the API names it.
    pub organization: Option<String>,
    /// By key, in the keys' order.
    pub simulations: BTreeMap<SimulationKey, LockedSimulation>,
}

/// What was applied last, for one simulation.
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
    /// A simulation as it was just created.
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
    /// The same, taken over and not created.
    #[must_use]
    pub fn adopted(mut self) -> Self {
        self.adopted.insert(self.simulation_id);
        self
    }

    /// Whether one of its ids was taken over.
    #[must_use]
    pub fn was_adopted(&self, id: SimulationId) -> bool {
        self.adopted.contains(&id)
    }
}

/// One id that stands under two keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedId {
    /// The id.
    pub id: SimulationId,
    /// The key that comes first.
    pub first: SimulationKey,
    /// The key that comes second.
    pub second: SimulationKey,
}

impl Lockfile {
    /// Every id that this lockfile owns, with its key: the current ones and
    /// those that a replace left behind.
    pub fn ids(&self) -> impl Iterator<Item = (SimulationId, &SimulationKey)> {
        self.simulations.iter().flat_map(|(key, locked)| {
            std::iter::once(locked.simulation_id)
                .chain(locked.replaced.iter().copied())
                .map(move |id| (id, key))
        })
    }

    /// The first id that stands under two keys, or twice under one.
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
