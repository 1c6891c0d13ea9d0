//! A JSON Schema, with the look-ups that messages need.

use std::sync::{LazyLock, OnceLock};

use serde_json::Value;

use super::narrowed_schema::narrow;
use super::path::{Path, Step};
use super::schema;
use crate::resource::Kind;
use crate::resource::schema::{
    ANY_REFERENCE_PATTERN, KEY_PATTERN, REFERENCE_PATTERN, UUID_OR_REFERENCE_PATTERN, UUID_PATTERN,
    VAR_PATTERN,
};

/// A schema that values are validated with.
#[derive(Debug)]
pub struct Rules {
    schema: Value,
    /// The compiled schema.
    validator: OnceLock<jsonschema::Validator>,
    /// The kind of the documents; `None` for the project file.
    kind: Option<Kind>,
    /// Two fields of which a document contains exactly one.
    one_required: Option<[&'static str; 2]>,
}

static DOCUMENTS: [LazyLock<Rules>; 4] = [
    LazyLock::new(|| Rules::of_kind(Kind::Simulation)),
    LazyLock::new(|| Rules::of_kind(Kind::DigitalHuman)),
    LazyLock::new(|| Rules::of_kind(Kind::CustomMetric)),
    LazyLock::new(|| Rules::of_kind(Kind::Schedule)),
];

/// The rules for `bluejay.yaml`.
pub static PROJECT: LazyLock<Rules> = LazyLock::new(|| Rules::new(schema::PROJECT.value(), None));

/// Returns the rules for the documents of a kind.
#[must_use]
pub fn document(kind: Kind) -> &'static Rules {
    &DOCUMENTS[kind as usize]
}

/// Compiles the schema of simulations on another core, while the project file is read.
/// Nearly every project needs the schema, and to compile it takes most of the time of a
/// small plan.
pub fn prepare() {
    rayon::spawn(|| {
        let _ = document(Kind::Simulation).validator();
    });
}

impl Rules {
    fn of_kind(kind: Kind) -> Self {
        Self::new(schema::of_kind(kind), Some(kind))
    }

    fn new(mut schema: Value, kind: Option<Kind>) -> Self {
        // Editors validate a text before `${var:NAME}` is replaced, these rules
        // validate it after.
        tighten(&mut schema);
        // The messages of the validator would copy the document.
        if let Value::Object(schema) = &mut schema {
            schema.remove("oneOf");
        }
        let fields = kind.map_or(&[][..], Kind::fields).iter();
        let mut one_required = fields.filter_map(|field| Some([field.name, field.instead?]));
        Self {
            schema,
            validator: OnceLock::new(),
            kind,
            one_required: one_required.next(),
        }
    }

    /// Returns two fields of which a document contains exactly one.
    #[must_use]
    pub fn one_required(&self) -> Option<[&'static str; 2]> {
        self.one_required
    }

    /// Returns the kind of the documents; `None` for the project file.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Returns whether a value is valid.
    #[must_use]
    pub fn is_valid(&self, value: &Value) -> bool {
        match self.kind {
            Some(_) => self.validator().is_valid(value),
            // There is one project file, which has a few of many fields.
            None => jsonschema::draft7::is_valid(&narrow(&self.schema, value), value),
        }
    }

    /// Returns the compiled schema.
    #[must_use]
    pub fn validator(&self) -> &jsonschema::Validator {
        self.validator.get_or_init(|| {
            jsonschema::draft7::new(&self.schema)
                .unwrap_or_else(|error| unreachable!("the generated schema is one: {error}"))
        })
    }

    /// Returns the schema of the value at a path.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&Value> {
        let mut schema = self.resolve(&self.schema);
        for step in &path.0 {
            schema = self.resolve(match step {
                Step::Field(name) => field(schema, name)?,
                Step::Index(_) => schema.get("items")?,
            });
        }
        Some(schema)
    }

    /// Returns the fields that a mapping at a path may have, in alphabetical order.
    #[must_use]
    pub fn fields(&self, path: &Path) -> Vec<&str> {
        let properties = self.at(path).and_then(|schema| schema.get("properties"));
        let names = properties.and_then(Value::as_object);
        names.map_or_else(Vec::new, |names| names.keys().map(String::as_str).collect())
    }

    /// Returns whether a mapping at a path may have no other fields.
    #[must_use]
    pub fn is_closed(&self, path: &Path) -> bool {
        let rest = self.at(path).and_then(|it| it.get("additionalProperties"));
        rest == Some(&Value::Bool(false))
    }

    /// Returns the JSON types that a value at a path may have, except `null`.
    #[must_use]
    pub fn types(&self, path: &Path) -> Vec<&str> {
        let mut types = Vec::new();
        if let Some(schema) = self.at(path) {
            self.collect_types(schema, &mut types);
        }
        types
    }

    fn collect_types<'a>(&'a self, schema: &'a Value, types: &mut Vec<&'a str>) {
        let mut add = |name: &'a str| {
            if name != "null" && !types.contains(&name) {
                types.push(name);
            }
        };
        match schema.get("type") {
            Some(Value::String(name)) => add(name),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).for_each(add),
            _ => {}
        }
        for branch in branches(schema) {
            self.collect_types(self.resolve(branch), types);
        }
    }

    /// Follows a reference, and returns the branch of an `anyOf` that has fields.
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(target) = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.schema.pointer(reference.trim_start_matches('#')))
        {
            return target;
        }
        let has_fields = |branch: &&Value| {
            branch.get("properties").is_some() || branch.get("additionalProperties").is_some()
        };
        branches(schema)
            .map(|branch| self.resolve(branch))
            .find(has_fields)
            .unwrap_or(schema)
    }
}

fn field<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema
        .get("properties")
        .and_then(|properties| properties.get(name))
        .or_else(|| {
            schema
                .get("additionalProperties")
                .filter(|rest| rest.is_object())
        })
}

fn branches(schema: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "allOf"]
        .into_iter()
        .filter_map(|word| schema.get(word).and_then(Value::as_array))
        .flatten()
}

/// Returns whether a branch of an `anyOf` only accepts texts with references, or keys of
/// other resources.
fn is_reference(branch: &Value) -> bool {
    let pattern = branch.get("pattern").and_then(Value::as_str);
    let of_references = [
        REFERENCE_PATTERN,
        ANY_REFERENCE_PATTERN,
        KEY_PATTERN,
        VAR_PATTERN,
    ];
    pattern.is_some_and(|pattern| of_references.contains(&pattern))
}

fn tighten(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Array(branches)) = fields.get_mut("anyOf")
                && branches.len() > 1
                && branches.last().is_some_and(is_reference)
                && let Value::Object(rest) = branches.swap_remove(0)
            {
                fields.remove("anyOf");
                fields.extend(rest);
            }
            if let Some(Value::String(pattern)) = fields.get_mut("pattern")
                && pattern == UUID_OR_REFERENCE_PATTERN
            {
                UUID_PATTERN.clone_into(pattern);
            }
            fields.values_mut().for_each(tighten);
        }
        Value::Array(items) => items.iter_mut().for_each(tighten),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_fields_and_types_at_a_path() {
        let at = |path| document(Kind::Simulation).types(&path);
        assert_eq!(at(Path::from(["agent_id"])), ["string", "integer"]);
        assert_eq!(at(Path::from(["digital_humans_settings"])), ["object"]);
        assert_eq!(
            at(Path::from(["digital_humans_settings", "num_runs"])),
            ["integer"]
        );
        assert_eq!(
            PROJECT.types(&Path::from(["environments", "x", "protect"])),
            ["boolean"]
        );
        assert!(
            PROJECT
                .fields(&Path::from(["defaults"]))
                .contains(&"agent_id")
        );
    }
}
