//! The plan once more, after the look at what is there already.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::change::{Action, Change, Plan};
use super::planner::{PlanInput, PlanOptions, plan};
use super::refusal::Refusal;
use super::sighting::Sightings;
use crate::lock::{LockedSimulation, Lockfile};
use crate::resource::body::Body;
use crate::resource::desired::DesiredSimulation;
use crate::resource::field::{Default as FieldDefault, Field};
use crate::resource::key::{SimulationId, SimulationKey};
use crate::resource::simulation::DURATION;
use crate::resource::{
    Kind, Normalized, Nulls, Observed, Sent, UnsureFields, creatable, differences, drift,
    is_minutes_fault, overlay,
};

const KIND: Kind = Kind::Simulation;

/// Decides again after the `first` plan, with these simulations taken over by their keys.
///
/// What is taken over and identical becomes an adoption; what differs is taken
/// over and then changed like any other. Keys that are `blocked` stay as they
/// are.
#[must_use]
pub fn plan_with_adoptions(
    first: Plan,
    input: PlanInput<'_>,
    options: &PlanOptions,
    taken: &BTreeMap<SimulationKey, Observed>,
    blocked: &BTreeSet<SimulationKey>,
) -> Plan {
    if taken.is_empty() {
        return without_blocked(first, blocked);
    }
    let adoptions = adoptions(input, &first, taken);
    let mut world = World::of(input);
    world.rename(&first);
    world.take_over(&adoptions);
    let input = PlanInput {
        locked: &world.locked,
        unsure: &world.unsure,
        sightings: &world.sightings,
        ..input
    };
    let mut second = plan(input, options);
    let is_blind = |refusal: &&Refusal| matches!(refusal, Refusal::NothingVisible { .. });
    if !second.refusals.iter().any(|refusal| is_blind(&refusal)) {
        // What is taken over is no longer missing, but it was not seen either.
        second
            .refusals
            .extend(first.refusals.iter().find(is_blind).cloned());
    }
    let mut own = Own::of(&second);
    for adoption in adoptions {
        adoption.note(&mut own, &mut second, options);
    }
    note_moves(&first, &mut own, &mut second);
    second.changes.sort_by(|a, b| a.key.cmp(&b.key));
    debug_assert!(second.has_one_change_a_key());
    without_blocked(second, blocked)
}

/// Says again what was renamed: the second plan was made as if it had been.
fn note_moves(first: &Plan, own: &mut Own, second: &mut Plan) {
    for planned in &first.changes {
        if planned.moved_from.is_none() {
            continue;
        }
        let moved_from = planned.moved_from.clone();
        own.change(second, &planned.key, || planned.clone())
            .moved_from = moved_from;
    }
}

/// Where in a plan the change of a key is, beside what is parted with.
struct Own(HashMap<SimulationKey, usize>);

impl Own {
    fn of(plan: &Plan) -> Self {
        let changes = plan.changes.iter().enumerate();
        let own = changes.filter(|(_, change)| !change.is_farewell());
        Self(own.map(|(at, change)| (change.key.clone(), at)).collect())
    }

    /// The change of a key; where the plan leaves it alone, it gets this one.
    fn change<'a>(
        &mut self,
        plan: &'a mut Plan,
        key: &SimulationKey,
        new: impl FnOnce() -> Change,
    ) -> &'a mut Change {
        let next = plan.changes.len();
        let at = *self.0.entry(key.clone()).or_insert(next);
        if at == next {
            plan.unchanged = plan.unchanged.saturating_sub(1);
            plan.changes.push(new());
        }
        &mut plan.changes[at]
    }
}

/// A simulation that is taken over by a key.
struct Adoption<'a> {
    key: &'a SimulationKey,
    desired: &'a DesiredSimulation,
    id: SimulationId,
    applied: Body,
    /// The simulation that the key had before, where there is nothing left of it.
    gone: Option<SimulationId>,
}

/// What is taken over, and for what: the first plan knows what is gone.
fn adoptions<'a>(
    input: PlanInput<'a>,
    first: &Plan,
    taken: &'a BTreeMap<SimulationKey, Observed>,
) -> Vec<Adoption<'a>> {
    let own = Own::of(first);
    let adoption = |(key, observed): (&'a SimulationKey, &Observed)| {
        let desired = input.desired.simulations.get(key)?;
        let planned = own.0.get(key).map(|at| &first.changes[*at]);
        Some(Adoption {
            key,
            desired,
            id: observed.id,
            applied: adopted_body(&desired.body, observed),
            gone: planned.and_then(|change| change.gone),
        })
    };
    taken.iter().filter_map(adoption).collect()
}

/// What the second plan is made from.
struct World {
    locked: Lockfile,
    unsure: UnsureFields,
    sightings: Sightings,
}

impl World {
    fn of(input: PlanInput<'_>) -> Self {
        Self {
            locked: input.locked.clone(),
            unsure: input.unsure.clone(),
            sightings: input.sightings.clone(),
        }
    }

    /// Renames what the first plan renames.
    fn rename(&mut self, first: &Plan) {
        for (from, to) in first.moves() {
            rename(&mut self.locked.simulations, from, to);
            rename(&mut self.unsure, from, to);
            rename(&mut self.sightings, from, to);
        }
    }

    /// Puts what is taken over into the lockfile. What was seen or is unsure of
    /// the simulation that was there says nothing about it.
    fn take_over(&mut self, adoptions: &[Adoption<'_>]) {
        for adoption in adoptions {
            let key = adoption.key;
            self.unsure.remove(key);
            self.sightings.remove(key);
            let mut entry = LockedSimulation::new(adoption.id, adoption.applied.clone());
            if let Some(old) = self.locked.simulations.remove(key) {
                let left = (adoption.gone.is_none()).then_some(old.simulation_id);
                entry.replaced = old.replaced;
                entry.replaced.extend(left);
                entry.protect = old.protect;
            }
            self.locked.simulations.insert(key.clone(), entry);
        }
    }
}

fn rename<T>(map: &mut BTreeMap<SimulationKey, T>, from: &SimulationKey, to: &SimulationKey) {
    if let Some(value) = map.remove(from) {
        map.insert(to.clone(), value);
    }
}

impl Adoption<'_> {
    /// Adds it to what is done about its key.
    fn note(self, own: &mut Own, plan: &mut Plan, options: &PlanOptions) {
        let change = own.change(plan, self.key, || {
            let mut change = Change::declared(self.key, self.desired, Action::Adopt, options);
            change.simulation_id = Some(self.id);
            change
        });
        change.adopted = Some(self.applied);
        // A replace is about the one that is taken over, not about the one before it.
        if !matches!(change.action, Action::Replace { .. }) {
            change.gone = self.gone;
        }
    }
}

/// Without what happens to these keys, nor to those that they would have to make
/// room for.
fn without_blocked(mut plan: Plan, blocked: &BTreeSet<SimulationKey>) -> Plan {
    if blocked.is_empty() {
        return plan;
    }
    let mut blocked = blocked.clone();
    // Who makes room comes before those for whom.
    let moves: Vec<_> = plan.moves().into_iter().collect();
    for (from, to) in moves {
        if blocked.contains(to) {
            blocked.insert(from.clone());
        }
    }
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
    if !differences(KIND, wanted, observed, Nulls::Unset).is_empty() {
        return without_undeclared(observed.to_body(KIND), wanted);
    }
    as_created(wanted, observed)
}

/// Fields that are neither wanted nor have a documented default are left alone, as in
/// any other comparison, but for those that no server makes up.
fn without_undeclared(mut seen: Body, wanted: &Body) -> Body {
    let wanted = Normalized::of(KIND, wanted);
    let is_compared = |field: Option<&Field>, path: &str| {
        let is_open = |field: &Field| {
            matches!(field.default, FieldDefault::Open | FieldDefault::Usual(_))
                && field.required.is_none()
        };
        wanted.get(path).is_some() || field.is_some_and(|field| !is_open(field))
    };
    seen.fields_mut().retain(|name, value| {
        let field = KIND.field(name);
        match (value, field.map(Field::inner)) {
            (Value::Object(inner), Some([_, ..])) => {
                inner.retain(|inner, _| {
                    let path = format!("{name}.{inner}");
                    is_compared(KIND.field_at(&path), &path)
                });
                true
            }
            _ => is_compared(field, name),
        }
    });
    seen
}

/// What is recorded for a create that was found by looking: what was sent, but
/// for a duration that the API stored wrongly.
#[must_use]
pub fn as_created(wanted: &Body, observed: &Observed) -> Body {
    let mut there = drift(KIND, wanted, observed);
    let is_faulty = is_minutes_fault(wanted, observed);
    there.retain(|path, _| KIND.is_update_only(path) || (is_faulty && path == DURATION));
    let mut body = creatable(KIND, wanted);
    for field in KIND.names(Sent::Update) {
        if let Some(value) = wanted.get(field)
            && observed.fields.contains_key(field)
        {
            body.fields_mut().insert(field.to_owned(), value.clone());
        }
    }
    overlay(KIND, &body, &there)
}
