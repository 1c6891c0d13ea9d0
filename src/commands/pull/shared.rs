//! Edits variables, defaults and included files, from which several values can come.
//!
//! Such an edit is made only if every value that it changes is pulled, and gets its observed
//! value. All files are loaded again for each such edit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::job::{DocumentEdits, Job, with_text};
use crate::diagnostic::SourceFile;
use crate::error::CommandError;
use crate::pull::{Edits, LeftReason, Pull, Shared, SharedSource};
use crate::resource::key::ResourceKey;
use crate::spec::edit::{Edit, edit};
use crate::spec::path::Path;
use crate::store;
use crate::store::source;
use crate::store::writable::WritablePath;

/// The edits after the shared sources were edited.
pub(super) struct SharedEdits {
    /// The edits of the documents, in the order of the pulls.
    pub documents: Vec<BTreeMap<String, Vec<Edit>>>,
    /// The paths that got their values from shared sources.
    pub taken: BTreeMap<ResourceKey, BTreeSet<String>>,
}

/// A shared source on the disk.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Site {
    /// A value of the project file.
    Project(Path),
    /// A file: its path, and its name for messages.
    File(PathBuf, String),
}

/// One use of a shared source: the position of the pull, the path, the edit.
type Use = (usize, String, Shared);

/// Edits the shared sources. A refused edit is replaced by an edit of the document, if the
/// document can override the source.
pub(super) fn take_shared(
    job: &mut Job<'_>,
    edits: Vec<DocumentEdits>,
) -> Result<SharedEdits, CommandError> {
    let mut result = SharedEdits {
        documents: Vec::new(),
        taken: BTreeMap::new(),
    };
    let mut sites: BTreeMap<Site, Vec<Use>> = BTreeMap::new();
    for (at, edits) in edits.into_iter().enumerate() {
        let mut of_document = BTreeMap::new();
        for (path, Edits { document, shared }) in edits {
            if let Some(shared) = shared {
                let site = job.site(&job.pulls[at], &shared.source);
                let uses = sites.entry(site).or_default();
                uses.push((at, path.clone(), shared));
            }
            of_document.insert(path, document);
        }
        result.documents.push(of_document);
    }
    for (site, uses) in sites {
        if job.take_site(&site, &uses, &mut result.taken)? {
            continue;
        }
        for (at, path, shared) in uses {
            if let Some(edit) = shared.instead {
                result.documents[at].entry(path).or_default().push(edit);
            } else {
                result.documents[at].remove(&path);
                let left = job.pulls[at].left(&path, reason(&shared.source));
                job.left.push(left);
            }
        }
    }
    // A field whose value came from a shared source may have other edits, such as a unit.
    for (pull, documents) in job.pulls.iter().zip(&mut result.documents) {
        let taken = result.taken.get(&pull.key);
        documents.retain(|path, edits| {
            !(edits.is_empty() && taken.is_some_and(|taken| taken.contains(path)))
        });
    }
    Ok(result)
}

fn reason(source: &SharedSource) -> LeftReason {
    match source {
        SharedSource::Var(_, name) => LeftReason::SharedVar(name.clone()),
        SharedSource::File(path) => LeftReason::SharedFile(path.clone()),
        SharedSource::Default(path) => LeftReason::SharedVar(path.to_string()),
    }
}

impl Job<'_> {
    fn site(&self, pull: &Pull, source: &SharedSource) -> Site {
        match source {
            SharedSource::Var(path, _) | SharedSource::Default(path) => Site::Project(path.clone()),
            SharedSource::File(path) => {
                let name = &pull.declared.source.file;
                let folder = self.candidate(name);
                let folder = folder.map(|candidate| store::folder_of(&candidate.path));
                let real = store::canonical(&folder.unwrap_or_default().join(path));
                Site::File(real, source::name_beside(name, path))
            }
        }
    }

    /// Edits a shared source, if all its uses get their wanted values and nothing else
    /// changes. Returns whether the source was edited.
    fn take_site(
        &mut self,
        site: &Site,
        uses: &[Use],
        taken: &mut BTreeMap<ResourceKey, BTreeSet<String>>,
    ) -> Result<bool, CommandError> {
        let Some((_, _, first)) = uses.first() else {
            return Ok(false);
        };
        if uses
            .iter()
            .any(|(_, _, shared)| shared.value != first.value)
        {
            return Ok(false);
        }
        let Some((path, file)) = self.edited_site(site, &first.value) else {
            return Ok(false);
        };
        let before = self.options.edited.clone();
        self.options.edited.insert(path, file);
        let mut wanted = taken.clone();
        for (at, path, _) in uses {
            let key = self.pulls[*at].key.clone();
            wanted.entry(key).or_default().insert(path.clone());
        }
        let reloaded = self.reload()?;
        if reloaded.has_errors() || !self.unexpected(&reloaded.desired, &wanted).is_empty() {
            self.options.edited = before;
            return Ok(false);
        }
        *taken = wanted;
        Ok(true)
    }

    /// Returns the edited file of a source; `None` if the file can't be edited.
    fn edited_site(&self, site: &Site, value: &Value) -> Option<(PathBuf, Arc<SourceFile>)> {
        let path = match site {
            Site::Project(_) => self.options.project_path(),
            Site::File(path, _) => path.clone(),
        };
        let real = store::canonical(&path);
        WritablePath::within(&self.workspace.project.bounds, &path).ok()?;
        let file = match (self.options.edited.get(&real), site) {
            (Some(edited), _) => Arc::clone(edited),
            (None, Site::Project(_)) => self.workspace.project.file.clone()?,
            (None, Site::File(_, name)) => source::read(&real, name).ok()?,
        };
        let text = file.text.as_deref().unwrap_or_default();
        let edited = match site {
            Site::Project(path) => {
                let edits = [Edit {
                    document: 0,
                    path: path.clone(),
                    value: Some(value.clone()),
                }];
                edit(text, &edits, &|_, _, _| None).ok()?
            }
            Site::File(..) => with_line_ends_of(text, value.as_str()?),
        };
        let file = with_text(&file, edited);
        Some((real, file))
    }
}

/// Returns a text with the line ends of another text.
fn with_line_ends_of(before: &str, text: &str) -> String {
    if before.contains("\r\n") {
        return text.replace('\n', "\r\n");
    }
    text.to_owned()
}
