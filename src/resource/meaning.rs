//! What a simulation's fields mean, so that two spellings of one thing are equal.
//!
//! An omitted field, `null` and the API's documented default are equal; so are
//! 10 minutes and 600 seconds; metric ids and tags compare as a set, UUIDs and agent
//! ids in any of their spellings.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::body::{Body, meant_name};
use super::plain::plain;
use super::spelling;

/// The fields of a simulation by path, with all that means nothing taken away.
///
/// Settings of the digital humans stand under `digital_humans_settings.NAME`,
/// a call's duration in seconds under `max_call_duration`, and the version of the
/// agent under `prompt_id`, whichever of its two names it was given by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meaning(BTreeMap<String, Value>);

const DURATION: &str = "max_call_duration";
const UNITS: &str = "max_call_duration_units";
/// The field with the settings of the digital humans: a free map to the API.
pub const SETTINGS: &str = "digital_humans_settings";
const METRICS: &str = "selected_custom_metrics";
const PROMPT: &str = "prompt_id";
/// The newer name of the same.
const VERSION: &str = "agent_version_id";
const TAGS: &str = "tags";

/// The path of a setting of the digital humans.
#[must_use]
pub fn setting(name: &str) -> String {
    format!("{SETTINGS}.{name}")
}

/// The setting of the digital humans that a path names. Any other path is the
/// name of a field, and a point in it is a point.
#[must_use]
pub fn setting_of(path: &str) -> Option<&str> {
    path.strip_prefix(SETTINGS)?.strip_prefix('.')
}

/// The value that the API documents for a field that is left out.
#[must_use]
pub fn default_of(path: &str) -> Option<Value> {
    Some(match path {
        "sequential_calling" | "hangup_on_transfer" | "always_on" => json!(false),
        DURATION => json!(10),
        UNITS => json!("minutes"),
        "ringing_timeout" => json!(300),
        "digital_humans_settings.default_name"
        | "digital_humans_settings.default_caller_number"
        | "digital_humans_settings.default_language" => json!("random"),
        "digital_humans_settings.default_background_noise" => json!("none"),
        "digital_humans_settings.first_message" => json!("ai_generated"),
        "digital_humans_settings.num_runs" => json!(1),
        _ => return None,
    })
}

impl Meaning {
    /// The meaning of a body.
    #[must_use]
    pub fn of(body: &Body) -> Self {
        let mut meaning = Self::default();
        for (field, value) in body.0.iter() {
            match (field.as_str(), value) {
                (_, Value::Null) | (DURATION | UNITS, _) => {}
                (SETTINGS, Value::Object(settings)) => meaning.insert_settings(settings),
                (METRICS, Value::Array(ids)) => meaning.insert(METRICS.to_owned(), metric_set(ids)),
                ("name", Value::String(name)) => {
                    let name = meant_name(name);
                    meaning
                        .0
                        .extend(name.map(|name| (field.clone(), name.into())));
                }
                (TAGS, Value::Array(tags)) if tags.is_empty() => {}
                (TAGS, Value::Array(tags)) => meaning.insert(TAGS.to_owned(), tag_set(tags)),
                (PROMPT | VERSION, Value::String(id)) => {
                    meaning.insert(PROMPT.to_owned(), spelling::uuid(id).into());
                }
                ("knowledge_base_id", Value::String(id)) => {
                    meaning.insert(field.clone(), spelling::uuid(id).into());
                }
                ("agent_id", Value::String(id)) => {
                    meaning.insert(field.clone(), spelling::agent_id(id).into());
                }
                _ => meaning.insert(field.clone(), plain(value).into_owned()),
            }
        }
        meaning.insert_duration(body);
        meaning
    }

    fn insert(&mut self, path: String, value: Value) {
        if default_of(&path).as_ref() != Some(&value) {
            self.0.insert(path, value);
        }
    }

    fn insert_settings(&mut self, settings: &Map<String, Value>) {
        for (name, value) in settings {
            if !value.is_null() {
                self.insert(setting(name), plain(value).into_owned());
            }
        }
    }

    /// The duration in seconds; the default is left out like any other.
    fn insert_duration(&mut self, body: &Body) {
        if let Some(seconds) = duration_seconds(body)
            && seconds != 600
        {
            self.0.insert(DURATION.to_owned(), seconds.into());
        }
    }

    /// A text that is equal for equal meanings, to look one up by another.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        // A map of plain values always serializes.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The fields by path.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(path, value)| (path.as_str(), value))
    }

    /// The value at a path; `None` when it means the default.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(path)
    }
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The field's path: `digital_humans_settings.num_runs`.
    pub path: String,
    /// What was applied; `None` when it was left out.
    pub before: Option<Value>,
    /// What is wanted; `None` when it is left out.
    pub after: Option<Value>,
    /// What was seen at the API, where that isn't what was applied; null when it
    /// isn't set there.
    pub there: Option<Value>,
}

/// A body's call duration in seconds; `None` when neither value nor unit is a
/// number and a unit, which only `extra` could bring about.
fn duration_seconds(body: &Body) -> Option<i64> {
    let value = body.get(DURATION).map_or(Some(10), Value::as_i64)?;
    match body.text(UNITS).unwrap_or("minutes") {
        "seconds" => Some(value),
        _ => value.checked_mul(60),
    }
}

/// Metric ids in one spelling and one order, each once.
#[must_use]
pub fn metric_set(ids: &[Value]) -> Value {
    let mut ids: Vec<_> = ids
        .iter()
        .map(|id| match id {
            Value::String(text) => Value::String(spelling::uuid(text)),
            other => other.clone(),
        })
        .collect();
    ids.sort_by_key(ToString::to_string);
    ids.dedup();
    Value::Array(ids)
}

/// Labels in one order, each once.
#[must_use]
pub fn tag_set(tags: &[Value]) -> Value {
    let mut tags = tags.to_vec();
    tags.sort_by_key(ToString::to_string);
    tags.dedup();
    Value::Array(tags)
}

/// The name under which the first of these bodies that has a version of the agent
/// gives it; the older one where none has.
#[must_use]
pub fn version_name<const N: usize>(bodies: [&Body; N]) -> &'static str {
    let names = bodies.iter().flat_map(|body| {
        [PROMPT, VERSION]
            .into_iter()
            .filter(|name| body.get(name).is_some())
    });
    names.into_iter().next().unwrap_or(PROMPT)
}

/// The fields that differ in meaning, in the paths' order, each with the value
/// as it was written on both sides.
#[must_use]
pub fn changed_fields(before: &Body, after: &Body) -> Vec<FieldChange> {
    if before == after {
        return Vec::new();
    }
    let (old, new) = (Meaning::of(before), Meaning::of(after));
    let paths: std::collections::BTreeSet<_> = old.0.keys().chain(new.0.keys()).collect();
    paths
        .into_iter()
        .filter(|path| old.0.get(*path) != new.0.get(*path))
        .map(|path| FieldChange {
            path: path.clone(),
            before: as_written(before, path),
            after: as_written(after, path),
            there: None,
        })
        .collect()
}

/// The value of a path as a person would read it: a duration with its unit.
#[must_use]
pub fn as_written(body: &Body, path: &str) -> Option<Value> {
    if path == DURATION {
        let value = body.get(DURATION)?;
        let units = body.text(UNITS).unwrap_or("minutes");
        return Some(format!("{value} {units}").into());
    }
    match setting_of(path) {
        Some(name) => body.get(SETTINGS)?.get(name),
        None if path == PROMPT => body.get(PROMPT).or_else(|| body.get(VERSION)),
        None => body.get(path),
    }
    .filter(|value| !value.is_null())
    .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(value: Value) -> Body {
        serde_json::from_value(value).unwrap()
    }

    fn check_same(a: Value, b: Value) {
        assert_eq!(changed_fields(&body(a), &body(b)), []);
    }

    fn check_changed(a: Value, b: Value, paths: &[&str]) {
        let changed = changed_fields(&body(a), &body(b));
        let found: Vec<_> = changed.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(found, paths);
    }

    #[test]
    fn default_null_and_omitted_are_equal() {
        check_same(json!({"ringing_timeout": 300, "name": null}), json!({}));
        check_same(json!({"name": "  "}), json!({}));
        check_same(json!({"name": " a "}), json!({"name": "a"}));
        check_same(
            json!({"digital_humans_settings": {"num_runs": 1, "default_name": null}}),
            json!({"always_on": false}),
        );
    }

    #[test]
    fn durations_compare_in_seconds() {
        check_same(
            json!({"max_call_duration": 10}),
            json!({"max_call_duration": 600, "max_call_duration_units": "seconds"}),
        );
        check_same(json!({}), json!({"max_call_duration": 10}));
        check_changed(
            json!({"max_call_duration": 8}),
            json!({"max_call_duration": 8, "max_call_duration_units": "seconds"}),
            &["max_call_duration"],
        );
    }

    #[test]
    fn one_version_has_two_names() {
        check_same(
            json!({"prompt_id": "AB"}),
            json!({"agent_version_id": "ab"}),
        );
    }

    #[test]
    fn metrics_are_a_set() {
        check_same(
            json!({"selected_custom_metrics": ["B", "a", "a"]}),
            json!({"selected_custom_metrics": ["a", "b"]}),
        );
        // No list means all metrics of the agent; an empty one means none.
        check_changed(
            json!({"selected_custom_metrics": []}),
            json!({}),
            &["selected_custom_metrics"],
        );
    }

    #[test]
    fn nested_settings_are_named_by_their_path() {
        check_changed(
            json!({"digital_humans_settings": {"num_runs": 3}}),
            json!({"digital_humans_settings": {"default_language": "en"}}),
            &[
                "digital_humans_settings.default_language",
                "digital_humans_settings.num_runs",
            ],
        );
    }
}
