//! What one field of a resource is, as plain data.
//!
//! Everything that depends on a single field reads these columns: the schema,
//! comparison, updates, the merge of lockfiles, import and the reference page.

use serde_json::Value;

use super::key::{DigitalHumanId, MAX_KEY_LENGTH};

/// One field of a kind of resource.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name that files and requests give it.
    pub name: &'static str,
    /// The description in the schema, for the person who writes the YAML.
    pub doc: &'static str,
    /// Which values it takes.
    pub value: ValueType,
    /// What the value is, where a document must give one: `the id of the agent to test`.
    pub required: Option<&'static str>,
    /// What the API does where the field is left out.
    pub default: Default,
    /// Which requests carry it.
    pub sent: SentIn,
    /// Where an answer of the API shows it.
    pub read: ReadAt,
    /// The field that this one is another name of.
    pub alias_of: Option<&'static str>,
    /// The field whose value this one must not exceed.
    pub at_most: Option<&'static str>,
    /// What to write in its place, where the API deprecates it.
    pub deprecated: Option<Deprecation>,
    /// A value for editors and messages to propose.
    pub example: Option<Constant>,
}

/// Which values a field takes.
#[derive(Debug, Clone, Copy)]
pub enum ValueType {
    /// Any text.
    Text,
    /// A display name: white space around it has no meaning.
    Name,
    /// A key of ours, written literally.
    Key,
    /// The id of an agent: a text, or a whole number that is sent as a text.
    AgentId,
    /// A UUID in any of the spellings that the API takes.
    Uuid,
    /// A whole number.
    Integer(IntegerRange),
    /// True or false.
    Flag,
    /// A length of time, in the unit that another field gives.
    Duration {
        /// The field with the unit.
        unit: &'static str,
    },
    /// The unit of a duration: `minutes` or `seconds`.
    DurationUnit {
        /// The field with the number.
        of: &'static str,
    },
    /// A list whose order and repetitions have no meaning.
    Set {
        /// What it holds.
        of: ItemType,
        /// Whether an empty list means the same as none.
        is_unset_when_empty: bool,
    },
    /// A map of known fields, which is one field to the API.
    Map {
        /// What the schema calls it.
        title: &'static str,
        /// The description of the map in the schema.
        doc: &'static str,
        /// Its fields.
        fields: &'static [Field],
    },
    /// A map of anything.
    FreeMap,
}

/// What a set holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemType {
    /// Texts.
    Text,
    /// UUIDs in any of their spellings.
    Uuid,
    /// Ids of the API.
    Id,
}

/// The range of a whole number, and what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntegerRange {
    /// The least value.
    pub min: Option<i64>,
    /// The greatest value.
    pub max: Option<i64>,
    /// What it counts.
    pub measure: Measure,
    /// The greatest value without a warning.
    pub warn_above: Option<i64>,
}

/// What a whole number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Points of a score, of a hundred.
    Score,
}

/// What the API does where a field is left out.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    /// Nothing is documented: an undeclared field may hold anything.
    Unspecified,
    /// Left out, null and this documented value are equal.
    Documented(Constant),
    /// Nothing is documented, and new resources have this: import leaves it out.
    Typical(Constant),
    /// No server makes a value up: an undeclared field is null or an empty text.
    EmptyText,
}

/// A value that stands in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// A flag.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(&'static str),
    /// A list of one text.
    List(&'static str),
}

/// Which requests carry a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentIn {
    /// Create and update.
    Both,
    /// Create only: changing the field replaces the resource.
    Create,
    /// Update only: a new resource gets the field by the update that follows its create.
    Update,
    /// Requests of their own, which attach and detach.
    Links,
    /// None: the field is ours, and belongs to one document.
    Never,
}

/// Where an answer of the API shows a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAt {
    /// At the top or among the settings, wherever it stands.
    Anywhere,
    /// Among the settings only.
    Settings,
    /// As a part of the identity: [`super::Observed`] holds it apart.
    Identity,
    /// Nowhere under its own name.
    Nowhere,
}

/// What to do about a field that the API deprecates.
#[derive(Debug, Clone, Copy)]
pub struct Deprecation {
    /// The message of editors.
    pub message: &'static str,
    /// What to do, for the help of a warning.
    pub help: &'static str,
    /// The value that does nothing, so that the field can be removed.
    pub ineffective: Option<Constant>,
}

impl Field {
    /// A text that create and update carry: the base of the entries of a table.
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
        deprecated: None,
        example: None,
    };

    /// The name under which states are compared: of two names for one thing, the older.
    #[must_use]
    pub fn canonical_name(&self) -> &'static str {
        match self.value {
            ValueType::DurationUnit { of } => of,
            _ => self.alias_of.unwrap_or(self.name),
        }
    }

    /// The documented default.
    #[must_use]
    pub fn documented_default(&self) -> Option<Constant> {
        match self.default {
            Default::Documented(value) => Some(value),
            _ => None,
        }
    }

    /// The field with its example, as YAML: `agent_id: "42"`.
    #[must_use]
    pub fn written_example(&self) -> String {
        let example = self.example.map(Constant::to_value).unwrap_or_default();
        format!("{}: {example}", self.name)
    }

    /// The fields of a map.
    #[must_use]
    pub fn inner(&self) -> &'static [Field] {
        match self.value {
            ValueType::Map { fields, .. } => fields,
            _ => &[],
        }
    }

    /// Whether a file may give this field this value, which is not null.
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
    /// The value as JSON.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Flag(flag) => flag.into(),
            Self::Integer(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::List(text) => Value::Array(vec![text.into()]),
        }
    }

    /// Whether a value is this one.
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
