//! Strict readers for the JSON of the lockfile.
//!
//! The readers of serde accept two entries of one name and keep the last entry, which
//! would lose an id. They also accept a list in place of a map. Here both are errors.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::resource::Kind;
use crate::resource::agent::{AgentIds, AgentSelector};
use crate::resource::key::ResourceKey;

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

/// Reads entries by key. A duplicate key and an invalid key are errors.
pub(super) fn optional_entries<'de, D, T>(
    deserializer: D,
) -> Result<Option<BTreeMap<String, T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let read_key = |key: &str| match ResourceKey::problem(key) {
        Some(problem) => Err(format!("`{key}` can't be a key: {problem}")),
        None => Ok(key.to_owned()),
    };
    unique(deserializer, read_key).map(Some)
}

/// Entries by kind and key.
pub(super) type EntriesByKind<T> = BTreeMap<Kind, BTreeMap<String, T>>;

/// Reads entries by kind and key. A duplicate kind and an unknown kind are errors.
pub(super) fn optional_kinds<'de, D, T>(
    deserializer: D,
) -> Result<Option<EntriesByKind<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct ByKey<T>(BTreeMap<String, T>);
    impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByKey<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let entries = optional_entries(deserializer)?;
            Ok(Self(entries.unwrap_or_default()))
        }
    }
    let read_kind = |name: &str| {
        let kind = Kind::from_name(name);
        kind.ok_or_else(|| format!("`{name}` is no kind of resource"))
    };
    let by_kind: BTreeMap<_, ByKey<T>> = unique(deserializer, read_kind)?;
    let by_kind = by_kind
        .into_iter()
        .map(|(kind, ByKey(entries))| (kind, entries));
    Ok(Some(by_kind.collect()))
}

/// Reads the ids of agents by selector. A duplicate selector and a text that is no selector
/// are errors.
pub(super) fn optional_agents<'de, D>(deserializer: D) -> Result<Option<AgentIds>, D::Error>
where
    D: Deserializer<'de>,
{
    let read_selector = |text: &str| {
        let selector = AgentSelector::parse(text);
        selector.ok_or_else(|| format!("`{text}` names no agent"))
    };
    unique(deserializer, read_selector).map(Some)
}

/// Reads a map whose names are read by a function, each name once.
fn unique<'de, D, K, T>(
    deserializer: D,
    read_name: impl Fn(&str) -> Result<K, String>,
) -> Result<BTreeMap<K, T>, D::Error>
where
    D: Deserializer<'de>,
    K: Ord,
    T: Deserialize<'de>,
{
    struct Reader<F, K, T>(F, PhantomData<(K, T)>);
    impl<'de, F, K, T> Visitor<'de> for Reader<F, K, T>
    where
        F: Fn(&str) -> Result<K, String>,
        K: Ord,
        T: Deserialize<'de>,
    {
        type Value = BTreeMap<K, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = BTreeMap::new();
            while let Some(text) = map.next_key::<String>()? {
                let name = (self.0)(text.as_str()).map_err(Error::custom)?;
                if entries.contains_key(&name) {
                    return Err(Error::custom(format_args!("`{text}` is given twice")));
                }
                entries.insert(name, map.next_value()?);
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_map(Reader(read_name, PhantomData))
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

/// Returns the words for an expected type of the reader.
fn kind(expected: &str) -> &str {
    match expected {
        "u64" => "a whole number",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a string" | "a borrowed string" => "a text",
        other => other,
    }
}
