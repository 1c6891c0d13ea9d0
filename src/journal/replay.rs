//! The journal folded onto the lockfile.

use std::collections::BTreeMap;

use super::entry::{Entry, Intent, JOURNAL_VERSION};
use super::error::HistoryError;
use super::origin::Origin;
use super::owners::Owners;
use super::text::checksum_of;
use crate::lock::{ApiAddress, Lockfile};
use crate::resource::key::{SimulationId, SimulationKey};
use crate::resource::{UnknownFields, UnknownFieldsByKey};

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

impl Replay {
    /// A lockfile before the first entry.
    #[must_use]
    pub fn new(lock: Lockfile) -> Self {
        Self {
            lock,
            ..Self::default()
        }
    }

    /// Folds entries that were folded before. Among the first `mild`, a second id
    /// for a key is no error.
    pub(super) fn folded(
        mut replay: Self,
        entries: &[Entry],
        mild: usize,
    ) -> Result<Self, HistoryError> {
        for (index, entry) in entries.iter().enumerate() {
            match replay.check(entry) {
                Err(HistoryError::TwoIds { .. }) if index < mild => {}
                checked => checked?,
            }
            replay.fold(entry);
        }
        Ok(replay)
    }

    /// Folds one entry, or nothing of it: an error leaves the state as it was.
    ///
    /// Folding an outcome that the lockfile already holds changes nothing.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), HistoryError> {
        let mut owners = Owners::of(&self.lock);
        self.apply_among(entry, &mut owners)
    }

    /// The same where one entry follows the other: `owners` are those of this state,
    /// and are again afterwards.
    pub fn apply_among(&mut self, entry: &Entry, owners: &mut Owners) -> Result<(), HistoryError> {
        self.check(entry)?;
        self.check_owner(entry, owners)?;
        let receiver = self.receiver(entry).cloned();
        self.fold(entry);
        if let Some(key) = receiver {
            owners.note(&key, &self.lock);
        }
        Ok(())
    }

    /// Returns the key to which an entry gives an id.
    pub(super) fn receiver<'a>(&'a self, entry: &'a Entry) -> Option<&'a SimulationKey> {
        match entry {
            Entry::Created { seq, .. } | Entry::Done { seq, .. } => {
                self.open.get(seq).map(|open| open.intent.key())
            }
            Entry::Adopted { key, .. } => Some(key),
            Entry::Moved { to, .. } => Some(to),
            _ => None,
        }
    }

    /// What is unknown at the API, because an update is open.
    #[must_use]
    pub fn unknown_fields(&self) -> UnknownFieldsByKey {
        let mut unknown = UnknownFieldsByKey::new();
        for open in self.open.values() {
            match &open.intent {
                Intent::Update { key, fields, .. } => {
                    let unknown: &mut UnknownFields = unknown.entry(key.clone()).or_default();
                    unknown.fields.extend(fields.iter().cloned());
                }
                Intent::Attach {
                    key, add, remove, ..
                } => {
                    let unknown: &mut UnknownFields = unknown.entry(key.clone()).or_default();
                    unknown.humans.extend(add.union(remove));
                }
                Intent::Create { .. } | Intent::Delete { .. } => {}
            }
        }
        unknown
    }

    /// A journal of nothing but what is open, which belongs to a lockfile.
    #[must_use]
    pub fn open_entries(&self, api: ApiAddress, lock: &Lockfile, place: String) -> Vec<Entry> {
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
            lockfile: Some(checksum_of(lock)),
            origin: Some(Origin::of(lock, place)),
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
