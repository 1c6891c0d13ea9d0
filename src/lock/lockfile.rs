//! The lockfile as a value.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use crate::resource::Kind;
use crate::resource::agent::AgentIds;
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};
use crate::resource::reference::ids_in;
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

/// The prior state of all resources of one environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lockfile {
    /// The address that the ids belong to; `None` before the first apply.
    pub api: Option<ApiAddress>,
    /// The organisation that the ids belong to, where the API names it.
    pub organization: Option<String>,
    /// The ids of the agents that the files name in place of an id.
    pub agents: AgentIds,
    /// The resources by key, in the order of keys.
    pub resources: BTreeMap<ResourceKey, LockedResource>,
}

/// The prior state of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct LockedResource {
    /// The ids that were adopted, not created: another person may manage them. They are
    /// only deleted with `--force`.
    pub adopted: BTreeSet<RemoteId>,
    /// The fields that the API accepted. References are ids.
    pub applied: Body,
    /// The digital humans that the files attached, for a simulation.
    pub digital_humans: BTreeSet<DigitalHumanId>,
    /// Whether the resource was declared as protected.
    pub protect: bool,
    /// The ids of old instances, which still exist at the API.
    pub replaced: Vec<RemoteId>,
    /// The id that the API assigned.
    pub id: RemoteId,
}

impl LockedResource {
    /// Returns the entry of a resource that was just created or adopted.
    #[must_use]
    pub fn new(id: RemoteId, applied: Body) -> Self {
        Self {
            adopted: BTreeSet::new(),
            id,
            applied,
            digital_humans: BTreeSet::new(),
            protect: false,
            replaced: Vec::new(),
        }
    }
}

impl LockedResource {
    /// Returns the entry, adopted and not created. A resource with the marker of the
    /// project counts as created: only the project itself sets the marker.
    #[must_use]
    pub fn adopted(mut self) -> Self {
        if self.applied.get(MARKER).is_none() {
            self.adopted.insert(self.id);
        }
        self
    }

    /// Returns the ids that a resource of this kind uses.
    #[must_use]
    pub fn used_ids(&self, kind: Kind) -> BTreeSet<RemoteId> {
        ids_in(kind, &self.applied, &self.digital_humans)
    }

    /// Returns whether an id was adopted, not created.
    #[must_use]
    pub fn was_adopted(&self, id: RemoteId) -> bool {
        self.adopted.contains(&id)
    }
}

/// An id that belongs to two keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedId {
    /// The id.
    pub id: RemoteId,
    /// The first key, in the order of keys.
    pub first: ResourceKey,
    /// The second key.
    pub second: ResourceKey,
}

impl Lockfile {
    /// Returns the id of a resource; `None` if the resource is not tracked.
    #[must_use]
    pub fn id_of(&self, key: &ResourceKey) -> Option<RemoteId> {
        self.resources.get(key).map(|locked| locked.id)
    }

    /// Returns every tracked id with its key: the ids of resources and of old
    /// instances.
    pub fn ids(&self) -> impl Iterator<Item = (RemoteId, &ResourceKey)> {
        self.resources.iter().flat_map(|(key, locked)| {
            std::iter::once(locked.id)
                .chain(locked.replaced.iter().copied())
                .map(move |id| (id, key))
        })
    }

    /// Returns the ids that the tracked resources use, those of untracked resources
    /// included.
    pub fn used_ids(&self) -> impl Iterator<Item = RemoteId> {
        let resources = self.resources.iter();
        resources.flat_map(|(key, locked)| locked.used_ids(key.kind()))
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
