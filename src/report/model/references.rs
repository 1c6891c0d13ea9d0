//! The fields of a change that name other resources by id. Reports show the keys of tracked
//! resources in place of the ids.

use serde_json::Value;

use crate::plan::{Change, FieldChange};
use crate::resource::schedule::{SIMULATION, SIMULATION_ID};
use crate::resource::simulation::SELECTED_METRICS;
use crate::resource::{FieldValue, Kind};

/// Returns a field of a new resource, by its name, with keys in place of ids. A file names
/// a simulation with a key in another field.
pub fn new_field<'a>(change: &Change, name: &'a str, value: &Value) -> (&'a str, Value) {
    match (name, value) {
        (SELECTED_METRICS, value) => (name, metrics(change, value)),
        (SIMULATION_ID, value) => match key(change, Kind::Simulation, value) {
            Some(key) => (SIMULATION, key),
            None => (name, value.clone()),
        },
        (name, value) => (name, value.clone()),
    }
}

/// Returns a changed field with keys in place of ids; `None` if the field shows ids. The old
/// and the new instance of a replaced simulation have one key, so they are shown by id.
pub fn changed_field(change: &Change, field: &FieldChange) -> Option<FieldChange> {
    let with = |path: &str, named: &dyn Fn(&Value) -> Option<Value>| {
        let named = |value: &FieldValue| {
            Some(match value {
                FieldValue::Given(value) => FieldValue::Given(named(value)?),
                FieldValue::Pending(value) => FieldValue::Pending(named(value)?),
                value => value.clone(),
            })
        };
        Some(FieldChange {
            path: path.to_owned(),
            before: named(&field.before)?,
            after: named(&field.after)?,
            observed: match &field.observed {
                Some(observed) => Some(named(observed)?),
                None => None,
            },
        })
    };
    match field.path.as_str() {
        SELECTED_METRICS => with(SELECTED_METRICS, &|value| Some(metrics(change, value))),
        SIMULATION_ID => with(SIMULATION, &|value| key(change, Kind::Simulation, value))
            .filter(|named| named.before.as_json() != named.after.as_json()),
        _ => None,
    }
}

/// Returns the path under which a report shows a changed field.
pub fn shown_path<'a>(change: &Change, path: &'a str) -> &'a str {
    let is_named = |field: &FieldChange| changed_field(change, field).is_some();
    match path {
        SIMULATION_ID
            if change
                .fields
                .iter()
                .any(|field| field.path == path && is_named(field)) =>
        {
            SIMULATION
        }
        path => path,
    }
}

fn metrics(change: &Change, value: &Value) -> Value {
    let Value::Array(ids) = value else {
        return value.clone();
    };
    let named = ids
        .iter()
        .map(|id| key(change, Kind::CustomMetric, id).unwrap_or_else(|| id.clone()));
    named.collect()
}

/// Returns the key for an id, or for the placeholder of an id that is known after apply.
fn key(change: &Change, kind: Kind, id: &Value) -> Option<Value> {
    let id = id.as_str()?;
    let placeholder = || {
        let rest = id.strip_prefix("${")?.strip_prefix(kind.name())?;
        rest.strip_prefix(':')?.strip_suffix('}')
    };
    let tracked = change.keys_by_id.get(id).map(String::as_str);
    tracked.or_else(placeholder).map(Value::from)
}
