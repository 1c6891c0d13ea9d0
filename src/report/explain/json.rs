//! Kinds and fields for programs.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::report::json::{self, FORMAT_VERSION};
use crate::resource::catalog::FieldEntry;
use crate::resource::field::{Constant, Measure, ReadAt, UNITS, ValueType};
use crate::resource::{Kind, SentIn};
use crate::spec::lookup::Found;

/// The output of `bluejayctl explain --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl explain --format json")]
pub struct Document {
    /// The fields, in the order of a document. The fields of a map follow the map.
    fields: Vec<JsonField>,
    /// The version of this format.
    format_version: &'static str,
    /// The kinds.
    kinds: Vec<JsonKind>,
}

/// A kind of resource.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Kind")]
struct JsonKind {
    /// What the kind is.
    description: &'static str,
    /// The value of `kind` in a document.
    name: &'static str,
}

/// A field of a document.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Field")]
struct JsonField {
    /// The field whose value is the maximum of this field.
    at_most: Option<&'static str>,
    /// The effect of a change.
    change: Change,
    /// The default that the API documents; null if there is none.
    default: Option<Value>,
    /// The advice to a user, if the API deprecates the field.
    deprecated: Option<&'static str>,
    /// What the field is.
    description: &'static str,
    /// A document with an example of the field.
    example: Map<String, Value>,
    /// The field that a document may declare in place of this required field.
    instead: Option<&'static str>,
    /// The kind of the documents.
    kind: &'static str,
    /// The maximum of a number.
    maximum: Option<f64>,
    /// The minimum of a number.
    minimum: Option<f64>,
    /// The name in answers of the API, if it differs.
    name_in_answers: Option<&'static str>,
    /// The other names of the field.
    other_names: Vec<&'static str>,
    /// The path in a document.
    path: String,
    /// Where the API shows the field.
    read_back: ReadBack,
    /// The kind of the resources that the value refers to.
    refers_to: Option<&'static str>,
    /// Whether every document declares the field.
    required: bool,
    /// The type, in words.
    #[serde(rename = "type")]
    type_words: String,
    /// The unit of a number.
    unit: Option<&'static str>,
    /// The possible values; the known values, if the API adds others.
    values: Option<Vec<&'static str>>,
    /// The greatest value without a warning.
    warn_above: Option<i64>,
}

/// The effect of a change of a field.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Change {
    /// An update changes the resource.
    InPlace,
    /// A new resource replaces the old one.
    Replaces,
    /// An update changes the resource. A new resource gets the field by an update, too.
    UpdateOnly,
    /// Requests attach and detach other resources.
    Links,
    /// No request contains the field.
    NotSent,
}

/// Where the API shows a field.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ReadBack {
    /// In answers.
    Answers,
    /// In the settings of answers.
    Settings,
    /// In answers and lists.
    AnswersAndLists,
    /// By reads of the attached resources.
    Links,
    /// Nowhere under its name: a change elsewhere can't be seen.
    Nowhere,
}

impl From<&FieldEntry> for JsonField {
    fn from(entry: &FieldEntry) -> Self {
        let field = entry.field();
        let (minimum, maximum) = bounds(field.value);
        Self {
            at_most: field.at_most,
            change: match entry.sent() {
                SentIn::Both => Change::InPlace,
                SentIn::Create => Change::Replaces,
                SentIn::Update => Change::UpdateOnly,
                SentIn::Links => Change::Links,
                SentIn::Never => Change::NotSent,
            },
            default: field.documented_default().map(Constant::to_value),
            deprecated: field.deprecated.map(|deprecation| deprecation.help),
            description: field.doc,
            example: entry.example(),
            instead: field.instead,
            kind: entry.kind.name(),
            maximum,
            minimum,
            name_in_answers: entry.name_in_answers(),
            other_names: entry.other_names(),
            path: entry.path(),
            read_back: match (entry.sent(), entry.read()) {
                (SentIn::Links, _) => ReadBack::Links,
                (_, ReadAt::Anywhere) => ReadBack::Answers,
                (_, ReadAt::Settings) => ReadBack::Settings,
                (_, ReadAt::Identity) => ReadBack::AnswersAndLists,
                (_, ReadAt::Nowhere) => ReadBack::Nowhere,
            },
            refers_to: field.refers_to.map(Kind::name),
            required: field.required.is_some(),
            type_words: field.type_words(),
            unit: unit(field.value),
            values: values(field.value),
            warn_above: match field.value {
                ValueType::Integer(range) => range.warn_above,
                _ => None,
            },
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "the bounds of the tables are small"
)]
fn bounds(value: ValueType) -> (Option<f64>, Option<f64>) {
    let number = |bound: i64| bound as f64;
    match value {
        ValueType::Integer(range) => (range.min.map(number), range.max.map(number)),
        ValueType::Number(range) => (range.min, range.max),
        _ => (None, None),
    }
}

/// Returns the unit of a number: seconds, or the name of the field that declares the unit.
fn unit(value: ValueType) -> Option<&'static str> {
    match value {
        ValueType::Integer(range) if range.measure == Measure::Seconds => Some("seconds"),
        ValueType::Duration { unit } => Some(unit),
        _ => None,
    }
}

fn values(value: ValueType) -> Option<Vec<&'static str>> {
    match value {
        ValueType::OneOf(known) | ValueType::Suggested(known) => Some(known.to_vec()),
        ValueType::DurationUnit { .. } => Some(UNITS.to_vec()),
        _ => None,
    }
}

/// Returns the kind with its fields, the fields, or the kinds if nothing was asked for.
#[must_use]
pub fn json(found: Option<&Found>) -> String {
    let (kinds, fields) = match found {
        None => (Kind::ALL.to_vec(), Vec::new()),
        Some(Found::Kind(kind, _)) => (vec![*kind], kind.entries()),
        Some(Found::Fields(meant, _)) => (Vec::new(), meant.clone()),
    };
    let kinds = kinds.into_iter().map(|kind| JsonKind {
        description: kind.doc(),
        name: kind.name(),
    });
    json::text(&Document {
        fields: fields.iter().map(JsonField::from).collect(),
        format_version: FORMAT_VERSION,
        kinds: kinds.collect(),
    })
}
