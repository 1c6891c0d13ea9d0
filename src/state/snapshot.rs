//! The state that a lockfile and its journal contain together.

use crate::journal::{self, HistoryError, Journal, Replay};
use crate::lock::Lockfile;
use crate::resource::Kind;
use crate::resource::key::ResourceKey;

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
    /// The kinds of the keys that the journal adds to the lockfile or changes, one for each
    /// key.
    pub changed_by_journal: Vec<Kind>,
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
                Vec::new()
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

/// Returns the kinds of the keys that differ between two lockfiles, one for each key.
fn changed_keys(old: &Lockfile, new: &Lockfile) -> Vec<Kind> {
    let (old, new) = (&old.resources, &new.resources);
    let changed = new
        .iter()
        .filter(|(key, entry)| old.get(*key) != Some(entry))
        .map(|(key, _)| key);
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    changed.chain(gone).map(ResourceKey::kind).collect()
}
