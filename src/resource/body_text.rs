//! Compares fields with JSON text, without building the values of the text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::body::Body;

impl Body {
    /// Returns whether a JSON text has exactly these fields, in the order of their names. A
    /// text in another order is never equal.
    #[must_use]
    pub fn is_text(&self, json: &str) -> bool {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let compared = SameFields(&self.0).deserialize(&mut deserializer);
        compared.and_then(|()| deserializer.end()).is_ok()
    }
}

/// Reads a value that must equal this value. Any other value is an error.
struct Same<'a>(&'a Value);

/// Reads a map that must have these fields in this order.
struct SameFields<'a>(&'a Map<String, Value>);

/// Reads a name that must equal this name.
struct SameName<'a>(&'a str);

fn same<E: Error>(is_same: bool) -> Result<(), E> {
    if is_same {
        return Ok(());
    }
    Err(E::custom("another value"))
}

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Same<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        same(self.0.is_null())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        same(self.0.as_bool() == Some(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        same(self.0.as_u64() == Some(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        same(self.0.as_i64() == Some(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        same(self.0.is_f64() && self.0.as_f64() == Some(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        same(self.0.as_str() == Some(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let items = self.0.as_array();
        for item in items.ok_or_else(|| A::Error::custom("another type"))? {
            same(seq.next_element_seed(Same(item))?.is_some())?;
        }
        same(seq.next_element::<IgnoredAny>()?.is_none())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        match self.0 {
            Value::Object(fields) => SameFields(fields).visit_map(map),
            _ => same(false),
        }
    }
}

impl<'de> DeserializeSeed<'de> for SameFields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for SameFields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        for (name, value) in self.0 {
            same(map.next_key_seed(SameName(name))?.is_some())?;
            map.next_value_seed(Same(value))?;
        }
        same(map.next_key::<IgnoredAny>()?.is_none())
    }
}

impl<'de> DeserializeSeed<'de> for SameName<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for SameName<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        same(self.0 == name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn body(value: Value) -> Body {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn layout_has_no_meaning() {
        let fields = body(json!({"a": 1, "b": [true, null, {"c": "ä\n", "d": -2.5}]}));
        let pretty = serde_json::to_string_pretty(&fields).unwrap();
        assert!(fields.is_text(&pretty) && fields.is_text(&pretty.replace('\n', "\r\n    ")));
        assert!(fields.is_text(r#"{"a":1,"b":[true,null,{"c":"\u00e4\n","d":-2.5}]}"#));
    }

    #[test]
    fn any_other_text_is_different() {
        let fields = body(json!({"a": 1, "b": ["x"]}));
        let others = [
            r#"{"a":1,"b":["y"]}"#,
            r#"{"a":1,"b":[]}"#,
            r#"{"a":1,"b":["x","x"]}"#,
            r#"{"a":1,"b":"x"}"#,
            r#"{"a":1,"b":{"0":"x"}}"#,
            r#"{"a":1.0,"b":["x"]}"#,
            r#"{"a":"1","b":["x"]}"#,
            r#"{"a":1}"#,
            r#"{"a":1,"b":["x"],"c":0}"#,
            r#"{"a":1,"a":1,"b":["x"]}"#,
            r#"{"b":["x"],"a":1}"#,
            r#"{"a":1,"b":["x"]} 2"#,
            r#"{"a":1,"b":["x"]"#,
            "[1]",
            "",
        ];
        for other in others {
            assert!(!fields.is_text(other), "{other}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            prop::num::f64::NORMAL.prop_map(Value::from),
            "[a\"\\\\ä\n]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[ab]", inner, 0..3)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// The comparison agrees with reading the text.
        #[test]
        fn a_text_is_equal_exactly_if_it_reads_equal(
            ours in prop::collection::btree_map("[ab]", value(), 0..3),
            theirs in prop::collection::btree_map("[ab]", value(), 0..3),
        ) {
            let ours: Body = ours.into_iter().collect();
            let theirs: Body = theirs.into_iter().collect();
            for other in [&ours, &theirs] {
                let text = serde_json::to_string_pretty(other).unwrap();
                let read: Body = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(ours.is_text(&text), ours == read);
            }
        }
    }
}
