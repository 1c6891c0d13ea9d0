//! Compares the prior state of all resources with their observed state.

use std::collections::BTreeMap;

use serde_json::Value;

use super::names::Names;
use super::observed_state::{Comparison, ObservedState, ObservedStates};
use crate::lock::{LockedResource, Lockfile};
use crate::resource::desired::{DesiredResource, DesiredState, Source};
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::{FieldValue, overlay, written_value};

/// The result of the comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DriftReport {
    /// The resources that differ from the prior state, by key.
    pub drifted: Vec<DriftedSimulation>,
    /// The number of resources without drift in any observed field.
    pub in_sync: usize,
    /// The recorded fields that the API does not show, with the number of resources.
    pub not_visible: BTreeMap<String, usize>,
}

/// A resource that differs from its prior state.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftedSimulation {
    /// The key.
    pub key: ResourceKey,
    /// The id.
    pub id: RemoteId,
    /// The place of the declaration; `None` if no file declares the resource.
    pub source: Option<Source>,
    /// Whether the resource was not found: it was deleted, or it belongs to another
    /// organisation.
    pub is_gone: bool,
    /// The fields that differ.
    pub fields: Vec<FieldDrift>,
}

/// The three states of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDrift {
    /// The path of the field.
    pub path: String,
    /// The desired value.
    pub written: FieldValue,
    /// The prior value.
    pub applied: FieldValue,
    /// The observed value.
    pub observed: FieldValue,
}

/// Compares the prior state of all resources with their observed state.
#[must_use]
pub fn drift_report(
    desired: &DesiredState,
    locked: &Lockfile,
    observed: &ObservedStates,
) -> DriftReport {
    let mut report = DriftReport::default();
    for (key, entry) in &locked.resources {
        let wanted = desired.resources.get(key);
        let id_of = |key: &ResourceKey| locked.resources.get(key).map(|entry| entry.id);
        let resolved = wanted.map(|wanted| wanted.resolved(id_of));
        let (is_gone, fields) = match observed.get(key) {
            None => continue,
            Some(ObservedState::Gone) => (true, Vec::new()),
            Some(ObservedState::Present(comparison)) => {
                for path in &comparison.not_visible {
                    *report.not_visible.entry(path.clone()).or_default() += 1;
                }
                (false, fields(entry, resolved.as_deref(), comparison))
            }
        };
        if !is_gone && fields.is_empty() {
            report.in_sync += 1;
            continue;
        }
        report.drifted.push(DriftedSimulation {
            key: key.clone(),
            id: entry.id,
            source: wanted.map(|wanted| wanted.source.clone()),
            is_gone,
            fields,
        });
    }
    report
}

/// Puts the keys of tracked digital humans and custom metrics in place of their ids, for
/// people.
pub fn show_keys<'a>(lock: &Lockfile, fields: impl IntoIterator<Item = &'a mut FieldDrift>) {
    let names = Names::of(lock);
    for field in fields {
        for value in [&mut field.written, &mut field.applied, &mut field.observed] {
            if let FieldValue::Given(Value::Array(ids)) = value {
                names.show_keys(&field.path, ids);
            }
        }
    }
}

fn fields(
    entry: &LockedResource,
    wanted: Option<&DesiredResource>,
    comparison: &Comparison,
) -> Vec<FieldDrift> {
    let kind = entry.id.kind();
    let there = overlay(kind, &entry.applied, &comparison.drift);
    let drifted = comparison.drift.keys();
    let mut fields: Vec<_> = drifted
        .map(|path| FieldDrift {
            path: path.clone(),
            written: wanted.map_or(FieldValue::NotSet, |wanted| {
                written_value(kind, &wanted.body, path)
            }),
            applied: written_value(kind, &entry.applied, path),
            observed: written_value(kind, &there, path),
        })
        .collect();
    fields.extend(humans(entry, wanted, comparison));
    fields
}

/// Returns the drift of the digital humans: recorded ones that are detached and, if the
/// simulation is exclusive, others that are attached.
fn humans(
    entry: &LockedResource,
    wanted: Option<&DesiredResource>,
    comparison: &Comparison,
) -> Option<FieldDrift> {
    let there = comparison.humans.as_ref()?;
    let is_exclusive = wanted.is_some_and(|wanted| wanted.is_exclusive);
    let has_drifted = if is_exclusive {
        *there != entry.digital_humans
    } else {
        !entry.digital_humans.is_subset(there)
    };
    let list = |ids: &std::collections::BTreeSet<DigitalHumanId>| {
        let ids: Vec<_> = ids.iter().map(|id| Value::from(id.0)).collect();
        FieldValue::from((!ids.is_empty()).then_some(Value::Array(ids)))
    };
    has_drifted.then(|| FieldDrift {
        path: DIGITAL_HUMANS.to_owned(),
        written: wanted.map_or(FieldValue::NotSet, |wanted| list(&wanted.digital_humans)),
        applied: list(&entry.digital_humans),
        observed: list(there),
    })
}
