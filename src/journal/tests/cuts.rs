//! Tests that the creates of a journal are recovered wherever the journal is cut.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use super::super::*;
use super::{begin, body, bytes, config, key};
use crate::lock::Lockfile;
use crate::resource::Observed;
use crate::resource::body::Body;
use crate::resource::key::RemoteId;

/// An API that shows what it holds.
#[derive(Debug, Clone, Default)]
struct Model {
    simulations: BTreeMap<RemoteId, Body>,
}

impl Model {
    fn create(&mut self, body: Body) -> RemoteId {
        let last = self
            .simulations
            .keys()
            .last()
            .map_or(100, |id| id.number().unwrap());
        let id = RemoteId::simulation(last + 1);
        self.simulations.insert(id, body);
        id
    }

    fn list(&self) -> Vec<Found> {
        let simulations = self.simulations.iter();
        simulations
            .map(|(id, body)| Found {
                id: *id,
                name: body.name().map(str::to_owned),
            })
            .collect()
    }

    fn read(&self, id: RemoteId) -> Observed {
        let body = &self.simulations[&id];
        let description = body.get("description").cloned().unwrap_or(Value::Null);
        Observed {
            id,
            agent_id: Some("42".to_owned()),
            name: body.name().map(str::to_owned),
            created_at: None,
            fields: [("description".to_owned(), description)].into(),
            unknown_settings: std::collections::BTreeSet::new(),
        }
    }
}

/// A create of a run.
#[derive(Debug, Clone)]
struct Create {
    name: u8,
    content: u8,
    /// The server made it, if it was sent.
    is_committed: bool,
    /// The answer came and was recorded.
    is_answered: bool,
}

fn creates() -> impl Strategy<Value = Vec<Create>> {
    let create = (0..4_u8, 0..3_u8, any::<bool>(), any::<bool>());
    vec(
        create.prop_map(|(name, content, is_committed, is_answered)| Create {
            name,
            content,
            is_committed,
            is_answered,
        }),
        1..7,
    )
}

/// A run of creates that were all sent before any was answered: the most that
/// can be open. `foreign` simulations were there before.
fn journal_of(creates: &[Create], foreign: &[RemoteId]) -> Vec<Entry> {
    let intents = creates.iter().enumerate().map(|(number, create)| {
        let intent = Intent::Create {
            key: key(number),
            body: body(create.name, create.content),
            replaces: None,
            is_gone: false,
            existing: foreign.to_vec(),
        };
        Entry::Intended {
            seq: number as u64,
            at: 0,
            intent,
        }
    });
    std::iter::once(begin()).chain(intents).collect()
}

/// What apply does with the open creates, once they are settled, and then with
/// those that were not made.
fn recover(replay: &mut Replay, model: &mut Model, foreign: &BTreeSet<RemoteId>) {
    let open: Vec<_> = replay
        .open
        .values()
        .filter_map(|open| match &open.intent {
            Intent::Create {
                key,
                body,
                existing,
                ..
            } => Some(OpenCreate {
                seq: open.seq,
                key: key.clone(),
                body: body.clone(),
                existing: existing.iter().copied().collect(),
                is_settled: true,
            }),
            _ => None,
        })
        .collect();
    let mut tracked: BTreeSet<_> = replay.lock.ids().map(|(id, _)| id).collect();
    tracked.extend(foreign);
    let ids = candidates(&open, &model.list(), &tracked);
    let observed: Vec<_> = ids.into_iter().map(|id| model.read(id)).collect();
    for (create, verdict) in open.iter().zip(verdicts(&open, &observed)) {
        let seq = create.seq;
        let entry = match verdict {
            Verdict::Created(simulation_id) => Entry::Created {
                seq,
                simulation_id,
                applied: None,
            },
            Verdict::Absent => {
                let reason = String::new();
                replay.apply(&Entry::NotDone { seq, reason }).unwrap();
                create_again(replay, model, create);
                continue;
            }
            Verdict::Undecided(_) => {
                assert_eq!(create.body.name(), None);
                continue;
            }
            Verdict::Wait => panic!("still waiting after the settle time"),
        };
        replay.apply(&entry).unwrap();
    }
}

fn create_again(replay: &mut Replay, model: &mut Model, create: &OpenCreate) {
    let seq = replay.next_seq;
    let intent = Intent::Create {
        key: create.key.clone(),
        body: create.body.clone(),
        replaces: None,
        is_gone: false,
        existing: Vec::new(),
    };
    let intended = Entry::Intended { seq, at: 0, intent };
    replay.apply(&intended).unwrap();
    let simulation_id = model.create(create.body.clone());
    replay
        .apply(&Entry::Created {
            seq,
            simulation_id,
            applied: None,
        })
        .unwrap();
}

proptest! {
    #![proptest_config(config())]

    /// Cut anywhere, and every simulation that was made ends in one entry.
    #[test]
    fn every_cut_is_recovered_from(
        creates in creates(),
        foreign in vec((0..4_u8, 0..3_u8), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut model = Model::default();
        let foreign: BTreeSet<_> = foreign
            .into_iter()
            .map(|(name, content)| model.create(body(name, content)))
            .collect();
        let before = model.clone();
        let existing: Vec<_> = foreign.iter().copied().collect();
        let mut entries = journal_of(&creates, &existing);
        let mut ids = BTreeMap::new();
        for (number, create) in creates.iter().enumerate() {
            let seq = number as u64;
            if create.is_committed {
                ids.insert(seq, model.create(body(create.name, create.content)));
            }
            let reason = String::new();
            if create.is_answered {
                entries.push(match ids.get(&seq) {
                    Some(id) => Entry::Created { seq, simulation_id: *id, applied: None },
                    None => Entry::NotDone { seq, reason },
                });
            }
        }
        let whole = bytes(&entries);
        let journal = read(&whole[..cut.index(whole.len() + 1)]).unwrap();
        prop_assert_eq!(&journal.entries[..], &entries[..journal.entries.len()]);

        // What was not intended on the disk was never sent.
        let intended = |seq: &u64| journal.entries.len() as u64 > seq + 1;
        for (seq, id) in &ids {
            if !intended(seq) {
                model.simulations.remove(id);
            }
        }
        let made: BTreeSet<_> = ids.iter().filter(|(seq, _)| intended(seq)).map(|(_, id)| *id).collect();
        let mut replay = Replay::of(Lockfile::default(), &journal.entries).unwrap();
        recover(&mut replay, &mut model, &foreign);

        let owned: Vec<_> = replay.lock.ids().map(|(id, _)| id).collect();
        let distinct: BTreeSet<_> = owned.iter().copied().collect();
        prop_assert_eq!(owned.len(), distinct.len());
        prop_assert!(distinct.is_disjoint(&foreign));
        prop_assert!(distinct.iter().all(|id| model.simulations.contains_key(id)));
        for (id, body) in &before.simulations {
            prop_assert_eq!(Some(body), model.simulations.get(id));
        }
        // A create without a name stays open while a simulation could be its own.
        let nameless = |id: &&RemoteId| model.simulations[*id].name().is_none();
        let undecided: BTreeSet<_> = made.difference(&distinct).filter(nameless).copied().collect();
        let owned: BTreeSet<_> = distinct.union(&undecided).copied().collect();
        prop_assert!(made.is_subset(&owned), "lost: {:?} of {:?}", made, replay.lock);
        prop_assert_eq!(replay.open.is_empty(), undecided.is_empty());
        prop_assert_eq!(model.simulations.len() - foreign.len(), owned.len(), "twins");
        for locked in replay.lock.resources.values() {
            prop_assert_eq!(&locked.applied, &model.simulations[&locked.id]);
        }
    }
}
