//! Strict readers for the JSON of the lockfile.
//!
//! The readers of serde accept two entries of one name and keep the last entry, which
//! would lose an id. They also accept a list in place of a map. Here both are errors.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::resource::key::{SimulationId, SimulationKey};

/// A value that must be a map, not a list of its fields.
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

/// Reads simulations by key. A duplicate key and an invalid key are errors.
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

/// Reads an id. The API never gives the id 0.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SimulationId, D::Error> {
    match SimulationId::deserialize(deserializer)? {
        SimulationId(0) => Err(Error::custom("no simulation has the id 0")),
        id => Ok(id),
    }
}

/// Returns the mistake in a text that is not JSON or not a lockfile, without values
/// of the file.
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
