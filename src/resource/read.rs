//! Reads the fields of a resource from an answer of the API.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::extra_value::normalize_extra;
use super::field::{ReadAt, ValueType};
use super::kind::Kind;
use super::normalize::{comparable, in_seconds};

/// The map of an answer that contains most settings.
pub const SETTINGS: &str = "settings";

/// The members of an answer that are not fields of a resource.
const ENVELOPE: [&str; 5] = ["created_at", "id", "message", "simulation_id", "status"];

/// Returns the fields that an answer shows, by the paths of [`super::Normalized`], in
/// canonical spelling. A value is null if the API shows the field as not set.
///
/// Unknown fields are read too, at the top level and in the settings, because the
/// documentation names the level of only some fields.
#[must_use]
pub fn read_fields(kind: Kind, shown: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    read_level(kind, shown, &mut fields);
    if let Some(Value::Object(settings)) = shown.get(SETTINGS) {
        read_level(kind, settings, &mut fields);
        read_settings(kind, settings, &mut fields);
    }
    let marker = kind.marker();
    if let Some(value) = marker.sent_as.and_then(|name| fields.get(name)) {
        let value = comparable(Some(marker), value);
        fields.insert(marker.name.to_owned(), value);
    }
    fields
}

/// Returns the names of the settings that the table doesn't know and an answer shows.
#[must_use]
pub fn unknown_settings(kind: Kind, shown: &Map<String, Value>) -> BTreeSet<String> {
    let settings = shown.get(SETTINGS).and_then(Value::as_object);
    let names = settings.into_iter().flatten();
    let unknown = names.filter(|(name, value)| {
        !value.is_null() && kind.field(name).is_none() && !is_envelope(name)
    });
    unknown.map(|(name, _)| name.clone()).collect()
}

fn is_envelope(name: &str) -> bool {
    name == SETTINGS || ENVELOPE.contains(&name)
}

/// Reads the fields that can appear at the top level and in the settings.
fn read_level(kind: Kind, from: &Map<String, Value>, fields: &mut BTreeMap<String, Value>) {
    for (name, value) in from {
        let field = kind.field(name);
        let is_read = match field {
            Some(field) => field.read == ReadAt::Anywhere,
            None => !is_envelope(name),
        };
        let path = field.map_or(name.as_str(), |field| field.canonical_name());
        if is_read && (!value.is_null() || !fields.contains_key(path)) {
            fields.insert(path.to_owned(), comparable(field, value));
        }
    }
}

/// Reads the fields that appear only in the settings.
fn read_settings(kind: Kind, settings: &Map<String, Value>, fields: &mut BTreeMap<String, Value>) {
    let known = kind.fields().iter();
    for field in known.filter(|field| field.read == ReadAt::Settings) {
        match (field.value, settings.get(field.name)) {
            (ValueType::Duration { unit }, Some(value)) => {
                let unit = settings.get(unit).and_then(Value::as_str);
                let seconds = read_seconds(value, unit);
                fields.insert(field.name.to_owned(), seconds);
            }
            (ValueType::Map { .. }, Some(Value::Object(inner))) => {
                let inner = inner.iter();
                fields.extend(inner.map(|(name, value)| {
                    let path = format!("{}.{name}", field.name);
                    let inner = kind.field_at(&path);
                    (path, comparable(inner, value))
                }));
            }
            _ => {}
        }
    }
}

/// Returns a duration in seconds. The API returns seconds and sometimes omits the unit.
fn read_seconds(value: &Value, unit: Option<&str>) -> Value {
    let value = normalize_extra(value);
    match value.as_i64() {
        Some(number) if unit == Some("minutes") => {
            in_seconds(number, unit).map_or(Value::Null, Value::from)
        }
        _ => value.into_owned(),
    }
}
