//! The plan once more, after the look at what is there already.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, Change, Plan};
use super::observed::{Nulls, Observed, differences};
use super::planner::{PlanInput, PlanOptions, plan};
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
    let mut locked = input.locked.clone();
    let mut adopted = BTreeMap::new();
    for (key, observed) in taken {
        let Some(desired) = input.desired.simulations.get(key) else {
            continue;
        };
        let applied = applied(&desired.body, observed);
        adopted.insert(key, (observed.id, applied.clone()));
        if let Some(entry) = locked.simulations.get_mut(key) {
            entry.replaced.push(entry.simulation_id);
            entry.simulation_id = observed.id;
            entry.applied = applied;
        } else {
            let entry = LockedSimulation::new(observed.id, applied);
            locked.simulations.insert(key.clone(), entry);
        }
    }
    let locked = &locked;
    let mut plan = plan(PlanInput { locked, ..input }, options);
    plan.changes
        .retain(|change| !change.is_work() || !blocked.contains(&change.key));
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
                before: None,
                after: Some(desired.body.clone()),
                fields: Vec::new(),
                is_protected: desired.is_protected,
                source: Some(desired.source.clone()),
            });
        }
    }
    plan.changes.sort_by(|a, b| a.key.cmp(&b.key));
    plan
}

/// What is recorded for it: what is wanted where they are identical, else what
/// it was seen to have, so that the rest is sent.
fn applied(wanted: &Body, observed: &Observed) -> Body {
    if differences(wanted, observed, Nulls::Unset).is_empty() {
        wanted.clone()
    } else {
        observed.to_body()
    }
}
