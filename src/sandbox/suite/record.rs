//! A stored digital human, custom metric or schedule.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The kind of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::sandbox) enum RecordKind {
    DigitalHuman,
    CustomMetric,
    Schedule,
}

/// A stored resource. The fields are complete: a field that the create omitted has its
/// default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Record {
    pub kind: RecordKind,
    /// The number of the record among all records, from 1.
    pub number: u64,
    /// The id in paths.
    pub id: String,
    /// The creation time, as RFC 3339 in UTC with six decimals. Texts of this form
    /// compare like times.
    pub created_at: String,
    pub fields: Map<String, Value>,
}

impl Record {
    /// Returns the value of a field; null if the field is not set.
    pub(in crate::sandbox) fn get(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Null)
    }

    /// Applies the checked fields of a request. An explicit null restores the default.
    pub(super) fn change(&mut self, fields: &Map<String, Value>, defaults: &Map<String, Value>) {
        for (name, value) in fields {
            let value = match value {
                Value::Null => defaults.get(name).unwrap_or(&Value::Null),
                value => value,
            };
            self.fields.insert(name.clone(), value.clone());
        }
    }

    /// Returns the record for an answer: the visible fields, and the fields that the
    /// server adds.
    pub(super) fn shown(&self, id: Value, hidden: &[&str]) -> Map<String, Value> {
        let mut shown = self.fields.clone();
        shown.retain(|name, _| !hidden.contains(&name.as_str()));
        shown.insert("id".to_owned(), id);
        shown.insert("created_at".to_owned(), self.created_at.as_str().into());
        shown
    }
}

/// Returns the id of a new record: a number for digital humans, a UUID for other kinds.
pub(super) fn new_id(kind: RecordKind, number: u64) -> String {
    match kind {
        RecordKind::DigitalHuman => (1000 + number).to_string(),
        RecordKind::CustomMetric | RecordKind::Schedule => uuid(number),
    }
}

/// Returns a UUID in the form of version 4; equal numbers give equal UUIDs.
fn uuid(number: u64) -> String {
    let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        mixed >> 32,
        (mixed >> 16) & 0xFFFF,
        mixed & 0xFFF,
        (mixed >> 12) & 0xFFF,
        number & 0xFFFF_FFFF_FFFF
    )
}
