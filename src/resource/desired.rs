//! Desired state: everything the YAML files declare, checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::body::Body;
use super::key::{DigitalHumanId, SimulationKey};

/// Where a simulation was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's path as shown to the user.
    pub file: Arc<str>,
    /// Which document of the file, counted from 0.
    pub document: usize,
    /// The line of the document's first field, counted from 1.
    pub line: usize,
}

/// One declared simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredSimulation {
    /// What is sent: exactly the API fields that the files give, defaults included.
    pub body: Body,
    /// The digital humans to attach.
    pub digital_humans: BTreeSet<DigitalHumanId>,
    /// Detach all others.
    pub is_exclusive: bool,
    /// Never delete or replace it.
    pub is_protected: bool,
    /// The key that this simulation had before a rename.
    pub moved_from: Option<SimulationKey>,
    /// Where it was declared.
    pub source: Source,
}

/// All declared simulations by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DesiredState {
    /// By key, in the keys' order.
    pub simulations: BTreeMap<SimulationKey, DesiredSimulation>,
}
