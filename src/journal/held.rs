//! How much of a journal a lockfile holds already.

use std::collections::BTreeSet;

use super::entry::Entry;
use super::replay::Replay;
use super::text::Checksum;
use crate::lock::{self, Lockfile};

/// How many entries from the first a lockfile holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// So many surely: by its checksum, or because it names every id of them.
    pub surely: usize,
    /// So many it held once or was about to hold, and was changed since.
    pub perhaps: usize,
}

impl Held {
    /// By the checksums that the journal noted: of the lockfile that each run began
    /// with, and of the one that it was about to write.
    ///
    /// A lockfile that is neither came from elsewhere, by `git pull`: it follows
    /// from one of them, and which can't be known. Where it names every id that the
    /// journal gave out, nothing is lost by taking nothing from the journal.
    pub(super) fn by(lock: &Lockfile, entries: &[Entry]) -> Self {
        let saved = |entry: &Entry| matches!(entry, Entry::Saved { .. });
        // A large lockfile is only summed up when there is something to compare.
        let Some(last) = entries.iter().rposition(saved) else {
            return Self::default();
        };
        let known = checksum_of(lock);
        let is_held =
            |entry: &Entry| matches!(entry, Entry::Saved { lockfile } if *lockfile == known);
        if let Some(surely) = entries.iter().rposition(is_held) {
            let perhaps = surely;
            return Self { surely, perhaps };
        }
        if !is_from_elsewhere(known, entries) {
            return Self::default();
        }
        if names_all(lock, &entries[..last]) {
            return Self {
                surely: last,
                perhaps: last,
            };
        }
        Self {
            surely: 0,
            perhaps: last,
        }
    }
}

/// Whether no run began with this lockfile. Not known of a journal that doesn't say
/// what it began with.
fn is_from_elsewhere(known: u32, entries: &[Entry]) -> bool {
    entries.iter().all(|entry| match entry {
        Entry::Begin { lockfile, .. } => lockfile.is_some_and(|begun| begun != known),
        _ => true,
    })
}

pub(super) fn names_all(lock: &Lockfile, entries: &[Entry]) -> bool {
    let named: BTreeSet<_> = lock.ids().map(|(id, _)| id).collect();
    let alone = Replay::folded(Replay::default(), entries, entries.len());
    alone.is_ok_and(|alone| alone.lock.ids().all(|(id, _)| named.contains(&id)))
}

/// The checksum of a lockfile's text; that of no text where there is none.
#[must_use]
pub fn checksum_of(lock: &Lockfile) -> u32 {
    let mut checksum = Checksum::default();
    for piece in lock::pieces(lock) {
        checksum.add(&piece);
    }
    checksum.finish()
}
