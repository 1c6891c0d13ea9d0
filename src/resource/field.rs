//! The properties of one field of a resource, as plain data.
//!
//! The schema, the diff, patches, the merge of lockfiles, import and the reference page
//! are derived from these properties.

use serde_json::Value;

use super::kind::Kind;
use super::rule::Rule;
use super::text_format::TextFormat;

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
    /// The field that a document may declare in place of this required field.
    pub instead: Option<&'static str>,
    /// The value that a resource has if no request sets the field.
    pub default: Default,
    /// The requests that contain the field.
    pub sent: SentIn,
    /// The part of an answer that contains the field.
    pub read: ReadAt,
    /// The name under which states are compared, if this name is an alias.
    pub alias_of: Option<&'static str>,
    /// The field whose value is the maximum of this field.
    pub at_most: Option<&'static str>,
    /// The name in requests and answers, if it differs.
    pub sent_as: Option<&'static str>,
    /// The name in answers, if only the name in answers differs.
    pub shown_as: Option<&'static str>,
    /// The kind of the resources that the value refers to, by key or by id.
    pub refers_to: Option<Kind>,
    /// The item that the server adds to a list. Comparisons ignore the item.
    pub server_item: Option<&'static str>,
    /// The value for which the API may show another value: `AUTO`.
    pub resolved: Option<&'static str>,
    /// The fields from which the API writes this field. While one of them is declared,
    /// the observed value of this field is not compared.
    pub rewritten_from: &'static [&'static str],
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
    /// A key. References to variables are not replaced.
    Key,
    /// The id of an agent or a simulation: a text, or a whole number that is sent as a
    /// text.
    AgentId,
    /// A UUID, in any spelling that the API accepts.
    Uuid,
    /// A whole number.
    Integer(IntegerRange),
    /// A number, which may have decimals.
    Number(NumberRange),
    /// The numeric id of a resource, or a reference that becomes an id.
    Id,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A text. These values are known, and the API adds others: an unknown value is a
    /// warning.
    Suggested(&'static [&'static str]),
    /// A text in a documented format.
    Formatted(TextFormat),
    /// A text whose lines are the items of a list. Bullets and blank lines have no
    /// meaning.
    Lines,
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
    /// A list of texts in order. An empty list means the same as an absent field.
    Texts,
    /// A map of known fields that is compared and sent as one value.
    Record(&'static Shape),
    /// A list of maps of known fields. An empty list means the same as an absent field.
    Records {
        /// The fields of the items.
        of: &'static Shape,
        /// Whether the order of the items has a meaning.
        order: Order,
    },
    /// A list of maps of arbitrary fields. An empty list means the same as an absent
    /// field.
    FreeMaps,
    /// A map that says when a schedule runs. The API shows a cron expression in its
    /// place: see [`super::cron`].
    Recurrence(&'static Shape),
    /// Any value.
    Any,
}

/// A map of known fields that the API reads and writes as one value.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The title of the map's schema.
    pub title: &'static str,
    /// The description of the map in the schema.
    pub doc: &'static str,
    /// The fields of the map.
    pub fields: &'static [Field],
    /// The rules between the fields.
    pub rules: &'static [Rule],
}

impl Shape {
    /// Returns the field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Whether the order of the items of a list has a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The API keeps the order.
    Kept,
    /// The API does not keep the order.
    Lost,
    /// The API keeps the order if this field beside the list is true.
    KeptIf(&'static str),
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
    /// Texts from this list.
    OneOf(&'static [&'static str]),
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

/// The range of a number with decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberRange {
    /// The minimum.
    pub min: Option<f64>,
    /// The maximum.
    pub max: Option<f64>,
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
    /// The field stays null or empty until a request sets it.
    Empty,
}

/// A constant of a field table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Constant {
    /// A boolean.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A number with decimals.
    Decimal(f64),
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
        instead: None,
        default: Default::Unspecified,
        sent: SentIn::Both,
        read: ReadAt::Anywhere,
        alias_of: None,
        at_most: None,
        sent_as: None,
        shown_as: None,
        refers_to: None,
        server_item: None,
        resolved: None,
        rewritten_from: &[],
        deprecated: None,
        example: None,
    };

    /// Returns the name under which states are compared: for an alias the other name,
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

    /// Returns whether an absent field has one known value.
    #[must_use]
    pub fn has_default(&self) -> bool {
        matches!(self.default, Default::Documented(_) | Default::Empty)
    }

    /// Returns the field with its example as YAML: `agent_id: "42"`.
    #[must_use]
    pub fn written_example(&self) -> String {
        let example = self.example.map(Constant::to_value).unwrap_or_default();
        format!("{}: {example}", self.name)
    }

    /// Returns the fields of a map, or of the items of a list of maps; an empty list for
    /// any other type.
    #[must_use]
    pub fn nested(&self) -> &'static [Field] {
        match self.value {
            ValueType::Map { fields, .. } => fields,
            _ => self.shape().map_or(&[], |shape| shape.fields),
        }
    }

    /// Returns the rules between the fields of [`Self::nested`].
    #[must_use]
    pub fn rules(&self) -> &'static [Rule] {
        self.shape().map_or(&[], |shape| shape.rules)
    }

    fn shape(&self) -> Option<&'static Shape> {
        match self.value {
            ValueType::Record(shape)
            | ValueType::Recurrence(shape)
            | ValueType::Records { of: shape, .. } => Some(shape),
            _ => None,
        }
    }

    /// Returns the fields of a map that the API reads and writes field by field; an empty
    /// list for any other type.
    #[must_use]
    pub fn inner(&self) -> &'static [Field] {
        match self.value {
            ValueType::Map { fields, .. } => fields,
            _ => &[],
        }
    }
}

/// The units of a duration.
pub const UNITS: [&str; 2] = ["minutes", "seconds"];

impl Constant {
    /// Returns the constant as JSON.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Flag(flag) => flag.into(),
            Self::Integer(number) => number.into(),
            Self::Decimal(number) => number.into(),
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
            (Self::Decimal(own), Value::Number(other)) => other
                .as_f64()
                .is_some_and(|other| own.total_cmp(&other).is_eq()),
            (Self::Text(own), Value::String(other)) => own == other,
            _ => false,
        }
    }
}
