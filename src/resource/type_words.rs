//! Describes the type of a field in words, for the reference page and for `explain`.

use super::field::{Field, IntegerRange, ItemType, Measure, NumberRange, ValueType};

impl Field {
    /// Returns the type with its bounds: `integer, 1 to 500; a warning above 50`.
    #[must_use]
    pub fn type_words(&self) -> String {
        match self.value {
            ValueType::Text | ValueType::Name | ValueType::Key | ValueType::Formatted(_) => {
                "text".to_owned()
            }
            ValueType::Lines => "text, one item on each line".to_owned(),
            ValueType::Suggested(known) => format!("text, such as {}", quoted(known)),
            ValueType::OneOf(known) => quoted(known),
            ValueType::AgentId => "text or integer".to_owned(),
            ValueType::Uuid => "UUID".to_owned(),
            ValueType::Flag => "`true`, `false`".to_owned(),
            ValueType::Duration { .. } => "integer".to_owned(),
            ValueType::DurationUnit { .. } => "`minutes`, `seconds`".to_owned(),
            ValueType::Set { of, .. } => {
                let items = match of {
                    ItemType::Text => "texts".to_owned(),
                    ItemType::OneOf(known) => quoted(known),
                    ItemType::Uuid => "UUIDs".to_owned(),
                    ItemType::Id => "ids".to_owned(),
                };
                let keys = self.refers_to.map_or("", |_| "keys or ");
                format!("list of {keys}{items}; the order is not significant")
            }
            ValueType::Map { .. }
            | ValueType::Record(_)
            | ValueType::Recurrence(_)
            | ValueType::FreeMap => "map".to_owned(),
            ValueType::Texts => "list of texts".to_owned(),
            ValueType::Records { .. } | ValueType::FreeMaps => "list of maps".to_owned(),
            ValueType::Number(range) => format!("number{}", number_bounds(range)),
            ValueType::Id => "id".to_owned(),
            ValueType::Any => "any value".to_owned(),
            ValueType::Integer(range) => format!("integer{}", integer_bounds(range)),
        }
    }
}

/// Returns known values for a sentence: `` `a`, `b` ``.
pub(super) fn quoted(texts: &[&str]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| format!("`{text}`")).collect();
    quoted.join(", ")
}

fn number_bounds(range: NumberRange) -> String {
    match (range.min, range.max) {
        (Some(min), Some(max)) => format!(", {min} to {max}"),
        (Some(min), None) => format!(", from {min}"),
        _ => String::new(),
    }
}

fn integer_bounds(range: IntegerRange) -> String {
    let mut text = match (range.min, range.max) {
        (Some(min), Some(max)) => format!(", {min} to {max}"),
        (Some(min), None) => format!(", from {min}"),
        _ => String::new(),
    };
    if range.measure == Measure::Seconds {
        text.push_str(", seconds");
    }
    if let Some(limit) = range.warn_above {
        text.push_str(&format!("; a warning above {limit}"));
    }
    text
}
