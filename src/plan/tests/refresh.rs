//! A world of simulations that somebody else edits: what a plan with a look
//! makes of it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::btree_set;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{body, config, desired, locked};
use crate::lock::Lockfile;
use crate::plan::*;
use crate::resource::body::Body;
use crate::resource::desired::DesiredState;
use crate::resource::field::Constant;
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};
use crate::resource::{Kind, Normalized, diff, drift};

const KIND: Kind = Kind::Simulation;

/// What the API holds: fields and digital humans by id.
type World = BTreeMap<RemoteId, (Body, BTreeSet<DigitalHumanId>)>;

/// What was applied, as somebody else left it.
fn edited(lock: &Lockfile, edits: Vec<Edit>) -> World {
    let mut world: World = lock
        .resources
        .values()
        .map(|entry| {
            let applied = (entry.applied.clone(), BTreeSet::new());
            (entry.id, applied)
        })
        .collect();
    for (id, edit) in edits {
        match edit {
            Some(edit) => drop(world.insert(RemoteId::simulation(id), edit)),
            None => drop(world.remove(&RemoteId::simulation(id))),
        }
    }
    world
}

/// What somebody made of the simulation of an id; `None` where it was deleted.
type Edit = (u64, Option<(Body, BTreeSet<DigitalHumanId>)>);

/// A simulation as the API would show it: durations in seconds, defaults filled
/// in, and some settings hidden.
fn shown(id: RemoteId, body: &Body, is_hiding: bool) -> Observed {
    let meaning = Normalized::of(KIND, body);
    let paths = [
        "description",
        "always_on",
        "digital_humans_settings.num_runs",
        "digital_humans_settings.default_language",
    ];
    let mut fields: BTreeMap<String, Value> = paths
        .iter()
        .filter(|path| !(is_hiding && path.contains('.')))
        .map(|path| {
            let value = meaning.get(path).cloned().or_else(|| {
                KIND.field_at(path)?
                    .documented_default()
                    .map(Constant::to_value)
            });
            ((*path).to_owned(), value.unwrap_or_default())
        })
        .collect();
    let seconds = meaning.get("max_call_duration").cloned();
    fields.insert(
        "max_call_duration".to_owned(),
        seconds.unwrap_or(json!(600)),
    );
    Observed {
        id,
        agent_id: Some(body.agent_id().to_owned()),
        name: body.name().map(str::to_owned),
        unknown_settings: std::collections::BTreeSet::new(),
        created_at: None,
        fields,
    }
}

fn look(lock: &Lockfile, world: &World, is_hiding: bool) -> ObservedStates {
    let entries = lock.resources.iter();
    entries
        .map(|(key, locked)| {
            let observed = match world.get(&locked.id) {
                None => ObservedState::Gone,
                Some((body, humans)) => {
                    let observed = shown(locked.id, body, is_hiding);
                    let humans = Some(humans.clone());
                    ObservedState::Present(Comparison::of(&locked.applied, &observed, humans))
                }
            };
            (key.clone(), observed)
        })
        .collect()
}

/// Carries a plan out on world and lockfile, as `apply` does.
fn carry_out(
    plan: &Plan,
    lock: &mut Lockfile,
    world: &mut World,
    touched: &mut BTreeSet<RemoteId>,
) {
    let mut moved = Vec::new();
    for change in &plan.changes {
        if let Some(from) = &change.moved_from {
            moved.push((change.key.clone(), lock.resources.remove(from).unwrap()));
        }
    }
    lock.resources.extend(moved);
    for change in &plan.changes {
        let after = change.after.clone().unwrap_or_default();
        match &change.action {
            Action::Create | Action::Replace { .. } => {
                let id = RemoteId::simulation(1000 + world.len() as u64 + touched.len() as u64);
                world.insert(id, (after.clone(), BTreeSet::new()));
                let entry = crate::lock::LockedResource::new(id, after);
                lock.resources.insert(change.key.clone(), entry);
                if let Action::Replace { .. } = change.action {
                    touched.insert(change.id.unwrap());
                }
            }
            Action::Update { patch } => {
                let id = change.id.unwrap();
                touched.insert(id);
                let (body, _) = world.get_mut(&id).unwrap();
                for (field, value) in patch.0.iter() {
                    body.fields_mut().insert(field.clone(), value.clone());
                }
                lock.resources.get_mut(&change.key).unwrap().applied = after;
            }
            Action::Adopt => {
                let entry = lock.resources.get_mut(&change.key).unwrap();
                entry.applied = change.adopted.clone().unwrap();
            }
            Action::Delete => {
                let id = change.id.unwrap();
                touched.insert(id);
                world.remove(&id);
                lock.resources.remove(&change.key);
            }
            Action::Move | Action::Orphan => {}
        }
        if let (Some(humans), Some(entry)) = (&change.humans, lock.resources.get_mut(&change.key)) {
            let (_, there) = world.get_mut(&entry.id).unwrap();
            there.extend(&humans.add);
            there.retain(|human| !humans.remove.contains(human));
            entry.digital_humans = humans.wanted.clone();
        }
    }
}

fn humans() -> impl Strategy<Value = BTreeSet<DigitalHumanId>> {
    btree_set((1..4_u64).prop_map(DigitalHumanId), 0..3)
}

/// The simulations at the API after edits by others: some changed, some deleted, and some
/// untracked simulations beside them.
fn world() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        1 => Just(None),
        3 => (body(), humans()).prop_map(Some),
    ];
    proptest::collection::vec((0..12_u64, edit), 0..12)
}

fn with_humans(
    mut desired: DesiredState,
    wanted: &[(BTreeSet<DigitalHumanId>, bool)],
) -> DesiredState {
    for (simulation, (humans, is_exclusive)) in desired.resources.values_mut().zip(wanted) {
        simulation.digital_humans = humans.clone();
        simulation.is_exclusive = *is_exclusive;
    }
    desired
}

fn decide(
    desired: &DesiredState,
    lock: &Lockfile,
    observed: &ObservedStates,
    options: &PlanOptions,
) -> Plan {
    let unknown = UnknownFieldsByKey::new();
    let locked = lock;
    plan(
        PlanInput {
            desired,
            locked,
            unknown: &unknown,
            observed,
            found: &BTreeMap::new(),
        },
        options,
    )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_there_becomes_what_is_written(
        desired in desired(),
        lock in locked(),
        edits in world(),
        wanted in proptest::collection::vec((humans(), any::<bool>()), 6),
        prune in any::<bool>(),
        is_hiding in any::<bool>(),
    ) {
        let desired = with_humans(desired, &wanted);
        let mut lock = lock;
        let mut world = edited(&lock, edits);
        let owned: BTreeSet<_> = lock.ids().map(|(id, _)| id).collect();
        let nobodys: World = world
            .iter()
            .filter(|(id, _)| !owned.contains(id))
            .map(|(id, it)| (*id, it.clone()))
            .collect();
        let options = PlanOptions {
            prune,
            delete_bound: DeleteBound::Unbounded,
            trusts_absence: true,
            ..PlanOptions::default()
        };
        let observed = look(&lock, &world, is_hiding);
        let first = decide(&desired, &lock, &observed, &options);
        prop_assume!(first.is_applyable());
        let mut touched = BTreeSet::new();
        carry_out(&first, &mut lock, &mut world, &mut touched);

        // Nothing outside the lockfile is updated or deleted.
        prop_assert!(touched.is_subset(&owned), "{touched:?}");
        for (id, it) in &nobodys {
            prop_assert_eq!(world.get(id), Some(it));
        }
        // What is declared is there, as far as anybody can see, and is recorded.
        for (key, wanted) in &desired.resources {
            let entry = &lock.resources[key];
            prop_assert_eq!(diff(KIND, &entry.applied, &wanted.body), []);
            let (body, humans) = &world[&entry.id];
            prop_assert_eq!(drift(KIND, &wanted.body, &shown(entry.id, body, is_hiding)), BTreeMap::new());
            prop_assert!(wanted.digital_humans.is_subset(humans));
            prop_assert!(!wanted.is_exclusive || wanted.digital_humans == *humans);
        }
        // A second look finds nothing to do, and neither does none.
        let observed = look(&lock, &world, is_hiding);
        let again = decide(&desired, &lock, &observed, &options);
        prop_assert!(!again.has_work(), "{again:?}");
        let blind = decide(&desired, &lock, &ObservedStates::new(), &options);
        prop_assert!(!blind.has_work(), "{blind:?}");
    }

    #[test]
    fn what_is_taken_over_is_not_made_again(
        desired in desired(),
        lock in locked(),
        edits in world(),
        is_found in proptest::collection::vec(any::<bool>(), 6),
        prune in any::<bool>(),
    ) {
        let observed = look(&lock, &edited(&lock, edits), false);
        let options = PlanOptions { prune, trusts_absence: true, ..PlanOptions::default() };
        let unknown = UnknownFieldsByKey::new();
        let input = PlanInput { desired: &desired, locked: &lock, unknown: &unknown, observed: &observed, found: &BTreeMap::new() };
        let first = plan(input, &options);
        let taken: BTreeMap<_, _> = first.pending()
            .zip(is_found)
            .filter(|(_, is_found)| *is_found)
            .zip(500..)
            .map(|((change, _), id)| {
                let body = change.after.as_ref().unwrap();
                (change.key.clone(), shown(RemoteId::simulation(id), body, false))
            })
            .collect();
        let second = plan(PlanInput { found: &taken, ..input }, &options);
        let own = |plan: &Plan| -> BTreeMap<ResourceKey, Change> {
            let changes = plan.changes.iter().filter(|change| !change.is_delete_or_orphan());
            changes.map(|change| (change.key.clone(), change.clone())).collect()
        };
        let (first, second) = (own(&first), own(&second));
        prop_assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
        for (key, change) in &second {
            let Some(observed) = taken.get(key) else {
                prop_assert_eq!(change, &first[key]);
                continue;
            };
            prop_assert_eq!(&change.action, &Action::Adopt);
            prop_assert_eq!(change.id, Some(observed.id));
            prop_assert_eq!(&change.moved_from, &first[key].moved_from);
        }
    }

    #[test]
    fn drift_is_reported_exactly_where_a_look_plans(
        lock in locked(),
        edits in world(),
    ) {
        // What is written is what was applied, so every change is drift.
        let desired = DesiredState {
            resources: lock.resources.iter().map(|(key, entry)| {
                let simulation =
                    crate::resource::desired::DesiredResource::in_a_file(entry.applied.clone());
                (key.clone(), simulation)
            }).collect(),
            ..DesiredState::default()
        };
        let world = edited(&lock, edits);
        let observed = look(&lock, &world, false);
        let options = PlanOptions { trusts_absence: true, ..PlanOptions::default() };
        let planned = decide(&desired, &lock, &observed, &options);
        let planned: BTreeSet<ResourceKey> =
            planned.changes.into_iter().map(|change| change.key).collect();
        let report = drift_report(&desired, &lock, &observed);
        let reported: BTreeSet<_> = report.drifted.into_iter().map(|one| one.key).collect();
        prop_assert_eq!(planned, reported);
    }
}
