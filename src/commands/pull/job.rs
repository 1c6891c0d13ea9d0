//! The edits of a pull while they are made in memory.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::load::Workspace;
use super::snapshot::Snapshot;
use crate::import::Keys;
use crate::lock::Lockfile;
use crate::pull::{Edits, Expected, Left, Pull};
use crate::spec::outside_vars::OutsideVars;

/// The edits of the fields of one resource.
pub(super) type DocumentEdits = BTreeMap<String, Edits>;

/// The work of a pull: its inputs, and the files with the edits so far.
pub(super) struct Job<'a> {
    pub workspace: &'a Workspace,
    pub lock: &'a Lockfile,
    pub keys: Keys,
    /// The variables that no file sets.
    pub outside: OutsideVars,
    /// The project file as written.
    pub project: Value,
    /// The files with the edits so far.
    pub files: Snapshot,
    pub pulls: &'a [Pull],
    pub left: Vec<Left>,
}

impl<'a> Job<'a> {
    /// Returns what the edited files should declare.
    pub fn expected(&self) -> Expected<'a> {
        Expected::new(&self.workspace.desired, self.pulls, self.lock)
    }
}
