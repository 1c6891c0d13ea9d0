//! A simulation as the API's fields: what is sent, recorded and compared.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::spelling;

/// The field with the agent that a simulation tests.
pub const AGENT_ID: &str = "agent_id";

/// The field with the display name.
pub const NAME: &str = "name";

/// The API fields of one simulation, by name, without nulls at the top level.
///
/// The keys are sorted, so equal bodies print as equal bytes. Cheap to clone: what
/// is declared, recorded and planned is mostly the same, and is held once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Body(pub Arc<Map<String, Value>>);

impl Body {
    /// The fields, to be changed; a copy where others hold them too.
    pub fn fields_mut(&mut self) -> &mut Map<String, Value> {
        Arc::make_mut(&mut self.0)
    }

    /// The value of a field; `None` when it is left out or null.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// The value of a text field.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field).and_then(Value::as_str)
    }

    /// The agent that the simulation tests, in its one spelling; empty only in a
    /// hand-made body.
    #[must_use]
    pub fn agent_id(&self) -> &str {
        spelling::agent_id(self.text(AGENT_ID).unwrap_or_default())
    }

    /// The display name, if there is one: see [`normalized_name`].
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text(NAME).and_then(normalized_name)
    }
}

/// Returns what a name means, whoever says it: white space around it doesn't count,
/// since a server may trim it, and a name of nothing else is none.
#[must_use]
pub fn normalized_name(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|name| !name.is_empty())
}

impl<'de> Deserialize<'de> for Body {
    /// Each name once, at every depth: of two, one would be forgotten.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueMap).map(Self::from)
    }
}

struct UniqueMap;

impl<'de> Visitor<'de> for UniqueMap {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(Error::custom(format_args!("`{name}` is given twice")));
            }
            let UniqueValue(value) = map.next_value()?;
            fields.insert(name, value);
        }
        Ok(fields)
    }
}

/// Any value, in whose maps each name stands once.
struct UniqueValue(Value);

impl<'de> Deserialize<'de> for UniqueValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueAny).map(Self)
    }
}

struct UniqueAny;

impl<'de> Visitor<'de> for UniqueAny {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(UniqueValue(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        UniqueMap.visit_map(map).map(Value::Object)
    }
}

impl FromIterator<(String, Value)> for Body {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(fields: I) -> Self {
        Self(Arc::new(fields.into_iter().collect()))
    }
}

impl From<Map<String, Value>> for Body {
    fn from(fields: Map<String, Value>) -> Self {
        Self(Arc::new(fields))
    }
}
