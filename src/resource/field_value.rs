//! The value of a field as plans and drift reports show it.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// The value of a field on one side of a comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum FieldValue {
    /// The field is absent or null.
    #[default]
    NotSet,
    /// A value of the field's type.
    Given(Value),
    /// A duration, in the unit in which it was written.
    Duration {
        /// The number.
        number: Value,
        /// The unit: `minutes` or `seconds`.
        unit: String,
    },
    /// The value contains the ids of resources that the plan creates. Texts stand for the
    /// ids.
    Pending(Value),
    /// The value is unknown, because an update of the field was interrupted.
    Unknown,
}

impl FieldValue {
    /// Returns the value as JSON; `None` for a duration and for a value that is not known.
    #[must_use]
    pub fn as_json(&self) -> Option<&Value> {
        match self {
            Self::Given(value) | Self::Pending(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the text; `None` if the value is not a text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Given(Value::String(text)) => Some(text),
            _ => None,
        }
    }
}

impl From<Option<Value>> for FieldValue {
    fn from(value: Option<Value>) -> Self {
        match value {
            None | Some(Value::Null) => Self::NotSet,
            Some(value) => Self::Given(value),
        }
    }
}

/// Writes the value in one line: JSON for a given value, words without quotes
/// otherwise.
impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => f.write_str("(not set)"),
            Self::Given(value) => write!(f, "{value}"),
            Self::Duration { number, unit } => write!(f, "{number} {unit}"),
            Self::Pending(value) => write!(f, "{value} (known after apply)"),
            Self::Unknown => f.write_str("(unknown: an update was cut off)"),
        }
    }
}

/// Serializes the value for programs: null, the value, `{"duration": 8, "unit":
/// "minutes"}`, `{"known_after_apply": …}` or `{"unknown": true}`. No field of the API is a map with these names.
impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::NotSet => serializer.serialize_unit(),
            Self::Given(value) => value.serialize(serializer),
            Self::Duration { number, unit } => {
                json!({ "duration": number, "unit": unit }).serialize(serializer)
            }
            Self::Pending(value) => json!({ "known_after_apply": value }).serialize(serializer),
            Self::Unknown => json!({ "unknown": true }).serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_value_never_looks_like_one() {
        let duration = FieldValue::Duration {
            number: json!(8),
            unit: "minutes".to_owned(),
        };
        for (value, text, shown) in [
            (FieldValue::NotSet, "(not set)", json!(null)),
            (
                FieldValue::Given(json!("8 minutes")),
                "\"8 minutes\"",
                json!("8 minutes"),
            ),
            (
                duration,
                "8 minutes",
                json!({"duration": 8, "unit": "minutes"}),
            ),
            (
                FieldValue::Unknown,
                "(unknown: an update was cut off)",
                json!({"unknown": true}),
            ),
        ] {
            assert_eq!(value.to_string(), text);
            assert_eq!(serde_json::to_value(&value).unwrap(), shown);
        }
    }
}
