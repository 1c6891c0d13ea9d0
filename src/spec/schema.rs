//! The JSON Schemas, generated from the tables of fields and from Rust types.
//!
//! Draft-07 is the newest draft that the YAML language server of editors fully supports.
//! Formats (`uint32`) are removed, because strict validators refuse a schema with an
//! unknown format.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::project::ProjectFile;
use crate::resource::Kind;
use crate::resource::schema::{definitions, document_schema, documents_schema};

/// A generated schema.
#[derive(Debug, Clone, Copy)]
pub struct NamedSchema {
    /// The name on the command line: `simulation`.
    pub name: &'static str,
    generate: fn() -> Schema,
}

impl NamedSchema {
    /// Returns a schema with this name.
    #[must_use]
    pub const fn new(name: &'static str, generate: fn() -> Schema) -> Self {
        Self { name, generate }
    }

    /// Returns the name of the file below `schemas/`.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.schema.json", self.name)
    }

    /// Returns the schema as a JSON value.
    #[must_use]
    pub fn value(&self) -> Value {
        let mut schema = (self.generate)();
        let id = format!("urn:bluejayctl:schema:{}", self.name);
        schema.insert("$id".to_owned(), id.into());
        schema.to_value()
    }

    /// Returns the text of the file: indented by two spaces, with a newline at the end.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:#}\n", self.value())
    }
}

/// A document of any kind.
pub struct Document;

impl JsonSchema for Document {
    fn schema_name() -> Cow<'static, str> {
        "Bluejay document".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        documents_schema(generator.definitions_mut()).into()
    }
}

/// The published schema of one document, for editors. The file keeps the name from the
/// time when every document was a simulation.
pub const DOCUMENT: NamedSchema = NamedSchema::new("simulation", generate::<Document>);

/// The schema of `bluejay.yaml`.
pub const PROJECT: NamedSchema = NamedSchema::new("project", generate::<ProjectFile>);

/// Returns the schema of the documents of one kind, for the checks.
#[must_use]
pub fn of_kind(kind: Kind) -> Value {
    let mut schema = document_schema(kind);
    schema.insert("definitions".to_owned(), json!(definitions(kind.fields())));
    schema.into()
}

/// Generates the schema of a file, in the draft and form of all our schemas.
#[must_use]
pub fn generate<T: JsonSchema>() -> Schema {
    SchemaSettings::draft07()
        .with_transform(Portable)
        .with_transform(Titled)
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Returns the schema of a document that the program prints.
#[must_use]
pub fn generate_output<T: JsonSchema>() -> Schema {
    SchemaSettings::draft07()
        .for_serialize()
        .with_transform(Portable)
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Removes formats, and joins the lines of descriptions.
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

/// Gives each property without a title a title for editors.
#[derive(Debug, Clone)]
struct Titled;

impl Transform for Titled {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            for (name, property) in properties {
                if let Value::Object(property) = property
                    && !property.contains_key("$ref")
                {
                    let title = property.entry("title");
                    title.or_insert_with(|| title_of(name).into());
                }
            }
        }
        transform_subschemas(self, schema);
    }
}

/// Returns the title of a property: `max_concurrent` becomes `Max concurrent`.
fn title_of(name: &str) -> String {
    let words = name.split('_').enumerate().map(|(index, word)| match word {
        "id" | "api" | "url" => word.to_uppercase(),
        _ if index > 0 => word.to_owned(),
        _ => {
            let mut rest = word.chars();
            let first = rest.next().into_iter().flat_map(char::to_uppercase);
            first.chain(rest).collect()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_words() {
        assert_eq!(title_of("max_concurrent"), "Max concurrent");
        assert_eq!(title_of("agent_version_id"), "Agent version ID");
        assert_eq!(title_of("api_url"), "API URL");
    }

    #[test]
    fn every_property_of_a_file_has_a_title() {
        for schema in [DOCUMENT, PROJECT] {
            let value = schema.value();
            let properties = value["properties"].as_object().unwrap();
            for (name, property) in properties {
                let is_explained = property["title"].is_string() || property["$ref"].is_string();
                assert!(is_explained, "{name} of {}", schema.name);
            }
        }
    }
}
