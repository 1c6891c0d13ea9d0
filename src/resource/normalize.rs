//! Normalises a body, so that two spellings of one state are equal.
//!
//! An absent field, `null` and the documented default are equal. 10 minutes and 600
//! seconds are equal. Metric ids and tags compare as sets, UUIDs and agent ids in any
//! spelling. A schedule compares as a cron expression.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::body::Body;
use super::comparable::{comparable, is_unset, unordered};
use super::extra_value::normalize_extra;
use super::field::Order;
use super::field::{Constant, Field, ValueType};
use super::kind::Kind;
use super::simulation::MARKER;

/// The fields of a body by path, without differences that have no meaning.
///
/// The path of a field inside a map is `MAP.FIELD`. A duration is in seconds, under the
/// path of its number. A field with an alias is under its older name.
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
        normalized.drop_orders(kind);
        normalized
    }

    /// Sorts the lists whose order has a meaning only with a flag that is not true.
    fn drop_orders(&mut self, kind: Kind) {
        for field in kind.fields() {
            if let ValueType::Records {
                order: Order::KeptIf(flag),
                ..
            } = field.value
                && !self.is_true(flag)
                && let Some(items) = self.0.get_mut(field.name)
            {
                *items = unordered(items);
            }
        }
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

    /// Inserts a duration in seconds, unless the duration is the documented default. A value
    /// that is no duration is compared as it is written.
    fn insert_duration(&mut self, kind: Kind, name: &str, body: &Body) {
        let Some(duration) = kind.field(name) else {
            return;
        };
        match seconds(kind, duration, body) {
            Some(seconds) if Some(seconds) == default_seconds(kind, duration) => {}
            Some(seconds) => {
                self.0.insert(name.to_owned(), seconds.into());
            }
            None => {
                let written = body
                    .get(name)
                    .map(|value| normalize_extra(value).into_owned());
                self.0.extend(written.map(|value| (name.to_owned(), value)));
            }
        }
    }

    /// Returns a text that is equal for equal states, and can be the key of a
    /// map. The marker of the project is left out, since the marker differs by key.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let fields = self.fields().filter(|(path, _)| *path != MARKER);
        // A map of plain values always serializes.
        serde_json::to_string(&fields.collect::<BTreeMap<_, _>>()).unwrap_or_default()
    }

    /// Returns the fields by path.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(path, value)| (path.as_str(), value))
    }

    /// Returns whether the flag at a path is true.
    #[must_use]
    pub fn is_true(&self, path: &str) -> bool {
        self.get(path) == Some(&Value::Bool(true))
    }

    /// Returns the value at a path; `None` if the field has its default.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(path)
    }
}

/// Returns the duration of a body in seconds. Returns `None` if the number is too large, or
/// is no whole number, which only a value in `extra` and an answer can cause.
fn seconds(kind: Kind, duration: &Field, body: &Body) -> Option<i64> {
    let ValueType::Duration { unit } = duration.value else {
        return None;
    };
    let number = match body.get(duration.name) {
        Some(number) => normalize_extra(number).as_i64(),
        None => default_number(duration),
    };
    let unit = body.text(unit).or_else(|| default_unit(kind, unit));
    in_seconds(number?, unit)
}

/// Returns the documented default of a duration, in seconds.
#[must_use]
pub fn default_seconds(kind: Kind, duration: &Field) -> Option<i64> {
    let ValueType::Duration { unit } = duration.value else {
        return None;
    };
    in_seconds(default_number(duration)?, default_unit(kind, unit))
}

/// Converts a duration into seconds. The unit is minutes if it is not `seconds`.
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

/// Returns the documented default of the unit of a duration.
#[must_use]
pub fn default_unit(kind: Kind, unit: &str) -> Option<&'static str> {
    match kind.field(unit)?.documented_default() {
        Some(Constant::Text(unit)) => Some(unit),
        _ => None,
    }
}
