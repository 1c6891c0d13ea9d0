//! Normalises a body, so that two spellings of one state are equal.
//!
//! An omitted field, `null` and the API's documented default are equal; so are
//! 10 minutes and 600 seconds; metric ids and tags compare as a set, UUIDs and agent
//! ids in any of their spellings.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::body::{Body, normalized_name};
use super::extra_value::normalize_extra;
use super::field::{Constant, Field, ItemType, ValueType};
use super::kind::Kind;
use super::spelling;

/// The fields of a body by path, without the mismatches that have no meaning.
///
/// Fields of a map stand under `MAP.FIELD`, a duration in seconds under the field
/// with its number, and a field with two names under the older one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Normalized(pub(super) BTreeMap<String, Value>);

impl Normalized {
    /// Normalises a body.
    #[must_use]
    pub fn of(kind: Kind, body: &Body) -> Self {
        let mut normalized = Self::default();
        for (name, value) in body.0.iter() {
            let field = kind.field(name);
            match (field.map(|field| field.value), value) {
                (_, Value::Null) => {}
                (Some(ValueType::Duration { .. }), _) => {
                    normalized.insert_duration(kind, name, body);
                }
                (Some(ValueType::DurationUnit { of }), _) => {
                    normalized.insert_duration(kind, of, body);
                }
                (Some(ValueType::Map { .. }), Value::Object(inner)) => {
                    normalized.insert_map(kind, name, inner);
                }
                _ => {
                    let path = field.map_or(name.as_str(), |field| field.canonical_name());
                    normalized.insert(path.to_owned(), field, value);
                }
            }
        }
        normalized
    }

    fn insert(&mut self, path: String, field: Option<&Field>, value: &Value) {
        if field.is_some_and(|field| is_unset(field, value)) {
            return;
        }
        let value = comparable(field, value);
        let default = field.and_then(Field::documented_default);
        if !default.is_some_and(|default| default.is(&value)) {
            self.0.insert(path, value);
        }
    }

    fn insert_map(&mut self, kind: Kind, map: &str, inner: &Map<String, Value>) {
        for (name, value) in inner.iter().filter(|(_, value)| !value.is_null()) {
            let path = format!("{map}.{name}");
            let field = kind.field_at(&path);
            self.insert(path, field, value);
        }
    }

    /// Inserts a duration in seconds; the default is left out like any other.
    fn insert_duration(&mut self, kind: Kind, name: &str, body: &Body) {
        let Some(duration) = kind.field(name) else {
            return;
        };
        let seconds = seconds(kind, duration, body);
        if let Some(seconds) =
            seconds.filter(|seconds| Some(*seconds) != default_seconds(kind, duration))
        {
            self.0.insert(name.to_owned(), seconds.into());
        }
    }

    /// Returns a text that is equal for equal states, to look one up by another.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        // A map of plain values always serializes.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The fields by path.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(path, value)| (path.as_str(), value))
    }

    /// The value at a path; `None` when it means the default.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(path)
    }
}

/// Whether a value means the same as leaving its field out.
fn is_unset(field: &Field, value: &Value) -> bool {
    match (field.value, value) {
        (ValueType::Name, Value::String(name)) => normalized_name(name).is_none(),
        (
            ValueType::Set {
                is_unset_when_empty,
                ..
            },
            Value::Array(items),
        ) => is_unset_when_empty && items.is_empty(),
        _ => false,
    }
}

/// Returns a value in the one spelling in which values of its field are compared.
#[must_use]
pub fn comparable(field: Option<&Field>, value: &Value) -> Value {
    match (field.map(|field| field.value), value) {
        (Some(ValueType::Name), Value::String(name)) => {
            normalized_name(name).unwrap_or_default().into()
        }
        (Some(ValueType::AgentId), Value::String(id)) => spelling::agent_id(id).into(),
        (Some(ValueType::Uuid), Value::String(id)) => spelling::uuid(id).into(),
        (Some(ValueType::Set { of, .. }), Value::Array(items)) => set(of, items),
        _ => normalize_extra(value).into_owned(),
    }
}

/// Items in one spelling and one order, each once.
fn set(of: ItemType, items: &[Value]) -> Value {
    let mut items: Vec<_> = items
        .iter()
        .map(|item| match (of, item) {
            (ItemType::Uuid, Value::String(text)) => Value::String(spelling::uuid(text)),
            (_, other) => other.clone(),
        })
        .collect();
    items.sort_by_key(ToString::to_string);
    items.dedup();
    Value::Array(items)
}

/// A body's duration in seconds; `None` when its number is none, which only `extra`
/// could bring about, or too large.
fn seconds(kind: Kind, duration: &Field, body: &Body) -> Option<i64> {
    let ValueType::Duration { unit } = duration.value else {
        return None;
    };
    let number = match body.get(duration.name) {
        Some(number) => number.as_i64(),
        None => default_number(duration),
    };
    let unit = body.text(unit).or_else(|| default_unit(kind, unit));
    in_seconds(number?, unit)
}

/// The documented length of a duration that is left out, in seconds.
#[must_use]
pub fn default_seconds(kind: Kind, duration: &Field) -> Option<i64> {
    let ValueType::Duration { unit } = duration.value else {
        return None;
    };
    in_seconds(default_number(duration)?, default_unit(kind, unit))
}

/// Converts a number of this unit, or else of minutes, into seconds.
#[must_use]
pub fn in_seconds(number: i64, unit: Option<&str>) -> Option<i64> {
    match unit {
        Some("seconds") => Some(number),
        _ => number.checked_mul(60),
    }
}

fn default_number(duration: &Field) -> Option<i64> {
    match duration.documented_default() {
        Some(Constant::Integer(number)) => Some(number),
        _ => None,
    }
}

/// The unit that a duration has where none is given.
#[must_use]
pub fn default_unit(kind: Kind, unit: &str) -> Option<&'static str> {
    match kind.field(unit)?.documented_default() {
        Some(Constant::Text(unit)) => Some(unit),
        _ => None,
    }
}
