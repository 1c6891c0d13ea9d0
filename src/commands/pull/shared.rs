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
    Edits, LeftReason, Pull, Refusal, SharedSource, SharedUse, Site, Taken, grouped, site_values,
};
use crate::resource::key::ResourceKey;
use crate::spec::edit::{Edit, edit};
use crate::store;

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
        match job.take_group(&group, &result.taken)? {
            Ok(taken) => result.taken = taken,
            Err(refusal) => job.override_group(group, &refusal, &mut result),
        }
    }
    // A field whose value came from a shared source may have other edits, such as a unit.
    for (key, edits) in &mut result.documents {
        let taken = result.taken.get(key);
        edits.retain(|path, edits| {
            !(edits.is_empty() && taken.is_some_and(|taken| taken.contains(path)))
        });
    }
    Ok(result)
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

    /// Edits the sources of a group. After a refusal, the files are as before.
    fn take_group(
        &mut self,
        group: &[SharedUse],
        taken: &Taken,
    ) -> Result<Result<Taken, Refusal>, CommandError> {
        let before = self.files.options.edited.clone();
        let decided = self.decide_group(group, taken)?;
        if decided.is_err() {
            self.files.options.edited = before;
        }
        Ok(decided)
    }

    fn decide_group(
        &mut self,
        group: &[SharedUse],
        taken: &Taken,
    ) -> Result<Result<Taken, Refusal>, CommandError> {
        if let Err(refusal) = self.edit_sites(group) {
            return Ok(Err(refusal));
        }
        let reloaded = self.files.load(self.lock)?;
        if let Some(error) = reloaded.first_error() {
            let reason = LeftReason::Undeclarable(error.summary.clone());
            return Ok(Err(Refusal::Reason(reason)));
        }
        Ok(self.expected().decide(group, &reloaded.desired, taken))
    }

    fn edit_sites(&mut self, group: &[SharedUse]) -> Result<(), Refusal> {
        for (site, value) in site_values(group)? {
            self.edit_site(site, value).map_err(Refusal::Reason)?;
        }
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
            Site::File(_) => with_line_ends_of(text, value.as_str().unwrap_or_default()),
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

/// Returns a text with the line ends of another text.
fn with_line_ends_of(before: &str, text: &str) -> String {
    if before.contains("\r\n") {
        return text.replace('\n', "\r\n");
    }
    text.to_owned()
}
