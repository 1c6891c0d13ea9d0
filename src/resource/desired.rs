//! The desired state: everything that the YAML files declare, after all checks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::body::Body;
use super::key::{DigitalHumanId, ResourceKey};
use super::observed::Observed;
use super::ownership::{Owner, Ownership};

/// The place of a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path of the file, as messages show the path.
    pub file: Arc<str>,
    /// The index of the document in the file, from 0.
    pub document: usize,
    /// The line of the document's first field, from 1.
    pub line: usize,
}

/// One declared simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredResource {
    /// The declared API fields, defaults of the project file included.
    pub body: Body,
    /// The digital humans to attach.
    pub digital_humans: BTreeSet<DigitalHumanId>,
    /// Whether an apply detaches all other digital humans.
    pub is_exclusive: bool,
    /// Whether a plan refuses to delete or replace the simulation.
    pub is_protected: bool,
    /// The key that the simulation had before a rename.
    pub moved_from: Option<ResourceKey>,
    /// The place of the declaration.
    pub source: Source,
}

/// All declared simulations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DesiredState {
    /// The simulations by key, in the order of the keys.
    pub resources: BTreeMap<ResourceKey, DesiredResource>,
    /// The project, where it marks its simulations.
    pub ownership: Option<Ownership>,
}

impl DesiredState {
    /// Returns who manages an observed simulation that `key` may stand for, or that had
    /// the key `moved_from`, or the one that a file names as such.
    #[must_use]
    pub fn owner(
        &self,
        key: &ResourceKey,
        moved_from: Option<&ResourceKey>,
        observed: &Observed,
    ) -> Owner {
        let Some(ownership) = &self.ownership else {
            return Owner::Unknown;
        };
        let declared = self.resources.get(key);
        let declared = declared.and_then(|declared| declared.moved_from.as_ref());
        let keys = [Some(key), moved_from, declared].into_iter().flatten();
        ownership.owner(keys, observed)
    }
}
