//! The journal folded onto the lockfile.

use std::collections::BTreeMap;
use std::fmt;

use super::entry::{Entry, Intent, JOURNAL_VERSION};
use super::text::checksum;
use crate::lock::{self, ApiAddress, Lockfile};
use crate::plan::{Unsure, UnsureFields};
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
            Entry::Begin {
                version,
                api,
                organization,
            } => self.begin(*version, api, organization.as_ref()),
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
            Entry::Created {
                seq,
                simulation_id,
                applied,
            } => match self.close(*seq)? {
                Intent::Create {
                    key,
                    body,
                    replaces,
                    is_gone,
                    ..
                } => {
                    let applied = applied.clone().unwrap_or(body);
                    self.created(key.clone(), *simulation_id, applied, replaces)?;
                    if let Some(gone) = replaces.filter(|_| is_gone) {
                        self.deleted(&key, gone);
                    }
                    Ok(())
                }
                _ => Err(HistoryError::Stray { seq: *seq }),
            },
            Entry::Done { seq, applied } => self.done(*seq, applied.as_ref()),
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
                is_gone,
            } => {
                self.adopted(key.clone(), *simulation_id, applied.clone(), *replaces)?;
                if let Some(gone) = replaces.filter(|_| *is_gone) {
                    self.deleted(key, gone);
                }
                Ok(())
            }
        }
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
        let open = self.open.values().map(|open| Entry::Intended {
            seq: open.seq,
            at: open.at,
            intent: open.intent.clone(),
        });
        let organization = self.lock.organization.clone();
        let begin = Entry::Begin {
            version,
            api,
            organization,
        };
        std::iter::once(begin).chain(open).collect()
    }

    fn begin(
        &mut self,
        version: u64,
        api: &ApiAddress,
        organization: Option<&String>,
    ) -> Result<(), HistoryError> {
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
                if organization.is_some() {
                    self.lock.organization = organization.cloned();
                }
                Ok(())
            }
        }
    }

    fn intended(&mut self, open: OpenIntent) -> Result<(), HistoryError> {
        if open.seq < self.next_seq {
            return Err(HistoryError::Repeated { seq: open.seq });
        }
        self.next_seq = open.seq + 1;
        match open.intent {
            // It sends what an open one of its kind sent again, and so closes it.
            Intent::Update { simulation_id, .. } => self.open.retain(|_, open| {
                !matches!(open.intent, Intent::Update { simulation_id: id, .. } if id == simulation_id)
            }),
            Intent::Attach { simulation_id, .. } => self.open.retain(|_, open| {
                !matches!(open.intent, Intent::Attach { simulation_id: id, .. } if id == simulation_id)
            }),
            Intent::Create { .. } | Intent::Delete { .. } => {}
        }
        self.open.insert(open.seq, open);
        Ok(())
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

    fn done(&mut self, seq: u64, applied: Option<&Body>) -> Result<(), HistoryError> {
        match self.close(seq)? {
            Intent::Update {
                key,
                simulation_id,
                body,
                ..
            } => self.updated(key, simulation_id, applied.cloned().unwrap_or(body)),
            Intent::Attach {
                key,
                simulation_id,
                humans,
                ..
            } => self.attached(&key, simulation_id, humans),
            Intent::Delete { key, simulation_id } => self.deleted(&key, simulation_id),
            Intent::Create { .. } => return Err(HistoryError::Stray { seq }),
        }
        Ok(())
    }

    fn close(&mut self, seq: u64) -> Result<Intent, HistoryError> {
        let open = self.open.remove(&seq);
        open.map(|open| open.intent)
            .ok_or(HistoryError::Stray { seq })
    }
}
