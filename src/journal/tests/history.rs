//! A model of the journal: what one run after the other would write.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::{Entry, HistoryError, Intent, Owners, Replay};
use super::{begin, body, key};
use crate::lock::LockedResource;
use crate::resource::body::Body;
use crate::resource::key::RemoteId;

/// Something that an apply does to a key, or a user to its file.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Create(usize, u8),
    Update(usize, u8),
    Replace(usize, bool),
    Delete(usize),
    Move(usize, usize),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let number = 0..4_usize;
    prop_oneof![
        (number.clone(), 0..3_u8).prop_map(|(number, content)| Step::Create(number, content)),
        (number.clone(), 0..3_u8).prop_map(|(number, content)| Step::Update(number, content)),
        (number.clone(), any::<bool>()).prop_map(|(number, prunes)| Step::Replace(number, prunes)),
        number.clone().prop_map(Step::Delete),
        (number.clone(), number).prop_map(|(from, to)| Step::Move(from, to)),
    ]
}

/// The journal of one run after the other, as apply would write it.
pub(super) struct History {
    pub replay: Replay,
    pub entries: Vec<Entry>,
    owners: Owners,
    next_id: u64,
}

impl Default for History {
    fn default() -> Self {
        let mut history = Self {
            replay: Replay::default(),
            entries: Vec::new(),
            owners: Owners::default(),
            next_id: 1,
        };
        history.write(begin());
        history
    }
}

impl History {
    fn write(&mut self, entry: Entry) {
        self.offer(&entry).unwrap();
        self.entries.push(entry);
    }

    /// Folds an entry that may not fit.
    pub fn offer(&mut self, entry: &Entry) -> Result<(), HistoryError> {
        self.replay.apply_with_owners(entry, &mut self.owners)
    }

    /// Whether the owners that were kept up are those that the lockfile tells.
    pub fn knows_owners(&self) -> bool {
        let lock = &self.replay.lock;
        let found = (0..=self.next_id).map(|id| self.owners.owner(RemoteId::simulation(id), lock));
        let owned: BTreeMap<_, _> = lock.ids().collect();
        let expected = (0..=self.next_id).map(|id| owned.get(&RemoteId::simulation(id)).copied());
        found.eq(expected)
    }

    pub fn intend(&mut self, intent: Intent) -> u64 {
        let seq = self.replay.next_seq;
        self.write(Entry::Intended { seq, at: 0, intent });
        seq
    }

    pub fn locked(&self, number: usize) -> Option<&LockedResource> {
        self.replay.lock.resources.get(&key(number))
    }

    pub fn take_all(&mut self, steps: &[Step]) {
        for step in steps {
            self.take(step);
        }
    }

    /// Moves first, then each key at most once, as in one plan.
    pub fn one_run(&mut self, steps: &[Step]) {
        let mut moved = BTreeSet::new();
        let mut changed = BTreeSet::new();
        for step in steps {
            if let Step::Move(from, to) = step
                && !moved.contains(from)
                && moved.insert(*to)
            {
                self.take(step);
            }
        }
        for step in steps {
            let number = match step {
                Step::Move(..) => continue,
                // A plan never deletes a key that it has just moved.
                Step::Delete(number) if moved.contains(number) => continue,
                Step::Create(number, _)
                | Step::Update(number, _)
                | Step::Replace(number, _)
                | Step::Delete(number) => *number,
            };
            if changed.insert(number) {
                self.take(step);
            }
        }
    }

    /// Does what makes sense of a step, and nothing where none does.
    pub fn take(&mut self, step: &Step) {
        match (step, self.locked(step.number()).cloned()) {
            (Step::Create(number, content), None) => {
                self.create(*number, body(1, *content), None);
            }
            (Step::Update(number, content), Some(locked)) => {
                let seq = self.intend(Intent::Update {
                    key: key(*number),
                    simulation_id: locked.id,
                    fields: vec!["description".to_owned()],
                    body: body(1, *content),
                });
                self.write(Entry::Done { seq, applied: None });
            }
            (Step::Replace(number, prunes), Some(locked)) => {
                let old = locked.id;
                self.create(*number, body(2, 0), Some(old));
                if *prunes {
                    self.delete(*number, old);
                }
            }
            (Step::Delete(number), Some(locked)) => {
                self.delete(*number, locked.id);
                for id in locked.replaced {
                    self.delete(*number, id);
                }
            }
            (Step::Move(from, to), Some(_)) if self.locked(*to).is_none() => {
                let (from, to) = (key(*from), key(*to));
                self.write(Entry::Moved { from, to });
            }
            _ => {}
        }
    }

    pub fn create(&mut self, number: usize, body: Body, replaces: Option<RemoteId>) {
        let seq = self.intend(Intent::Create {
            key: key(number),
            body,
            replaces,
            is_gone: false,
            existing: Vec::new(),
        });
        let simulation_id = RemoteId::simulation(self.next_id);
        self.next_id += 1;
        self.write(Entry::Created {
            seq,
            simulation_id,
            applied: None,
        });
    }

    pub fn delete(&mut self, number: usize, simulation_id: RemoteId) {
        let key = key(number);
        let seq = self.intend(Intent::Delete { key, simulation_id });
        self.write(Entry::Done { seq, applied: None });
    }
}

impl Step {
    fn number(&self) -> usize {
        match self {
            Self::Create(number, _)
            | Self::Update(number, _)
            | Self::Replace(number, _)
            | Self::Delete(number)
            | Self::Move(number, _) => *number,
        }
    }
}
