//! The ids that the API assigns.

use std::collections::HashSet;
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::kind::Kind;

/// The maximum length of an id that is a text, in bytes. The limit is the program's own:
/// the longest known id is a UUID.
pub const MAX_ID_LENGTH: usize = 120;

/// The id of a resource at the API, with the kind of the resource. Two kinds may use one
/// id.
///
/// The text of the id of a simulation is the bare id. Serialized, the id of a simulation is
/// a number, and any other id is `KIND:ID`, so that the kind is never lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteId {
    kind: Kind,
    id: PlainId,
}

/// An id as the API writes it, without the kind: simulations and digital humans have
/// numbers, custom metrics and schedules have texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlainId {
    /// A number.
    Number(u64),
    /// A text of at most 120 bytes.
    Text(IdText),
}

/// The text of an id. Equal texts share one allocation, which lives as long as the process,
/// so that ids are small and can be copied. A process meets each id of one API once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdText(&'static str);

/// The texts of all ids of this process.
static TEXTS: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

impl IdText {
    fn new(text: &str) -> Self {
        let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = texts.get(text) {
            return Self(known);
        }
        let text: &'static str = Box::leak(text.into());
        texts.insert(text);
        Self(text)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0
    }
}

impl PlainId {
    /// Returns the id in a value of an answer: a number above 0 for simulations and digital
    /// humans, a printable text for the other kinds. `None` for any other value.
    #[must_use]
    pub fn of_value(kind: Kind, value: &Value) -> Option<Self> {
        match (kind, value) {
            (Kind::Simulation | Kind::DigitalHuman, value) => {
                let number = value.as_u64();
                let number = number.or_else(|| value.as_str()?.parse().ok());
                number.filter(|number| *number > 0).map(Self::Number)
            }
            (_, Value::String(text)) => Self::text(text),
            (_, Value::Number(number)) => Self::text(&number.to_string()),
            _ => None,
        }
    }

    /// Returns a text as an id; `None` if the text is empty, too long, or has characters
    /// that no id has.
    #[must_use]
    pub fn text(text: &str) -> Option<Self> {
        let is_id = |byte: u8| byte.is_ascii_graphic();
        if text.is_empty() || text.len() > MAX_ID_LENGTH || !text.bytes().all(is_id) {
            return None;
        }
        Some(Self::Text(IdText::new(text)))
    }

    /// Returns the number; `None` for a text.
    #[must_use]
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(_) => None,
        }
    }

    /// Returns the id as JSON.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Number(number) => number.into(),
            Self::Text(text) => text.as_str().into(),
        }
    }
}

impl RemoteId {
    /// Returns the id of a resource of this kind.
    #[must_use]
    pub const fn of(kind: Kind, id: PlainId) -> Self {
        Self { kind, id }
    }

    /// Returns the id of a simulation.
    #[must_use]
    pub const fn simulation(number: u64) -> Self {
        Self::of(Kind::Simulation, PlainId::Number(number))
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.kind
    }

    /// Returns the id without the kind.
    #[must_use]
    pub fn plain(self) -> PlainId {
        self.id
    }

    /// Returns the number; `None` for an id that is a text.
    #[must_use]
    pub fn number(self) -> Option<u64> {
        self.id.number()
    }
}

impl fmt::Display for PlainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.as_str().fmt(f),
        }
    }
}

/// Writes the id without the kind; with `{:#}` the noun of the kind too: `simulation 7`.
impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return write!(f, "{} {}", self.kind.noun(), self.id);
        }
        self.id.fmt(f)
    }
}

impl Serialize for PlainId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text.as_str()),
        }
    }
}

impl<'de> Deserialize<'de> for PlainId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;
        impl Visitor<'_> for NumberOrText {
            type Value = PlainId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<PlainId, E> {
                Ok(PlainId::Number(number))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<PlainId, E> {
                PlainId::text(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(NumberOrText)
    }
}

impl Serialize for RemoteId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.kind {
            Kind::Simulation => self.id.serialize(serializer),
            kind => serializer.collect_str(&format_args!("{}:{}", kind.name(), self.id)),
        }
    }
}

impl<'de> Deserialize<'de> for RemoteId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;
        impl Visitor<'_> for NumberOrText {
            type Value = RemoteId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("u64")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<RemoteId, E> {
                Ok(RemoteId::simulation(number))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<RemoteId, E> {
                let id = text.split_once(':').and_then(|(kind, id)| {
                    let kind = Kind::from_name(kind).filter(|kind| *kind != Kind::Simulation)?;
                    let id = PlainId::of_value(kind, &Value::from(id))?;
                    Some(RemoteId::of(kind, id))
                });
                id.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(NumberOrText)
    }
}

impl JsonSchema for RemoteId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SimulationId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer",
            "format": "uint64",
            "minimum": 0,
        })
    }
}

impl JsonSchema for PlainId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RemoteId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 1 },
                { "type": "string", "minLength": 1, "maxLength": MAX_ID_LENGTH },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_is_serialized_with_its_kind() {
        let metric = PlainId::text("3c90c3cc-0d44-4b50-8888-8dd25736052a").unwrap();
        for (id, expected) in [
            (RemoteId::simulation(7), json!(7)),
            (
                RemoteId::of(Kind::DigitalHuman, PlainId::Number(7)),
                json!("digital_human:7"),
            ),
            (
                RemoteId::of(Kind::CustomMetric, metric),
                json!("custom_metric:3c90c3cc-0d44-4b50-8888-8dd25736052a"),
            ),
        ] {
            let written = serde_json::to_value(id).unwrap();
            assert_eq!(written, expected);
            let read: RemoteId = serde_json::from_value(written).unwrap();
            assert_eq!(read, id);
        }
    }

    #[test]
    fn only_an_id_is_an_id() {
        for value in [
            json!("7"),
            json!("simulation:7"),
            json!("digital_human:0"),
            json!("digital_human:x"),
            json!("custom_metric:"),
            json!(-1),
            json!(null),
        ] {
            assert!(
                serde_json::from_value::<RemoteId>(value.clone()).is_err(),
                "{value}"
            );
        }
        let long = "a".repeat(MAX_ID_LENGTH + 1);
        for value in [
            json!(""),
            json!("a b"),
            json!(long),
            json!("é"),
            json!(true),
        ] {
            assert_eq!(PlainId::of_value(Kind::Schedule, &value), None, "{value}");
        }
    }
}
