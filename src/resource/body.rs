//! The fields of a resource in the form of the API: the form that requests send, the
//! lockfile records and plans compare.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::spelling;

/// The field that names the agent under test.
pub const AGENT_ID: &str = "agent_id";

/// The field that contains the display name.
pub const NAME: &str = "name";

/// The API fields of one resource, by name, without nulls at the top level.
///
/// The names are sorted, so equal bodies print as equal bytes. A clone is cheap,
/// because desired state, prior state and plan share the fields of an unchanged
/// resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Body(pub Arc<Map<String, Value>>);

impl Body {
    /// Returns the fields for a change. Copies the fields first if another body shares
    /// them.
    pub fn fields_mut(&mut self) -> &mut Map<String, Value> {
        Arc::make_mut(&mut self.0)
    }

    /// Returns the value of a field; `None` if the field is absent or null.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// Returns the value of a text field; `None` if the value is not a text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field).and_then(Value::as_str)
    }

    /// Returns the id of the agent under test, in its canonical spelling. The id is
    /// empty only in a body that skipped the checks.
    #[must_use]
    pub fn agent_id(&self) -> &str {
        spelling::agent_id(self.text(AGENT_ID).unwrap_or_default())
    }

    /// Returns the display name without surrounding white space: see
    /// [`normalized_name`].
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text(NAME).and_then(normalized_name)
    }
}

/// Returns a display name without surrounding white space; `None` if nothing is left.
///
/// A server may trim names, so surrounding white space has no meaning.
#[must_use]
pub fn normalized_name(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|name| !name.is_empty())
}

impl<'de> Deserialize<'de> for Body {
    /// Refuses a name that appears twice at any depth, because one of the two values
    /// would be lost.
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

/// A JSON value in whose maps each name appears once.
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
