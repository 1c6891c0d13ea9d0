//! Makes the plan from desired, prior and observed state.

use std::collections::{BTreeMap, BTreeSet};

use super::adopted::adopted_body;
use super::change::{Action, Change, DigitalHumansPatch, OldInstance, Plan, ProtectChange};
use super::digital_humans::{self, DigitalHumansState};
use super::input::{OnChange, PlanInput, PlanOptions};
use super::names::Names;
use super::observed_state::ObservedState;
use super::order::{declared_in_order, users};
use super::prior::Prior;
use super::refusal::Refusal;
use super::rename_hints::rename_hints;
use super::safety::refusals;
use crate::lock::LockedResource;
use crate::resource::body::Body;
use crate::resource::desired::DesiredResource;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::ownership::Owner;
use crate::resource::simulation::MARKER;
use crate::resource::{FieldChange, Kind, Observed, SentIn, diff, patch, written_value};

/// Decides what an apply does. The changes are sorted by key.
#[must_use]
pub fn plan(input: PlanInput<'_>, options: &PlanOptions) -> Plan {
    let mut planner = Planner {
        input,
        options,
        plan: Plan::default(),
        ids: BTreeMap::new(),
        names: names(input),
    };
    let moves = planner.moves();
    for key in declared_in_order(input.desired) {
        let desired = &input.desired.resources[key];
        if planner.is_targeted(key) {
            planner.declared(key, desired, moves.get(key));
        } else {
            let locked = input.locked.resources.get(key);
            planner
                .ids
                .extend(locked.map(|locked| (key.clone(), locked.id)));
        }
    }
    let moved_away: BTreeSet<_> = moves.values().collect();
    for (key, locked) in &input.locked.resources {
        let is_declared = input.desired.declares(key);
        if planner.is_targeted(key) && !is_declared && !moved_away.contains(key) {
            planner.undeclared(key, locked);
        }
    }
    planner.refuse_if_nothing_visible();
    let mut plan = planner.plan;
    plan.changes.sort_by(|a, b| a.key.cmp(&b.key));
    delete_after_users(&mut plan.changes);
    let found = refusals(&plan.changes, input, options);
    plan.refusals.extend(found);
    plan.hints = rename_hints(input, &plan);
    debug_assert!(plan.has_unique_keys());
    plan
}

impl Change {
    /// Returns a change of a declared resource.
    pub(super) fn declared(
        key: &ResourceKey,
        desired: &DesiredResource,
        action: Action,
        options: &PlanOptions,
    ) -> Self {
        Self {
            after: Some(desired.body.clone()),
            declared_humans: desired.digital_humans.clone(),
            is_protected: desired.is_protected || options.protect_all,
            source: Some(desired.source.clone()),
            ..Self::new(key.clone(), action)
        }
    }
}

/// Returns the keys that reports show in place of ids. The names of all simulations are only
/// collected if there is a schedule.
fn names(input: PlanInput<'_>) -> Names {
    let names = Names::of(input.locked);
    let keys = input.desired.resources.keys();
    let mut keys = keys.chain(input.locked.resources.keys());
    if keys.any(|key| key.kind() == Kind::Schedule) {
        return names.with_simulations(input.locked);
    }
    names
}

pub(super) struct Planner<'a> {
    pub input: PlanInput<'a>,
    options: &'a PlanOptions,
    pub plan: Plan,
    /// The ids of the declared resources that the plan keeps.
    ids: BTreeMap<ResourceKey, RemoteId>,
    names: Names,
}

/// Lets deletes wait for the changes of what uses the deleted instances.
fn delete_after_users(changes: &mut [Change]) {
    let has_others = changes
        .iter()
        .any(|change| change.key.kind() != Kind::Simulation);
    if !has_others {
        return;
    }
    let deletes = changes.iter().enumerate();
    let deletes = deletes.filter(|(_, change)| change.deletes());
    let used_by: Vec<_> = deletes
        .map(|(index, change)| (index, users(changes, change)))
        .collect();
    for (index, keys) in used_by {
        changes[index].used_by = keys;
    }
}

impl Planner<'_> {
    pub(super) fn is_targeted(&self, key: &ResourceKey) -> bool {
        let targets = self.options.targets.as_ref();
        targets.is_none_or(|targets| targets.contains(key))
    }

    fn declared(
        &mut self,
        key: &ResourceKey,
        desired: &DesiredResource,
        moved_from: Option<&ResourceKey>,
    ) {
        let resolved = desired.resolved(|key| self.ids.get(key).copied());
        let desired = &*resolved;
        self.refuse_untargeted_references(key, desired);
        let old_key = moved_from.unwrap_or(key);
        let locked = self.input.locked.resources.get(old_key);
        let observed = self.input.observed.get(old_key);
        let gone = locked.filter(|_| observed == Some(&ObservedState::Gone));
        let found = self.input.found.get(key);
        let change = match (found, locked) {
            (Some(observed), _) => {
                let gone = gone.map(|locked| locked.id);
                Some(self.adopted(key, desired, observed, gone))
            }
            (None, Some(locked)) if gone.is_none() => {
                let prior = Prior {
                    locked,
                    comparison: observed.and_then(ObservedState::comparison),
                    unknown: self.input.unknown.get(old_key),
                };
                self.compared(key, desired, &prior)
                    .or_else(|| moved_from.map(|_| self.moved(key, desired, locked)))
            }
            (None, _) => Some(self.created(key, desired, gone)),
        };
        let kept = match &change {
            None => locked.map(|locked| locked.id),
            Some(change) => match change.action {
                Action::Update { .. } | Action::Move | Action::Adopt => change.id,
                _ => None,
            },
        };
        self.ids.extend(kept.map(|id| (key.clone(), id)));
        match change {
            Some(mut change) => {
                change.moved_from = moved_from.cloned();
                change.references.clone_from(&desired.references);
                change.depends_on = desired.refers_to();
                if let Some(humans) = &change.humans {
                    change.named_humans =
                        self.names
                            .list(&humans.wanted, &humans.pending, &BTreeSet::new());
                }
                change.keys_by_id = self.names.keys_by_id(&change);
                change.mark_pending();
                self.plan.changes.push(change);
            }
            None => self.plan.unchanged += 1,
        }
        let was_protected = locked.is_some_and(|locked| locked.protect);
        if was_protected != desired.is_protected {
            self.plan.protect_changes.push(ProtectChange {
                key: key.clone(),
                is_protected: desired.is_protected,
                source: desired.source.clone(),
            });
        }
        if let Some(locked) = locked {
            // The adopted resource takes the place of the recorded resource.
            let old = found.filter(|_| gone.is_none());
            let old = old.map(|_| locked.id);
            self.replaced(key, locked, old, desired.is_protected);
        }
    }

    /// Refuses a reference to a resource that is neither created by this plan nor recorded.
    fn refuse_untargeted_references(&mut self, key: &ResourceKey, desired: &DesiredResource) {
        for missing in desired.refers_to() {
            if !self.is_targeted(&missing) {
                let key = key.clone();
                let refusal = Refusal::ReferenceNeedsTarget { key, missing };
                self.plan.refusals.push(refusal);
            }
        }
    }

    fn created(
        &self,
        key: &ResourceKey,
        desired: &DesiredResource,
        gone: Option<&LockedResource>,
    ) -> Change {
        let mut change = self.change(key, desired, Action::Create);
        change.gone = gone.map(|locked| locked.id);
        change.humans = digital_humans::attach_all(desired);
        match gone {
            Some(locked) => change.recorded(locked),
            None => change,
        }
    }

    fn moved(
        &self,
        key: &ResourceKey,
        desired: &DesiredResource,
        locked: &LockedResource,
    ) -> Change {
        let mut change = self.change(key, desired, Action::Move);
        change.id = Some(locked.id);
        change.recorded(locked)
    }

    /// Returns the change that adopts a found resource: only the adoption if the
    /// resource matches, otherwise also its update or replace. `gone` is the id that
    /// the key had before.
    fn adopted(
        &self,
        key: &ResourceKey,
        desired: &DesiredResource,
        found: &Observed,
        gone: Option<RemoteId>,
    ) -> Change {
        let mut applied = adopted_body(&desired.body, found);
        // If creates set the marker of a kind, the declaration does not contain the
        // marker.
        if let Some(marker) = found.marker()
            && self.input.desired.owner(key, None, found) == Owner::Ours
        {
            applied
                .fields_mut()
                .insert(MARKER.to_owned(), marker.into());
        }
        let entry = LockedResource::new(found.id, applied.clone()).adopted();
        let prior = Prior {
            locked: &entry,
            comparison: None,
            unknown: None,
        };
        let change = self.compared(key, desired, &prior);
        let mut change = change.unwrap_or_else(|| {
            let mut change = self.change(key, desired, Action::Adopt);
            change.id = Some(found.id);
            change
        });
        change.adopted = Some(applied);
        // A replace refers to the adopted resource, not to the recorded resource.
        if !matches!(change.action, Action::Replace { .. }) {
            change.gone = gone;
        }
        change
    }

    /// Returns the change that brings a resource into its desired state; `None` if
    /// the resource is in its desired state.
    fn compared(
        &self,
        key: &ResourceKey,
        desired: &DesiredResource,
        prior: &Prior<'_>,
    ) -> Option<Change> {
        let Prior {
            locked,
            comparison,
            unknown,
        } = *prior;
        let (base, mut fields) = prior.changed(desired);
        let state = DigitalHumansState {
            recorded: &locked.digital_humans,
            unknown: unknown.map(|unknown| &unknown.humans),
            observed: comparison.and_then(|comparison| comparison.humans.as_ref()),
            names: &self.names,
        };
        let humans = digital_humans::diff(&state, desired);
        fields.extend(humans.as_ref().map(|patch| state.field(patch)));
        let action = match self.action(key.kind(), &base, &fields, humans.as_ref(), desired) {
            Some(action) => action,
            // The observed state is the desired state, so only the prior state has to
            // be recorded.
            None if comparison.is_some() => {
                fields = diff(key.kind(), &locked.applied, &desired.body);
                if fields.is_empty() {
                    return None;
                }
                for field in &mut fields {
                    field.observed = Some(written_value(key.kind(), &base, &field.path));
                }
                Action::Adopt
            }
            None => return None,
        };
        let mut change = self.change(key, desired, action);
        match change.action {
            Action::Adopt => change.adopted = Some(desired.body.clone()),
            Action::Replace { .. } => change.humans = digital_humans::attach_all(desired),
            _ => change.humans = humans,
        }
        change.id = Some(locked.id);
        change.is_adopted = locked.was_adopted(locked.id);
        change.fields = fields;
        Some(change.recorded(locked))
    }

    fn action(
        &self,
        kind: Kind,
        base: &Body,
        fields: &[FieldChange],
        humans: Option<&DigitalHumansPatch>,
        desired: &DesiredResource,
    ) -> Option<Action> {
        if fields.is_empty() && humans.is_none() {
            return None;
        }
        let because: Vec<_> = fields
            .iter()
            .map(|field| field.path.clone())
            .filter(|path| kind.replaces(path))
            .collect();
        // A new resource would not get these fields either.
        let is_creatable = |field: &FieldChange| {
            let known = kind.field(&field.path);
            known.is_none_or(|known| !matches!(known.sent, SentIn::Update | SentIn::Links))
        };
        let is_recreated =
            self.options.on_change == OnChange::Recreate && fields.iter().any(is_creatable);
        Some(if !because.is_empty() || is_recreated {
            let old_instance = if self.options.prune {
                OldInstance::Delete
            } else {
                OldInstance::Keep
            };
            Action::Replace {
                because,
                old_instance,
            }
        } else {
            let patch = patch(
                kind,
                digital_humans::without_digital_humans(fields),
                base,
                &desired.body,
            );
            Action::Update { patch }
        })
    }

    fn change(&self, key: &ResourceKey, desired: &DesiredResource, action: Action) -> Change {
        Change::declared(key, desired, action, self.options)
    }

    /// Adds the change of a lockfile entry that no file declares.
    fn undeclared(&mut self, key: &ResourceKey, locked: &LockedResource) {
        let is_protected =
            locked.protect || self.options.protect_all || self.options.protected.contains(key);
        let mut change = self.removal(key, is_protected);
        change.id = Some(locked.id);
        change.is_adopted = locked.was_adopted(locked.id);
        if self.input.observed.get(key) == Some(&ObservedState::Gone) {
            change.gone = Some(locked.id);
        }
        self.plan.changes.push(change.recorded(locked));
        self.replaced(key, locked, None, is_protected);
    }

    /// Adds the changes of the old instances of a key: the recorded ones, and `old`, which
    /// an adopted resource supersedes.
    ///
    /// The old instances of a protected key are kept. They are no reason to refuse the
    /// plan.
    fn replaced(
        &mut self,
        key: &ResourceKey,
        locked: &LockedResource,
        old: Option<RemoteId>,
        is_protected: bool,
    ) {
        let is_protected = is_protected || self.options.protect_all;
        for id in locked.replaced.iter().chain(&old) {
            let mut change = self.removal(key, is_protected);
            if is_protected {
                change.action = Action::Orphan;
            }
            change.id = Some(*id);
            change.is_adopted = locked.was_adopted(*id);
            self.plan.changes.push(change);
        }
    }

    fn removal(&self, key: &ResourceKey, is_protected: bool) -> Change {
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

    /// Refuses the plan if no tracked resource is visible, because the API key
    /// probably belongs to another organisation.
    fn refuse_if_nothing_visible(&mut self) {
        // Without a recorded organisation, a single missing resource was probably
        // deleted.
        let many = match self.input.locked.organization {
            Some(_) => 1,
            None => 2,
        };
        let observed = self.input.observed;
        let count = observed.len();
        let are_gone = observed
            .values()
            .all(|observed| *observed == ObservedState::Gone);
        if count >= many && are_gone && !self.options.trusts_absence {
            let plural = Kind::plural_of(observed.keys().map(ResourceKey::kind));
            let refusal = Refusal::NothingVisible { count, plural };
            self.plan.refusals.push(refusal);
        }
    }
}
