//! Generates the JSON Schema of a field table.
//!
//! The schema is draft-07 in the subset that editors' YAML language server and strict
//! validators read: patterns in place of formats, `anyOf` in place of lists of types.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::document_fields::KIND;
use super::field::{Constant, Field, IntegerRange, ItemType, SentIn, UNITS, ValueType};
use super::field_value::FieldValue;
use super::key::MAX_KEY_LENGTH;
use super::kind::Kind;
use super::schema_types;

pub use super::schema_patterns::{
    ANY_REFERENCE_PATTERN, KEY_PATTERN, REFERENCE_PATTERN, VAR_PATTERN,
};

/// Matches the spellings of a UUID that the API accepts.
pub const UUID_PATTERN: &str = "^([0-9a-fA-F]{32}|(urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\})$";

/// Matches a UUID, or a text with a `${var:NAME}` that becomes a UUID.
pub const UUID_OR_REFERENCE_PATTERN: &str = "^([0-9a-fA-F]{32}|(urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\}|.*\\$\\{var:.*)$";

/// Returns the schema of a document of one kind, without the definitions that it refers
/// to: see [`definitions`].
#[must_use]
pub fn document_schema(kind: Kind) -> Map<String, Value> {
    let mut schema = schema_of(kind.fields());
    schema.insert("title".to_owned(), kind.title().into());
    schema.insert("description".to_owned(), kind.doc().into());
    schema
}

/// Returns the schema of a document of any kind, and adds the schemas that it refers to.
/// The field `kind` chooses the schema; without `kind`, a document is a simulation.
#[must_use]
pub fn documents_schema(definitions_of_all: &mut Map<String, Value>) -> Map<String, Value> {
    let mut choices = Vec::new();
    for kind in Kind::ALL {
        let name = kind.table().definition;
        for (title, schema) in definitions(kind.fields()) {
            definitions_of_all.insert(title.to_owned(), schema.into());
        }
        definitions_of_all.insert(name.to_owned(), document_schema(kind).into());
        choices.push(json!({
            "if": schema_types::is_of_kind(kind),
            "then": schema_types::reference(name),
        }));
    }
    map(json!({
        "type": "object",
        "properties": { KIND: schema_types::kinds() },
        "allOf": choices,
    }))
}

/// What editors show in place of the pattern of a UUID.
const UUID_MESSAGE: &str =
    "expected a UUID, such as `3c90c3cc-0d44-4b50-8888-8dd25736052a`, or a `${var:NAME}`";

/// The keywords of our schemas that only editors know. A strict validator must be told
/// about these keywords.
pub const EDITOR_KEYWORDS: [&str; 3] = [
    "defaultSnippets",
    "deprecationMessage",
    "patternErrorMessage",
];

/// Returns the schema of a map that contains only these fields.
#[must_use]
pub fn schema_of(fields: &[Field]) -> Map<String, Value> {
    let properties: Map<_, _> = fields
        .iter()
        .map(|field| (field.name.to_owned(), Value::Object(field.schema())))
        .collect();
    let required = fields.iter().filter(|field| field.required.is_some());
    let (replaceable, required): (Vec<&Field>, Vec<&Field>) =
        required.partition(|field| field.instead.is_some());
    let required: Vec<_> = required.into_iter().map(|field| field.name).collect();
    let mut schema = map(json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    }));
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    for field in replaceable {
        let instead = field.instead.unwrap_or_default();
        let choices = schema_types::one_required(field.name, instead);
        schema.insert("oneOf".to_owned(), choices);
    }
    schema
}

/// Returns the schemas that these fields refer to, by title, those of maps inside maps
/// included.
#[must_use]
pub fn definitions(fields: &[Field]) -> BTreeMap<&'static str, Map<String, Value>> {
    let mut found = BTreeMap::new();
    add_definitions(fields, &mut found);
    found
}

fn add_definitions(fields: &[Field], found: &mut BTreeMap<&'static str, Map<String, Value>>) {
    for field in fields {
        let (title, doc, fields) = match field.value {
            ValueType::Map { title, doc, fields } => (title, doc, fields),
            ValueType::Record(shape)
            | ValueType::Recurrence(shape)
            | ValueType::Records { of: shape, .. } => (shape.title, shape.doc, shape.fields),
            _ => continue,
        };
        let mut schema = schema_of(fields);
        schema.insert("description".to_owned(), doc.into());
        found.insert(title, schema);
        add_definitions(fields, found);
    }
}

impl Field {
    fn schema(&self) -> Map<String, Value> {
        let mut schema = self.value.schema(self.required.is_some());
        schema_types::adapt(self, &mut schema);
        schema.insert("description".to_owned(), self.doc.into());
        if let Some(default) = self.documented_default() {
            schema.insert("default".to_owned(), default.to_value());
        }
        if let Some(example) = self.example {
            schema.insert("examples".to_owned(), json!([example.to_value()]));
        }
        if let Some(deprecation) = self.deprecated {
            schema.insert("deprecated".to_owned(), true.into());
            let message = deprecation.message.into();
            schema.insert("deprecationMessage".to_owned(), message);
        }
        // The API does not return the field under this name.
        if matches!(self.sent, SentIn::Never | SentIn::Links) {
            schema.insert("writeOnly".to_owned(), true.into());
        }
        schema
    }
}

impl ValueType {
    /// Returns the schema of a value. The schema of an optional value accepts null.
    fn schema(self, is_required: bool) -> Map<String, Value> {
        let of = |name: &str| {
            if is_required {
                json!(name)
            } else {
                json!([name, "null"])
            }
        };
        map(match self {
            Self::Text | Self::Name | Self::Lines => json!({ "type": of("string") }),
            Self::Key => {
                json!({ "type": of("string"), "minLength": 1, "maxLength": MAX_KEY_LENGTH })
            }
            // Strict validators refuse a list of two types.
            Self::AgentId => json!({ "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "integer", "minimum": 0 },
            ] }),
            Self::Uuid => json!({
                "type": of("string"),
                "pattern": UUID_OR_REFERENCE_PATTERN,
                "patternErrorMessage": UUID_MESSAGE,
            }),
            Self::Integer(range) => return range.schema(of("integer")),
            Self::Duration { .. } => json!({ "type": of("integer") }),
            Self::Flag => json!({ "type": of("boolean") }),
            Self::DurationUnit { .. } => {
                let [first, second] = UNITS;
                json!({ "type": of("string"), "anyOf": [
                    { "enum": [first, second, null] },
                    { "pattern": REFERENCE_PATTERN },
                ] })
            }
            Self::Set { of: item, .. } => json!({ "type": of("array"), "items": item.schema() }),
            Self::Number(range) => return schema_types::number(range, of("number")),
            Self::Id => schema_types::id(of("integer")),
            Self::OneOf(known) => schema_types::one_of(known, of("string")),
            Self::Suggested(known) => schema_types::suggested(known, of("string")),
            Self::Formatted(format) => schema_types::formatted(format, of("string")),
            Self::Texts => json!({ "type": of("array"), "items": { "type": "string" } }),
            Self::Record(shape) | Self::Recurrence(shape) => {
                schema_types::record(shape, is_required)
            }
            Self::Records { of: shape, .. } => {
                json!({ "type": of("array"), "items": schema_types::reference(shape.title) })
            }
            Self::FreeMaps => json!({
                "type": of("array"),
                "items": { "type": "object", "additionalProperties": true },
            }),
            Self::Any => json!({}),
            Self::Map { title, fields, .. } => json!({
                "anyOf": [
                    { "$ref": format!("#/definitions/{title}") },
                    { "type": "null" },
                ],
                "defaultSnippets": [{ "label": "{}", "body": first_field(fields) }],
            }),
            Self::FreeMap => json!({ "type": of("object"), "additionalProperties": true }),
        })
    }
}

impl ItemType {
    fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Uuid => json!({
                "type": "string",
                "pattern": UUID_OR_REFERENCE_PATTERN,
                "patternErrorMessage": UUID_MESSAGE,
            }),
            // For `"type": "integer"`, editors suggest 0.
            Self::Id => json!({ "type": ["integer"], "minimum": 1 }),
            Self::OneOf(known) => json!({ "type": "string", "enum": known }),
        }
    }
}

impl IntegerRange {
    fn schema(self, types: Value) -> Map<String, Value> {
        let mut schema = map(json!({ "type": types }));
        let range = [("minimum", self.min), ("maximum", self.max)];
        let given = range
            .into_iter()
            .filter_map(|(word, bound)| Some((word.to_owned(), bound?.into())));
        schema.extend(given);
        schema
    }
}

/// Returns a map with the first of these fields, as the snippet of an editor. The
/// default of the field is a placeholder.
fn first_field(fields: &[Field]) -> Value {
    let first = fields.first().map(|field| {
        let default = field.documented_default().map(Constant::to_value);
        let placeholder = match default {
            Some(Value::String(text)) => format!("${{1:{text}}}"),
            Some(value) => format!("${{1:{value}}}"),
            None => "$1".to_owned(),
        };
        (field.name.to_owned(), placeholder.into())
    });
    Value::Object(first.into_iter().collect())
}

/// Returns the members of a JSON object literal.
fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

impl JsonSchema for FieldValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FieldValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "Null where the field is not set, a value of the field, \
            `{\"duration\": 8, \"unit\": \"minutes\"}`, or `{\"unknown\": true}` where an \
            update of the field was interrupted." })
    }
}
