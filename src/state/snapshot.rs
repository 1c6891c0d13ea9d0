//! What a lockfile and its journal add up to.

use crate::journal::{self, HistoryError, Journal, Replay};
use crate::lock::Lockfile;

/// The lockfile and the journal as they lie on the disk.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The lockfile.
    pub lock: Lockfile,
    /// The journal.
    pub journal: Journal,
}

/// What the two add up to.
#[derive(Debug)]
pub struct Snapshot {
    /// The prior state, and the intents that have no outcome.
    pub replay: Replay,
    /// How many keys the journal adds to the lockfile or changes in it.
    pub taken_from_journal: usize,
    /// The lockfile on the disk: what [`super::StateFiles::save`] expects to find.
    pub lock: Lockfile,
    /// How many bytes of the journal are whole lines.
    pub(super) journal_length: usize,
}

impl Snapshot {
    /// Folds the journal onto the lockfile.
    pub(super) fn of(Parts { lock, journal }: Parts) -> Result<Self, HistoryError> {
        let replay = Replay::of(lock.clone(), &journal.entries)?;
        let has_journal = !journal.entries.is_empty();
        Ok(Self {
            taken_from_journal: if has_journal {
                differing(&lock, &replay.lock)
            } else {
                0
            },
            replay,
            lock,
            journal_length: journal.length,
        })
    }

    /// The checksum of the lockfile on the disk.
    pub(super) fn lockfile_checksum(&self) -> u32 {
        journal::checksum_of(&self.lock)
    }
}

/// How many keys two lockfiles don't have alike.
fn differing(old: &Lockfile, new: &Lockfile) -> usize {
    let (old, new) = (&old.simulations, &new.simulations);
    let changed = new
        .iter()
        .filter(|(key, entry)| old.get(*key) != Some(entry));
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    changed.count() + gone.count()
}
