//! The input and the options of a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::observed_state::ObservedStates;
use crate::lock::Lockfile;
use crate::resource::desired::DesiredState;
use crate::resource::key::{SimulationId, SimulationKey};
use crate::resource::{Observed, UnknownFieldsByKey};
use crate::spec::project::MaxDeletes;

/// What happens when a field changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnChange {
    /// In place where the API can, else by a replace.
    #[default]
    Update,
    /// By a replace, for an API that offers only create; but for what a create
    /// doesn't carry either.
    Recreate,
}

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Delete what is in the lockfile and in no file.
    pub prune: bool,
    /// What happens when a field changes.
    pub on_change: OnChange,
    /// Only these keys; `None` for all.
    pub targets: Option<BTreeSet<SimulationKey>>,
    /// How many deletes are allowed.
    pub delete_bound: DeleteBound,
    /// Protect every simulation.
    pub protect_all: bool,
    /// Protect these, though no file declares them: for a destroy.
    pub protected: BTreeSet<SimulationKey>,
    /// Which simulations may be deleted.
    pub delete_scope: DeleteScope,
    /// It is known that the key belongs to the organisation of the lockfile, so
    /// what can't be seen is gone.
    pub trusts_absence: bool,
}

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// What the files declare.
    pub desired: &'a DesiredState,
    /// What was applied.
    pub locked: &'a Lockfile,
    /// What an update that was cut off may have changed.
    pub unknown: &'a UnknownFieldsByKey,
    /// What the API was seen to hold; empty where it wasn't asked.
    pub observed: &'a ObservedStates,
    /// Untracked simulations that keys take over, as a look for [`Plan::pending`] found
    /// them; empty before it.
    pub found: &'a BTreeMap<SimulationKey, Observed>,
}

/// Of an API that wasn't asked.
static NOT_ASKED: ObservedStates = ObservedStates::new();
static NOTHING_FOUND: BTreeMap<SimulationKey, Observed> = BTreeMap::new();

impl<'a> PlanInput<'a> {
    /// What a plan is made from without asking the API.
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

/// The share of the lockfile, in percent, that one apply may delete when the
/// project file says nothing, once the lockfile holds ten.
pub const DEFAULT_MAX_DELETES: usize = 30;

/// How many simulations a lockfile holds before the default bound applies.
const DEFAULT_FROM: usize = 10;

/// How many deletes one apply may make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DeleteBound {
    /// The project file says nothing.
    #[default]
    Default,
    /// `safety.max_deletes` of the project file.
    Project(MaxDeletes),
    /// `--force`.
    Unbounded,
}

/// Which simulations an apply may delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteScope {
    /// Those that this lockfile created and that no other one tracks.
    Owned {
        /// The ids that other lockfiles of the repository track.
        claimed: BTreeSet<SimulationId>,
    },
    /// `--force`: also those that were adopted, and those that others track.
    Any,
}

impl Default for DeleteScope {
    fn default() -> Self {
        let claimed = BTreeSet::new();
        Self::Owned { claimed }
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
