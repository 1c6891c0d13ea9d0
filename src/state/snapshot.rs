//! The state that a lockfile and its journal contain together.

use crate::journal::{self, HistoryError, Journal, Replay};
use crate::lock::Lockfile;

/// The lockfile and the journal as they are on the disk.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The lockfile.
    pub lock: Lockfile,
    /// The journal.
    pub journal: Journal,
}

/// The state that the lockfile and the journal contain together.
#[derive(Debug)]
pub struct Snapshot {
    /// The prior state and the open intents.
    pub replay: Replay,
    /// The number of keys that the journal adds to the lockfile or changes.
    pub changed_by_journal: usize,
    /// The lockfile on the disk. [`super::StateFiles::save`] compares it with the lockfile
    /// at that time.
    pub lock: Lockfile,
    /// The number of bytes of the complete lines of the journal.
    pub(super) journal_length: usize,
}

impl Snapshot {
    /// Folds the journal onto the lockfile.
    pub(super) fn of(Parts { lock, journal }: Parts) -> Result<Self, HistoryError> {
        let replay = Replay::of(lock.clone(), &journal.entries)?;
        let has_journal = !journal.entries.is_empty();
        Ok(Self {
            changed_by_journal: if has_journal {
                changed_keys(&lock, &replay.lock)
            } else {
                0
            },
            replay,
            lock,
            journal_length: journal.length,
        })
    }

    /// Returns the checksum of the lockfile on the disk.
    pub(super) fn lockfile_checksum(&self) -> u32 {
        journal::checksum_of(&self.lock)
    }
}

/// Returns the number of keys that differ between two lockfiles.
fn changed_keys(old: &Lockfile, new: &Lockfile) -> usize {
    let (old, new) = (&old.resources, &new.resources);
    let changed = new
        .iter()
        .filter(|(key, entry)| old.get(*key) != Some(entry));
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    changed.count() + gone.count()
}
