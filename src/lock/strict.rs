//! Reading JSON where nothing may get lost or pass for something else: what the
//! ready-made readers let through.
//!
//! They take the last of two entries with one name, so that an id is forgotten,
//! and a list for a map. Here both are mistakes.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::resource::key::{SimulationId, SimulationKey};

/// A value that is written as a map, and not as a list of its fields.
pub(super) struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Reader(PhantomData))
    }
}

/// Simulations by key: each key once, and each one that may be a key.
pub(super) fn by_key<'de, D, T>(deserializer: D) -> Result<BTreeMap<SimulationKey, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Reader<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
        type Value = BTreeMap<SimulationKey, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut simulations = BTreeMap::new();
            while let Some(key) = map.next_key::<String>()? {
                if let Some(problem) = SimulationKey::problem(&key) {
                    return Err(Error::custom(format_args!(
                        "`{key}` can't be a key: {problem}"
                    )));
                }
                let key = SimulationKey::new(key);
                if simulations.contains_key(&key) {
                    return Err(Error::custom(format_args!("`{key}` is given twice")));
                }
                simulations.insert(key, map.next_value()?);
            }
            Ok(simulations)
        }
    }
    deserializer.deserialize_map(Reader(PhantomData))
}

/// An id as the API gives them.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SimulationId, D::Error> {
    match SimulationId::deserialize(deserializer)? {
        SimulationId(0) => Err(Error::custom("no simulation has the id 0")),
        id => Ok(id),
    }
}

/// What is wrong with a text that is no JSON, or not that of a lockfile: in our
/// words, and without values of the file.
pub(super) fn reason(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    match error.classify() {
        Category::Eof => "the text ends in the middle".to_owned(),
        Category::Syntax => format!("this is not JSON: {text}"),
        Category::Io | Category::Data => data(text),
    }
}

fn data(text: &str) -> String {
    let quoted = |rest: &str| rest.split('`').nth(1).unwrap_or_default().to_owned();
    if let Some(rest) = text.strip_prefix("missing field ") {
        return format!("`{}` is missing", quoted(rest));
    }
    if let Some(rest) = text.strip_prefix("duplicate field ") {
        return format!("`{}` is given twice", quoted(rest));
    }
    if let Some(rest) = text.strip_prefix("unknown field ") {
        return format!("the field `{}` is not known", quoted(rest));
    }
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {}", kind(expected)),
        None => text.to_owned(),
    }
}

/// A type in words, from the reader's.
fn kind(expected: &str) -> &str {
    match expected {
        "u64" => "a whole number",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a string" | "a borrowed string" => "a text",
        other => other,
    }
}
