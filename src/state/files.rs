//! Recorded state in files: the one implementation.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::StateError;
use super::guard::{self, Guard, Taken};
use super::journal_file::{self, JournalWriter, journal_path};
use super::lockfile_file;
use super::neighbours::Neighbours;
use super::snapshot::{Parts, Snapshot};
use crate::journal::{Entry, JOURNAL_VERSION, Replay};
use crate::lock::{ApiAddress, Lockfile};
use crate::store::bounds::Bounds;
use crate::store::writable::WritablePath;
use crate::store::{self, crash_point};

/// The files that hold the state of one environment. Links to them are followed,
/// so that all of them lie in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFiles {
    bounds: Bounds,
    lockfile: PathBuf,
    journal: PathBuf,
    /// The project's first lockfile: its neighbours are named after it.
    base: PathBuf,
}

impl StateFiles {
    /// The files of a lockfile, in the project whose first lockfile is `base`. Nothing
    /// is written outside of `bounds`.
    #[must_use]
    pub fn new(base: &Path, lockfile: &Path, bounds: &Bounds) -> Self {
        let lockfile = store::real_path(lockfile);
        Self {
            bounds: bounds.clone(),
            base: base.to_owned(),
            journal: journal_path(&lockfile),
            lockfile,
        }
    }

    /// Where the lockfile is, or will be.
    #[must_use]
    pub fn lockfile(&self) -> &Path {
        &self.lockfile
    }

    /// Where the journal is, or will be.
    #[must_use]
    pub fn journal(&self) -> &Path {
        &self.journal
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
        self.snapshot(self.parts()?)
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
        let journal = journal_file::read(&self.journal)?;
        self.snapshot(Parts { lock, journal })
    }

    /// Reads the lockfile and the journal, each for itself.
    pub fn parts(&self) -> Result<Parts, StateError> {
        Ok(Parts {
            lock: lockfile_file::read(&self.lockfile)?,
            journal: journal_file::read(&self.journal)?,
        })
    }

    fn snapshot(&self, parts: Parts) -> Result<Snapshot, StateError> {
        Snapshot::of(parts).map_err(|error| StateError::History(self.journal.clone(), error))
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
        };
        let mut journal = JournalWriter::open(
            &self.writable(&self.journal)?,
            snapshot.journal_length,
            guard,
        )?;
        let mut replay = snapshot.replay;
        replay
            .apply(&begin)
            .map_err(|error| StateError::History(self.journal.clone(), error))?;
        journal.append_entry(&begin)?;
        crash_point!("journal.begun");
        Ok((replay, journal))
    }

    /// Writes the lockfile, and then clears the journal of all that is closed.
    ///
    /// In that order: whatever is cut off between the two, every id is in one of
    /// them. A lockfile with nothing in it is not begun.
    pub fn save(&self, replay: &Replay) -> Result<(), StateError> {
        let journal = self.writable(&self.journal)?;
        if !replay.lock.simulations.is_empty() || store::discover::exists(&self.lockfile) {
            let lockfile = self.writable(&self.lockfile)?;
            lockfile_file::save(&lockfile, &replay.lock, |checksum| {
                // On a full disk this fails and the lockfile may still be written; the
                // journal is then folded onto it once more.
                let _ = journal_file::note_save(&journal, checksum);
                crash_point!("lockfile.before");
            })?;
        }
        crash_point!("lockfile.after");
        match &replay.lock.api {
            Some(api) if !replay.open.is_empty() => {
                journal_file::replace(&journal, &replay.open_entries(api.clone()))?;
            }
            _ => journal.remove()?,
        }
        crash_point!("journal.cleared");
        Ok(())
    }

    /// Replaces the lockfile alone; the journal stays as it is.
    pub fn replace_lockfile(&self, lock: &Lockfile) -> Result<(), StateError> {
        lockfile_file::write(&self.writable(&self.lockfile)?, lock)?;
        Ok(())
    }

    fn writable(&self, path: &Path) -> Result<WritablePath, StateError> {
        Ok(WritablePath::within(&self.bounds, path)?)
    }

    /// The other lockfiles of the project, as far as they are for this API.
    pub fn neighbours(&self, api: &ApiAddress) -> Result<Neighbours, StateError> {
        Neighbours::read(&self.base, &self.lockfile, api)
    }
}
