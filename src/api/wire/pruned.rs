//! A long list as JSON, without the fields that nobody reads.
//!
//! The list of an organisation shows every simulation whole: as values, ten thousand
//! of them are a hundred megabytes, of which three fields each are looked at.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// What of each simulation is kept.
const KEPT: [&str; 3] = ["agent_id", "id", "name"];

/// Reads an answer with lists in it, of whose objects only the id, name and agent are kept.
pub fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Part::Answer.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Where in the answer a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Answer,
    List,
    Item,
    /// A field that is kept as it is.
    Field,
}

impl Part {
    fn within(self) -> Self {
        match self {
            Self::Answer => Self::List,
            Self::List => Self::Item,
            Self::Item | Self::Field => Self::Field,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.within())? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if self == Self::Item && !KEPT.contains(&name.as_str()) {
                map.next_value::<IgnoredAny>()?;
            } else {
                fields.insert(name, map.next_value_seed(self.within())?);
            }
        }
        Ok(fields.into())
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
