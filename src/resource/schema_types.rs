//! The schemas of the types of values that are more than a JSON type.

use serde_json::{Map, Value, json};

use super::document_fields::KIND;
use super::field::Shape;
use super::field::{Field, ItemType, NumberRange, ValueType};
use super::kind::Kind;
use super::schema_patterns::{ANY_REFERENCE_PATTERN, KEY_PATTERN, REFERENCE_PATTERN, VAR_PATTERN};
use super::text_format::TextFormat;

/// Adapts the schema of a value to its field: a number and a flag accept a variable, a
/// field that refers to other resources accepts keys, and the kind of a document accepts
/// no references.
pub(super) fn adapt(field: &Field, schema: &mut Map<String, Value>) {
    if let (Some(_), ValueType::Set { .. }, Some(items)) =
        (field.refers_to, field.value, schema.get_mut("items"))
    {
        let key = json!({ "type": "string", "pattern": KEY_PATTERN });
        *items = json!({ "anyOf": [items.take(), key] });
    } else if let ValueType::Set {
        of: ItemType::Id, ..
    } = field.value
        && let Some(items) = schema.get_mut("items")
    {
        *items = or_var(items.take());
    }
    if matches!(
        field.value,
        ValueType::Integer(_) | ValueType::Number(_) | ValueType::Duration { .. } | ValueType::Flag
    ) {
        let value = std::mem::take(schema);
        schema.insert("anyOf".to_owned(), or_var(value.into())["anyOf"].take());
    }
    if let (KIND, ValueType::OneOf(known)) = (field.name, field.value) {
        schema.remove("anyOf");
        schema.insert("enum".to_owned(), choices(known, &schema["type"]));
    }
}

/// Returns the schema of a value, or of a variable in its place.
fn or_var(value: Value) -> Value {
    json!({ "anyOf": [value, { "type": "string", "pattern": VAR_PATTERN }] })
}

/// Returns the schema that a document of this kind matches.
pub(super) fn is_of_kind(kind: Kind) -> Value {
    if kind == Kind::Simulation {
        json!({ "properties": { KIND: { "enum": [kind.name(), null] } } })
    } else {
        json!({ "properties": { KIND: { "const": kind.name() } }, "required": [KIND] })
    }
}

/// Returns the schema of the field with the kind of a document.
pub(super) fn kinds() -> Value {
    let names = Kind::ALL.map(|kind| json!(kind.name()));
    let names: Vec<_> = names.into_iter().chain([Value::Null]).collect();
    json!({
        "description": "The kind of resource that this document declares. Without `kind`, a \
            document declares a simulation.",
        "default": Kind::Simulation.name(),
        "enum": names,
    })
}

/// Returns the schema of a number.
pub(super) fn number(range: NumberRange, types: Value) -> Map<String, Value> {
    let bounds = [("minimum", range.min), ("maximum", range.max)];
    let given = bounds
        .into_iter()
        .filter_map(|(word, bound)| Some((word.to_owned(), bound?.into())));
    [("type".to_owned(), types)]
        .into_iter()
        .chain(given)
        .collect()
}

/// Returns the schema of a numeric id, or a reference to a resource.
pub(super) fn id(types: Value) -> Value {
    json!({ "anyOf": [
        { "type": types, "minimum": 1 },
        { "type": "string", "pattern": ANY_REFERENCE_PATTERN },
    ] })
}

/// Returns the schema of one of these texts, or a text with references.
pub(super) fn one_of(known: &[&str], types: Value) -> Value {
    json!({ "anyOf": [
        { "enum": choices(known, &types) },
        { "pattern": REFERENCE_PATTERN },
    ], "type": types })
}

/// Returns the schema of a text with known values: editors complete them.
pub(super) fn suggested(known: &[&str], types: Value) -> Value {
    json!({ "anyOf": [
        { "enum": known },
        { "type": types },
    ], "type": types })
}

/// Returns the schema of a text in a format, or a text with references.
pub(super) fn formatted(format: TextFormat, types: Value) -> Value {
    json!({ "anyOf": [
        { "pattern": format.pattern() },
        { "pattern": REFERENCE_PATTERN },
    ], "type": types })
}

/// Returns the schema of a map that is defined elsewhere.
pub(super) fn record(shape: &Shape, is_required: bool) -> Value {
    let reference = reference(shape.title);
    if is_required {
        json!({ "allOf": [reference] })
    } else {
        json!({ "anyOf": [reference, { "type": "null" }] })
    }
}

/// Returns the alternatives of a map that contains one of two fields. The second field is a
/// map, and null counts as absent.
pub(super) fn one_required(first: &str, second: &str) -> Value {
    json!([
        // Strict validators want a required property to be defined beside `required`.
        { "properties": { first: {} }, "required": [first] },
        { "properties": { second: { "type": "object" } }, "required": [second] },
    ])
}

/// Returns the reference to a definition.
pub(super) fn reference(title: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{title}") })
}

/// Returns the possible values of a text: null too, if the types contain null.
fn choices(known: &[&str], types: &Value) -> Value {
    let null = types.is_array().then_some(Value::Null);
    known.iter().map(|text| json!(text)).chain(null).collect()
}
