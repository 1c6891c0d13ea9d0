//! Edits variables, defaults and included files, from which several values can come.
//!
//! All files are loaded again for each group of such edits; [`Expected::decide`] decides
//! whether the edits stay.
//!
//! [`Expected::decide`]: crate::pull::Expected::decide

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use super::job::{DocumentEdits, Job};
use crate::error::CommandError;
use crate::pull::{
    Edits, LeftReason, Pull, Refusal, SharedSource, SharedUse, Site, Taken, field_place, grouped,
    site_values,
};
use crate::resource::key::ResourceKey;
use crate::spec::edit::{Edit, edit, newline, with_line_ends_of};
use crate::spec::path::Path;
use crate::store;

/// The reason why an included file can't contain a text with a byte order mark.
const MARK: &str =
    "its file can't hold the observed text, which begins with a byte order mark (U+FEFF)";

/// The edits after the shared sources were edited.
pub(super) struct SharedEdits {
    /// The edits of the documents, by resource.
    pub documents: BTreeMap<ResourceKey, BTreeMap<String, Vec<Edit>>>,
    /// The paths that got their values from shared sources.
    pub taken: Taken,
}

/// Edits the shared sources. A refused edit is replaced by an edit of the document, if the
/// document can override the source.
pub(super) fn take_shared(
    job: &mut Job<'_>,
    edits: Vec<DocumentEdits>,
) -> Result<SharedEdits, CommandError> {
    let mut result = SharedEdits {
        documents: BTreeMap::new(),
        taken: Taken::new(),
    };
    let mut uses = Vec::new();
    for (pull, edits) in job.pulls.iter().zip(edits) {
        let mut of_document = BTreeMap::new();
        for (path, Edits { document, shared }) in edits {
            uses.extend(shared.into_iter().map(|shared| SharedUse {
                key: pull.key.clone(),
                path: path.clone(),
                site: job.site(pull, &shared.source),
                shared,
            }));
            of_document.insert(path, document);
        }
        result.documents.insert(pull.key.clone(), of_document);
    }
    for group in grouped(uses) {
        match job.take_group(&group, &result)? {
            Ok(taken) => {
                result.taken = taken;
                for one in &group {
                    result.remove(one);
                }
            }
            Err(refusal) => job.override_group(group, &refusal, &mut result),
        }
    }
    Ok(result)
}

impl SharedEdits {
    /// Returns the other edits of the document for a field with a shared source, such as
    /// the edit of a unit.
    fn beside(&self, one: &SharedUse) -> &[Edit] {
        let edits = self.documents.get(&one.key);
        edits
            .and_then(|edits| edits.get(&one.path))
            .map_or(&[], Vec::as_slice)
    }

    fn remove(&mut self, one: &SharedUse) {
        if let Some(edits) = self.documents.get_mut(&one.key) {
            edits.remove(&one.path);
        }
    }
}

impl Job<'_> {
    fn site(&self, pull: &Pull, source: &SharedSource) -> Site {
        match source {
            SharedSource::Var(path, _) | SharedSource::Default(path) => Site::Project(path.clone()),
            SharedSource::File(path) => {
                let candidate = self.workspace.candidate(&pull.declared.source.file);
                let folder = candidate.map(|candidate| store::folder_of(&candidate.path));
                Site::File(store::canonical(&folder.unwrap_or_default().join(path)))
            }
        }
    }

    /// Edits the sources of a group, and the documents with the same fields. After a refusal,
    /// the files are as before.
    fn take_group(
        &mut self,
        group: &[SharedUse],
        edits: &SharedEdits,
    ) -> Result<Result<Taken, Refusal>, CommandError> {
        let before = self.files.options.edited.clone();
        let decided = self.decide_group(group, edits)?;
        if decided.is_err() {
            self.files.options.edited = before;
        }
        Ok(decided)
    }

    fn decide_group(
        &mut self,
        group: &[SharedUse],
        edits: &SharedEdits,
    ) -> Result<Result<Taken, Refusal>, CommandError> {
        // The parts of a field, such as number and unit, stay together: in the default or in
        // the document.
        let is_split =
            |one: &SharedUse| one.shared.instead.is_some() && !edits.beside(one).is_empty();
        if group.iter().any(is_split) {
            return Ok(Err(Refusal::UsedElsewhere));
        }
        let edited = self.edit_sites(group);
        if let Err(refusal) = edited.and_then(|()| self.edit_documents(group, edits)) {
            return Ok(Err(refusal));
        }
        let reloaded = self.files.load(self.lock)?;
        if let Some(error) = reloaded.first_error() {
            let reason = LeftReason::Undeclarable(error.summary.clone());
            return Ok(Err(Refusal::Reason(reason)));
        }
        Ok(self
            .expected()
            .decide(group, &reloaded.desired, &edits.taken))
    }

    fn edit_sites(&mut self, group: &[SharedUse]) -> Result<(), Refusal> {
        for (site, value) in site_values(group)? {
            self.edit_site(site, value).map_err(Refusal::Reason)?;
        }
        Ok(())
    }

    fn edit_documents(&mut self, group: &[SharedUse], edits: &SharedEdits) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        for one in group {
            let edits = edits.beside(one);
            if !edits.is_empty() && seen.insert((&one.key, &one.path)) {
                let edited = self.edit_document(&one.key, edits);
                edited.map_err(Refusal::Reason)?;
            }
        }
        Ok(())
    }

    fn edit_document(&mut self, key: &ResourceKey, edits: &[Edit]) -> Result<(), LeftReason> {
        let pull = self.pulls.iter().find(|pull| pull.key == *key);
        let file = pull.and_then(|pull| self.workspace.candidate(&pull.declared.source.file));
        let gone = || LeftReason::Unwritable("it is gone".to_owned());
        let path = &file.ok_or_else(gone)?.path;
        let file = self.files.writable(path, &self.workspace.project.bounds)?;
        let text = file.text.as_deref().unwrap_or_default();
        let order = |_, path: &Path, name: &str| field_place(key.kind(), path, name);
        let text =
            edit(text, edits, &order).map_err(|refused| LeftReason::Unsafe(refused.reason))?;
        self.files.set_text(path, &file, text);
        Ok(())
    }

    fn edit_site(&mut self, site: &Site, value: &Value) -> Result<(), LeftReason> {
        let path: PathBuf = match site {
            Site::Project(_) => self.files.options.project_path(),
            Site::File(path) => path.clone(),
        };
        let file = self.files.writable(&path, &self.workspace.project.bounds)?;
        let text = file.text.as_deref().unwrap_or_default();
        let edited = match site {
            Site::Project(path) => {
                let edits = [Edit {
                    document: 0,
                    path: path.clone(),
                    value: Some(value.clone()),
                }];
                edit(text, &edits, &|_, _, _| None)
                    .map_err(|refused| LeftReason::Unsafe(refused.reason))?
            }
            Site::File(_) => {
                let new = value.as_str().unwrap_or_default();
                if new.starts_with('\u{feff}') {
                    return Err(LeftReason::Unwritable(MARK.to_owned()));
                }
                with_line_ends_of(text, new, newline(text))
            }
        };
        self.files.set_text(&path, &file, edited);
        Ok(())
    }

    /// Overrides the sources of a refused group in the documents. A field without an override
    /// is left alone.
    fn override_group(
        &mut self,
        group: Vec<SharedUse>,
        refusal: &Refusal,
        result: &mut SharedEdits,
    ) {
        let needs_source = group.iter().filter(|one| one.shared.instead.is_none());
        let left: BTreeSet<_> = needs_source
            .map(|one| (one.key.clone(), one.path.clone()))
            .collect();
        for one in group {
            let Some(edits) = result.documents.get_mut(&one.key) else {
                continue;
            };
            if !left.contains(&(one.key.clone(), one.path.clone())) {
                edits
                    .entry(one.path)
                    .or_default()
                    .extend(one.shared.instead);
            } else if edits.remove(&one.path).is_some()
                && let Some(pull) = self.pulls.iter().find(|pull| pull.key == one.key)
            {
                let reason = refusal.reason(&one.shared.source);
                self.left.push(pull.left(&one.path, reason));
            }
        }
    }
}
