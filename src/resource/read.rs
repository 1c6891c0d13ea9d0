//! Reads the fields of a resource from an answer of the API.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::comparable::comparable;
use super::extra_value::normalize_extra;
use super::field::{Field, ReadAt, ValueType};
use super::kind::Kind;
use super::normalize::in_seconds;

/// Returns the fields that an answer shows, by the paths of [`super::Normalized`], in
/// canonical spelling. A value is null if the API shows the field as not set.
///
/// Unknown fields are read too. A simulation has fields at the top level and in the
/// settings, because the documentation names the level of only some fields.
#[must_use]
pub fn read_fields(kind: Kind, shown: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    read_level(kind, shown, &mut fields);
    if let Some(settings) = nested(kind, shown) {
        read_level(kind, settings, &mut fields);
        read_settings(kind, settings, &mut fields);
    }
    for field in kind.all_fields() {
        read_other_name(field, &mut fields);
    }
    fields
}

/// Reads a field that answers contain under another name than documents. The marker
/// stays under its other name, too, because `extra` can declare that name.
fn read_other_name(field: &Field, fields: &mut BTreeMap<String, Value>) {
    let shown = match (field.shown_as, field.sent_as) {
        (Some(name), _) => fields.remove(name),
        (None, Some(name)) if field.alias_of.is_none() => fields.get(name).cloned(),
        _ => None,
    };
    if let Some(value) = shown {
        fields.insert(field.name.to_owned(), comparable(Some(field), &value));
    }
}

/// Returns the map of an answer that contains more fields of the resource.
fn nested(kind: Kind, shown: &Map<String, Value>) -> Option<&Map<String, Value>> {
    shown.get(kind.table().nested?)?.as_object()
}

/// Returns the names of the settings that the table doesn't know and an answer shows.
#[must_use]
pub fn unknown_settings(kind: Kind, shown: &Map<String, Value>) -> BTreeSet<String> {
    let names = nested(kind, shown).into_iter().flatten();
    let unknown = names.filter(|(name, value)| {
        !value.is_null() && kind.field(name).is_none() && !is_envelope(kind, name)
    });
    unknown.map(|(name, _)| name.clone()).collect()
}

fn is_envelope(kind: Kind, name: &str) -> bool {
    let mut envelope = kind.table().envelope.iter();
    envelope.any(|member| match member.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => *member == name,
    })
}

/// Reads the fields that can appear at the top level and in the settings.
fn read_level(kind: Kind, from: &Map<String, Value>, fields: &mut BTreeMap<String, Value>) {
    for (name, value) in from {
        let field = kind.field(name);
        let is_read = match field {
            Some(field) => field.read == ReadAt::Anywhere,
            None => !is_envelope(kind, name),
        };
        if let Some(field) = field.filter(|field| is_read && !field.inner().is_empty()) {
            read_map(kind, field, value, fields);
            continue;
        }
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
            (ValueType::Map { .. }, Some(map)) => read_map(kind, field, map, fields),
            _ => {}
        }
    }
}

/// Reads the fields of a map. A null shows no field.
fn read_map(kind: Kind, map: &Field, value: &Value, fields: &mut BTreeMap<String, Value>) {
    let inner = value.as_object().into_iter().flatten();
    fields.extend(inner.map(|(name, value)| {
        let path = format!("{}.{name}", map.name);
        let inner = kind.field_at(&path);
        (path, comparable(inner, value))
    }));
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
