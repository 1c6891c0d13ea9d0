//! Reads YAML events directly into JSON.
//!
//! This reader avoids an intermediate value, which would double the time. The reader
//! gives up on tags, merge keys, duplicate fields, field names that are not texts, and
//! numbers that JSON can't represent. The other readers handle these.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::Document;
use crate::spec::problem::Problems;

/// Reads all documents of a text; `None` if another reader has to read the text.
pub(super) fn read(text: &str) -> Option<Vec<Document>> {
    let visitor = JsonVisitor {
        may_have_tags: may_have_tags(text),
    };
    serde_yaml::Deserializer::from_str(text)
        .map(|document| {
            let value = visitor.deserialize(document).ok()?;
            Some(Document {
                value,
                problems: Problems::default(),
            })
        })
        .collect()
}

/// Returns whether a text may have tags. An exclamation mark after a letter is prose.
fn may_have_tags(text: &str) -> bool {
    let mut marks = text.match_indices('!');
    marks.any(|(place, _)| {
        let before = text[..place].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || ['[', '{', ',', ':', '\u{feff}'].contains(&c))
    })
}

/// Reads a value that JSON can represent.
#[derive(Clone, Copy)]
struct JsonVisitor {
    may_have_tags: bool,
}

impl<'de> DeserializeSeed<'de> for JsonVisitor {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

// Values without a method here, tags and numbers of 128 bits, are errors.
impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can represent")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        let number = Number::from_f64(number).ok_or_else(|| E::custom("not a JSON number"))?;
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(self)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = fields.next_key_seed(NameVisitor(self))? {
            if name == "<<" {
                return Err(A::Error::custom("a merge"));
            }
            let value = fields.next_value_seed(self)?;
            match map.entry(name) {
                Entry::Vacant(place) => place.insert(value),
                Entry::Occupied(_) => return Err(A::Error::custom("given twice")),
            };
        }
        Ok(map.into())
    }
}

/// Reads the name of a field.
struct NameVisitor(JsonVisitor);

impl<'de> DeserializeSeed<'de> for NameVisitor {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        if self.0.may_have_tags {
            return deserializer.deserialize_any(self);
        }
        // To ask for a text spares a name the attempts to read a number, which take longer
        // than everything else about the name.
        let name = deserializer.deserialize_str(self)?;
        if may_be_no_text(&name) {
            return Err(D::Error::custom("the name may be a number, a flag or null"));
        }
        Ok(name)
    }
}

impl Visitor<'_> for NameVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<String, E> {
        Ok(name.to_owned())
    }
}

/// Returns whether YAML may read a name without quotes as something else than a text.
fn may_be_no_text(name: &str) -> bool {
    match name.chars().next() {
        None | Some('0'..='9' | '+' | '-' | '.' | '~') => true,
        Some('n' | 'N' | 't' | 'T' | 'f' | 'F') => {
            let words = ["null", "true", "false"];
            words.iter().any(|word| name.eq_ignore_ascii_case(word))
        }
        Some(_) => false,
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
            "\"a b\": Yes!\n? c\n: {null it: 1, true-ish: 2, 'f': 3}\n",
            "!!str a: 5\n!!str 6: 7\n",
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
            "'true': a\n",
            ".5: a\n",
            "!!int a: b\n",
            "{!b a: c}\n",
            "a: &x !b c\n*x : d\n",
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
        fn both_readers_agree(text in "([a-c]: |true: |nan: |null |\\? |: |:|- |  |\\n|---\\n|[0-9~.]|0x|0o|true|no|\\{|\\}|\\[|\\]|, |'|\"|&x |\\*x|!|!!str |<<: |\\|\\n|# |e[+-]|_){0,24}") {
            check_alike(&text);
        }
    }
}
