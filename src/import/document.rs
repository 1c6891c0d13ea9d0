//! Renders an observed simulation as a YAML document.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::diagnostic::SourceFile;
use crate::resource::desired::DesiredResource;
use crate::resource::document_fields::{EXTRA, KEY};
use crate::resource::field::{Default as FieldDefault, Field, ValueType};
use crate::resource::key::DigitalHumanId;
use crate::resource::simulation::{DIGITAL_HUMANS, MARKER, MARKER_SENT_AS};
use crate::resource::{Kind, Observed, default_seconds};
use crate::spec::declarations::{SimulationFile, read_declarations};
use crate::spec::settings::Settings;
use crate::spec::vars::Vars;
use crate::spec::yaml;

const KIND: Kind = Kind::Simulation;

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
}

/// A field that the import omits, because the schema refuses the observed value.
#[derive(Debug, Clone, PartialEq)]
pub struct OmittedField {
    /// The path of the field.
    pub field: String,
    /// The observed value.
    pub value: Value,
}

/// Renders the file that declares an observed simulation.
///
/// Returns the text, the simulation that the text declares, and the fields that the
/// schema refuses and the text omits. Returns an error if the simulation can't be
/// declared.
pub fn import(
    observed: &Observed,
    target: &ImportTarget<'_>,
) -> Result<(String, DesiredResource, Vec<OmittedField>), String> {
    let mut fields = fields(observed, target.humans, &target.settings.vars);
    if let Some(key) = target.key {
        fields.insert(KEY.to_owned(), key.into());
    }
    let mut left = Vec::new();
    loop {
        let text = text(&fields, target);
        let file = SourceFile::new(target.file, text.as_str());
        let (simulation, problems) = parse(file, target);
        if let (Some(simulation), 0) = (simulation, problems) {
            return Ok((text, simulation, left));
        }
        let refused = leaf_paths(&fields).into_iter().find(|path| {
            let mut without = fields.clone();
            remove_path(&mut without, path);
            let file = SourceFile::new(target.file, self::text(&without, target));
            parse(file, target).1 < problems
        });
        let path = refused.ok_or("its fields can't be declared")?;
        let value = remove_path(&mut fields, &path).unwrap_or_default();
        let names = path.iter().map(String::as_str);
        let names: Vec<_> = names.filter(|name| *name != EXTRA).collect();
        let field = names.join(".");
        left.push(OmittedField { field, value });
    }
}

/// Returns the paths that can be omitted one by one. Each setting of the digital humans
/// is a path of its own.
fn leaf_paths(fields: &Map<String, Value>) -> Vec<Vec<String>> {
    let mut leaf_paths = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Object(inner) if name == EXTRA || is_map(name) => {
                let inner = self::leaf_paths(inner).into_iter();
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

/// Returns the simulation that a text declares, and the number of mistakes in the text.
fn parse(file: Arc<SourceFile>, target: &ImportTarget<'_>) -> (Option<DesiredResource>, usize) {
    let input = SimulationFile {
        file,
        default_key: target.file_key.into(),
    };
    let mut found = read_declarations(&input, target.settings);
    let errors = found.diagnostics.iter().filter(|found| found.is_error());
    let errors = errors.count();
    let simulation = found.declared.pop().and_then(|one| one.resource);
    (simulation, errors)
}

/// Returns the fields that the document declares.
fn fields(
    observed: &Observed,
    humans: Option<&BTreeSet<DigitalHumanId>>,
    vars: &Vars,
) -> Map<String, Value> {
    let mut fields = observed.to_body(KIND).0.as_ref().clone();
    fields.remove(MARKER);
    fields.retain(|name, _| KIND.field(name).is_some());
    let unknown = unknown_settings(observed);
    if !unknown.is_empty() {
        fields.insert(EXTRA.to_owned(), unknown.into());
    }
    carry_unknown_settings(&mut fields);
    fields.retain(|name, value| match value {
        Value::Object(inner) if is_map(name) => {
            inner.retain(|inner, value| {
                let field = KIND.field_at(&format!("{name}.{inner}"));
                field.is_none_or(|field| is_worth_writing(field, value))
            });
            !inner.is_empty()
        }
        value => KIND
            .field(name)
            .is_none_or(|field| is_worth_writing(field, value)),
    });
    shorten_durations(&mut fields);
    if let Some(humans) = humans.filter(|humans| !humans.is_empty()) {
        let ids = humans.iter().map(|human| Value::from(human.0)).collect();
        fields.insert(DIGITAL_HUMANS.to_owned(), Value::Array(ids));
    }
    for (name, value) in &mut fields {
        match reference(name, value, vars) {
            Some(reference) => *value = reference.into(),
            None => escape_references(value),
        }
    }
    fields
}

/// Returns the reference that replaces an id, if a variable of the selected environment
/// has that id: other environments have other ids.
fn reference(name: &str, value: &Value, vars: &Vars) -> Option<String> {
    let is_id = KIND
        .field(name)
        .is_some_and(|field| matches!(field.value, ValueType::AgentId | ValueType::Uuid));
    value
        .as_str()
        .filter(|_| is_id)
        .and_then(|id| vars.reference_to(id))
}

/// Returns the settings that the schema does not contain.
fn unknown_settings(observed: &Observed) -> Map<String, Value> {
    // A marker is not a setting.
    let names = observed.unknown_settings.iter();
    let names = names.filter(|name| *name != MARKER_SENT_AS);
    let shown = names.filter_map(|name| Some((name.clone(), observed.fields.get(name)?.clone())));
    shown.filter(|(_, value)| !value.is_null()).collect()
}

fn is_map(name: &str) -> bool {
    KIND.field(name)
        .is_some_and(|field| !field.inner().is_empty())
}

/// Returns whether a value differs from the value of a new simulation.
fn is_worth_writing(field: &Field, value: &Value) -> bool {
    let is_empty_set = matches!(
        (field.value, value),
        (ValueType::Set { is_unset_when_empty: true, .. }, Value::Array(items)) if items.is_empty()
    );
    let is_usual = match field.default {
        // `shorten_durations` handles the number and the unit together.
        _ if matches!(
            field.value,
            ValueType::Duration { .. } | ValueType::DurationUnit { .. }
        ) =>
        {
            false
        }
        FieldDefault::Documented(usual) | FieldDefault::Typical(usual) => usual.is(value),
        FieldDefault::Empty => value == "",
        FieldDefault::Unspecified => false,
    };
    !is_empty_set && !is_usual
}

/// Moves the unknown fields of a map to `extra`. An update sends the whole map, so a
/// map without these fields would clear them.
fn carry_unknown_settings(fields: &mut Map<String, Value>) {
    for map in KIND.fields().iter().filter(|field| is_map(field.name)) {
        let Some(Value::Object(inner)) = fields.remove(map.name) else {
            continue;
        };
        let is_known = |name: &str| map.inner().iter().any(|field| field.name == name);
        let (known, unknown): (Map<_, _>, Map<_, _>) =
            inner.into_iter().partition(|(name, _)| is_known(name));
        fields.insert(map.name.to_owned(), known.into());
        if !unknown.is_empty()
            && let Value::Object(extra) = fields.entry(EXTRA).or_insert_with(|| Map::new().into())
        {
            extra.insert(map.name.to_owned(), unknown.into());
        }
    }
}

/// Writes whole minutes as minutes, and removes a duration that is the documented
/// default.
fn shorten_durations(fields: &mut Map<String, Value>) {
    for duration in KIND.fields() {
        let ValueType::Duration { unit } = duration.value else {
            continue;
        };
        let seconds = fields.get(duration.name).and_then(Value::as_i64);
        if seconds.is_none() || seconds == default_seconds(KIND, duration) {
            fields.remove(duration.name);
            fields.remove(unit);
        } else if let Some(seconds) = seconds.filter(|seconds| seconds % 60 == 0) {
            fields.insert(duration.name.to_owned(), (seconds / 60).into());
            fields.insert(unit.to_owned(), "minutes".into());
        } else {
            fields.insert(unit.to_owned(), "seconds".into());
        }
    }
}

/// Escapes each `${` of the simulation's text, so that it is not read as a variable.
fn escape_references(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("${") => *text = text.replace("${", "$${"),
        Value::Array(items) => items.iter_mut().for_each(escape_references),
        Value::Object(fields) => fields.values_mut().for_each(escape_references),
        _ => {}
    }
}

/// Returns the document: a line for the editor, then the fields in the order of the
/// schema. A project default that the simulation does not have becomes an explicit
/// null.
fn text(fields: &Map<String, Value>, target: &ImportTarget<'_>) -> String {
    let mut fields = fields.clone();
    let mut defaults = Cow::Borrowed(&target.settings.defaults);
    if target.humans.is_none() {
        defaults.to_mut().remove(DIGITAL_HUMANS);
    }
    override_defaults(&defaults, &mut fields);
    let place = |name: &String| KIND.fields().iter().position(|known| known.name == name);
    let mut ordered: Vec<_> = fields.into_iter().collect();
    ordered.sort_by_key(|(name, _)| place(name));
    let modeline = format!("# yaml-language-server: $schema={}\n", target.schema);
    modeline + &yaml::render(&ordered)
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
        };
        let (text, _, left) = import(&observed(shown), &target).unwrap();
        let (_, body) = text.split_once('\n').unwrap();
        (body.to_owned(), left)
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
