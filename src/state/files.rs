//! Recorded state in files: the one implementation.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::StateError;
use super::guard::{self, Guard, Taken};
use super::journal_file::{self, JournalWriter};
use super::lockfile_file;
use super::neighbours::Neighbours;
use super::snapshot::{Parts, Snapshot};
use crate::journal::{Entry, JOURNAL_VERSION, Origin, Replay, check_origin};
use crate::lock::{ApiAddress, Lockfile, merge3};
use crate::store::bounds::Bounds;
use crate::store::writable::WritablePath;
use crate::store::{self, crash_point};

/// The files that hold the state of one environment. Links to them are followed,
/// so that all of them lie in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFiles {
    bounds: Bounds,
    lockfile: PathBuf,
    /// The project's first lockfile: its neighbours are named after it.
    base: PathBuf,
}

impl StateFiles {
    /// The files of a lockfile, in the project whose first lockfile is `base`. Nothing
    /// is written outside of `bounds`.
    #[must_use]
    pub fn new(base: &Path, lockfile: &Path, bounds: &Bounds) -> Self {
        Self {
            bounds: bounds.clone(),
            base: base.to_owned(),
            lockfile: store::real_path(lockfile),
        }
    }

    /// Where the lockfile is, or will be.
    #[must_use]
    pub fn lockfile(&self) -> &Path {
        &self.lockfile
    }

    /// Where the journal is, or will be: see [`journal_file::place`].
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        journal_file::place(&self.lockfile)
    }

    /// Tries to take the guard: see [`guard::take`]. Blocks the thread.
    pub fn take_guard(
        &self,
        patience: Duration,
        on_wait: impl FnOnce(&str),
    ) -> Result<Taken, StateError> {
        Ok(guard::take(
            &self.lockfile,
            &self.bounds,
            patience,
            on_wait,
        )?)
    }

    /// Reads the state. Anything damaged is an error: nothing is ever taken for empty.
    pub fn read(&self) -> Result<Snapshot, StateError> {
        self.read_with(self.read_lockfile()?)
    }

    /// Reads the state for mending it: one id under two keys is let through.
    pub fn read_for_mending(&self) -> Result<Snapshot, StateError> {
        self.read_with(lockfile_file::read_for_mending(&self.lockfile)?)
    }

    /// Reads the lockfile alone.
    pub fn read_lockfile(&self) -> Result<Lockfile, StateError> {
        lockfile_file::read(&self.lockfile)
    }

    /// Reads the lockfile's text; `None` where there is no lockfile.
    pub fn lockfile_text(&self) -> Result<Option<String>, StateError> {
        Ok(lockfile_file::read_text(&self.lockfile)?)
    }

    /// Reads the journal to a lockfile that was read before.
    pub fn read_with(&self, lock: Lockfile) -> Result<Snapshot, StateError> {
        let parts = self.parts_with(lock)?;
        Snapshot::of(parts).map_err(|error| StateError::History(self.journal(), error))
    }

    /// Reads the lockfile and the journal, each for itself.
    pub fn parts(&self) -> Result<Parts, StateError> {
        self.parts_with(self.read_lockfile()?)
    }

    /// Reads the journal, and refuses one that belongs to another lockfile.
    fn parts_with(&self, lock: Lockfile) -> Result<Parts, StateError> {
        let path = self.journal();
        let journal = journal_file::read(&path)?;
        if let Some(other) = journal_file::second(&self.lockfile) {
            return Err(StateError::TwoJournals { path, other });
        }
        check_origin(&journal.entries, &lock, &self.place())
            .map_err(|foreign| StateError::Foreign(path, foreign))?;
        Ok(Parts { lock, journal })
    }

    /// The lockfile's place in one spelling.
    fn place(&self) -> String {
        let folder = store::discover::canonical(&store::folder_of(&self.lockfile));
        let name = self.lockfile.file_name().unwrap_or_default();
        folder.join(name).to_string_lossy().into_owned()
    }

    /// Begins a run: appends to the journal of an earlier one, or creates a journal.
    /// Returns the state that the run goes on from. When this returns, the beginning
    /// is on the disk.
    pub fn begin(
        &self,
        guard: &Guard,
        snapshot: Snapshot,
        api: ApiAddress,
        organization: Option<String>,
    ) -> Result<(Replay, JournalWriter), StateError> {
        let begin = Entry::Begin {
            version: JOURNAL_VERSION,
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

    /// Writes the lockfile, and then clears the journal of all that is closed.
    ///
    /// In that order: whatever is cut off between the two, every id is in one of
    /// them. A lockfile with nothing in it is not begun.
    ///
    /// `expected` is the lockfile that the state was read from. Where the file holds
    /// something else by now, both are merged as git's merge driver does. Where they
    /// can't be merged, or the file can't be read, this is an error, and lockfile and
    /// journal stay as they are.
    pub fn save(&self, replay: &Replay, expected: &Lockfile) -> Result<(), StateError> {
        let lock = self.merged(&replay.lock, expected)?;
        let journal = self.writable_journal()?;
        if !lock.simulations.is_empty() || store::discover::exists(&self.lockfile) {
            let lockfile = self.writable(&self.lockfile)?;
            lockfile_file::save(&lockfile, &lock, |checksum| {
                // On a full disk this fails and the lockfile may still be written; the
                // journal is then folded onto it once more.
                let _ = journal_file::note_save(&journal, checksum);
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

    /// What to write, given what the file holds by now. A file that was removed
    /// deleted nothing.
    fn merged(&self, ours: &Lockfile, expected: &Lockfile) -> Result<Lockfile, StateError> {
        let theirs = lockfile_file::read_for_mending(&self.lockfile)?;
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

    /// Replaces the lockfile alone; the journal stays as it is.
    pub fn replace_lockfile(&self, lock: &Lockfile) -> Result<(), StateError> {
        lockfile_file::write(&self.writable(&self.lockfile)?, lock)?;
        Ok(())
    }

    fn writable(&self, path: &Path) -> Result<WritablePath, StateError> {
        Ok(WritablePath::within(&self.bounds, path)?)
    }

    /// The journal for writing, where it is.
    fn writable_journal(&self) -> Result<WritablePath, StateError> {
        let path = self.journal();
        if path == journal_file::older_journal_path(&self.lockfile) {
            return self.writable(&path);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let path = WritablePath::private(&self.bounds, &self.lockfile, &name)?;
        Ok(path)
    }

    /// The other lockfiles of the repository, as far as they are for this API.
    pub fn neighbours(&self, api: &ApiAddress) -> Result<Neighbours, StateError> {
        Neighbours::read(&self.base, &self.lockfile, &self.bounds, api)
    }
}
