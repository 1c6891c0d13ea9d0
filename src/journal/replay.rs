//! The state of a journal that is folded onto a lockfile.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Intent, version_for};
use super::error::HistoryError;
use super::origin::Origin;
use super::owners::Owners;
use super::text::checksum_of;
use crate::lock::{ApiAddress, Lockfile};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::{UnknownFields, UnknownFieldsByKey};

/// An intent without an outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenIntent {
    /// The number of the intent.
    pub seq: u64,
    /// The last time at which the request was about to be sent, in milliseconds since 1970.
    pub at: u64,
    /// The time at which the answer was lost; `None` if the process ended before.
    pub unanswered_at: Option<u64>,
    /// The effect of the request.
    pub intent: Intent,
}

/// The state that a lockfile and a journal contain together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replay {
    /// The lockfile with every known outcome.
    pub lock: Lockfile,
    /// The intents without an outcome, in order.
    pub open: BTreeMap<u64, OpenIntent>,
    /// The number of the next intent.
    pub next_seq: u64,
    /// The fields of updates whose outcome is unknown and that a later update sends again,
    /// by resource.
    pub(super) resent: BTreeMap<RemoteId, BTreeSet<String>>,
    /// The simulations with an attach whose outcome is unknown and that a later attach sends
    /// again.
    pub(super) reattached: BTreeSet<RemoteId>,
}

impl Replay {
    /// Returns the state of a lockfile without a journal.
    #[must_use]
    pub fn new(lock: Lockfile) -> Self {
        Self {
            lock,
            ..Self::default()
        }
    }

    /// Folds the entries of a journal that is read. In the first `lenient` entries, a second
    /// id for a key is no error.
    pub(super) fn folded(
        mut replay: Self,
        entries: &[Entry],
        lenient: usize,
    ) -> Result<Self, HistoryError> {
        for (index, entry) in entries.iter().enumerate() {
            match replay.check(entry) {
                Err(HistoryError::TwoIds { .. }) if index < lenient => {}
                checked => checked?,
            }
            replay.fold(entry);
        }
        Ok(replay)
    }

    /// Folds one entry. After an error, the state is unchanged.
    ///
    /// Folding an outcome that the lockfile has changes nothing.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), HistoryError> {
        let mut owners = Owners::of(&self.lock);
        self.apply_with_owners(entry, &mut owners)
    }

    /// Folds one entry like [`Self::apply`], with the owners of this state. Updates the
    /// owners.
    pub fn apply_with_owners(
        &mut self,
        entry: &Entry,
        owners: &mut Owners,
    ) -> Result<(), HistoryError> {
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
    pub(super) fn receiver<'a>(&'a self, entry: &'a Entry) -> Option<&'a ResourceKey> {
        match entry {
            Entry::Created { seq, .. } | Entry::Done { seq, .. } => {
                self.open.get(seq).map(|open| open.intent.key())
            }
            Entry::Adopted { key, .. } => Some(key),
            Entry::Moved { to, .. } => Some(to),
            _ => None,
        }
    }

    /// Returns the fields whose observed state is unknown, because an update is open.
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

    /// Returns whether an open intent repeats an earlier one whose outcome is unknown.
    #[must_use]
    pub fn is_in_doubt(&self, seq: u64) -> bool {
        match self.open.get(&seq).map(|open| &open.intent) {
            Some(Intent::Update { simulation_id, .. }) => self.resent.contains_key(simulation_id),
            Some(Intent::Attach { simulation_id, .. }) => self.reattached.contains(simulation_id),
            _ => false,
        }
    }

    /// Returns the entries of a journal that has only the open intents.
    #[must_use]
    pub fn open_entries(&self, api: ApiAddress, lock: &Lockfile, place: String) -> Vec<Entry> {
        let open_keys = self.open.values().map(|open| open.intent.key());
        let version = version_for(lock.resources.keys().chain(open_keys));
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

    /// Removes the open updates of a resource that was deleted or replaced.
    pub(super) fn drop_open_updates(&mut self, id: RemoteId) {
        self.resent.remove(&id);
        self.reattached.remove(&id);
        self.open.retain(|_, open| match open.intent {
            Intent::Update { simulation_id, .. } | Intent::Attach { simulation_id, .. } => {
                simulation_id != id
            }
            Intent::Create { .. } | Intent::Delete { .. } => true,
        });
    }
}
