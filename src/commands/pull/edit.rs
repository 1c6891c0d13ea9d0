//! Edits the files in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::super::load::Workspace;
use super::super::workspace::dotted;
use super::job::{DocumentEdits, Job};
use super::shared::{SharedEdits, take_shared};
use super::snapshot::Snapshot;
use crate::diagnostic::SourceFile;
use crate::error::CommandError;
use crate::import::Keys;
use crate::lock::Lockfile;
use crate::pull::{
    Decision, FileEdits, Left, LeftReason, OtherEnvironment, Pull, Sources, Taken, edit_file,
    edits_of,
};
use crate::report::pull::{ChangedFile, Pulled};
use crate::resource::desired::DesiredState;
use crate::spec::declarations::SimulationFile;
use crate::spec::outside_vars::OutsideVars;
use crate::spec::yaml;

/// The result of the edits.
pub(super) struct Edited {
    /// The changed files, in the order of their names.
    pub files: Vec<ChangedFile>,
    /// The values that the files now declare, by resource.
    pub pulled: Vec<Pulled>,
    /// The values that the pull leaves alone.
    pub left: Vec<Left>,
    /// The other environments whose desired state changes.
    pub others: Vec<OtherEnvironment>,
    /// The desired state of the edited files.
    pub desired: DesiredState,
}

/// Edits the files so that they declare the observed values. Nothing is written.
/// `workspace` has the project as `files` declare it.
pub(super) fn edit(
    files: Snapshot,
    workspace: &Workspace,
    lock: &Lockfile,
    decision: Decision,
) -> Result<Edited, CommandError> {
    let project = workspace.project.file.as_ref();
    let mut job = Job {
        workspace,
        lock,
        keys: declared_keys(lock, workspace),
        outside: OutsideVars::of(&workspace.settings.vars),
        project: project
            .and_then(|file| documents(file).into_iter().next())
            .unwrap_or_default(),
        files,
        pulls: &decision.pulls,
        left: decision.left,
    };
    let edits = job.edits();
    let edits = take_shared(&mut job, edits)?;
    let taken = job.edit_files(&edits)?;
    let pulls = decision.pulls.iter();
    let pulled = pulls.map(|pull| Pulled {
        pull: pull.clone(),
        edited: taken.get(&pull.key).cloned().unwrap_or_default(),
    });
    Ok(Edited {
        files: job.files.changed_files(),
        pulled: pulled.collect(),
        left: job.placed_left(),
        others: job.other_environments()?,
        desired: job.checked(&taken)?,
    })
}

/// Returns the keys of the declared resources by their recorded ids.
fn declared_keys(lock: &Lockfile, workspace: &Workspace) -> Keys {
    let mut keys = Keys::default();
    for (key, locked) in &lock.resources {
        if workspace.desired.resources.contains_key(key) {
            keys.insert(locked.id, key.clone());
        }
    }
    keys
}

fn documents(file: &Arc<SourceFile>) -> Vec<Value> {
    let documents = yaml::parse(file).unwrap_or_default().into_iter();
    documents.map(|document| document.value).collect()
}

impl Job<'_> {
    /// Returns the edits of each resource, in the order of the pulls.
    fn edits(&mut self) -> Vec<DocumentEdits> {
        let pulls = self.pulls;
        pulls.iter().map(|pull| self.edits_of(pull)).collect()
    }

    fn edits_of(&mut self, pull: &Pull) -> DocumentEdits {
        let source = &pull.declared.source;
        let document = self.file_of(pull).and_then(|file| {
            let document = documents(&file).into_iter().nth(source.document);
            document.ok_or_else(|| LeftReason::Unwritable("the document is gone".to_owned()))
        });
        let mut edits = DocumentEdits::new();
        let paths = pull.paths();
        let wanted = pull.wanted(&paths);
        for path in paths {
            let found = document.clone().and_then(|document| {
                let sources = Sources {
                    settings: &self.workspace.settings,
                    project: &self.project,
                    document: &document,
                    index: source.document,
                    keys: &self.keys,
                    outside: &self.outside,
                };
                edits_of(pull, &path, &wanted.body, &sources)
            });
            match found {
                Ok(found) => drop(edits.insert(path, found)),
                Err(reason) => self.left.push(pull.left(&path, reason)),
            }
        }
        edits
    }

    /// Returns the file that declares a resource, with the edits so far.
    fn file_of(&self, pull: &Pull) -> Result<Arc<SourceFile>, LeftReason> {
        let candidate = self.workspace.candidate(&pull.declared.source.file);
        let candidate = candidate.ok_or_else(|| LeftReason::Unwritable("it is gone".to_owned()))?;
        let bounds = &self.workspace.project.bounds;
        self.files.writable(&candidate.path, bounds)
    }

    /// Edits the files one by one. Returns the paths that each resource took.
    fn edit_files(&mut self, edits: &SharedEdits) -> Result<Taken, CommandError> {
        let mut taken = edits.taken.clone();
        let mut by_file: BTreeMap<&str, Vec<FileEdits<'_>>> = BTreeMap::new();
        for pull in self.pulls {
            let of_document = edits.documents.get(&pull.key).cloned().unwrap_or_default();
            let of_file = by_file.entry(&pull.declared.source.file).or_default();
            of_file.push(FileEdits {
                pull,
                edits: of_document,
                shared: taken.get(&pull.key).cloned().unwrap_or_default(),
            });
        }
        let reloaded = (!edits.taken.is_empty()).then(|| self.files.load(self.lock));
        let reloaded = reloaded.transpose()?;
        let settings = &reloaded.as_ref().unwrap_or(self.workspace).settings;
        for (name, edits) in by_file {
            let Some(candidate) = self.workspace.candidate(name) else {
                continue;
            };
            // A file that can't be written has no edits.
            let bounds = &self.workspace.project.bounds;
            let Ok(file) = self.files.writable(&candidate.path, bounds) else {
                continue;
            };
            let input = SimulationFile {
                file: Arc::clone(&file),
                default_key: candidate.default_key.as_str().into(),
            };
            let options = &self.files.options;
            let texts = options.included_texts(&file, candidate, bounds);
            let edited = edit_file(&input, &texts, settings, &edits, self.lock);
            taken.extend(edited.taken);
            self.left.extend(edited.left);
            self.files.set_text(&candidate.path, &file, edited.text);
        }
        Ok(taken)
    }

    /// Returns the values that are left alone, each with its place.
    fn placed_left(&mut self) -> Vec<Left> {
        let mut left = std::mem::take(&mut self.left);
        for one in &mut left {
            let declared = self.workspace.desired.resources.get(&one.key);
            if let (None, Some(declared)) = (&one.place, declared) {
                let path = one.field.as_ref().map(|field| dotted(&field.path));
                let path = path.unwrap_or_default();
                one.place = Some(self.workspace.place_in(&declared.source, &path));
            }
        }
        left.sort_by(|one, other| one.key.cmp(&other.key));
        left
    }

    /// Loads all edited files, and checks that nothing else has changed.
    fn checked(&self, taken: &Taken) -> Result<DesiredState, CommandError> {
        let reloaded = self.files.load(self.lock)?;
        if let Some(first) = reloaded.first_error() {
            let error = CommandError::new("the edited files would be invalid");
            return Err(error
                .caused_by(first.summary.clone())
                .help("edit the values by hand; nothing was written"));
        }
        let unexpected = self.expected().unexpected(&reloaded.desired, taken);
        match unexpected.keys().next() {
            None => Ok(reloaded.desired),
            Some(key) => Err(CommandError::new(format!(
                "the edited files would change `{key}`, too; nothing was written"
            ))),
        }
    }
}
