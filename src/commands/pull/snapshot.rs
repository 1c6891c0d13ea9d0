//! The files that a pull may edit, as they were read once.
//!
//! All edits are made in these texts, and a file is written only while it still has the text
//! that was read. So nothing is lost that the user saves during a pull.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::load::{LoadOptions, Workspace, load};
use crate::diagnostic::SourceFile;
use crate::error::CommandError;
use crate::lock::Lockfile;
use crate::pull::{Expected, LeftReason, Pull, Taken};
use crate::report::pull::ChangedFile;
use crate::spec::included_text::included_paths;
use crate::store::bounds::Bounds;
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError, source};
use crate::suggestion::{Message, Suggestion, Verb};

/// The files that a pull may edit.
pub(super) struct Snapshot {
    /// The options of loading, with the texts of the files.
    pub options: LoadOptions,
    /// The files before the edits, by canonical path.
    originals: BTreeMap<PathBuf, Original>,
}

/// A file before the edits.
struct Original {
    /// The path by which the project names the file, without a link if there is one.
    path: PathBuf,
    file: Arc<SourceFile>,
}

impl Snapshot {
    /// Reads the files of the pulls: their documents, the texts that these include, and the
    /// project file. A file that can't be read is left out; [`Self::reload`] then fails.
    pub fn read(options: LoadOptions, workspace: &Workspace, pulls: &[Pull]) -> Self {
        let mut snapshot = Self {
            options,
            originals: BTreeMap::new(),
        };
        let bounds = &workspace.project.bounds;
        let path = snapshot.options.project_path();
        let name = snapshot.options.shown(&path);
        if let Ok(file) = source::read_project(&path, &name, bounds) {
            snapshot.add(path, file);
        }
        for pull in pulls {
            if let Some(candidate) = workspace.candidate(&pull.declared.source.file)
                && let Ok(file) = snapshot.options.file(candidate)
            {
                snapshot.add_included(&file, &candidate.path, bounds);
                snapshot.add(candidate.path.clone(), file);
            }
        }
        snapshot
    }

    fn add_included(&mut self, file: &Arc<SourceFile>, path: &Path, bounds: &Bounds) {
        let folder = store::folder_of(path);
        for path in included_paths(file) {
            let name = source::name_beside(&file.name, &path);
            if let Ok(text) = source::read_included(&folder, &path, &name, bounds) {
                self.add(folder.join(path), text);
            }
        }
    }

    fn add(&mut self, path: PathBuf, file: Arc<SourceFile>) {
        let real = store::canonical(&path);
        let edited = &mut self.options.edited;
        edited
            .entry(real.clone())
            .or_insert_with(|| Arc::clone(&file));
        let original = self.originals.entry(real).or_insert_with(|| Original {
            path: path.clone(),
            file,
        });
        if store::has_link(&self.options.directory, &original.path) {
            original.path = path;
        }
    }

    /// Loads the project again, with the texts of these files. Fails if the project does not
    /// declare the same as `before`, for which the API was read.
    pub fn reload(&self, before: &Workspace, lock: &Lockfile) -> Result<Workspace, CommandError> {
        let now = self.load(lock)?;
        if let Some(error) = now.first_error() {
            let stopped = "the files changed during the pull, and have mistakes now";
            let stopped = CommandError::new(stopped).caused_by(error.summary.clone());
            return Err(stopped.help(pull_again(0)));
        }
        let expected = Expected::new(&before.desired, &[], lock);
        match expected
            .unexpected(&now.desired, &Taken::new())
            .keys()
            .next()
        {
            None => Ok(now),
            Some(key) => {
                let stopped = format!("the desired state of `{key}` changed during the pull");
                Err(CommandError::new(stopped).help(pull_again(0)))
            }
        }
    }

    /// Loads the project with the texts of these files.
    pub fn load(&self, lock: &Lockfile) -> Result<Workspace, CommandError> {
        let mut workspace = load(&self.options)?;
        workspace.desired.resolve_agents(&lock.agents);
        Ok(workspace)
    }

    /// Returns the options of loading without the edits.
    pub fn before(&self) -> LoadOptions {
        let originals = self.originals.iter();
        let originals = originals.map(|(real, one)| (real.clone(), Arc::clone(&one.file)));
        LoadOptions {
            edited: originals.collect(),
            ..self.options.clone()
        }
    }

    /// Returns the text of a file with the edits so far. Fails if the file must not be
    /// written, or if `path` leads to it through a link.
    pub fn writable(&self, path: &Path, bounds: &Bounds) -> Result<Arc<SourceFile>, LeftReason> {
        let real = store::canonical(path);
        let original = self.originals.get(&real);
        let original = original.ok_or_else(|| LeftReason::Unwritable("it can't be read".into()))?;
        self.check_writable(path, bounds)?;
        self.check_writable(&original.path, bounds)?;
        let edited = self.options.edited.get(&real);
        Ok(Arc::clone(edited.unwrap_or(&original.file)))
    }

    fn check_writable(&self, path: &Path, bounds: &Bounds) -> Result<(), LeftReason> {
        WritablePath::within(bounds, path)
            .map_err(|error| LeftReason::Unwritable(reason_of(&error)))?;
        if store::has_link(&self.options.directory, path) {
            let reason = "its folder is a symbolic link, which is never followed to write";
            return Err(LeftReason::Unwritable(reason.to_owned()));
        }
        Ok(())
    }

    /// Replaces the text of a file in memory.
    pub fn set_text(&mut self, path: &Path, file: &SourceFile, text: String) {
        let real = store::canonical(path);
        self.options.edited.insert(real, file.with_text(text));
    }

    /// Returns the files whose text was replaced, in the order of their names.
    pub fn changed_files(&self) -> Vec<ChangedFile> {
        let originals = self.originals.iter();
        let changed = originals.filter_map(|(real, Original { path, file })| {
            let edited = self.options.edited.get(real)?;
            (edited.text != file.text).then(|| ChangedFile {
                name: file.name.clone(),
                path: path.clone(),
                before: file.content(),
                after: edited.content(),
            })
        });
        let mut changed: Vec<_> = changed.collect();
        changed.sort_by(|one, other| one.name.cmp(&other.name));
        changed
    }
}

/// Returns the help after a pull that stopped when some files were written.
pub(super) fn pull_again(written: usize) -> Message {
    let pull = Suggestion::new(Verb::Pull);
    if written == 0 {
        return Message::from("nothing was written; run ")
            .command(pull)
            .text(" again");
    }
    Message::from("other files were written, and the lockfile was not; run ")
        .command(pull)
        .text(" again, which records what the files declare")
}

fn reason_of(error: &StoreError) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}
