//! Decides which digital humans are attached and detached.
//!
//! Only digital humans that the files attached are detached, unless the simulation is
//! declared as exclusive.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::{Change, DigitalHumansPatch};
use crate::lock::Lockfile;
use crate::resource::desired::DesiredResource;
use crate::resource::key::{DigitalHumanId, ResourceKey};
use crate::resource::schedule::SIMULATION_ID;
use crate::resource::simulation::{DIGITAL_HUMANS, SELECTED_METRICS};
use crate::resource::{FieldChange, FieldValue, Kind};

/// The digital humans of an existing simulation.
pub(super) struct DigitalHumansState<'a> {
    /// The prior state: the digital humans that the files attached.
    pub recorded: &'a BTreeSet<DigitalHumanId>,
    /// The digital humans that an interrupted request attached or detached.
    pub unknown: Option<&'a BTreeSet<DigitalHumanId>>,
    /// The observed state, if it was read.
    pub observed: Option<&'a BTreeSet<DigitalHumanId>>,
    /// The keys of the tracked digital humans.
    pub names: &'a Names,
}

/// The keys of tracked resources that others refer to, by id.
#[derive(Debug, Default)]
pub(super) struct Names {
    humans: BTreeMap<DigitalHumanId, ResourceKey>,
    metrics: BTreeMap<String, ResourceKey>,
    simulations: BTreeMap<String, ResourceKey>,
}

impl Names {
    /// Returns the names of the resources in a lockfile. No resource refers to a schedule.
    pub fn of(lock: &Lockfile) -> Self {
        let mut names = Self::default();
        for (key, locked) in &lock.resources {
            match (key.kind(), locked.id.number()) {
                (Kind::DigitalHuman, Some(id)) => {
                    names.humans.insert(DigitalHumanId(id), key.clone());
                }
                (Kind::CustomMetric, _) => {
                    names.metrics.insert(locked.id.to_string(), key.clone());
                }
                (Kind::Simulation, _) => {
                    names.simulations.insert(locked.id.to_string(), key.clone());
                }
                _ => {}
            }
        }
        names
    }

    /// Returns the keys of the custom metrics that a change of a simulation names, or of the
    /// simulations that a change of a schedule names, by id.
    pub fn keys_by_id(&self, change: &Change) -> BTreeMap<String, String> {
        let (keys, field) = match change.key.kind() {
            Kind::Simulation => (&self.metrics, SELECTED_METRICS),
            Kind::Schedule => (&self.simulations, SIMULATION_ID),
            Kind::DigitalHuman | Kind::CustomMetric => return BTreeMap::new(),
        };
        if keys.is_empty() {
            return BTreeMap::new();
        }
        let states = [&change.before, &change.after].into_iter().flatten();
        let declared = states.filter_map(|state| state.get(field));
        let observed = change
            .fields
            .iter()
            .filter_map(|change| match &change.observed {
                Some(FieldValue::Given(value)) if change.path == field => Some(value),
                _ => None,
            });
        let ids = declared.chain(observed).flat_map(|value| match value {
            Value::Array(ids) => &ids[..],
            id => std::slice::from_ref(id),
        });
        let named = ids.filter_map(|id| {
            let id = id.as_str()?;
            let key = keys.get(id)?;
            Some((id.to_owned(), key.key().to_owned()))
        });
        named.collect()
    }

    /// Replaces the ids of tracked resources in a field of a simulation by their keys.
    pub fn show_keys(&self, path: &str, ids: &mut [Value]) {
        for id in ids {
            let key = match path {
                DIGITAL_HUMANS => id
                    .as_u64()
                    .and_then(|id| self.humans.get(&DigitalHumanId(id))),
                SELECTED_METRICS => id.as_str().and_then(|id| self.metrics.get(id)),
                _ => None,
            };
            if let Some(key) = key {
                *id = Value::from(key.key());
            }
        }
    }

    /// Returns digital humans for reports: the keys of tracked ones, the ids of others. A
    /// key in `replaced` has an old and a new id, which the list tells apart.
    pub fn list(
        &self,
        ids: &BTreeSet<DigitalHumanId>,
        pending: &BTreeSet<ResourceKey>,
        replaced: &BTreeSet<ResourceKey>,
    ) -> Value {
        let named = ids.iter().map(|id| match self.humans.get(id) {
            Some(key) if replaced.contains(key) => format!("{} ({id})", key.key()).into(),
            Some(key) => Value::from(key.key()),
            None => Value::from(id.0),
        });
        let pending = pending.iter().map(|key| {
            if replaced.contains(key) {
                format!("{} (known after apply)", key.key()).into()
            } else {
                Value::from(key.key())
            }
        });
        named.chain(pending).collect()
    }
}

/// Returns the patch that attaches all declared digital humans to a new simulation.
pub(super) fn attach_all(desired: &DesiredResource) -> Option<DigitalHumansPatch> {
    let wanted = desired.digital_humans.clone();
    let pending = desired.digital_human_keys.clone();
    (!wanted.is_empty() || !pending.is_empty()).then(|| DigitalHumansPatch {
        add: wanted.clone(),
        remove: BTreeSet::new(),
        wanted,
        pending,
        is_exclusive: false,
    })
}

/// Returns the patch that attaches and detaches; `None` if nothing has to change.
pub(super) fn diff(
    state: &DigitalHumansState<'_>,
    desired: &DesiredResource,
) -> Option<DigitalHumansPatch> {
    let wanted = &desired.digital_humans;
    let mut ours = state.recorded.clone();
    ours.extend(state.unknown.into_iter().flatten());
    let is_unknown = state.unknown.is_some_and(|unknown| !unknown.is_empty());
    let (add, remove): (BTreeSet<_>, BTreeSet<_>) = match state.observed {
        Some(there) => {
            let own = there
                .iter()
                .filter(|id| desired.is_exclusive || ours.contains(id));
            (
                wanted.difference(there).copied().collect(),
                own.filter(|id| !wanted.contains(id)).copied().collect(),
            )
        }
        None if is_unknown => (wanted.clone(), ours.difference(wanted).copied().collect()),
        None => (
            wanted.difference(state.recorded).copied().collect(),
            state.recorded.difference(wanted).copied().collect(),
        ),
    };
    let pending = &desired.digital_human_keys;
    let is_recorded = state.recorded == wanted && !is_unknown;
    if add.is_empty() && remove.is_empty() && pending.is_empty() && is_recorded {
        return None;
    }
    Some(DigitalHumansPatch {
        add,
        remove,
        wanted: wanted.clone(),
        pending: pending.clone(),
        // If the observed state is known, `remove` already contains all others.
        // Otherwise the apply reads the attached digital humans before it changes them.
        is_exclusive: desired.is_exclusive && state.observed.is_none(),
    })
}

impl DigitalHumansState<'_> {
    /// Returns the pending digital humans that the prior state has with another id.
    fn replaced(&self, patch: &DigitalHumansPatch) -> BTreeSet<ResourceKey> {
        let recorded = self.recorded.iter();
        let recorded = recorded.filter_map(|id| self.names.humans.get(id));
        recorded
            .filter(|key| patch.pending.contains(*key))
            .cloned()
            .collect()
    }

    /// Returns the patch as a changed field of the plan.
    pub fn field(&self, patch: &DigitalHumansPatch) -> FieldChange {
        let nothing = BTreeSet::new();
        let list = |ids: &BTreeSet<DigitalHumanId>| {
            let list = self.names.list(ids, &nothing, &patch.pending);
            FieldValue::from((!ids.is_empty()).then_some(list))
        };
        let there = self.observed.filter(|there| *there != self.recorded);
        let after = if patch.pending.is_empty() {
            list(&patch.wanted)
        } else {
            let names = &self.names;
            FieldValue::Pending(names.list(&patch.wanted, &patch.pending, &self.replaced(patch)))
        };
        FieldChange {
            path: DIGITAL_HUMANS.to_owned(),
            before: list(self.recorded),
            after,
            observed: there.map(list),
        }
    }
}

/// Returns the fields without `digital_humans`, which no update of fields contains.
pub(super) fn without_digital_humans(fields: &[FieldChange]) -> impl Iterator<Item = &FieldChange> {
    fields.iter().filter(|field| field.path != DIGITAL_HUMANS)
}
