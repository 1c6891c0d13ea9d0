//! What an update that was cut off left unknown.

use std::collections::{BTreeMap, BTreeSet};

use super::key::{DigitalHumanId, SimulationKey};

/// What is unknown at the API about one simulation, since an update was cut off
/// between its request and its answer: it is sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsure {
    /// The paths that it changed.
    pub fields: BTreeSet<String>,
    /// The digital humans that it attached or detached.
    pub humans: BTreeSet<DigitalHumanId>,
}

/// What is unknown at the API, by key.
pub type UnsureFields = BTreeMap<SimulationKey, Unsure>;
