//! Planning: any two states give a plan that can be shown, and whose updates,
//! laid over what was applied, mean what is declared.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bluejayctl::lock::{LockedResource, Lockfile};
use bluejayctl::plan::{Action, PlanInput, PlanOptions, UnknownFieldsByKey, plan};
use bluejayctl::report::plan::PlanDocument;
use bluejayctl::report::{self, Destination, Layout};
use bluejayctl::resource::body::Body;
use bluejayctl::resource::desired::{DesiredResource, DesiredState, Source};
use bluejayctl::resource::key::{RemoteId, ResourceKey};
use bluejayctl::resource::{Kind, diff, patch};
use bluejayctl::visible;
use libfuzzer_sys::fuzz_target;

/// By key: the body that was applied, and the one that is declared.
type States = BTreeMap<String, (Option<Body>, Option<Body>)>;

fuzz_target!(|bytes: &[u8]| {
    let Ok(states) = serde_json::from_slice::<States>(bytes) else {
        return;
    };
    let (mut locked, mut desired) = (Lockfile::default(), DesiredState::default());
    for (id, (key, (before, after))) in (1..).zip(states) {
        if ResourceKey::problem(&key).is_some() {
            return;
        }
        let key = ResourceKey::new(key);
        if let Some(body) = before {
            let simulation = LockedResource::new(RemoteId::simulation(id), declared(body).body);
            locked.resources.insert(key.clone(), simulation);
        }
        if let Some(body) = after {
            desired.resources.insert(key, declared(body));
        }
    }
    check(&desired, &locked, false);
    check(&desired, &locked, true);
});

fn declared(mut body: Body) -> DesiredResource {
    // Without nulls, and without names that no checked document has.
    body.fields_mut()
        .retain(|name, value| !value.is_null() && !name.starts_with("digital_humans_settings."));
    DesiredResource {
        agent: None,
        body,
        digital_humans: BTreeSet::new(),
        digital_human_keys: BTreeSet::new(),
        references: Vec::new(),
        is_exclusive: false,
        is_protected: false,
        moved_from: None,
        source: Source {
            file: Arc::from("simulations/fuzzed.yaml"),
            document: 0,
            line: 1,
        },
    }
}

fn check(desired: &DesiredState, locked: &Lockfile, prune: bool) {
    let unknown = UnknownFieldsByKey::new();
    let options = PlanOptions {
        prune,
        ..PlanOptions::default()
    };
    let input = PlanInput::offline(desired, locked, &unknown);
    let decided = plan(input, &options);
    let destination = Destination::default();
    let human = report::plan::human(&decided, &destination, Layout::unlimited());
    assert_eq!(visible::terminal(&human, false), human);
    let document = PlanDocument::of(&decided, &destination, &[]);
    serde_json::to_value(&document).expect("a plan is JSON");
    for change in &decided.changes {
        if let Action::Update { .. } = change.action {
            check_update(
                &locked.resources[&change.key].applied,
                &desired.resources[&change.key].body,
            );
        }
    }
    let settled = Lockfile {
        resources: (1..)
            .zip(&desired.resources)
            .map(|(id, (key, simulation))| {
                let locked = LockedResource::new(RemoteId::simulation(id), simulation.body.clone());
                (key.clone(), locked)
            })
            .collect(),
        ..Lockfile::default()
    };
    let input = PlanInput {
        locked: &settled,
        ..input
    };
    assert!(!plan(input, &options).has_work());
}

/// What the API has after an update means what was declared.
fn check_update(before: &Body, after: &Body) {
    let fields = diff(Kind::Simulation, before, after);
    assert!(!fields.is_empty());
    let mut applied = before.clone();
    let sent = patch(Kind::Simulation, &fields, before, after);
    let applied_fields = applied.fields_mut();
    applied_fields.extend(sent.0.as_ref().clone());
    applied_fields.retain(|_, value| !value.is_null());
    let left = diff(Kind::Simulation, &applied, after);
    assert!(left.is_empty(), "{left:?}");
}
