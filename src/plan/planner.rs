//! From desired state and lockfile to the plan.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobSet;

use super::change::{Action, Change, Farewell, FieldChange, Plan};
use super::guard::{DeleteBound, Refusal, refusals};
use super::meaning::{Meaning, as_written, changed_fields};
use super::patch::patch;
use crate::lock::{LockedSimulation, Lockfile};
use crate::spec::desired::{DesiredSimulation, DesiredState};
use crate::spec::key::SimulationKey;

/// Fields of the API that no update can change, from its reference.
const FIXED_FIELDS: [&str; 3] = ["agent_id", "sequential_calling", "always_on"];

/// Fields whose value at the API is unknown, by key: an update was cut off
/// between its request and its answer, so it is sent again.
pub type UnsureFields = BTreeMap<SimulationKey, BTreeSet<String>>;

/// What happens when a field changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnChange {
    /// In place where the API can, else by a replace.
    #[default]
    Update,
    /// Always by a replace, for an API that offers only create.
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
    pub targets: Option<GlobSet>,
    /// How many deletes are allowed.
    pub delete_bound: DeleteBound,
    /// Protect every simulation.
    pub protect_all: bool,
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
    let mut plan = planner.plan;
    plan.changes.sort_by(|a, b| a.key.cmp(&b.key));
    let bound = &options.delete_bound;
    let found = refusals(&plan.changes, input.locked.simulations.len(), bound);
    plan.refusals.extend(found);
    plan
}

struct Planner<'a> {
    input: PlanInput<'a>,
    options: &'a PlanOptions,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn is_targeted(&self, key: &SimulationKey) -> bool {
        let targets = self.options.targets.as_ref();
        targets.is_none_or(|targets| targets.is_match(key.as_str()))
    }

    /// New key → old key: what `moved_from` says, then what the content says.
    fn moves(&mut self) -> BTreeMap<SimulationKey, SimulationKey> {
        let PlanInput {
            desired, locked, ..
        } = self.input;
        let mut moves = BTreeMap::new();
        let mut unnamed = Vec::new();
        for (key, simulation) in &desired.simulations {
            let is_locked = locked.simulations.contains_key(key);
            match &simulation.moved_from {
                Some(from) if locked.simulations.contains_key(from) => {
                    if is_locked {
                        let (from, to) = (from.clone(), key.clone());
                        let refusal = Refusal::MoveOntoExisting { from, to };
                        self.plan.refusals.push(refusal);
                    } else {
                        moves.insert(key.clone(), from.clone());
                    }
                }
                _ if !is_locked => unnamed.push((key, simulation)),
                _ => {}
            }
        }
        self.moves_by_content(&unnamed, &mut moves);
        moves
    }

    /// Pairs new keys with entries that no file declares any more and that mean
    /// the same. Entries that are alike are paired in the keys' order.
    fn moves_by_content(
        &self,
        new: &[(&'a SimulationKey, &'a DesiredSimulation)],
        moves: &mut BTreeMap<SimulationKey, SimulationKey>,
    ) {
        if new.is_empty() {
            return;
        }
        let taken: BTreeSet<_> = moves.values().cloned().collect();
        let mut by_content: BTreeMap<String, Vec<&SimulationKey>> = BTreeMap::new();
        for (key, locked) in self.input.locked.simulations.iter().rev() {
            if !self.input.desired.simulations.contains_key(key) && !taken.contains(key) {
                let content = Meaning::of(&locked.applied).fingerprint();
                by_content.entry(content).or_default().push(key);
            }
        }
        if by_content.is_empty() {
            return;
        }
        for (key, simulation) in new {
            let content = Meaning::of(&simulation.body).fingerprint();
            if let Some(from) = by_content.get_mut(&content).and_then(Vec::pop) {
                moves.insert((*key).clone(), from.clone());
            }
        }
    }

    fn declared(
        &mut self,
        key: &SimulationKey,
        desired: &DesiredSimulation,
        moved_from: Option<&SimulationKey>,
    ) {
        let old_key = moved_from.unwrap_or(key);
        let Some(locked) = self.input.locked.simulations.get(old_key) else {
            let change = self.change(key, desired, Action::Create);
            return self.plan.changes.push(change);
        };
        let fields = self.changed(old_key, locked, desired);
        let action = match self.action(&fields, desired) {
            Some(action) => Some(action),
            None => moved_from.map(|_| Action::Move),
        };
        match action {
            Some(action) => {
                let mut change = self.change(key, desired, action);
                change.moved_from = moved_from.cloned();
                change.simulation_id = Some(locked.simulation_id);
                change.before = Some(locked.applied.clone());
                change.fields = fields;
                self.plan.changes.push(change);
            }
            None => self.plan.unchanged += 1,
        }
        self.replaced(key, locked);
    }

    fn changed(
        &self,
        key: &SimulationKey,
        locked: &LockedSimulation,
        desired: &DesiredSimulation,
    ) -> Vec<FieldChange> {
        let mut fields = changed_fields(&locked.applied, &desired.body);
        for path in self.input.unsure.get(key).into_iter().flatten() {
            if !fields.iter().any(|field| field.path == *path) {
                let value = as_written(&desired.body, path);
                fields.push(FieldChange {
                    path: path.clone(),
                    before: Some("(unknown: an update was cut off)".into()),
                    after: value,
                });
            }
        }
        fields
    }

    fn action(&self, fields: &[FieldChange], desired: &DesiredSimulation) -> Option<Action> {
        if fields.is_empty() {
            return None;
        }
        let because: Vec<_> = fields
            .iter()
            .map(|field| field.path.clone())
            .filter(|path| FIXED_FIELDS.contains(&path.as_str()))
            .collect();
        let is_replace = !because.is_empty() || self.options.on_change == OnChange::Recreate;
        Some(if is_replace {
            let farewell = if self.options.prune {
                Farewell::Delete
            } else {
                Farewell::Keep
            };
            Action::Replace { because, farewell }
        } else {
            let patch = patch(fields, &desired.body);
            Action::Update { patch }
        })
    }

    fn change(&self, key: &SimulationKey, desired: &DesiredSimulation, action: Action) -> Change {
        Change {
            key: key.clone(),
            action,
            moved_from: None,
            simulation_id: None,
            adopted: None,
            before: None,
            after: Some(desired.body.clone()),
            fields: Vec::new(),
            is_protected: desired.is_protected || self.options.protect_all,
            source: Some(desired.source.clone()),
        }
    }

    /// An entry that no file declares any more.
    fn undeclared(&mut self, key: &SimulationKey, locked: &LockedSimulation) {
        let is_protected = locked.protect || self.options.protect_all;
        let mut change = self.farewell(key, is_protected);
        change.simulation_id = Some(locked.simulation_id);
        change.before = Some(locked.applied.clone());
        self.plan.changes.push(change);
        self.replaced(key, locked);
    }

    /// The simulations that earlier replaces left behind.
    fn replaced(&mut self, key: &SimulationKey, locked: &LockedSimulation) {
        for id in &locked.replaced {
            let mut change = self.farewell(key, self.options.protect_all);
            change.simulation_id = Some(*id);
            self.plan.changes.push(change);
        }
    }

    fn farewell(&self, key: &SimulationKey, is_protected: bool) -> Change {
        Change {
            key: key.clone(),
            action: if self.options.prune {
                Action::Delete
            } else {
                Action::Orphan
            },
            moved_from: None,
            simulation_id: None,
            adopted: None,
            before: None,
            after: None,
            fields: Vec::new(),
            is_protected,
            source: None,
        }
    }
}
