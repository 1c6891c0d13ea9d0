//! The resources that an import reads.

use std::collections::BTreeSet;

use crate::api::ApiError;
use crate::error::CommandError;
use crate::plan::Observed;
use crate::resource::Kind;
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};

/// The resources to import.
pub(super) enum Wanted {
    /// One resource, under this key.
    One(ResourceKey, RemoteId),
    /// The simulations of an agent, and what these simulations use.
    Agent(String),
    /// Everything that the API lists.
    All,
}

impl Wanted {
    /// Returns the requested key.
    pub fn key(&self) -> Option<&ResourceKey> {
        match self {
            Self::One(key, _) => Some(key),
            Self::Agent(_) | Self::All => None,
        }
    }
}

/// The tracked resources.
pub(super) struct Tracked {
    /// The ids in the lockfile of this run. Empty if one resource is wanted, which may be
    /// tracked under its key.
    pub here: BTreeSet<RemoteId>,
    /// The ids in other lockfiles and journals of the repository.
    pub elsewhere: BTreeSet<RemoteId>,
}

impl Tracked {
    pub fn contains(&self, id: RemoteId) -> bool {
        self.here.contains(&id) || self.elsewhere.contains(&id)
    }
}

/// A resource of the API.
pub(super) struct Found {
    /// The observed state.
    pub observed: Observed,
    /// The digital humans that are attached to a simulation; `None` if the API does not
    /// show them. Empty for other kinds.
    pub humans: Option<BTreeSet<DigitalHumanId>>,
}

impl Found {
    pub fn kind(&self) -> Kind {
        self.observed.id.kind()
    }
}

/// The result of reading.
#[derive(Default)]
pub(super) struct Read {
    /// The resources, by kind. What a resource refers to comes before it; apart from that,
    /// simulations are in the order of their ids, and other kinds in the order of their
    /// creation.
    pub found: Vec<Found>,
    /// The failed reads: what could not be read, and the error.
    pub failed: Vec<(String, ApiError)>,
    /// The number of resources that were skipped because they are tracked.
    pub tracked: usize,
}

impl Read {
    /// Returns whether one resource was found and nothing failed.
    pub fn is_single(&self) -> bool {
        self.found.len() == 1 && self.failed.is_empty()
    }
}

/// Returns the error about a resource that could not be read.
pub(super) fn could_not_read(id: RemoteId, error: ApiError) -> CommandError {
    CommandError::new(format!("could not read {id:#}")).caused_by(error)
}
