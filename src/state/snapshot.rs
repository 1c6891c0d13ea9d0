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
    /// The checksum of the lockfile on the disk, where a journal changes it.
    before: Option<u32>,
    /// How many bytes of the journal are whole lines.
    pub(super) journal_length: usize,
}

impl Snapshot {
    /// Folds the journal onto the lockfile.
    pub(super) fn of(Parts { lock, journal }: Parts) -> Result<Self, HistoryError> {
        let before = (!journal.entries.is_empty()).then(|| lock.clone());
        let replay = Replay::of(lock, &journal.entries)?;
        Ok(Self {
            taken_from_journal: before
                .as_ref()
                .map_or(0, |before| differing(before, &replay.lock)),
            before: before.as_ref().map(journal::checksum_of),
            replay,
            journal_length: journal.length,
        })
    }

    /// The checksum of the lockfile on the disk.
    pub(super) fn lockfile_checksum(&self) -> u32 {
        self.before
            .unwrap_or_else(|| journal::checksum_of(&self.replay.lock))
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
