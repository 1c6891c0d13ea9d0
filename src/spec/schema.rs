//! The JSON Schemas, generated from the types.
//!
//! Draft-07 is the newest draft that the YAML language server of the editors
//! reads whole. Formats (`uint32`) are dropped, because strict validators refuse
//! a schema with a format they don't know.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::project::ProjectFile;
use super::simulation::SimulationDocument;

/// A schema that the tool generates.
#[derive(Debug, Clone, Copy)]
pub struct NamedSchema {
    /// Its name on the command line: `simulation`.
    pub name: &'static str,
    generate: fn() -> Schema,
}

impl NamedSchema {
    /// A schema under a name.
    #[must_use]
    pub const fn new(name: &'static str, generate: fn() -> Schema) -> Self {
        Self { name, generate }
    }

    /// The name of its file below `schemas/`.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.schema.json", self.name)
    }

    /// The schema as a JSON value.
    #[must_use]
    pub fn value(&self) -> Value {
        (self.generate)().to_value()
    }

    /// The schema as the text of its file: two spaces, a newline at the end.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:#}\n", self.value())
    }
}

/// The schema of one simulation document.
pub const SIMULATION: NamedSchema = NamedSchema::new("simulation", generate::<SimulationDocument>);

/// The schema of `bluejay.yaml`.
pub const PROJECT: NamedSchema = NamedSchema::new("project", generate::<ProjectFile>);

/// Generates the schema of a type, in the draft and form of all our schemas.
#[must_use]
pub fn generate<T: JsonSchema>() -> Schema {
    SchemaSettings::draft07()
        .with_transform(Portable)
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Drops formats, and joins the lines of descriptions.
#[derive(Debug, Clone)]
struct Portable;

impl Transform for Portable {
    fn transform(&mut self, schema: &mut Schema) {
        schema.remove("format");
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = text.replace('\n', " ");
        }
        transform_subschemas(self, schema);
    }
}
