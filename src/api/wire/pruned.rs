//! Reads a long list as JSON, without the fields that the program does not use.
//!
//! The list of an organisation contains every simulation with all its fields. Ten thousand
//! simulations need a hundred megabytes as values, and only three fields of each are used.
//! Pruning limits the memory of a list by its bytes and by its number of rows.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Error, Map, Value, from_str};

use crate::resource::body::{AGENT_ID, NAME};

/// The retained fields of a row: they identify simulations and digital humans.
const RETAINED_FIELDS: [&str; 4] = [AGENT_ID, "created_at", "id", NAME];

/// The retained fields of a run in a list, and of a conversation. Transcripts, events and
/// tool calls are not retained.
const RUN_FIELDS: [&str; 14] = [
    "created_at",
    "custom_metrics",
    "digital_human_id",
    "duration",
    "evaluations",
    "experiment_id",
    "id",
    "simulation_id",
    "simulation_run_id",
    "status",
    "tests_completed",
    "tests_failed",
    "tests_passed",
    "total_tests",
];

/// The maximum number of rows of one list.
const MAX_ROWS: usize = 200_000;

/// The maximum size in bytes of one value that is not a list. A larger field of a row is
/// left out.
const VALUE_LIMIT: usize = 1 << 20;

type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// Parses an answer that contains lists. The objects in the lists keep only the fields in
/// `RETAINED_FIELDS`. A value that is not a list of objects is unchanged.
pub fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    read_retained(bytes, &RETAINED_FIELDS)
}

/// Parses an answer with runs or conversations like [`read`]. The objects in the lists keep
/// only the fields in `RUN_FIELDS`.
pub fn read_runs(bytes: &[u8]) -> serde_json::Result<Value> {
    read_retained(bytes, &RUN_FIELDS)
}

fn read_retained(bytes: &[u8], retained: &[&str]) -> serde_json::Result<Value> {
    let whole: &RawValue = serde_json::from_slice(bytes)?;
    match from_str::<Fields<'_>>(whole.get()) {
        Ok(fields) => object(fields, |value| list(value, retained)),
        Err(_) => list(whole, retained),
    }
}

fn list(list: &RawValue, retained: &[&str]) -> serde_json::Result<Value> {
    if !list.get().starts_with('[') {
        return value(list);
    }
    let Rows(rows) = from_str(list.get())?;
    rows.into_iter().map(|each| row(each, retained)).collect()
}

fn row(row: &RawValue, retained: &[&str]) -> serde_json::Result<Value> {
    match from_str::<Fields<'_>>(row.get()) {
        Ok(mut fields) => {
            fields.retain(|name, value| {
                retained.contains(&name.as_str()) && value.get().len() <= VALUE_LIMIT
            });
            object(fields, value)
        }
        Err(_) => value(row),
    }
}

fn object(
    fields: Fields<'_>,
    read: impl Fn(&RawValue) -> serde_json::Result<Value>,
) -> serde_json::Result<Value> {
    let fields = fields.into_iter();
    let read: serde_json::Result<Map<_, _>> = fields
        .map(|(name, value)| Ok((name, read(value)?)))
        .collect();
    read.map(Value::Object)
}

/// Returns a value of limited size.
pub(super) fn value(value: &RawValue) -> serde_json::Result<Value> {
    if value.get().len() > VALUE_LIMIT {
        let limit = VALUE_LIMIT >> 20;
        return Err(Error::custom(format!("a value has more than {limit} MiB")));
    }
    from_str(value.get())
}

/// The rows of a list, at most [`MAX_ROWS`].
pub(super) struct Rows<'a>(pub Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Rows<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowsVisitor).map(Self)
    }
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = list.next_element()? {
            if rows.len() == MAX_ROWS {
                let error = format!("a list has more than {MAX_ROWS} rows");
                return Err(A::Error::custom(error));
            }
            rows.push(row);
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(answer: Value, expected: Value) {
        assert_eq!(read(answer.to_string().as_bytes()).unwrap(), expected);
    }

    #[test]
    fn rows_keep_the_retained_fields() {
        let whole = json!({"id": 7, "name": "a", "agent_id": null, "tags": ["x"], "x": {"id": 1}});
        let kept = json!({"id": 7, "name": "a", "agent_id": null});
        check(
            json!({"simulations": [whole, 1], "total": 2}),
            json!({"simulations": [kept, 1], "total": 2}),
        );
        check(json!([whole]), json!([kept]));
    }

    #[test]
    fn conversations_keep_their_judgement_without_transcripts() {
        let large = "z".repeat(VALUE_LIMIT);
        let evaluations = json!([{"goal_success": true}]);
        let whole = json!({"id": 7, "evaluations": evaluations, "events": [1], "status": large});
        let answer = json!({"simulation_run": {"summary": "s"}, "simulation_results": [whole]});
        let kept = json!({"id": 7, "evaluations": evaluations});
        let expected = json!({"simulation_run": {"summary": "s"}, "simulation_results": [kept]});
        assert_eq!(read_runs(answer.to_string().as_bytes()).unwrap(), expected);
    }

    #[test]
    fn a_value_that_is_not_a_list_is_unchanged() {
        for answer in [
            json!(null),
            json!(-1.5),
            json!("a"),
            json!({"simulations": {"a": true}}),
        ] {
            check(answer.clone(), answer);
        }
    }

    #[test]
    fn invalid_json_is_refused() {
        for text in ["", "{", "[1] 2", "<html>"] {
            assert!(read(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_sizes_of_rows_and_values_are_limited() {
        let rows = |count: usize| format!("{{\"x\": [{}1]}}", "1,".repeat(count - 1));
        assert!(read(rows(MAX_ROWS).as_bytes()).is_ok());
        let large = format!("{{\"x\": {{\"y\": \"{}\"}}}}", "z".repeat(VALUE_LIMIT));
        for text in [rows(MAX_ROWS + 1), large] {
            assert!(read(text.as_bytes()).is_err(), "{}", &text[..20]);
        }
    }
}
