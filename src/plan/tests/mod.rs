//! What holds for every plan.

mod refresh;

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::lock::{ApiAddress, LockedResource, Lockfile};
use crate::resource::body::Body;
use crate::resource::desired::{DesiredResource, DesiredState};
use crate::resource::key::{RemoteId, ResourceKey};

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(500)
    }
}

fn key(number: u64) -> ResourceKey {
    ResourceKey::from(format!("k{number}").as_str())
}

fn body() -> impl Strategy<Value = Body> {
    let optional = |value: serde_json::Value| prop_oneof![Just(None), Just(Some(value))];
    (
        42..44_u8,
        optional(json!("d")),
        optional(json!(true)),
        prop_oneof![
            Just(None),
            Just(Some((600, "seconds"))),
            Just(Some((10, "minutes"))),
            Just(Some((8, "minutes")))
        ],
        optional(json!({"num_runs": 1, "default_language": "en"})),
    )
        .prop_map(|(agent, description, always_on, duration, settings)| {
            let mut fields = vec![("agent_id", Some(json!(agent.to_string())))];
            fields.push(("description", description));
            fields.push(("always_on", always_on));
            fields.push(("max_call_duration", duration.map(|(value, _)| json!(value))));
            fields.push((
                "max_call_duration_units",
                duration.map(|(_, unit)| json!(unit)),
            ));
            fields.push(("digital_humans_settings", settings));
            fields
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect()
        })
}

/// Files that passed the checks: a key that another was moved from is declared
/// no more or moved on itself, and no second one was moved from it.
fn desired() -> impl Strategy<Value = DesiredState> {
    let from = prop_oneof![4 => Just(None), 1 => (0..6_u64).prop_map(Some)];
    btree_map(0..6_u64, (body(), from), 0..6).prop_map(|simulations| {
        let mut taken = BTreeSet::new();
        let mut simulations: BTreeMap<_, _> = simulations
            .into_iter()
            .map(|(number, (body, from))| {
                let simulation = DesiredResource {
                    moved_from: from.filter(|from| taken.insert(*from)).map(key),
                    ..DesiredResource::in_a_file(body)
                };
                (key(number), simulation)
            })
            .collect();
        while let Some(stuck) = stuck(&simulations) {
            simulations.get_mut(&stuck).unwrap().moved_from = None;
        }
        DesiredState {
            resources: simulations,
            ..DesiredState::default()
        }
    })
}

/// A key that was moved from one that stays where it is.
fn stuck(simulations: &BTreeMap<ResourceKey, DesiredResource>) -> Option<ResourceKey> {
    let moves_on = |simulation: &DesiredResource| {
        let mut old = simulation.moved_from.clone();
        for _ in 0..=simulations.len() {
            match old.as_ref().map(|old| simulations.get(old)) {
                Some(Some(still)) => old = still.moved_from.clone(),
                Some(None) => return true,
                None => return false,
            }
        }
        false
    };
    let mut moved = simulations.iter().filter(|(_, it)| it.moved_from.is_some());
    moved
        .find(|(_, it)| !moves_on(it))
        .map(|(key, _)| key.clone())
}

fn locked() -> impl Strategy<Value = Lockfile> {
    btree_map(0..6_u64, body(), 0..6).prop_map(|simulations| Lockfile {
        agents: BTreeMap::new(),
        api: Some(ApiAddress::new("https://api.example")),
        organization: None,
        resources: simulations
            .into_iter()
            .map(|(number, body)| {
                let locked = LockedResource::new(RemoteId::simulation(number), body);
                (key(number), locked)
            })
            .collect(),
    })
}

/// What an apply of the plan would leave in the lockfile.
fn applied(lock: &Lockfile, plan: &Plan) -> Lockfile {
    let mut lock = lock.clone();
    let mut moved = BTreeMap::new();
    for change in &plan.changes {
        if let Some(from) = &change.moved_from {
            moved.extend(
                lock.resources
                    .remove(from)
                    .map(|entry| (&change.key, entry)),
            );
        }
    }
    for (key, entry) in moved {
        assert!(lock.resources.insert(key.clone(), entry).is_none());
    }
    let mut next = 100;
    for change in &plan.changes {
        let Change { key, action, .. } = change;
        match action {
            Action::Create => {
                next += 1;
                let entry =
                    LockedResource::new(RemoteId::simulation(next), change.after.clone().unwrap());
                assert!(lock.resources.insert(key.clone(), entry).is_none());
            }
            Action::Update { .. } | Action::Replace { .. } => {
                let entry = lock.resources.get_mut(key).unwrap();
                entry.applied = change.after.clone().unwrap();
                if let Action::Replace { old_instance, .. } = action {
                    next += 1;
                    if *old_instance == OldInstance::Keep {
                        entry.replaced.push(entry.id);
                    }
                    entry.id = RemoteId::simulation(next);
                }
            }
            Action::Delete => {
                let entry = lock.resources.remove(key).unwrap();
                assert_eq!(Some(entry.id), change.id);
            }
            Action::Move | Action::Orphan | Action::Adopt => {}
        }
    }
    lock
}

fn decide(desired: &DesiredState, locked: &Lockfile, options: &PlanOptions) -> Plan {
    let (unknown, observed) = (UnknownFieldsByKey::new(), ObservedStates::new());
    let input = PlanInput {
        desired,
        locked,
        unknown: &unknown,
        observed: &observed,
        found: &BTreeMap::new(),
    };
    plan(input, options)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_is_to_be_done_after_it_was_done(
        desired in desired(),
        locked in locked(),
        prune in any::<bool>(),
        recreate in any::<bool>(),
    ) {
        let on_change = if recreate { OnChange::Recreate } else { OnChange::Update };
        let delete_bound = DeleteBound::Unbounded;
        let options = PlanOptions { prune, on_change, delete_bound, ..PlanOptions::default() };
        let plan = decide(&desired, &locked, &options);
        prop_assert_eq!(&plan, &decide(&desired, &locked, &options));
        let keys: Vec<_> = plan.changes.iter().map(|change| &change.key).collect();
        prop_assert!(keys.is_sorted());
        prop_assume!(plan.is_applyable());
        let lock = applied(&locked, &plan);
        let again = decide(&desired, &lock, &options);
        // What a replace kept is pruned by the same apply only where it deletes.
        prop_assert!(!again.has_work(), "{:?}", again);
        prop_assert_eq!(again.unchanged, desired.resources.len());
    }

    #[test]
    fn without_prune_nothing_is_deleted(desired in desired(), locked in locked()) {
        let plan = decide(&desired, &locked, &PlanOptions::default());
        prop_assert!(!plan.changes.iter().any(Change::deletes));
    }

    #[test]
    fn what_another_environment_declares_is_never_changed(
        mut desired in desired(),
        locked in locked(),
        left_out in btree_set((0..6_u64).prop_map(key), 0..6),
    ) {
        desired.resources.retain(|key, _| !left_out.contains(key));
        for resource in desired.resources.values_mut() {
            resource.moved_from.take_if(|from| left_out.contains(from));
        }
        desired.left_out = left_out;
        let delete_bound = DeleteBound::Unbounded;
        let plan = decide(&desired, &locked, &PlanOptions { prune: true, delete_bound, ..PlanOptions::default() });
        for change in &plan.changes {
            let mut keys = std::iter::once(&change.key).chain(&change.moved_from);
            prop_assert!(!keys.any(|key| desired.left_out.contains(key)), "{:?}", change);
        }
    }

    #[test]
    fn what_is_protected_is_never_deleted_or_replaced(
        desired in desired(),
        locked in locked(),
        prune in any::<bool>(),
    ) {
        let options = PlanOptions { prune, protect_all: true, ..PlanOptions::default() };
        let plan = decide(&desired, &locked, &options);
        let parts = plan.changes.iter().any(|change| {
            matches!(change.action, Action::Delete | Action::Replace { .. })
        });
        prop_assert!(!parts || !plan.is_applyable());
        let is_about_it = |refusal: &&Refusal| matches!(refusal, Refusal::ProtectedEnvironment { .. });
        let told = plan.refusals.iter().filter(is_about_it).count();
        prop_assert_eq!(told, usize::from(parts), "told once");
    }
}
