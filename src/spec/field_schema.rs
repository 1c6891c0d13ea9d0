//! The schemas of field tables inside the generated schemas.

use schemars::{Schema, SchemaGenerator};

use crate::resource::{Field, Kind, SentIn, schema};

/// Returns the schema of the fields that `defaults` may give: those of a simulation
/// that don't belong to one document, none of them required.
pub fn defaults_schema(generator: &mut SchemaGenerator) -> Schema {
    let shared = Kind::Simulation.fields().iter();
    let shared: Vec<_> = shared
        .filter(|field| field.sent != SentIn::Never)
        .copied()
        .collect();
    let mut schema = fields_schema(&shared, generator);
    schema.remove("required");
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
