//! From desired state and lockfile to the plan.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, Change, Farewell, HumansPatch, Plan};
use super::guard::{DeleteBound, refusals};
use super::humans::{self, HumansState};
use super::refusal::Refusal;
use super::sighting::{Seen, Sighting, Sightings};
use crate::lock::{LockedSimulation, Lockfile};
use crate::resource::body::Body;
use crate::resource::desired::{DesiredSimulation, DesiredState};
use crate::resource::key::SimulationKey;
use crate::resource::{
    FieldChange, Kind, Sent, UnsureFields, as_written, changed_fields, overlay, patch,
};

const KIND: Kind = Kind::Simulation;

/// What happens when a field changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnChange {
    /// In place where the API can, else by a replace.
    #[default]
    Update,
    /// By a replace, for an API that offers only create; but for what a create
    /// doesn't carry either.
    Recreate,
}

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Delete what is in the lockfile and in no file.
    pub prune: bool,
    /// What happens when a field changes.
    pub on_change: OnChange,
    /// Only these keys; `None` for all.
    pub targets: Option<BTreeSet<SimulationKey>>,
    /// How many deletes are allowed.
    pub delete_bound: DeleteBound,
    /// Protect every simulation.
    pub protect_all: bool,
    /// Protect these, though no file declares them: for a destroy.
    pub protected: BTreeSet<SimulationKey>,
    /// It is known that the key belongs to the organisation of the lockfile, so
    /// what can't be seen is gone.
    pub trusts_absence: bool,
}

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// What the files declare.
    pub desired: &'a DesiredState,
    /// What was applied.
    pub locked: &'a Lockfile,
    /// What an update that was cut off may have changed.
    pub unsure: &'a UnsureFields,
    /// What the API was seen to hold; empty where it wasn't asked.
    pub sightings: &'a Sightings,
}

/// Decides what an apply would do. Changes come in the keys' order.
#[must_use]
pub fn plan(input: PlanInput<'_>, options: &PlanOptions) -> Plan {
    let mut planner = Planner {
        input,
        options,
        plan: Plan::default(),
    };
    let moves = planner.moves();
    for (key, desired) in &input.desired.simulations {
        if planner.is_targeted(key) {
            planner.declared(key, desired, moves.get(key));
        }
    }
    let moved_away: BTreeSet<_> = moves.values().collect();
    for (key, locked) in &input.locked.simulations {
        let is_declared = input.desired.simulations.contains_key(key);
        if planner.is_targeted(key) && !is_declared && !moved_away.contains(key) {
            planner.undeclared(key, locked);
        }
    }
    planner.refuse_blindness();
    let mut plan = planner.plan;
    plan.changes.sort_by(|a, b| a.key.cmp(&b.key));
    let bound = &options.delete_bound;
    let found = refusals(&plan.changes, input.locked.simulations.len(), bound);
    plan.refusals.extend(found);
    debug_assert!(plan.has_one_change_a_key());
    plan
}

impl Change {
    /// A change of what a file declares.
    pub(super) fn declared(
        key: &SimulationKey,
        desired: &DesiredSimulation,
        action: Action,
        options: &PlanOptions,
    ) -> Self {
        Self {
            after: Some(desired.body.clone()),
            is_protected: desired.is_protected || options.protect_all,
            source: Some(desired.source.clone()),
            ..Self::new(key.clone(), action)
        }
    }
}

pub(super) struct Planner<'a> {
    pub input: PlanInput<'a>,
    options: &'a PlanOptions,
    pub plan: Plan,
}

impl<'a> Planner<'a> {
    pub(super) fn is_targeted(&self, key: &SimulationKey) -> bool {
        let targets = self.options.targets.as_ref();
        targets.is_none_or(|targets| targets.contains(key))
    }

    fn declared(
        &mut self,
        key: &SimulationKey,
        desired: &DesiredSimulation,
        moved_from: Option<&SimulationKey>,
    ) {
        let old_key = moved_from.unwrap_or(key);
        let Some(locked) = self.input.locked.simulations.get(old_key) else {
            let mut change = self.change(key, desired, Action::Create);
            change.humans = humans::all(desired);
            return self.plan.changes.push(change);
        };
        match self.input.sightings.get(old_key) {
            Some(Sighting::Gone) => {
                let mut change = self.change(key, desired, Action::Create);
                change.moved_from = moved_from.cloned();
                change.gone = Some(locked.simulation_id);
                change.before = Some(locked.applied.clone());
                change.humans = humans::all(desired);
                self.plan.changes.push(change);
            }
            Some(Sighting::Present(seen)) => {
                self.compared(key, old_key, locked, desired, Some(seen));
            }
            None => self.compared(key, old_key, locked, desired, None),
        }
        self.replaced(key, locked, desired.is_protected);
    }

    fn compared(
        &mut self,
        key: &SimulationKey,
        old_key: &SimulationKey,
        locked: &LockedSimulation,
        desired: &DesiredSimulation,
        seen: Option<&Seen>,
    ) {
        let (base, mut fields) = self.changed(old_key, locked, desired, seen);
        let state = HumansState {
            recorded: &locked.digital_humans,
            unsure: self.input.unsure.get(old_key).map(|unsure| &unsure.humans),
            there: seen.and_then(|seen| seen.humans.as_ref()),
        };
        let humans = humans::difference(&state, desired);
        fields.extend(humans.as_ref().map(|patch| state.field(patch)));
        let has_moved = key != old_key;
        let is_known = || changed_fields(KIND, &locked.applied, &desired.body).is_empty();
        let action = match self.action(&base, &fields, humans.as_ref(), desired) {
            Some(action) => action,
            // Somebody made the same change by hand.
            None if seen.is_some() && !is_known() => Action::Adopt,
            None if has_moved => Action::Move,
            None => {
                self.plan.unchanged += 1;
                return;
            }
        };
        let mut change = self.change(key, desired, action);
        match change.action {
            Action::Adopt => change.adopted = Some(desired.body.clone()),
            Action::Replace { .. } => change.humans = humans::all(desired),
            _ => change.humans = humans,
        }
        if change.action == Action::Adopt {
            fields = changed_fields(KIND, &locked.applied, &desired.body);
            for field in &mut fields {
                field.there = Some(as_written(KIND, &base, &field.path).unwrap_or_default());
            }
        }
        change.moved_from = has_moved.then(|| old_key.clone());
        change.simulation_id = Some(locked.simulation_id);
        change.before = Some(locked.applied.clone());
        change.fields = fields;
        self.plan.changes.push(change);
    }

    /// The fields that an apply has to change, given what was recorded or, where
    /// it was looked at, what is there; and that state.
    fn changed(
        &self,
        key: &SimulationKey,
        locked: &'a LockedSimulation,
        desired: &DesiredSimulation,
        seen: Option<&Seen>,
    ) -> (Cow<'a, Body>, Vec<FieldChange>) {
        let nothing = BTreeMap::new();
        let drifted = seen.map_or(&nothing, |seen| &seen.drift);
        let base = if drifted.is_empty() {
            Cow::Borrowed(&locked.applied)
        } else {
            Cow::Owned(overlay(KIND, &locked.applied, drifted))
        };
        let mut fields = changed_fields(KIND, &base, &desired.body);
        for field in &mut fields {
            if drifted.contains_key(&field.path) {
                field.there = Some(as_written(KIND, &base, &field.path).unwrap_or_default());
                field.before = as_written(KIND, &locked.applied, &field.path);
            }
        }
        let unsure = self.input.unsure.get(key).map(|unsure| &unsure.fields);
        for path in unsure.into_iter().flatten() {
            if !fields.iter().any(|field| field.path == *path) {
                fields.push(FieldChange {
                    path: path.clone(),
                    before: Some("(unknown: an update was cut off)".into()),
                    after: as_written(KIND, &desired.body, path),
                    there: None,
                });
            }
        }
        (base, fields)
    }

    fn action(
        &self,
        base: &Body,
        fields: &[FieldChange],
        humans: Option<&HumansPatch>,
        desired: &DesiredSimulation,
    ) -> Option<Action> {
        if fields.is_empty() && humans.is_none() {
            return None;
        }
        let because: Vec<_> = fields
            .iter()
            .map(|field| field.path.clone())
            .filter(|path| KIND.replaces(path))
            .collect();
        // What a create doesn't carry, a new simulation would lack as well.
        let is_creatable = |field: &FieldChange| {
            let known = KIND.field(&field.path);
            known.is_none_or(|known| !matches!(known.sent, Sent::Update | Sent::Links))
        };
        let is_recreated =
            self.options.on_change == OnChange::Recreate && fields.iter().any(is_creatable);
        Some(if !because.is_empty() || is_recreated {
            let farewell = if self.options.prune {
                Farewell::Delete
            } else {
                Farewell::Keep
            };
            Action::Replace { because, farewell }
        } else {
            let patch = patch(KIND, humans::without(fields), base, &desired.body);
            Action::Update { patch }
        })
    }

    fn change(&self, key: &SimulationKey, desired: &DesiredSimulation, action: Action) -> Change {
        Change::declared(key, desired, action, self.options)
    }

    /// An entry that no file declares any more.
    fn undeclared(&mut self, key: &SimulationKey, locked: &LockedSimulation) {
        let is_protected =
            locked.protect || self.options.protect_all || self.options.protected.contains(key);
        let mut change = self.farewell(key, is_protected);
        change.simulation_id = Some(locked.simulation_id);
        if self.input.sightings.get(key) == Some(&Sighting::Gone) {
            change.gone = Some(locked.simulation_id);
        }
        change.before = Some(locked.applied.clone());
        self.plan.changes.push(change);
        self.replaced(key, locked, is_protected);
    }

    /// The simulations that earlier replaces left behind. Those of a protected key
    /// are kept; they are no reason to refuse the rest of a plan.
    fn replaced(&mut self, key: &SimulationKey, locked: &LockedSimulation, is_protected: bool) {
        let is_protected = is_protected || self.options.protect_all;
        for id in &locked.replaced {
            let mut change = self.farewell(key, is_protected);
            if is_protected {
                change.action = Action::Orphan;
            }
            change.simulation_id = Some(*id);
            self.plan.changes.push(change);
        }
    }

    fn farewell(&self, key: &SimulationKey, is_protected: bool) -> Change {
        let action = if self.options.prune {
            Action::Delete
        } else {
            Action::Orphan
        };
        Change {
            is_protected,
            ..Change::new(key.clone(), action)
        }
    }

    /// Refuses when everything that was looked for is gone: more likely the key
    /// is another organisation's.
    fn refuse_blindness(&mut self) {
        // Whoever recorded an organisation is not to be believed without it; else
        // one alone may well have been deleted.
        let many = match self.input.locked.organization {
            Some(_) => 1,
            None => 2,
        };
        let sightings = self.input.sightings;
        let count = sightings.len();
        let are_gone = sightings
            .values()
            .all(|sighting| *sighting == Sighting::Gone);
        if count >= many && are_gone && !self.options.trusts_absence {
            self.plan.refusals.push(Refusal::NothingVisible { count });
        }
    }
}
