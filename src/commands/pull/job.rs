//! The files of a project while they are edited in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::super::load::{LoadOptions, Workspace, load};
use crate::diagnostic::SourceFile;
use crate::error::CommandError;
use crate::import::Keys;
use crate::lock::Lockfile;
use crate::pull::{Edits, Left, Pull, declares, is_equal};
use crate::resource::desired::DesiredState;
use crate::resource::key::ResourceKey;
use crate::store;
use crate::store::discover::Candidate;

/// The edits of the fields of one resource.
pub(super) type DocumentEdits = BTreeMap<String, Edits>;

/// The edits of all pulls, before they are made.
pub(super) struct Job<'a> {
    pub workspace: &'a Workspace,
    pub lock: &'a Lockfile,
    pub keys: Keys,
    /// The project file as written.
    pub project: Value,
    /// The options of loading, with the texts that were edited already.
    pub options: LoadOptions,
    pub pulls: &'a [Pull],
    pub left: Vec<Left>,
}

impl Job<'_> {
    pub fn candidate(&self, name: &str) -> Option<&Candidate> {
        let files = &self.workspace.files;
        let at = files.binary_search_by(|file| file.name.as_str().cmp(name));
        at.ok().map(|at| &files[at])
    }

    /// Loads the files with the edits so far.
    pub fn reload(&self) -> Result<Workspace, CommandError> {
        let mut workspace = load(&self.options)?;
        workspace.desired.resolve_agents(&self.lock.agents);
        Ok(workspace)
    }

    /// Replaces the text of a file in memory.
    pub fn set_text(&mut self, path: &Path, file: &SourceFile, text: String) {
        if file.text.as_deref() != Some(&text) {
            let edited = with_text(file, text);
            self.options.edited.insert(store::canonical(path), edited);
        }
    }

    /// Returns the resources that do not have the wanted state.
    pub fn unexpected(
        &self,
        desired: &DesiredState,
        taken: &BTreeMap<ResourceKey, BTreeSet<String>>,
    ) -> Vec<ResourceKey> {
        let id_of = |key: &ResourceKey| self.lock.resources.get(key).map(|locked| locked.id);
        let before = &self.workspace.desired.resources;
        let keys: BTreeSet<_> = before.keys().chain(desired.resources.keys()).collect();
        let is_unexpected = |key: &&ResourceKey| {
            let (Some(before), Some(after)) = (before.get(*key), desired.resources.get(*key))
            else {
                return true;
            };
            let pull = self.pulls.iter().find(|pull| pull.key == **key);
            !match pull.zip(taken.get(*key)) {
                Some((pull, paths)) => declares(pull, paths, after, &id_of),
                None => is_equal(key.kind(), after, before, &id_of),
            }
        };
        keys.into_iter().filter(is_unexpected).cloned().collect()
    }
}

/// Returns a file with another text, and with the same byte order mark.
pub(super) fn with_text(file: &SourceFile, text: String) -> Arc<SourceFile> {
    if file.skipped > 0 {
        SourceFile::after_byte_order_mark(file.name.as_str(), text)
    } else {
        SourceFile::new(file.name.as_str(), text)
    }
}
