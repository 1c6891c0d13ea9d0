//! The schemas of field tables inside the generated schemas.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, json};

use crate::resource::{Field, Kind, SentIn, schema};

/// Returns the schema of the fields that `defaults` may give.
pub fn defaults_schema(generator: &mut SchemaGenerator) -> Schema {
    defaults_of(Kind::Simulation, generator)
}

/// Returns the schema of the settings of the kinds other than simulations.
pub fn kinds_schema(generator: &mut SchemaGenerator) -> Schema {
    let others = Kind::ALL.into_iter();
    let others = others.filter(|kind| *kind != Kind::Simulation);
    let properties: Map<_, _> = others
        .map(|kind| {
            let mut defaults = defaults_of(kind, generator);
            let noun = kind.noun();
            defaults.insert(
                "description".to_owned(),
                format!("Default values of the API fields of every {noun}.").into(),
            );
            let settings = json!({
                "description": format!("Settings for every {noun}."),
                "type": ["object", "null"],
                "additionalProperties": false,
                "properties": { "defaults": defaults },
            });
            (kind.name().to_owned(), settings)
        })
        .collect();
    json_schema!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
    })
}

/// Returns the schema of `defaults` of an environment, which is the schema of `defaults`
/// of the whole file.
#[must_use]
pub fn same_defaults(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "allOf": [{ "$ref": "#/properties/defaults" }] })
}

/// Returns the schema of `kinds` of an environment, which is the schema of `kinds` of the
/// whole file.
#[must_use]
pub fn same_kinds(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "allOf": [{ "$ref": "#/properties/kinds" }] })
}

/// Returns the schema of a list of patterns, which is not empty.
#[must_use]
pub fn patterns(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["array", "null"],
        "minItems": 1,
        "items": { "type": "string", "minLength": 1 },
    })
}

/// Returns the schema of the fields of a kind that don't belong to one document, none of
/// them required.
fn defaults_of(kind: Kind, generator: &mut SchemaGenerator) -> Schema {
    let shared = kind.fields().iter();
    let shared: Vec<_> = shared
        .filter(|field| field.sent != SentIn::Never)
        .copied()
        .collect();
    let mut schema = fields_schema(&shared, generator);
    schema.remove("required");
    schema.remove("oneOf");
    schema.insert("type".to_owned(), serde_json::json!(["object", "null"]));
    schema
}

/// Returns the schema of a map of these fields, and registers the schemas that it refers
/// to.
fn fields_schema(fields: &[Field], generator: &mut SchemaGenerator) -> Schema {
    add_definitions(fields, generator);
    Schema::from(schema::schema_of(fields))
}

/// Registers the schemas that these fields refer to.
fn add_definitions(fields: &[Field], generator: &mut SchemaGenerator) {
    for (name, schema) in schema::definitions(fields) {
        let definitions = generator.definitions_mut();
        definitions.insert(name.to_owned(), schema.into());
    }
}
