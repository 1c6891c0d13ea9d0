//! The journal folded onto the lockfile.

use std::collections::BTreeMap;

use super::entry::{Entry, Intent, JOURNAL_VERSION};
use super::error::HistoryError;
use super::text::checksum;
use crate::lock::{self, ApiAddress, Lockfile};
use crate::plan::{Unsure, UnsureFields};
use crate::spec::key::SimulationId;

/// An intent without an outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenIntent {
    /// Its number.
    pub seq: u64,
    /// When its request was last about to be sent, in milliseconds since 1970.
    pub at: u64,
    /// When its answer was lost; `None` where the process ended before that.
    pub unanswered_at: Option<u64>,
    /// What the request does.
    pub intent: Intent,
}

/// The state that a lockfile and a journal together stand for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replay {
    /// The lockfile with every known outcome.
    pub lock: Lockfile,
    /// The intents without an outcome, in order.
    pub open: BTreeMap<u64, OpenIntent>,
    /// The number of the next intent.
    pub next_seq: u64,
}

/// How many entries from the first a lockfile is known to hold, by its checksum.
fn held_by(lock: &Lockfile, entries: &[Entry]) -> usize {
    let saved = |entry: &Entry| match entry {
        Entry::Saved { lockfile } => Some(*lockfile),
        _ => None,
    };
    // A large lockfile is only summed up when there is something to compare.
    if !entries.iter().any(|entry| saved(entry).is_some()) {
        return 0;
    }
    let known = lock::render(lock).map(|text| checksum(&text));
    let is_held = |entry: &Entry| known.is_some() && saved(entry) == known;
    entries.iter().rposition(is_held).unwrap_or(0)
}

impl Replay {
    /// A lockfile before the first entry.
    #[must_use]
    pub fn new(lock: Lockfile) -> Self {
        Self {
            lock,
            ..Self::default()
        }
    }

    /// Folds all entries of a journal onto a lockfile.
    ///
    /// Those that the lockfile is known to hold, by its checksum, are folded onto
    /// nothing instead: only what they left open is taken.
    pub fn of(lock: Lockfile, entries: &[Entry]) -> Result<Self, HistoryError> {
        let held = held_by(&lock, entries);
        let mut replay = Self::default();
        for entry in &entries[..held] {
            match replay.check(entry) {
                // About entries that are not there.
                Ok(()) | Err(HistoryError::TwoIds { .. }) => replay.fold(entry),
                Err(error) => return Err(error),
            }
        }
        replay.lock = lock;
        for entry in &entries[held..] {
            replay.check(entry)?;
            replay.fold(entry);
        }
        Ok(replay)
    }

    /// Folds one entry, or nothing of it: an error leaves the state as it was.
    ///
    /// Folding an outcome that the lockfile already holds changes nothing.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), HistoryError> {
        self.check(entry)?;
        self.check_owner(entry)?;
        self.fold(entry);
        Ok(())
    }

    /// What is unknown at the API, because an update is open.
    #[must_use]
    pub fn unsure(&self) -> UnsureFields {
        let mut unsure = UnsureFields::new();
        for open in self.open.values() {
            match &open.intent {
                Intent::Update { key, fields, .. } => {
                    let unsure: &mut Unsure = unsure.entry(key.clone()).or_default();
                    unsure.fields.extend(fields.iter().cloned());
                }
                Intent::Attach {
                    key, add, remove, ..
                } => {
                    let unsure: &mut Unsure = unsure.entry(key.clone()).or_default();
                    unsure.humans.extend(add.union(remove));
                }
                Intent::Create { .. } | Intent::Delete { .. } => {}
            }
        }
        unsure
    }

    /// A journal of nothing but what is open.
    #[must_use]
    pub fn open_entries(&self, api: ApiAddress) -> Vec<Entry> {
        let version = JOURNAL_VERSION;
        let open = self.open.values().flat_map(|open| {
            let (seq, at) = (open.seq, open.at);
            let intent = open.intent.clone();
            let unanswered = open.unanswered_at.map(|at| Entry::Unanswered { seq, at });
            std::iter::once(Entry::Intended { seq, at, intent }).chain(unanswered)
        });
        let organization = self.lock.organization.clone();
        let begin = Entry::Begin {
            version,
            api,
            organization,
        };
        std::iter::once(begin).chain(open).collect()
    }

    /// Once a simulation is deleted or replaced, what was open about it no
    /// longer matters.
    pub(super) fn drop_open_updates(&mut self, id: SimulationId) {
        self.open.retain(|_, open| match open.intent {
            Intent::Update { simulation_id, .. } | Intent::Attach { simulation_id, .. } => {
                simulation_id != id
            }
            Intent::Create { .. } | Intent::Delete { .. } => true,
        });
    }
}
