//! The names that things go by: keys of our files, ids of the API.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use crate::visible;

/// The identity of a declared simulation: what its lockfile entry is called.
///
/// Cheap to clone. Ordered as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SimulationKey(Arc<str>);

/// Longest key, in characters. Our own bound: a key is a name, not a text.
pub const MAX_KEY_LENGTH: usize = 200;

impl SimulationKey {
    /// Takes the text as it is; [`Self::problem`] tells whether it may be a key.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// What speaks against this text as a key, if anything.
    #[must_use]
    pub fn problem(text: &str) -> Option<String> {
        if text.is_empty() {
            return Some("a key can't be empty".to_owned());
        }
        if text.trim() != text {
            return Some("a key can't begin or end with white space".to_owned());
        }
        if text.chars().any(char::is_control) {
            return Some("a key can't contain control characters".to_owned());
        }
        // Two keys must not look alike.
        if text
            .chars()
            .any(|character| visible::is_invisible('a', character))
        {
            return Some("a key can't contain characters that are not seen".to_owned());
        }
        let length = text.chars().count();
        (length > MAX_KEY_LENGTH).then(|| {
            format!("a key has at most {MAX_KEY_LENGTH} characters, this one has {length}")
        })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SimulationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for SimulationKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SimulationKey {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl JsonSchema for SimulationKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SimulationKey".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH })
    }
}

/// The id of a simulation at the API: what `create-simulation` answers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct SimulationId(pub u64);

impl fmt::Display for SimulationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of a digital human, who plays a caller.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(inline)]
pub struct DigitalHumanId(pub u64);

impl fmt::Display for DigitalHumanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of an agent: text on the way in, an integer on the way back (both
/// seen in the API's own schema), so an unquoted integer is taken too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AgentId(pub String);

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AgentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum TextOrNumber {
            Text(String),
            Number(u64),
        }
        Ok(Self(match TextOrNumber::deserialize(deserializer)? {
            TextOrNumber::Text(text) => text,
            TextOrNumber::Number(number) => number.to_string(),
        }))
    }
}

impl JsonSchema for AgentId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AgentId".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Strict validators refuse a list of two types, so it is an `anyOf`.
        json_schema!({ "anyOf": [
            { "type": "string", "minLength": 1 },
            { "type": "integer", "minimum": 0 },
        ] })
    }
}
