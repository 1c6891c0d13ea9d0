//! One simulation as a YAML document.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::diagnostic::SourceFile;
use crate::plan::{HUMANS_FIELD, Observed, SETTINGS, default_of, setting};
use crate::resource::desired::DesiredSimulation;
use crate::resource::key::DigitalHumanId;
use crate::spec::declare::{Input, declare};
use crate::spec::path::Path;
use crate::spec::rules;
use crate::spec::settings::Settings;
use crate::spec::yaml;

/// The fields in the order in which they are written: the schema's.
const ORDER: [&str; 23] = [
    "key",
    "agent_id",
    "name",
    "description",
    "prompt_id",
    "agent_version_id",
    "knowledge_base_id",
    "sequential_calling",
    "max_concurrent",
    "hangup_on_transfer",
    "max_call_duration",
    "max_call_duration_units",
    "ringing_timeout",
    "digital_humans",
    "digital_humans_settings",
    "runs_per_digital_human",
    "selected_custom_metrics",
    "custom_metrics_failing_threshold",
    "custom_metrics_passing_threshold",
    "always_on",
    "max_turns",
    "tags",
    "pinned",
];

/// Where a simulation is written to.
#[derive(Debug, Clone)]
pub struct Import<'a> {
    /// The name of the file, as it is shown.
    pub file: &'a str,
    /// The key of a document in that file that gives none.
    pub file_key: &'a str,
    /// The key, where it is another.
    pub key: Option<&'a str>,
    /// The path of the schema from that file on.
    pub schema: &'a str,
    /// What lies under every simulation, and what replaces vars.
    pub settings: &'a Settings,
    /// Its digital humans; `None` where the API didn't say, and then the file
    /// doesn't either.
    pub humans: Option<&'a BTreeSet<DigitalHumanId>>,
}

/// A field whose value the schema refuses, so that it was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    /// The field's path.
    pub field: String,
    /// The value that the API holds.
    pub value: Value,
}

/// The text of a file that declares this simulation, what the file then declares,
/// and what had to be left out. An error is what keeps it from being declared.
pub fn import(
    observed: &Observed,
    to: &Import<'_>,
) -> Result<(String, DesiredSimulation, Vec<Left>), String> {
    let mut fields = fields(observed, to.humans);
    if let Some(key) = to.key {
        fields.insert("key".to_owned(), key.into());
    }
    let mut left = Vec::new();
    loop {
        let text = text(&fields, to);
        let file = SourceFile::new(to.file, text.as_str());
        let (simulation, problems) = declared(file, to);
        if let (Some(simulation), 0) = (simulation, problems) {
            return Ok((text, simulation, left));
        }
        let culprit = leaves(&fields).into_iter().find(|path| {
            let mut without = fields.clone();
            take(&mut without, path);
            let file = SourceFile::new(to.file, self::text(&without, to));
            declared(file, to).1 < problems
        });
        let path = culprit.ok_or("its fields can't be declared")?;
        let value = take(&mut fields, &path).unwrap_or_default();
        let names = path.iter().map(String::as_str);
        let names: Vec<_> = names.filter(|name| *name != EXTRA).collect();
        let field = names.join(".");
        left.push(Left { field, value });
    }
}

const EXTRA: &str = "extra";

/// The paths that can be left out one by one: the settings of the digital humans
/// are a field each.
fn leaves(fields: &Map<String, Value>) -> Vec<Vec<String>> {
    let mut leaves = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Object(inner) if name == EXTRA || name == SETTINGS => {
                let inner = self::leaves(inner).into_iter();
                leaves.extend(inner.map(|path| [vec![name.clone()], path].concat()));
            }
            _ => leaves.push(vec![name.clone()]),
        }
    }
    leaves
}

/// Takes a path out, and the maps that are empty without it.
fn take(fields: &mut Map<String, Value>, path: &[String]) -> Option<Value> {
    let (name, rest) = path.split_first()?;
    if rest.is_empty() {
        return fields.remove(name);
    }
    let inner = fields.get_mut(name)?.as_object_mut()?;
    let taken = take(inner, rest);
    if inner.is_empty() {
        fields.remove(name);
    }
    taken
}

/// What a text declares, and how many mistakes are in it.
fn declared(file: Arc<SourceFile>, to: &Import<'_>) -> (Option<DesiredSimulation>, usize) {
    let input = Input {
        file,
        default_key: to.file_key.into(),
    };
    let mut found = declare(&input, to.settings);
    let errors = found.diagnostics.iter().filter(|found| found.is_error());
    let errors = errors.count();
    let simulation = found.declared.pop().and_then(|one| one.simulation);
    (simulation, errors)
}

/// The fields that are worth writing.
fn fields(observed: &Observed, humans: Option<&BTreeSet<DigitalHumanId>>) -> Map<String, Value> {
    let mut fields = observed.to_body().0.as_ref().clone();
    fields.retain(|field, _| ORDER.contains(&field.as_str()));
    carry_unknown_settings(&mut fields);
    fields.retain(|field, value| match value {
        Value::Object(settings) => {
            settings.retain(|name, value| default_of(&setting(name)).as_ref() != Some(value));
            !settings.is_empty()
        }
        Value::Array(items) => !(field == "tags" && items.is_empty()),
        Value::String(text) => !(field == "description" && text.is_empty()),
        value => {
            default_of(field).as_ref() != Some(value) && !(field == "pinned" && *value == false)
        }
    });
    friendly_duration(&mut fields);
    if let Some(humans) = humans.filter(|humans| !humans.is_empty()) {
        let ids = humans.iter().map(|human| Value::from(human.0)).collect();
        fields.insert("digital_humans".to_owned(), Value::Array(ids));
    }
    for value in fields.values_mut() {
        escape(value);
    }
    fields
}

/// The settings of the digital humans are sent whole, so those that the schema
/// doesn't know have to come along.
fn carry_unknown_settings(fields: &mut Map<String, Value>) {
    let known = rules::SIMULATION.fields(&Path::from([SETTINGS]));
    let Some(Value::Object(settings)) = fields.remove(SETTINGS) else {
        return;
    };
    let (known, unknown): (Map<_, _>, Map<_, _>) = settings
        .into_iter()
        .partition(|(name, _)| known.contains(&name.as_str()));
    fields.insert(SETTINGS.to_owned(), known.into());
    if !unknown.is_empty() {
        let extra = [(SETTINGS.to_owned(), unknown.into())];
        let extra: Map<_, Value> = extra.into_iter().collect();
        fields.insert(EXTRA.to_owned(), extra.into());
    }
}

/// Whole minutes as minutes; ten of them are what a missing duration means.
fn friendly_duration(fields: &mut Map<String, Value>) {
    const UNITS: &str = "max_call_duration_units";
    let seconds = fields.get("max_call_duration").and_then(Value::as_i64);
    match seconds {
        None | Some(600) => {
            fields.remove("max_call_duration");
            fields.remove(UNITS);
        }
        Some(seconds) if seconds % 60 == 0 => {
            fields.insert("max_call_duration".to_owned(), (seconds / 60).into());
            fields.insert(UNITS.to_owned(), "minutes".into());
        }
        Some(_) => drop(fields.insert(UNITS.to_owned(), "seconds".into())),
    }
}

/// A `${` of the simulation's own is no reference of ours.
fn escape(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("${") => *text = text.replace("${", "$${"),
        Value::Array(items) => items.iter_mut().for_each(escape),
        Value::Object(fields) => fields.values_mut().for_each(escape),
        _ => {}
    }
}

/// The document: the editor's line, then the fields in order, and an explicit
/// null for each default of the project that the simulation doesn't have.
fn text(fields: &Map<String, Value>, to: &Import<'_>) -> String {
    let mut fields = fields.clone();
    let mut defaults = Cow::Borrowed(&to.settings.defaults);
    if to.humans.is_none() {
        defaults.to_mut().remove(HUMANS_FIELD);
    }
    take_away(&defaults, &mut fields);
    let place = |field: &String| ORDER.iter().position(|known| known == field);
    let mut ordered: Vec<_> = fields.into_iter().collect();
    ordered.sort_by_key(|(field, _)| place(field).unwrap_or(ORDER.len()));
    let modeline = format!("# yaml-language-server: $schema={}\n", to.schema);
    modeline + &yaml::render(&ordered)
}

fn take_away(defaults: &Map<String, Value>, fields: &mut Map<String, Value>) {
    for (field, default) in defaults {
        match (fields.get_mut(field), default) {
            (None, Value::Object(inner)) => {
                // A map of nulls would be as good; one null says it shorter.
                if !inner.is_empty() {
                    fields.insert(field.clone(), Value::Null);
                }
            }
            (None, _) => drop(fields.insert(field.clone(), Value::Null)),
            (Some(Value::Object(own)), Value::Object(default)) => take_away(default, own),
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::key::SimulationId;
    use crate::spec::simulation::{OWN_FIELDS, SimulationDocument};

    fn settings(defaults: Value) -> Settings {
        Settings {
            defaults: serde_json::from_value(defaults).unwrap(),
            ..Settings::default()
        }
    }

    fn observed(fields: Value) -> Observed {
        Observed {
            id: SimulationId(7),
            agent_id: Some("42".into()),
            name: Some("Front desk".into()),
            created_at: None,
            fields: serde_json::from_value(fields).unwrap(),
        }
    }

    fn written(shown: Value, humans: &[u64], defaults: Value) -> (String, Vec<Left>) {
        let settings = settings(defaults);
        let humans = humans.iter().copied().map(DigitalHumanId).collect();
        let to = Import {
            file: "simulations/a.yaml",
            file_key: "a",
            key: None,
            schema: "../schemas/simulation.schema.json",
            settings: &settings,
            humans: Some(&humans),
        };
        let (text, _, left) = import(&observed(shown), &to).unwrap();
        let (_, body) = text.split_once('\n').unwrap();
        (body.to_owned(), left)
    }

    #[test]
    fn only_what_is_no_default_is_written_in_order() {
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
    fn defaults_of_the_project_are_taken_away() {
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
    fn what_the_schema_refuses_is_left_out_and_named() {
        let shown = json!({"max_concurrent": 9000, "custom_metrics_failing_threshold": 80,
            "custom_metrics_passing_threshold": 20, "description": "kept"});
        let (text, left) = written(shown, &[], json!({}));
        assert!(text.contains("description: kept"), "{text}");
        let left: Vec<_> = left.iter().map(|left| left.field.as_str()).collect();
        assert_eq!(left, ["custom_metrics_failing_threshold", "max_concurrent"]);
    }

    #[test]
    fn settings_are_left_out_and_carried_one_by_one() {
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
        assert_eq!(left, [Left { field, value }]);
    }

    #[test]
    fn every_field_has_its_place() {
        let schema = crate::spec::schema::generate::<SimulationDocument>();
        let schema = serde_json::to_value(schema).unwrap();
        let fields = schema["properties"].as_object().unwrap();
        for field in fields.keys() {
            let is_ours = OWN_FIELDS.contains(&field.as_str()) && field != "key";
            let is_placed = ORDER.contains(&field.as_str());
            let is_never_written = is_ours || field == "digital_humans_exclusive";
            assert!(is_placed != is_never_written, "{field}");
        }
    }
}
