//! The identities of resources: keys in files, ids at the API.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::Kind;
pub use super::remote_id::{PlainId, RemoteId};
use crate::visible;

/// The identity of a resource in the files and in the lockfile: its kind and its key.
///
/// The text of a simulation is its bare key, and the text of any other resource is
/// `KIND:KEY`, such as `digital_human:angry-caller`. A clone is cheap. Keys are ordered as
/// text.
#[derive(Debug, Clone)]
pub struct ResourceKey {
    text: Arc<str>,
    /// The kind, which follows from the text.
    kind: Kind,
}

/// The maximum length of a key, in characters. The limit is the program's own: a key is
/// a name, not a text.
pub const MAX_KEY_LENGTH: usize = 200;

impl ResourceKey {
    /// Reads the text of a resource: a bare key, or `KIND:KEY`. [`Self::problem`] checks the
    /// key.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let kind = kind_of(&text);
        Self { text, kind }
    }

    /// Parses a text of a person, who may also write `simulation:KEY`. If a known key has
    /// this text, returns that key.
    #[must_use]
    pub fn named(text: &str, is_known: impl FnOnce(&Self) -> bool) -> Self {
        let key = Self::from(text);
        let bare = text.strip_prefix(Kind::Simulation.name());
        match bare.and_then(|rest| rest.strip_prefix(':')) {
            Some(bare) if kind_of(bare) == Kind::Simulation && !is_known(&key) => {
                Self::of(Kind::Simulation, bare)
            }
            _ => key,
        }
    }

    /// Returns the identity of a resource of this kind.
    #[must_use]
    pub fn of(kind: Kind, key: &str) -> Self {
        let text = match kind {
            Kind::Simulation => key.into(),
            kind => format!("{}:{key}", kind.name()).into(),
        };
        Self { text, kind }
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the key without the kind.
    #[must_use]
    pub fn key(&self) -> &str {
        match self.kind {
            Kind::Simulation => &self.text,
            kind => &self.text[kind.name().len() + 1..],
        }
    }

    /// Returns `KIND:KEY`, for a simulation too.
    #[must_use]
    pub fn qualified(&self) -> String {
        format!("{}:{}", self.kind.name(), self.key())
    }

    /// Returns why a text is not a valid key; `None` for a valid key.
    #[must_use]
    pub fn problem(text: &str) -> Option<String> {
        // Most keys are plain, and need no closer look.
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b':';
        if (1..=MAX_KEY_LENGTH).contains(&text.len()) && text.bytes().all(is_plain) {
            return None;
        }
        if text.is_empty() {
            return Some("a key can't be empty".to_owned());
        }
        if text.trim() != text {
            return Some("a key can't begin or end with white space".to_owned());
        }
        if text.chars().any(char::is_control) {
            return Some("a key can't contain control characters".to_owned());
        }
        if kind_of(text) != Kind::Simulation {
            return Some("a key can't begin with the name of a kind and a colon".to_owned());
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

    /// Returns the text: the bare key of a simulation, otherwise `KIND:KEY`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Returns the kind that a text begins with.
fn kind_of(text: &str) -> Kind {
    let named = text.split_once(':').map(|(kind, _)| kind);
    named.and_then(Kind::from_name).unwrap_or(Kind::Simulation)
}

impl PartialEq for ResourceKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for ResourceKey {}

impl PartialOrd for ResourceKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for ResourceKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The hash is that of the text, because maps are searched by text.
        self.text.hash(state);
    }
}

impl Serialize for ResourceKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for ResourceKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Display for ResourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Borrow<str> for ResourceKey {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl From<&str> for ResourceKey {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl JsonSchema for ResourceKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ResourceKey".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_simulation_may_be_written() {
        for (text, expected) in [
            ("a", "a"),
            ("simulation:a", "a"),
            ("simulation:known", "simulation:known"),
            ("simulation:schedule:a", "simulation:schedule:a"),
            ("schedule:a", "schedule:a"),
        ] {
            let key = ResourceKey::named(text, |key| key.as_str() == "simulation:known");
            assert_eq!(key.as_str(), expected);
        }
    }
}
