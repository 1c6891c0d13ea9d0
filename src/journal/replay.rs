//! The journal folded onto the lockfile.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::entry::{Entry, Intent, JOURNAL_VERSION};
use super::text::checksum;
use crate::lock::{self, ApiAddress, LockedSimulation, Lockfile};
use crate::plan::UnsureFields;
use crate::spec::body::Body;
use crate::spec::key::{SimulationId, SimulationKey};

/// An intent without an outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenIntent {
    /// Its number.
    pub seq: u64,
    /// When its request was last about to be sent, in milliseconds since 1970.
    pub at: u64,
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

/// A history that no run could have written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryError {
    /// An outcome without its intent, or of the wrong kind.
    Stray {
        /// The number that the outcome names.
        seq: u64,
    },
    /// Two intents of one number.
    Repeated {
        /// The number.
        seq: u64,
    },
    /// A journal of another version.
    Version {
        /// The version it says it has.
        found: u64,
    },
    /// A journal of another API than the lockfile.
    Address {
        /// The journal's.
        journal: ApiAddress,
        /// The lockfile's.
        lockfile: ApiAddress,
    },
    /// The lockfile names another id for a key that the journal created.
    TwoIds {
        /// The key.
        key: SimulationKey,
        /// The id in the lockfile.
        locked: SimulationId,
        /// The id in the journal.
        created: SimulationId,
    },
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stray { seq } => write!(f, "the outcome of step {seq} has no intent"),
            Self::Repeated { seq } => write!(f, "step {seq} was intended twice"),
            Self::Version { found } => write!(
                f,
                "the journal has version {found}, and this program knows {JOURNAL_VERSION}"
            ),
            Self::Address { journal, lockfile } => write!(
                f,
                "the journal belongs to {journal}, the lockfile to {lockfile}"
            ),
            Self::TwoIds {
                key,
                locked,
                created,
            } => write!(
                f,
                "`{key}` is simulation {locked} in the lockfile, and an apply that was cut off \
                 created simulation {created} for it"
            ),
        }
    }
}

impl std::error::Error for HistoryError {}

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
            match replay.apply(entry) {
                // About entries that are not there.
                Ok(()) | Err(HistoryError::TwoIds { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        replay.lock = lock;
        for entry in &entries[held..] {
            replay.apply(entry)?;
        }
        Ok(replay)
    }

    /// Folds one entry.
    ///
    /// Folding an outcome that the lockfile already holds changes nothing.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), HistoryError> {
        match entry {
            Entry::Begin { version, api } => self.begin(*version, api),
            Entry::Intended { seq, at, intent } => {
                let open = OpenIntent {
                    seq: *seq,
                    at: *at,
                    intent: intent.clone(),
                };
                self.intended(open)
            }
            Entry::Sending { seq, at } => match self.open.get_mut(seq) {
                Some(open) => {
                    open.at = *at;
                    Ok(())
                }
                None => Err(HistoryError::Stray { seq: *seq }),
            },
            Entry::Created { seq, simulation_id } => match self.close(*seq)? {
                Intent::Create {
                    key,
                    body,
                    replaces,
                    ..
                } => self.created(key, *simulation_id, body, replaces),
                _ => Err(HistoryError::Stray { seq: *seq }),
            },
            Entry::Done { seq } => match self.close(*seq)? {
                Intent::Update {
                    key,
                    simulation_id,
                    body,
                    ..
                } => {
                    self.updated(key, simulation_id, body);
                    Ok(())
                }
                Intent::Delete { key, simulation_id } => {
                    self.deleted(&key, simulation_id);
                    Ok(())
                }
                Intent::Create { .. } => Err(HistoryError::Stray { seq: *seq }),
            },
            Entry::NotDone { seq, .. } => self.close(*seq).map(drop),
            Entry::Moved { from, to } => {
                self.moved(from, to);
                Ok(())
            }
            Entry::Saved { .. } => Ok(()),
            Entry::Adopted {
                key,
                simulation_id,
                applied,
                replaces,
            } => self.created(key.clone(), *simulation_id, applied.clone(), *replaces),
        }
    }

    /// Fields whose value at the API is unknown, because an update is open.
    #[must_use]
    pub fn unsure(&self) -> UnsureFields {
        let mut unsure = UnsureFields::new();
        for open in self.open.values() {
            if let Intent::Update { key, fields, .. } = &open.intent {
                let paths: &mut BTreeSet<_> = unsure.entry(key.clone()).or_default();
                paths.extend(fields.iter().cloned());
            }
        }
        unsure
    }

    /// A journal of nothing but what is open.
    #[must_use]
    pub fn open_entries(&self, api: ApiAddress) -> Vec<Entry> {
        let version = JOURNAL_VERSION;
        let open = self.open.values().map(|open| Entry::Intended {
            seq: open.seq,
            at: open.at,
            intent: open.intent.clone(),
        });
        std::iter::once(Entry::Begin { version, api })
            .chain(open)
            .collect()
    }

    fn begin(&mut self, version: u64, api: &ApiAddress) -> Result<(), HistoryError> {
        if version != JOURNAL_VERSION {
            return Err(HistoryError::Version { found: version });
        }
        match &self.lock.api {
            Some(lockfile) if lockfile != api => Err(HistoryError::Address {
                journal: api.clone(),
                lockfile: lockfile.clone(),
            }),
            _ => {
                self.lock.api = Some(api.clone());
                Ok(())
            }
        }
    }

    fn intended(&mut self, open: OpenIntent) -> Result<(), HistoryError> {
        if open.seq < self.next_seq {
            return Err(HistoryError::Repeated { seq: open.seq });
        }
        self.next_seq = open.seq + 1;
        if let Intent::Update { simulation_id, .. } = open.intent {
            self.drop_open_updates(simulation_id);
        }
        self.open.insert(open.seq, open);
        Ok(())
    }

    /// A new update sends the fields of an open one again, and so closes it; and
    /// once the simulation is deleted or replaced, it no longer matters.
    fn drop_open_updates(&mut self, id: SimulationId) {
        self.open.retain(|_, open| match open.intent {
            Intent::Update { simulation_id, .. } => simulation_id != id,
            _ => true,
        });
    }

    fn close(&mut self, seq: u64) -> Result<Intent, HistoryError> {
        let open = self.open.remove(&seq);
        open.map(|open| open.intent)
            .ok_or(HistoryError::Stray { seq })
    }

    fn created(
        &mut self,
        key: SimulationKey,
        id: SimulationId,
        body: Body,
        replaces: Option<SimulationId>,
    ) -> Result<(), HistoryError> {
        let Some(locked) = self.lock.simulations.get_mut(&key) else {
            let mut locked = LockedSimulation::new(id, body);
            locked.replaced.extend(replaces);
            self.lock.simulations.insert(key, locked);
            return Ok(());
        };
        if locked.simulation_id == id || locked.replaced.contains(&id) {
            return Ok(());
        }
        if replaces != Some(locked.simulation_id) {
            return Err(HistoryError::TwoIds {
                key,
                locked: locked.simulation_id,
                created: id,
            });
        }
        let old = locked.simulation_id;
        locked.replaced.push(old);
        locked.simulation_id = id;
        locked.applied = body;
        self.drop_open_updates(old);
        Ok(())
    }

    fn updated(&mut self, key: SimulationKey, id: SimulationId, body: Body) {
        match self.lock.simulations.get_mut(&key) {
            Some(locked) if locked.simulation_id == id => locked.applied = body,
            Some(_) => {}
            None => {
                let locked = LockedSimulation::new(id, body);
                self.lock.simulations.insert(key, locked);
            }
        }
    }

    /// Takes an id away. Where a replace left others behind, the key stays with
    /// the newest of them until they are deleted too.
    fn deleted(&mut self, key: &SimulationKey, id: SimulationId) {
        self.drop_open_updates(id);
        let Some(locked) = self.lock.simulations.get_mut(key) else {
            return;
        };
        locked.replaced.retain(|replaced| *replaced != id);
        if locked.simulation_id == id {
            match locked.replaced.pop() {
                Some(left) => locked.simulation_id = left,
                None => drop(self.lock.simulations.remove(key)),
            }
        }
    }

    /// Renames an entry, and with it what is open about its simulation.
    fn moved(&mut self, from: &SimulationKey, to: &SimulationKey) {
        let simulations = &mut self.lock.simulations;
        match (simulations.get(from), simulations.get(to)) {
            (Some(_), None) => {
                if let Some(locked) = simulations.remove(from) {
                    simulations.insert(to.clone(), locked);
                }
            }
            // The lockfile holds the move; an entry before it brought this back.
            (Some(old), Some(new)) if old.simulation_id == new.simulation_id => {
                simulations.remove(from);
            }
            _ => {}
        }
        for open in self.open.values_mut() {
            if open.intent.key() == from {
                *open.intent.key_mut() = to.clone();
            }
        }
    }
}
