//! The JSON Schema of a table of fields.
//!
//! Draft-07, in the forms that the YAML language server of the editors and strict
//! validators read: patterns and no formats, choices in place of lists of types.

use serde_json::{Map, Value, json};

use super::field::{Field, IntegerRange, ItemType, SentIn, UNITS, ValueType};
use super::key::MAX_KEY_LENGTH;

/// The spellings of a UUID that the API takes.
pub const UUID_PATTERN: &str = "^([0-9a-fA-F]{32}|(urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\})$";

/// The same, or a text with a `${var:NAME}` that becomes one.
pub const UUID_OR_REFERENCE_PATTERN: &str = "^([0-9a-fA-F]{32}|(urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\}|.*\\$\\{var:.*)$";

/// A text with a `${var:NAME}`: editors see it before it is replaced.
pub const REFERENCE_PATTERN: &str = "\\$\\{var:";

/// Returns the schema of a map of these fields and no others.
#[must_use]
pub fn schema_of(fields: &[Field]) -> Map<String, Value> {
    let properties: Map<_, _> = fields
        .iter()
        .map(|field| (field.name.to_owned(), Value::Object(field.schema())))
        .collect();
    let required = fields.iter().filter(|field| field.required.is_some());
    let required: Vec<_> = required.map(|field| field.name).collect();
    let mut schema = map(json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    }));
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema
}

/// Returns the schemas that these fields refer to, by their names.
pub fn definitions(fields: &[Field]) -> impl Iterator<Item = (&'static str, Map<String, Value>)> {
    fields.iter().filter_map(|field| match field.value {
        ValueType::Map { title, doc, fields } => {
            let mut schema = schema_of(fields);
            schema.insert("description".to_owned(), doc.into());
            Some((title, schema))
        }
        _ => None,
    })
}

impl Field {
    fn schema(&self) -> Map<String, Value> {
        let mut schema = self.value.schema(self.required.is_some());
        schema.insert("description".to_owned(), self.doc.into());
        if let Some(default) = self.documented_default() {
            schema.insert("default".to_owned(), default.to_value());
        }
        if self.deprecated.is_some() {
            schema.insert("deprecated".to_owned(), true.into());
        }
        // Not read back under this name: it is for the tool, and not for the API.
        if matches!(self.sent, SentIn::Never | SentIn::Links) {
            schema.insert("writeOnly".to_owned(), true.into());
        }
        schema
    }
}

impl ValueType {
    /// The schema of a value; null is taken where it may be left out.
    fn schema(self, is_required: bool) -> Map<String, Value> {
        let of = |name: &str| {
            if is_required {
                json!(name)
            } else {
                json!([name, "null"])
            }
        };
        map(match self {
            Self::Text | Self::Name => json!({ "type": of("string") }),
            Self::Key => {
                json!({ "type": of("string"), "minLength": 1, "maxLength": MAX_KEY_LENGTH })
            }
            // Strict validators refuse a list of two types, so it is a choice.
            Self::AgentId => json!({ "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "integer", "minimum": 0 },
            ] }),
            Self::Uuid => json!({ "type": of("string"), "pattern": UUID_OR_REFERENCE_PATTERN }),
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
            Self::Map { title, .. } => json!({ "anyOf": [
                { "$ref": format!("#/definitions/{title}") },
                { "type": "null" },
            ] }),
            Self::FreeMap => json!({ "type": of("object"), "additionalProperties": true }),
        })
    }
}

impl ItemType {
    fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Uuid => json!({ "type": "string", "pattern": UUID_OR_REFERENCE_PATTERN }),
            Self::Id => json!({ "type": "integer", "minimum": 1 }),
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

/// The fields of a JSON object that was written out.
fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
