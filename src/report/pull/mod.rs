//! The report of a pull: the changed files, and what is left alone.

mod human;
mod json;
mod markdown;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use human::human;
pub use json::{Document, json};
pub use markdown::markdown;

use crate::api::ApiError;
use crate::pull::{Left, OtherEnvironment, Pull};
use crate::resource::key::ResourceKey;
use crate::suggestion::counted;

/// The content of the report.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Whether nothing is written.
    pub is_check: bool,
    /// The changed files, in the order of their names.
    pub files: &'a [ChangedFile],
    /// The values that the files declare after the pull.
    pub pulled: &'a [Pulled],
    /// The values that the pull leaves alone.
    pub left: &'a [Left],
    /// The other environments whose desired state changes.
    pub others: &'a [OtherEnvironment],
    /// The failed reads.
    pub failed: &'a BTreeMap<ResourceKey, ApiError>,
    /// The number of resources without drift.
    pub in_sync: usize,
}

/// A changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// The name for messages.
    pub name: String,
    /// The canonical path.
    pub path: PathBuf,
    /// The content before the pull.
    pub before: String,
    /// The content after the pull.
    pub after: String,
}

/// The pulled values of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled {
    /// The resource and its values.
    pub pull: Pull,
    /// The paths of the values that the files took.
    pub edited: BTreeSet<String>,
}

impl Pulled {
    /// Returns whether nothing changes for the resource.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edited.is_empty() && self.pull.agreed.is_empty()
    }

    /// Returns the paths to record: those that the files took, and those that were equal
    /// already.
    #[must_use]
    pub fn recorded(&self) -> BTreeSet<String> {
        self.edited.union(&self.pull.agreed).cloned().collect()
    }
}

impl Shown<'_> {
    /// Returns the counts in one sentence.
    fn sentence(&self) -> String {
        let edited: usize = self.pulled.iter().map(|one| one.edited.len()).sum();
        let agreed: usize = self.pulled.iter().map(|one| one.pull.agreed.len()).sum();
        let mut parts = Vec::new();
        if edited > 0 {
            let files = counted(self.files.len(), "file");
            let verb = if self.is_check { "to pull" } else { "pulled" };
            parts.push(format!("{} {verb} into {files}", counted(edited, "value")));
        }
        if agreed > 0 {
            let verb = if self.is_check {
                "to record"
            } else {
                "recorded"
            };
            parts.push(format!("{} {verb}", counted(agreed, "equal value")));
        }
        if !self.left.is_empty() {
            parts.push(format!("{} left alone", self.left.len()));
        }
        if !self.failed.is_empty() {
            parts.push(format!("{} could not be read", self.failed.len()));
        }
        if parts.is_empty() {
            return format!("Nothing to pull: {} as applied.", self.in_sync);
        }
        let mut sentence = parts.join(", ");
        if let Some(first) = sentence.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        sentence + "."
    }
}
