//! The properties of one field of a resource, as plain data.
//!
//! The schema, the diff, patches, the merge of lockfiles, import and the reference page
//! are derived from these properties.

use serde_json::Value;

use super::key::{DigitalHumanId, MAX_KEY_LENGTH};

/// One field of a kind of resource.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name of the field in files and requests.
    pub name: &'static str,
    /// The description in the schema, for the person who writes the YAML.
    pub doc: &'static str,
    /// The type of the values.
    pub value: ValueType,
    /// What the value is, if every document must declare the field: `the id of the
    /// agent to test`.
    pub required: Option<&'static str>,
    /// The value that a resource has if no request sets the field.
    pub default: Default,
    /// The requests that contain the field.
    pub sent: SentIn,
    /// The part of an answer that contains the field.
    pub read: ReadAt,
    /// The older name, if this name is an alias.
    pub alias_of: Option<&'static str>,
    /// The field whose value is the maximum of this field.
    pub at_most: Option<&'static str>,
    /// The name in requests and answers, if it differs.
    pub sent_as: Option<&'static str>,
    /// The advice to a user, if the API deprecates the field.
    pub deprecated: Option<Deprecation>,
    /// An example value for editors and messages.
    pub example: Option<Constant>,
}

/// The type of the values of a field.
#[derive(Debug, Clone, Copy)]
pub enum ValueType {
    /// A text.
    Text,
    /// A display name. Surrounding white space has no meaning.
    Name,
    /// A simulation key. References to variables are not replaced.
    Key,
    /// The id of an agent: a text, or a whole number that is sent as a text.
    AgentId,
    /// A UUID, in any spelling that the API accepts.
    Uuid,
    /// A whole number.
    Integer(IntegerRange),
    /// A boolean.
    Flag,
    /// A duration, in the unit that another field declares.
    Duration {
        /// The field that declares the unit.
        unit: &'static str,
    },
    /// The unit of a duration: `minutes` or `seconds`.
    DurationUnit {
        /// The field that declares the number.
        of: &'static str,
    },
    /// A list in which order and repetition have no meaning.
    Set {
        /// The type of the items.
        of: ItemType,
        /// Whether an empty list means the same as an absent field.
        is_unset_when_empty: bool,
    },
    /// A map of known fields. The API reads and writes the map as one field.
    Map {
        /// The title of the map's schema.
        title: &'static str,
        /// The description of the map in the schema.
        doc: &'static str,
        /// The fields of the map.
        fields: &'static [Field],
    },
    /// A map of arbitrary fields.
    FreeMap,
}

/// The type of the items of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemType {
    /// Texts.
    Text,
    /// UUIDs, in any spelling that the API accepts.
    Uuid,
    /// Positive ids that the API assigned.
    Id,
}

/// The range of a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntegerRange {
    /// The minimum.
    pub min: Option<i64>,
    /// The maximum.
    pub max: Option<i64>,
    /// What the number counts.
    pub measure: Measure,
    /// The greatest value without a warning.
    pub warn_above: Option<i64>,
}

/// What a whole number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Calls, turns, retries and other things.
    Count,
    /// Seconds.
    Seconds,
    /// Points of a score, out of 100.
    Score,
}

/// The value that a resource has if no request sets the field.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    /// The API documents no default. An undeclared field can have any value.
    Unspecified,
    /// The API documents this default. An absent field, null and this value are equal.
    Documented(Constant),
    /// The API documents no default, but new resources have this value. Import omits
    /// the value.
    Typical(Constant),
    /// The field stays null or an empty text until a request sets it.
    EmptyText,
}

/// A constant of a field table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// A boolean.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(&'static str),
    /// A list of one text.
    List(&'static str),
}

/// The requests that contain a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentIn {
    /// Creates and updates.
    Both,
    /// Creates only. A change of the field replaces the resource.
    Create,
    /// Updates only. A new resource gets the field by an update that follows the
    /// create.
    Update,
    /// Separate requests, which attach and detach.
    Links,
    /// No request. Only this program uses the field, and the field belongs to one
    /// document.
    Never,
}

/// The part of an answer that contains a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAt {
    /// The top level or the settings.
    Anywhere,
    /// The settings only.
    Settings,
    /// The identity of the resource: [`super::Observed`] has a separate member.
    Identity,
    /// No part: the API does not show the field under its name.
    Nowhere,
}

/// The advice about a field that the API deprecates.
#[derive(Debug, Clone, Copy)]
pub struct Deprecation {
    /// The message that editors show.
    pub message: &'static str,
    /// The help of the warning: what to write in place of the field.
    pub help: &'static str,
    /// The value that has no effect, so that the field can be removed.
    pub ineffective: Option<Constant>,
}

impl Field {
    /// A text that creates and updates contain: the base of the entries of a table.
    pub const BASE: Self = Self {
        name: "",
        doc: "",
        value: ValueType::Text,
        required: None,
        default: Default::Unspecified,
        sent: SentIn::Both,
        read: ReadAt::Anywhere,
        alias_of: None,
        at_most: None,
        sent_as: None,
        deprecated: None,
        example: None,
    };

    /// Returns the name under which states are compared: for an alias the older name,
    /// for the unit of a duration the field with the number.
    #[must_use]
    pub fn canonical_name(&self) -> &'static str {
        match self.value {
            ValueType::DurationUnit { of } => of,
            _ => self.alias_of.unwrap_or(self.name),
        }
    }

    /// Returns the default that the API documents.
    #[must_use]
    pub fn documented_default(&self) -> Option<Constant> {
        match self.default {
            Default::Documented(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the field with its example as YAML: `agent_id: "42"`.
    #[must_use]
    pub fn written_example(&self) -> String {
        let example = self.example.map(Constant::to_value).unwrap_or_default();
        format!("{}: {example}", self.name)
    }

    /// Returns the fields of a map; an empty list for any other type.
    #[must_use]
    pub fn inner(&self) -> &'static [Field] {
        match self.value {
            ValueType::Map { fields, .. } => fields,
            _ => &[],
        }
    }

    /// Returns whether a file may declare this value, which is not null.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        match self.value {
            ValueType::Text | ValueType::Name => value.is_string(),
            ValueType::Key => value
                .as_str()
                .is_some_and(|text| !text.is_empty() && text.chars().count() <= MAX_KEY_LENGTH),
            ValueType::AgentId => match value {
                Value::String(text) => !text.is_empty(),
                value => value.is_u64(),
            },
            ValueType::Uuid => value.as_str().is_some_and(super::spelling::is_uuid),
            ValueType::Integer(range) => value.as_i64().is_some_and(|number| {
                range.min.is_none_or(|min| number >= min)
                    && range.max.is_none_or(|max| number <= max)
            }),
            ValueType::Flag => value.is_boolean(),
            ValueType::Duration { .. } => value.is_i64(),
            ValueType::DurationUnit { .. } => {
                value.as_str().is_some_and(|unit| UNITS.contains(&unit))
            }
            ValueType::Set { of, .. } => value
                .as_array()
                .is_some_and(|items| items.iter().all(|item| of.accepts(item))),
            ValueType::Map { .. } | ValueType::FreeMap => value.is_object(),
        }
    }
}

/// The units of a duration.
pub const UNITS: [&str; 2] = ["minutes", "seconds"];

impl ItemType {
    fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Uuid => value.as_str().is_some_and(super::spelling::is_uuid),
            Self::Id => value
                .as_u64()
                .map(DigitalHumanId)
                .is_some_and(|id| id.0 > 0),
        }
    }
}

impl Constant {
    /// Returns the constant as JSON.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Flag(flag) => flag.into(),
            Self::Integer(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::List(text) => Value::Array(vec![text.into()]),
        }
    }

    /// Returns whether a JSON value equals the constant.
    #[must_use]
    pub fn is(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Flag(own), Value::Bool(other)) => own == *other,
            (Self::Integer(own), Value::Number(other)) => other.as_i64() == Some(own),
            (Self::Text(own), Value::String(other)) => own == other,
            _ => false,
        }
    }
}
