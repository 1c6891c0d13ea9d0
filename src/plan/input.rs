//! The input and the options of a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::observed_state::ObservedStates;
use crate::lock::Lockfile;
use crate::resource::desired::DesiredState;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::{Observed, UnknownFieldsByKey};
use crate::spec::project::MaxDeletes;

/// The action for a resource whose fields change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnChange {
    /// Update in place if the API can change the field in place, otherwise replace.
    #[default]
    Update,
    /// Replace always, for an API without updates. Fields that no create sends are
    /// still updated.
    Recreate,
}

/// The options of a plan.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Whether resources that no file declares are deleted.
    pub prune: bool,
    /// The action for a resource whose fields change.
    pub on_change: OnChange,
    /// The keys that the plan is restricted to; `None` for all keys.
    pub targets: Option<BTreeSet<ResourceKey>>,
    /// The maximum number of deletes.
    pub delete_bound: DeleteBound,
    /// Whether every resource is protected.
    pub protect_all: bool,
    /// Further protected keys, for `destroy`, where no file declares a resource.
    pub protected: BTreeSet<ResourceKey>,
    /// The resources that may be deleted.
    pub delete_scope: DeleteScope,
    /// Whether the API key is known to belong to the lockfile's organisation. A
    /// resource that is not found is then known to be deleted.
    pub trusts_absence: bool,
}

/// The states that a plan compares.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// The desired state.
    pub desired: &'a DesiredState,
    /// The prior state.
    pub locked: &'a Lockfile,
    /// The fields that an interrupted update may have changed.
    pub unknown: &'a UnknownFieldsByKey,
    /// The observed states; empty if the API was not read.
    pub observed: &'a ObservedStates,
    /// The untracked resources to adopt, by key. Empty before the search for the
    /// resources of [`Plan::pending`](super::Plan::pending).
    pub found: &'a BTreeMap<ResourceKey, Observed>,
}

/// The observed states of an API that was not read.
static NOT_ASKED: ObservedStates = ObservedStates::new();
static NOTHING_FOUND: BTreeMap<ResourceKey, Observed> = BTreeMap::new();

impl<'a> PlanInput<'a> {
    /// Returns the input of a plan without reading the API.
    #[must_use]
    pub fn offline(
        desired: &'a DesiredState,
        locked: &'a Lockfile,
        unknown: &'a UnknownFieldsByKey,
    ) -> Self {
        Self {
            desired,
            locked,
            unknown,
            observed: &NOT_ASKED,
            found: &NOTHING_FOUND,
        }
    }
}

/// The default share of the lockfile, in percent, that one apply may delete.
pub const DEFAULT_MAX_DELETES: usize = 30;

/// The smallest lockfile to which the default maximum applies, in resources.
const DEFAULT_FROM: usize = 10;

/// The maximum number of deletes of one apply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DeleteBound {
    /// The default: [`DEFAULT_MAX_DELETES`].
    #[default]
    Default,
    /// `safety.max_deletes` of the project file.
    Project(MaxDeletes),
    /// No maximum: `--force`.
    Unbounded,
}

/// The resources that an apply may delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteScope {
    /// The resources that this lockfile created and that no other lockfile tracks.
    Owned {
        /// The ids that other lockfiles of the repository track.
        claimed: BTreeSet<RemoteId>,
        /// The ids that the resources of other lockfiles of the repository use.
        used: BTreeSet<RemoteId>,
    },
    /// All resources: `--force`. Adopted resources and resources that other
    /// lockfiles track are included.
    Any,
}

impl Default for DeleteScope {
    fn default() -> Self {
        Self::Owned {
            claimed: BTreeSet::new(),
            used: BTreeSet::new(),
        }
    }
}

impl DeleteBound {
    pub(super) fn count(&self, locked: usize) -> usize {
        match self {
            Self::Default if locked < DEFAULT_FROM => usize::MAX,
            Self::Default => locked * DEFAULT_MAX_DELETES / 100,
            Self::Project(bound) => bound.count(locked),
            Self::Unbounded => usize::MAX,
        }
    }
}
