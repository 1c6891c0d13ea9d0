//! The identities of resources: keys in files, ids at the API.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use crate::visible;

/// The identity of a simulation in the files and in the lockfile.
///
/// A clone is cheap. Keys are ordered as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SimulationKey(Arc<str>);

/// The maximum length of a key, in characters. The limit is the program's own: a key is
/// a name, not a text.
pub const MAX_KEY_LENGTH: usize = 200;

impl SimulationKey {
    /// Makes a key of any text. [`Self::problem`] checks the text.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Returns why a text is not a valid key; `None` for a valid key.
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
        // Otherwise two keys could look equal.
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

    /// Returns the text of the key.
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

/// The id of a simulation at the API, as `create-simulation` returns it.
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

/// The id of an agent. The API's schema takes a text and returns an integer, so files
/// may contain an unquoted integer.
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
        // Strict validators refuse a list of two types.
        json_schema!({ "anyOf": [
            { "type": "string", "minLength": 1 },
            { "type": "integer", "minimum": 0 },
        ] })
    }
}
