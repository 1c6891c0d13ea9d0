//! The plan once more, after the look at what is there already.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, Change, Plan};
use super::fields::{UPDATE_ONLY_FIELDS, creatable};
use super::meaning::{Meaning, SETTINGS, default_of, setting};
use super::observed::{Nulls, Observed, differences};
use super::planner::{PlanInput, PlanOptions, plan};
use super::sighting::{drift, is_minutes_fault, overlay};
use serde_json::Value;

use crate::lock::LockedSimulation;
use crate::spec::body::Body;
use crate::spec::key::SimulationKey;

/// Decides again, with these simulations taken over by their keys.
///
/// What is taken over and identical becomes an adoption; what differs is taken
/// over and then changed like any other. Keys that are `blocked` stay as they
/// are.
#[must_use]
pub fn plan_with_adoptions(
    input: PlanInput<'_>,
    options: &PlanOptions,
    taken: &BTreeMap<SimulationKey, Observed>,
    blocked: &BTreeSet<SimulationKey>,
) -> Plan {
    if taken.is_empty() {
        return without_blocked(plan(input, options), blocked);
    }
    let mut locked = input.locked.clone();
    let mut adopted = BTreeMap::new();
    for (key, observed) in taken {
        let Some(desired) = input.desired.simulations.get(key) else {
            continue;
        };
        let applied = adopted_body(&desired.body, observed);
        adopted.insert(key, (observed.id, applied.clone()));
        if let Some(entry) = locked.simulations.get_mut(key) {
            entry.replaced.push(entry.simulation_id);
            entry.simulation_id = observed.id;
            entry.applied = applied;
            entry.digital_humans.clear();
        } else {
            let entry = LockedSimulation::new(observed.id, applied);
            locked.simulations.insert(key.clone(), entry);
        }
    }
    let locked = &locked;
    let mut plan = without_blocked(plan(PlanInput { locked, ..input }, options), blocked);
    for (key, (id, applied)) in adopted {
        let own = plan
            .changes
            .iter_mut()
            .find(|change| change.key == *key && change.simulation_id == Some(id));
        if let Some(change) = own {
            change.adopted = Some(applied);
        } else if let Some(desired) = input.desired.simulations.get(key) {
            plan.unchanged = plan.unchanged.saturating_sub(1);
            plan.changes.push(Change {
                key: key.clone(),
                action: Action::Adopt,
                moved_from: None,
                simulation_id: Some(id),
                adopted: Some(applied),
                after: Some(desired.body.clone()),
                is_protected: desired.is_protected,
                source: Some(desired.source.clone()),
                ..Change::new(key.clone(), Action::Adopt)
            });
        }
    }
    plan.changes.sort_by(|a, b| a.key.cmp(&b.key));
    plan
}

fn without_blocked(mut plan: Plan, blocked: &BTreeSet<SimulationKey>) -> Plan {
    plan.changes
        .retain(|change| !change.is_work() || !blocked.contains(&change.key));
    plan
}

/// What is recorded for a simulation that is taken over: what is wanted where
/// they are identical, else what it was seen to have, so that the rest is sent.
///
/// Identical but for what only an update can set, and but for a duration that
/// the API stored wrongly: those are recorded as seen, too.
#[must_use]
pub fn adopted_body(wanted: &Body, observed: &Observed) -> Body {
    if !differences(wanted, observed, Nulls::Unset).is_empty() {
        return without_nobodys(observed.to_body(), wanted);
    }
    as_created(wanted, observed)
}

/// What is neither wanted nor has a documented default is left alone, as in any
/// other comparison, but for the description.
fn without_nobodys(mut seen: Body, wanted: &Body) -> Body {
    let meaning = Meaning::of(wanted);
    let is_ours = |path: &str| meaning.get(path).is_some() || default_of(path).is_some();
    seen.fields_mut().retain(|field, value| match value {
        Value::Object(settings) if field == SETTINGS => {
            settings.retain(|name, _| is_ours(&setting(name)));
            true
        }
        _ => field == "description" || field == "agent_id" || is_ours(field),
    });
    seen
}

/// What is recorded for a create that was found by looking: what was sent, but
/// for a duration that the API stored wrongly.
#[must_use]
pub fn as_created(wanted: &Body, observed: &Observed) -> Body {
    let mut there = drift(wanted, observed);
    let is_faulty = is_minutes_fault(wanted, observed);
    there.retain(|path, _| {
        UPDATE_ONLY_FIELDS.contains(&path.as_str()) || (is_faulty && path == "max_call_duration")
    });
    let shown = UPDATE_ONLY_FIELDS
        .iter()
        .filter(|field| observed.fields.contains_key(**field));
    let mut body = creatable(wanted);
    for field in shown {
        if let Some(value) = wanted.get(field) {
            body.fields_mut().insert((*field).to_owned(), value.clone());
        }
    }
    overlay(&body, &there)
}
