//! A long list as JSON, without the fields that nobody reads.
//!
//! The list of an organisation shows every simulation whole: as values, ten thousand
//! of them are a hundred megabytes, of which three fields each are looked at.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value, from_slice, from_str};

/// What of each simulation is kept.
const KEPT: [&str; 3] = ["agent_id", "id", "name"];

type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// Reads an answer with lists in it, of whose objects only the id, name and agent are
/// kept. What is no list of objects stays what it is.
pub fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    match from_slice::<Fields<'_>>(bytes) {
        Ok(fields) => object(fields, list),
        Err(_) => from_slice(bytes),
    }
}

fn list(value: &RawValue) -> serde_json::Result<Value> {
    match from_str::<Vec<&RawValue>>(value.get()) {
        Ok(items) => items.into_iter().map(item).collect(),
        Err(_) => from_str(value.get()),
    }
}

fn item(value: &RawValue) -> serde_json::Result<Value> {
    match from_str::<Fields<'_>>(value.get()) {
        Ok(mut fields) => {
            fields.retain(|name, _| KEPT.contains(&name.as_str()));
            object(fields, |value| from_str(value.get()))
        }
        Err(_) => from_str(value.get()),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(answer: Value, expected: Value) {
        assert_eq!(read(answer.to_string().as_bytes()).unwrap(), expected);
    }

    #[test]
    fn simulations_keep_what_is_looked_at() {
        let whole = json!({"id": 7, "name": "a", "agent_id": null, "tags": ["x"], "x": {"id": 1}});
        let kept = json!({"id": 7, "name": "a", "agent_id": null});
        check(
            json!({"simulations": [whole, 1], "total": 2}),
            json!({"simulations": [kept, 1], "total": 2}),
        );
    }

    #[test]
    fn what_is_no_list_stays_what_it_is() {
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
    fn what_is_no_json_is_refused() {
        for text in ["", "{", "[1] 2", "<html>"] {
            assert!(read(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
