//! Folds the journal of an interrupted run onto the current lockfile.

use std::collections::BTreeSet;

use super::entry::Entry;
use super::error::HistoryError;
use super::replay::Replay;
use super::text::checksum_of;
use crate::lock::Lockfile;

impl Replay {
    /// Returns the state that a lockfile and the entries of a journal stand for.
    ///
    /// Entries that the lockfile certainly holds are folded onto an empty state, and
    /// only their open intents are taken. An entry that the lockfile may have held
    /// can give a key a second id: the id of the lockfile stays, and the id of the
    /// journal is recorded as an old instance. No id is lost, and no key is undecided.
    pub fn of(lock: Lockfile, entries: &[Entry]) -> Result<Self, HistoryError> {
        let held = Held::by(&lock, entries);
        let mut replay = Self::folded(Self::default(), &entries[..held.certain], held.certain)?;
        replay.lock = lock;
        let possible = held.possible.saturating_sub(held.certain);
        Self::folded(replay, &entries[held.certain..], possible)
    }
}

/// How many entries, counted from the first, a lockfile holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Held {
    /// Entries that the lockfile holds, by its checksum or because the lockfile has
    /// every id of these entries.
    certain: usize,
    /// Entries that the lockfile held once or was about to hold. The lockfile has
    /// changed since.
    possible: usize,
}

impl Held {
    /// Compares the lockfile with the checksums of the journal: of the lockfile with
    /// which each run began, and of the lockfile that each run was about to write.
    ///
    /// A lockfile with neither checksum came from elsewhere, by `git pull`. Its
    /// ancestor is unknown. If such a lockfile has every id of the journal, it holds
    /// the journal.
    fn by(lock: &Lockfile, entries: &[Entry]) -> Self {
        let saved = |entry: &Entry| matches!(entry, Entry::Saved { .. });
        // The checksum of a large lockfile is computed only if there is one to compare.
        let Some(last) = entries.iter().rposition(saved) else {
            return Self::default();
        };
        let known = checksum_of(lock);
        let is_held =
            |entry: &Entry| matches!(entry, Entry::Saved { lockfile } if *lockfile == known);
        let (certain, possible) = if let Some(held) = entries.iter().rposition(is_held) {
            (held, held)
        } else if !is_from_elsewhere(known, entries) {
            (0, 0)
        } else if has_all_ids(lock, &entries[..last]) {
            (last, last)
        } else {
            (0, last)
        };
        Self { certain, possible }
    }
}

/// Returns whether no run began with this lockfile. False for a journal that does
/// not record the checksum with which it began.
fn is_from_elsewhere(known: u32, entries: &[Entry]) -> bool {
    entries.iter().all(|entry| match entry {
        Entry::Begin { lockfile, .. } => lockfile.is_some_and(|begun| begun != known),
        _ => true,
    })
}

/// Returns whether the lockfile has every id that the entries give out.
pub(super) fn has_all_ids(lock: &Lockfile, entries: &[Entry]) -> bool {
    let named: BTreeSet<_> = lock.ids().map(|(id, _)| id).collect();
    let alone = Replay::folded(Replay::default(), entries, entries.len());
    alone.is_ok_and(|alone| alone.lock.ids().all(|(id, _)| named.contains(&id)))
}
