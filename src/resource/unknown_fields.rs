//! The fields whose observed state is unknown after an interrupted update.

use std::collections::{BTreeMap, BTreeSet};

use super::key::{DigitalHumanId, ResourceKey};

/// The fields of one resource whose observed state is unknown, because an update was
/// interrupted between its request and its answer. The next apply sends them again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnknownFields {
    /// The paths that the update changed.
    pub fields: BTreeSet<String>,
    /// The digital humans that the update attached or detached.
    pub humans: BTreeSet<DigitalHumanId>,
}

/// Unknown fields by key.
pub type UnknownFieldsByKey = BTreeMap<ResourceKey, UnknownFields>;
