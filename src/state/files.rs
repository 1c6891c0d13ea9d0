//! The implementation of state in files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::StateError;
use super::guard::{self, Guard, GuardResult};
use super::journal_file::{self, JournalWriter};
use super::lockfile_file;
use super::neighbours::Neighbours;
use super::paths::{current_journal_path, older_journal_path, second_journal};
use super::snapshot::{Parts, Snapshot};
use crate::journal::{Entry, Origin, Replay, check_origin, version_for};
use crate::lock::{ApiAddress, Lockfile, LockfileText, merge3};
use crate::resource::desired::DesiredState;
use crate::resource::key::ResourceKey;
use crate::store::bounds::Bounds;
use crate::store::writable::WritablePath;
use crate::store::{self, crash_point};

/// The files with the state of one environment. If the lockfile is a link, all files lie
/// beside the target of the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFiles {
    bounds: Bounds,
    lockfile: PathBuf,
    /// The lockfile of the project without an environment. The names of the other
    /// lockfiles of the project derive from its name.
    base: PathBuf,
}

impl StateFiles {
    /// Returns the files of a lockfile. `base` is the lockfile of the project without an
    /// environment. Nothing is written outside of `bounds`.
    #[must_use]
    pub fn new(base: &Path, lockfile: &Path, bounds: &Bounds) -> Self {
        Self {
            bounds: bounds.clone(),
            base: base.to_owned(),
            lockfile: store::real_path(lockfile),
        }
    }

    /// Returns the path of the lockfile. The file may be missing.
    #[must_use]
    pub fn lockfile(&self) -> &Path {
        &self.lockfile
    }

    /// Returns the path of the journal. The file may be missing.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        current_journal_path(&self.lockfile)
    }

    /// Returns whether an apply has the journal open. Always false on Windows. Writes
    /// nothing.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        guard::is_journal_locked(&self.lockfile)
    }

    /// Tries to take the guard: see `guard::take`. Blocks the thread.
    pub fn take_guard(
        &self,
        patience: Duration,
        on_wait: impl FnOnce(&str),
    ) -> Result<GuardResult, StateError> {
        Ok(guard::take(
            &self.lockfile,
            &self.bounds,
            patience,
            on_wait,
        )?)
    }

    /// Reads the state. A damaged file is an error and never counts as empty.
    pub fn read(&self) -> Result<Snapshot, StateError> {
        self.read_with(self.read_lockfile()?)
    }

    /// Reads the state, and accepts one id under two keys, so that a command can repair
    /// the lockfile.
    pub fn read_for_repair(&self) -> Result<Snapshot, StateError> {
        self.read_with(lockfile_file::read_for_repair(&self.lockfile)?)
    }

    /// Reads the lockfile without the journal.
    pub fn read_lockfile(&self) -> Result<Lockfile, StateError> {
        lockfile_file::read(&self.lockfile)
    }

    /// Reads the lockfile without its applied fields and without the journal.
    pub fn skim_lockfile(&self) -> Result<LockfileText<'static>, StateError> {
        lockfile_file::skim(&self.lockfile)
    }

    /// Reads the applied fields of a lockfile. Resources whose applied fields are declared
    /// share the memory of the declared fields.
    pub fn read_skimmed(
        &self,
        lockfile: LockfileText<'_>,
        desired: &DesiredState,
    ) -> Result<Lockfile, StateError> {
        let declared = |key: &ResourceKey| desired.resources.get(key).map(|it| &it.body);
        lockfile
            .read(declared)
            .map_err(|error| StateError::Lockfile(self.lockfile.clone(), error))
    }

    /// Reads the text of the lockfile; `None` if there is no lockfile.
    pub fn lockfile_text(&self) -> Result<Option<String>, StateError> {
        Ok(lockfile_file::read_text(&self.lockfile)?)
    }

    /// Reads the journal, and combines it with a lockfile that was read before.
    pub fn read_with(&self, lock: Lockfile) -> Result<Snapshot, StateError> {
        let parts = self.parts_with(lock)?;
        Snapshot::of(parts).map_err(|error| StateError::History(self.journal(), error))
    }

    /// Reads the lockfile and the journal, and does not combine them.
    pub fn parts(&self) -> Result<Parts, StateError> {
        self.parts_with(self.read_lockfile()?)
    }

    /// Reads the journal. A journal that belongs to another lockfile is an error.
    fn parts_with(&self, lock: Lockfile) -> Result<Parts, StateError> {
        let path = self.journal();
        let journal = journal_file::read(&path)?;
        if let Some(other) = second_journal(&self.lockfile) {
            return Err(StateError::TwoJournals { path, other });
        }
        check_origin(&journal.entries, &lock, &self.place())
            .map_err(|foreign| StateError::Foreign(path, foreign))?;
        Ok(Parts { lock, journal })
    }

    /// Returns the canonical path of the lockfile.
    fn place(&self) -> String {
        let folder = store::canonical(&store::folder_of(&self.lockfile));
        let name = self.lockfile.file_name().unwrap_or_default();
        folder.join(name).to_string_lossy().into_owned()
    }

    /// Begins a run: appends a beginning to the journal of an earlier run, or creates a
    /// journal. The run changes declared resources. Returns the state at the beginning. When this function returns, the
    /// beginning is on the disk.
    pub fn begin(
        &self,
        guard: &Guard,
        snapshot: Snapshot,
        api: ApiAddress,
        organization: Option<String>,
        desired: &DesiredState,
    ) -> Result<(Replay, JournalWriter), StateError> {
        let locked = snapshot.lock.resources.keys();
        let begin = Entry::Begin {
            version: version_for(locked.chain(desired.resources.keys())),
            api,
            organization,
            lockfile: Some(snapshot.lockfile_checksum()),
            origin: Some(Origin::of(&snapshot.lock, self.place())),
        };
        let file = self.writable_journal()?;
        let mut journal = JournalWriter::open(&file, snapshot.journal_length, guard)?;
        let mut replay = snapshot.replay;
        replay
            .apply(&begin)
            .map_err(|error| StateError::History(self.journal(), error))?;
        journal.append_entry(&begin)?;
        crash_point!("journal.begun");
        Ok((replay, journal))
    }

    /// Replaces the lockfile, and then removes the closed intents from the journal.
    ///
    /// After a crash between the two steps, every id is in one of the two files. A
    /// lockfile without resources is not created.
    ///
    /// `expected` is the lockfile that was read at the beginning. If the lockfile has
    /// changed since, both versions are merged, like by the merge driver of git. If they
    /// cannot be merged, or if the lockfile cannot be read, this function fails, and the
    /// lockfile and the journal stay unchanged.
    pub fn save(&self, replay: &Replay, expected: &Lockfile) -> Result<(), StateError> {
        let lock = self.merged(&replay.lock, expected)?;
        let journal = self.writable_journal()?;
        if !lock.resources.is_empty() || store::exists(&self.lockfile) {
            let lockfile = self.writable(&self.lockfile)?;
            lockfile_file::save(&lockfile, &lock, |checksum| {
                // On a full disk this append may fail although the lockfile can be
                // written. The next run then folds the journal onto the lockfile again.
                let _ = journal_file::record_save(&journal, checksum);
                crash_point!("lockfile.before");
            })?;
        }
        crash_point!("lockfile.after");
        match &lock.api {
            Some(api) if !replay.open.is_empty() => {
                let open = replay.open_entries(api.clone(), &lock, self.place());
                journal_file::replace(&journal, &open)?;
            }
            _ => journal.remove()?,
        }
        crash_point!("journal.cleared");
        Ok(())
    }

    /// Returns the lockfile to write, merged with the lockfile on the disk. A removed
    /// lockfile deletes no resource.
    fn merged(&self, ours: &Lockfile, expected: &Lockfile) -> Result<Lockfile, StateError> {
        let theirs = lockfile_file::read_for_repair(&self.lockfile)?;
        if theirs == *expected || theirs.api.is_none() {
            return Ok(ours.clone());
        }
        let merge = merge3(expected, ours, &theirs);
        if merge.conflicts.is_empty() {
            return Ok(merge.merged);
        }
        let path = self.lockfile.clone();
        Err(StateError::Changed(path, merge.conflicts))
    }

    /// Replaces the lockfile. The journal stays unchanged.
    pub fn replace_lockfile(&self, lock: &Lockfile) -> Result<(), StateError> {
        lockfile_file::write(&self.writable(&self.lockfile)?, lock)?;
        Ok(())
    }

    fn writable(&self, path: &Path) -> Result<WritablePath, StateError> {
        Ok(WritablePath::within(&self.bounds, path)?)
    }

    /// Returns the path of the journal for writing.
    fn writable_journal(&self) -> Result<WritablePath, StateError> {
        let path = self.journal();
        if path == older_journal_path(&self.lockfile) {
            return self.writable(&path);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let path = WritablePath::private(&self.bounds, &self.lockfile, &name)?;
        Ok(path)
    }

    /// Returns the other lockfiles of the repository with the same API address.
    pub fn neighbours(&self, api: &ApiAddress) -> Result<Neighbours, StateError> {
        Neighbours::read(&self.base, &self.lockfile, &self.bounds, api)
    }
}
