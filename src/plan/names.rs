//! The keys that reports show in place of ids.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::Change;
use crate::lock::Lockfile;
use crate::resource::key::{DigitalHumanId, ResourceKey};
use crate::resource::schedule::SIMULATION_ID;
use crate::resource::simulation::{DIGITAL_HUMANS, SELECTED_METRICS};
use crate::resource::{FieldValue, Kind};

/// The keys of tracked resources that others refer to, by id.
#[derive(Debug, Default)]
pub(super) struct Names {
    humans: BTreeMap<DigitalHumanId, ResourceKey>,
    metrics: BTreeMap<String, ResourceKey>,
    simulations: BTreeMap<String, ResourceKey>,
}

impl Names {
    /// Returns the names of the digital humans and custom metrics in a lockfile. No resource
    /// refers to a schedule.
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
                _ => {}
            }
        }
        names
    }

    /// Adds the names of the simulations, to which only schedules refer.
    pub fn with_simulations(mut self, lock: &Lockfile) -> Self {
        let resources = lock.resources.iter();
        let simulations = resources.filter(|(key, _)| key.kind() == Kind::Simulation);
        let names = simulations.map(|(key, locked)| (locked.id.to_string(), key.clone()));
        self.simulations.extend(names);
        self
    }

    /// Returns the key of a tracked digital human.
    pub fn human(&self, id: DigitalHumanId) -> Option<&ResourceKey> {
        self.humans.get(&id)
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
                DIGITAL_HUMANS => id.as_u64().and_then(|id| self.human(DigitalHumanId(id))),
                SELECTED_METRICS => id.as_str().and_then(|id| self.metrics.get(id)),
                _ => None,
            };
            if let Some(key) = key {
                *id = Value::from(key.key());
            }
        }
    }

    /// Returns digital humans for reports: the keys of tracked ones, the ids of others. A
    /// key in `replaced` has an old and a new id, so the list shows the id, or that it is
    /// known after apply.
    pub fn list(
        &self,
        ids: &BTreeSet<DigitalHumanId>,
        pending: &BTreeSet<ResourceKey>,
        replaced: &BTreeSet<ResourceKey>,
    ) -> Value {
        let named = ids.iter().map(|id| match self.human(*id) {
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
