//! Renders an observed resource as a YAML document.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::fields::{fields, is_map};
use super::references::{Keys, refer_by_key};
use super::render::render;
use crate::diagnostic::SourceFile;
use crate::resource::desired::DesiredResource;
use crate::resource::document_fields::{EXTRA, KEY, KIND};
use crate::resource::key::DigitalHumanId;
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::{Kind, Observed};
use crate::spec::declarations::{SimulationFile, read_declarations};
use crate::spec::settings::Settings;

/// The file that an import writes, and the project that the file belongs to.
#[derive(Debug, Clone)]
pub struct ImportTarget<'a> {
    /// The name of the file, as messages show the name.
    pub file: &'a str,
    /// The key of a document in this file that declares no key.
    pub file_key: &'a str,
    /// The key to declare, if it differs from `file_key`.
    pub key: Option<&'a str>,
    /// The path of the schema, relative to the file.
    pub schema: &'a str,
    /// The settings of the project: defaults and variables.
    pub settings: &'a Settings,
    /// The attached digital humans. `None` if the API did not show them; then the file
    /// does not declare them either.
    pub humans: Option<&'a BTreeSet<DigitalHumanId>>,
    /// The resources that the file refers to by key.
    pub keys: &'a Keys,
}

/// A rendered document.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The text of the file.
    pub text: String,
    /// The resource that the text declares, with ids in place of references.
    pub resource: DesiredResource,
    /// The fields that the schema refuses and the text omits.
    pub omitted: Vec<OmittedField>,
}

/// A field that the import omits, because the schema refuses the observed value.
#[derive(Debug, Clone, PartialEq)]
pub struct OmittedField {
    /// The path of the field.
    pub field: String,
    /// The observed value.
    pub value: Value,
}

/// Renders the file that declares an observed resource. Returns an error if the resource
/// can't be declared.
pub fn import(observed: &Observed, target: &ImportTarget<'_>) -> Result<Imported, String> {
    let kind = observed.id.kind();
    let mut fields = fields(observed, target.humans, &target.settings.vars);
    if kind != Kind::Simulation {
        fields.insert(KIND.to_owned(), kind.name().into());
    }
    if let Some(key) = target.key {
        fields.insert(KEY.to_owned(), key.into());
    }
    let mut omitted = Vec::new();
    loop {
        let text = text(kind, &fields, target);
        let (resource, problems) = parse(&text, target);
        if let (Some(resource), 0) = (resource, problems) {
            let with_keys = text_with_keys(kind, &fields, &resource, target);
            return Ok(Imported {
                text: with_keys.unwrap_or(text),
                resource,
                omitted,
            });
        }
        let refused = leaf_paths(kind, &fields).into_iter().find(|path| {
            let mut without = fields.clone();
            remove_path(&mut without, path);
            parse(&self::text(kind, &without, target), target).1 < problems
        });
        let path = refused.ok_or("its fields can't be declared")?;
        let value = remove_path(&mut fields, &path).unwrap_or_default();
        let names = path.iter().map(String::as_str);
        let names: Vec<_> = names.filter(|name| *name != EXTRA).collect();
        let field = names.join(".");
        omitted.push(OmittedField { field, value });
    }
}

/// Returns the text with keys in place of the ids of managed resources. Returns `None` if
/// there are no such ids, or if the text would not declare the same resource.
fn text_with_keys(
    kind: Kind,
    fields: &Map<String, Value>,
    resource: &DesiredResource,
    target: &ImportTarget<'_>,
) -> Option<String> {
    let mut with_keys = fields.clone();
    refer_by_key(kind, &mut with_keys, target.keys);
    if with_keys == *fields {
        return None;
    }
    let text = text(kind, &with_keys, target);
    let (declared, problems) = parse(&text, target);
    let declared = declared.filter(|_| problems == 0)?;
    let declared = declared.resolved(|key| target.keys.id_of(key));
    let is_same = declared.body == resource.body
        && declared.digital_humans == resource.digital_humans
        && !declared.has_references();
    is_same.then_some(text)
}

/// Returns the paths that can be omitted one by one. Each setting of the digital humans
/// is a path of its own.
fn leaf_paths(kind: Kind, fields: &Map<String, Value>) -> Vec<Vec<String>> {
    let mut leaf_paths = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Object(inner) if name == EXTRA || is_map(kind, name) => {
                let inner = self::leaf_paths(kind, inner).into_iter();
                leaf_paths.extend(inner.map(|path| [vec![name.clone()], path].concat()));
            }
            _ => leaf_paths.push(vec![name.clone()]),
        }
    }
    leaf_paths
}

/// Removes the value at a path, and the maps that the removal leaves empty.
fn remove_path(fields: &mut Map<String, Value>, path: &[String]) -> Option<Value> {
    let (name, rest) = path.split_first()?;
    if rest.is_empty() {
        return fields.remove(name);
    }
    let inner = fields.get_mut(name)?.as_object_mut()?;
    let taken = remove_path(inner, rest);
    if inner.is_empty() {
        fields.remove(name);
    }
    taken
}

/// Returns the resource that a text declares, and the number of mistakes in the text.
fn parse(text: &str, target: &ImportTarget<'_>) -> (Option<DesiredResource>, usize) {
    let input = SimulationFile {
        file: SourceFile::new(target.file, text),
        default_key: target.file_key.into(),
    };
    let mut found = read_declarations(&input, target.settings);
    let errors = found.diagnostics.iter().filter(|found| found.is_error());
    let errors = errors.count();
    let resource = found.declared.pop().and_then(|one| one.resource);
    (resource, errors)
}

/// Returns the document: a line for the editor, then the fields in the order of the
/// schema. A project default that the resource does not have becomes an explicit
/// null.
fn text(kind: Kind, fields: &Map<String, Value>, target: &ImportTarget<'_>) -> String {
    let mut fields = fields.clone();
    if let Some(defaults) = target.settings.defaults_of(kind) {
        let mut defaults = Cow::Borrowed(defaults);
        if target.humans.is_none() {
            defaults.to_mut().remove(DIGITAL_HUMANS);
        }
        override_defaults(&defaults, &mut fields);
    }
    let modeline = format!("# yaml-language-server: $schema={}\n", target.schema);
    modeline + &render(kind, fields)
}

fn override_defaults(defaults: &Map<String, Value>, fields: &mut Map<String, Value>) {
    for (field, default) in defaults {
        match (fields.get_mut(field), default) {
            (None, Value::Object(inner)) => {
                // One null has the same effect as a map of nulls.
                if !inner.is_empty() {
                    fields.insert(field.clone(), Value::Null);
                }
            }
            (None, _) => drop(fields.insert(field.clone(), Value::Null)),
            (Some(Value::Object(own)), Value::Object(default)) => override_defaults(default, own),
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::key::RemoteId;

    fn settings(defaults: Value) -> Settings {
        Settings {
            defaults: serde_json::from_value(defaults).unwrap(),
            ..Settings::default()
        }
    }

    fn observed(fields: Value) -> Observed {
        Observed {
            id: RemoteId::simulation(7),
            agent_id: Some("42".into()),
            name: Some("Front desk".into()),
            created_at: None,
            fields: serde_json::from_value(fields).unwrap(),
            unknown_settings: BTreeSet::new(),
        }
    }

    fn written(shown: Value, humans: &[u64], defaults: Value) -> (String, Vec<OmittedField>) {
        let settings = settings(defaults);
        let humans = humans.iter().copied().map(DigitalHumanId).collect();
        let target = ImportTarget {
            file: "simulations/a.yaml",
            file_key: "a",
            key: None,
            schema: "../schemas/simulation.schema.json",
            settings: &settings,
            humans: Some(&humans),
            keys: &Keys::default(),
        };
        let imported = import(&observed(shown), &target).unwrap();
        let (_, body) = imported.text.split_once('\n').unwrap();
        (body.to_owned(), imported.omitted)
    }

    #[test]
    fn only_values_other_than_defaults_are_written_in_schema_order() {
        let shown = json!({
            "description": "Line one.\nLine two with ${brackets}.\n",
            "ringing_timeout": 300, "always_on": false, "max_concurrent": 25,
            "max_call_duration": 480, "tags": [], "pinned": false,
            "digital_humans_settings.num_runs": 3,
            "digital_humans_settings.default_name": "random",
        });
        let (text, left) = written(shown, &[102, 101], json!({}));
        assert_eq!(left, []);
        assert_eq!(
            text,
            "agent_id: '42'\nname: Front desk\ndescription: |\n  Line one.\n  Line two with $${brackets}.\n\
             max_concurrent: 25\nmax_call_duration: 8\nmax_call_duration_units: minutes\n\
             digital_humans:\n- 101\n- 102\ndigital_humans_settings:\n  num_runs: 3\n"
        );
    }

    #[test]
    fn an_unset_default_of_the_project_becomes_an_explicit_null() {
        let defaults = json!({"max_concurrent": 5, "digital_humans_settings":
            {"num_runs": 2, "default_language": "en"}});
        let shown = json!({"digital_humans_settings.num_runs": 3});
        let (text, _) = written(shown, &[], defaults.clone());
        assert!(text.contains("max_concurrent: null\n"), "{text}");
        assert!(text.contains("  default_language: null\n"), "{text}");
        let (text, _) = written(json!({}), &[], defaults);
        assert!(text.contains("digital_humans_settings: null\n"), "{text}");
    }

    #[test]
    fn values_that_the_schema_refuses_are_omitted_and_reported() {
        let shown = json!({"max_concurrent": 9000, "custom_metrics_failing_threshold": 80,
            "custom_metrics_passing_threshold": 20, "description": "kept"});
        let (text, left) = written(shown, &[], json!({}));
        assert!(text.contains("description: kept"), "{text}");
        let left: Vec<_> = left.iter().map(|left| left.field.as_str()).collect();
        assert_eq!(left, ["custom_metrics_failing_threshold", "max_concurrent"]);
    }

    #[test]
    fn settings_are_omitted_or_moved_to_extra_one_by_one() {
        let shown = json!({
            "digital_humans_settings.num_runs": "3",
            "digital_humans_settings.default_language": "en",
            "digital_humans_settings.default_accent": "${scottish}",
        });
        let (text, left) = written(shown, &[], json!({}));
        assert_eq!(
            text,
            "agent_id: '42'\nname: Front desk\n\
             digital_humans_settings:\n  default_language: en\n\
             extra:\n  digital_humans_settings:\n    default_accent: $${scottish}\n"
        );
        let field = "digital_humans_settings.num_runs".to_owned();
        let value = json!("3");
        assert_eq!(left, [OmittedField { field, value }]);
    }
}
