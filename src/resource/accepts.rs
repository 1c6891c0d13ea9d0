//! Whether a file may declare a value.

use serde_json::{Map, Value};

use super::field::Shape;
use super::field::{Field, IntegerRange, ItemType, NumberRange, UNITS, ValueType};
use super::key::{DigitalHumanId, MAX_KEY_LENGTH};
use super::spelling::is_uuid;

impl Field {
    /// Returns whether a file may declare this value, which is not null.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        match self.value {
            ValueType::Text | ValueType::Name | ValueType::Suggested(_) | ValueType::Lines => {
                value.is_string()
            }
            ValueType::Key => value
                .as_str()
                .is_some_and(|text| !text.is_empty() && text.chars().count() <= MAX_KEY_LENGTH),
            ValueType::AgentId => match value {
                Value::String(text) => !text.is_empty(),
                value => value.is_u64(),
            },
            ValueType::Uuid => value.as_str().is_some_and(is_uuid),
            ValueType::Integer(range) => range.accepts(value),
            ValueType::Number(range) => range.accepts(value),
            ValueType::Id => ItemType::Id.accepts(value),
            ValueType::OneOf(known) => value.as_str().is_some_and(|text| known.contains(&text)),
            ValueType::Formatted(format) => value.as_str().is_some_and(|text| format.accepts(text)),
            ValueType::Flag => value.is_boolean(),
            ValueType::Duration { .. } => value.is_i64(),
            ValueType::DurationUnit { .. } => {
                value.as_str().is_some_and(|unit| UNITS.contains(&unit))
            }
            ValueType::Set { of, .. } => are_all(value, |item| of.accepts(item)),
            ValueType::Texts => are_all(value, Value::is_string),
            ValueType::Map { .. } | ValueType::FreeMap => value.is_object(),
            ValueType::FreeMaps => are_all(value, Value::is_object),
            ValueType::Record(shape) => shape.accepts(value),
            ValueType::Records { of, .. } => are_all(value, |item| of.accepts(item)),
            // An answer has a cron expression in place of the map.
            ValueType::Recurrence(shape) => value.is_string() || shape.accepts(value),
            ValueType::Any => true,
        }
    }
}

fn are_all(value: &Value, accepts: impl Fn(&Value) -> bool) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().all(accepts))
}

impl Shape {
    fn accepts(&self, value: &Value) -> bool {
        value
            .as_object()
            .is_some_and(|fields| self.accepts_fields(fields))
    }

    fn accepts_fields(&self, given: &Map<String, Value>) -> bool {
        let mut required = self.fields.iter().filter(|field| field.required.is_some());
        let is_accepted = |(name, value): (&String, &Value)| {
            let known = self.fields.iter().find(|field| field.name == name);
            known.is_some_and(|field| value.is_null() || field.accepts(value))
        };
        required.all(|field| given.get(field.name).is_some_and(|value| !value.is_null()))
            && given.iter().all(is_accepted)
    }
}

impl IntegerRange {
    fn accepts(self, value: &Value) -> bool {
        value.as_i64().is_some_and(|number| {
            self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max)
        })
    }
}

impl NumberRange {
    fn accepts(self, value: &Value) -> bool {
        value.as_f64().is_some_and(|number| {
            self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max)
        })
    }
}

impl ItemType {
    fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Uuid => value.as_str().is_some_and(is_uuid),
            Self::Id => value
                .as_u64()
                .map(DigitalHumanId)
                .is_some_and(|id| id.0 > 0),
            Self::OneOf(known) => value.as_str().is_some_and(|text| known.contains(&text)),
        }
    }
}
