//! Reads YAML events directly into JSON.
//!
//! This reader avoids an intermediate value, which would double the time. The reader
//! gives up on tags, merge keys, duplicate fields, field names that are not texts, and
//! numbers that JSON can't represent. The other readers handle these.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::Document;
use crate::spec::problem::Problems;

/// Reads all documents of a text; `None` if another reader has to read the text.
pub(super) fn read(text: &str) -> Option<Vec<Document>> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| {
            let JsonValue(value) = JsonValue::deserialize(document).ok()?;
            Some(Document {
                value,
                problems: Problems::default(),
            })
        })
        .collect()
}

/// A value that JSON can represent.
struct JsonValue(Value);

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

// Values without a method here, tags and numbers of 128 bits, are errors.
impl<'de> Visitor<'de> for JsonVisitor {
    type Value = JsonValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can represent")
    }

    fn visit_unit<E>(self) -> Result<JsonValue, E> {
        Ok(JsonValue(Value::Null))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<JsonValue, E> {
        Ok(JsonValue(Value::Bool(flag)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<JsonValue, E> {
        Ok(JsonValue(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<JsonValue, E> {
        Ok(JsonValue(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<JsonValue, E> {
        let number = Number::from_f64(number).ok_or_else(|| E::custom("not a JSON number"))?;
        Ok(JsonValue(number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<JsonValue, E> {
        Ok(JsonValue(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<JsonValue, E> {
        Ok(JsonValue(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<JsonValue, A::Error> {
        let mut values = Vec::new();
        while let Some(JsonValue(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(JsonValue(values.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<JsonValue, A::Error> {
        let mut map = Map::new();
        while let Some(JsonValue(name)) = fields.next_key()? {
            let Value::String(name) = name else {
                return Err(A::Error::custom("the name of a field is not a text"));
            };
            if name == "<<" {
                return Err(A::Error::custom("a merge"));
            }
            let JsonValue(value) = fields.next_value()?;
            match map.entry(name) {
                Entry::Vacant(place) => place.insert(value),
                Entry::Occupied(_) => return Err(A::Error::custom("given twice")),
            };
        }
        Ok(JsonValue(map.into()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::spec::yaml::generic;

    /// Checks that this reader gives the same result as the generic reader, and gives up on
    /// every text that is not ordinary.
    fn check(text: &str, is_ordinary: bool) {
        let direct = read(text);
        assert_eq!(direct.is_some(), is_ordinary, "{text:?}");
        check_alike(text);
    }

    fn check_alike(text: &str) {
        let Some(direct) = read(text) else { return };
        let generic = generic::read(text).expect("what is read directly is YAML");
        let generic: Vec<_> = generic
            .into_iter()
            .map(|document| {
                assert!(document.problems.is_empty(), "{text:?}");
                document.value
            })
            .collect();
        let direct: Vec<_> = direct.into_iter().map(|document| document.value).collect();
        assert_eq!(direct, generic, "{text:?}");
    }

    #[test]
    fn ordinary_documents_are_read_directly() {
        for text in [
            "a: 1\nb: [x, 'y', 1.5, -2, 0o17, 0x1f, true, ~, yes]\nc:\n  d: |\n    e\n    f\n",
            "a: &x {y: 1}\nb: *x\n---\nc:\n---\n",
            "a: !!str 5\n",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn other_documents_are_left_to_the_generic_reader() {
        for text in [
            "a: 1\na: 2\n",
            "a: {b: 1, b: 2}\n",
            "a: !b c\n",
            "!a {b: c}\n",
            "a: &x {y: 1}\nb: {<<: *x}\n",
            "1: a\n",
            "~: a\n",
            "true: a\n",
            "[a]: b\n",
            "a: .inf\n",
            "a: .nan\n",
            "a: 99999999999999999999\n",
            "a: [\n",
        ] {
            check(text, false);
        }
    }

    proptest! {
        #[test]
        fn both_readers_agree(text in "([a-c]: |- |  |\\n|---\\n|[0-9~.]|0x|0o|true|no|\\{|\\}|\\[|\\]|, |'|\"|&x |\\*x|!|!!str |<<: |\\|\\n|# |e[+-]|_){0,24}") {
            check_alike(&text);
        }
    }
}
