//! What the API was seen to hold now, against what was recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::resource::Observed;
use crate::resource::body::{Body, meant_name};
use crate::resource::key::{DigitalHumanId, SimulationKey};
use crate::resource::{Meaning, SETTINGS, default_of, setting_of, version_name};
use crate::spec::path::Path;
use crate::spec::rules;

/// What the API was seen to hold for one lockfile entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Sighting {
    /// It is there.
    Present(Seen),
    /// There is none of its id that the key may see: it was deleted, or it
    /// belongs to another organisation.
    Gone,
}

/// A simulation that was read, held against what was recorded of it. What is as
/// recorded isn't kept: of ten thousand simulations most are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// What is not as it was recorded: see [`drift`].
    pub drift: BTreeMap<String, Value>,
    /// The recorded fields that the API doesn't show: nobody knows whether they
    /// are still what was recorded.
    pub not_visible: Vec<String>,
    /// Its digital humans; `None` where nobody asked or the API didn't say.
    pub humans: Option<BTreeSet<DigitalHumanId>>,
}

impl Seen {
    /// Compares what was read with what was recorded.
    #[must_use]
    pub fn of(
        recorded: &Body,
        observed: &Observed,
        humans: Option<BTreeSet<DigitalHumanId>>,
    ) -> Self {
        let meaning = Meaning::of(recorded);
        Self {
            drift: drift_of(&meaning, recorded, observed),
            not_visible: not_visible(&meaning, observed),
            humans,
        }
    }
}

/// What was seen, by key in the lockfile; nothing for what was not looked at.
pub type Sightings = BTreeMap<SimulationKey, Sighting>;

/// The fields in which a simulation is not what was recorded, each with what is
/// there; null where it is not set.
///
/// Only what can be read counts. A field that was never given and for which the
/// API documents no default is nobody's, but for the description, which no
/// server makes up; and so is one that was never given and holds what the schema
/// refuses, since no file can have meant it.
#[must_use]
pub fn drift(recorded: &Body, observed: &Observed) -> BTreeMap<String, Value> {
    drift_of(&Meaning::of(recorded), recorded, observed)
}

fn drift_of(meaning: &Meaning, recorded: &Body, observed: &Observed) -> BTreeMap<String, Value> {
    let mut drifted: BTreeMap<_, _> = observed
        .fields
        .iter()
        .filter(|(path, there)| !is_recorded(meaning, path, there))
        .map(|(path, there)| (path.clone(), there.clone()))
        .collect();
    let texts = [
        (
            "agent_id",
            Some(recorded.agent_id()),
            observed.agent_id.as_deref(),
        ),
        (
            "name",
            recorded.name(),
            observed.name.as_deref().and_then(meant_name),
        ),
    ];
    for (field, recorded, there) in texts {
        // A text that isn't shown may be hidden.
        if let Some(there) = there.filter(|there| recorded != Some(there)) {
            drifted.insert(field.to_owned(), there.into());
        }
    }
    drifted
}

pub(super) fn is_recorded(meaning: &Meaning, path: &str, there: &Value) -> bool {
    let recorded = meaning.get(path);
    if recorded.is_none() && !there.is_null() && default_of(path).as_ref() != Some(there) {
        // A value that no file could give is nobody's.
        let place = match setting_of(path) {
            Some(setting) => Path::from([SETTINGS, setting]),
            None => Path::from([path]),
        };
        if !rules::SIMULATION.accepts(&place, there) {
            return true;
        }
    }
    if path == "max_call_duration" {
        // Both in seconds; ten minutes are what a missing one means.
        let recorded = recorded.and_then(Value::as_i64);
        return match there.as_i64() {
            Some(there) => there == recorded.unwrap_or(600),
            None => there.is_null() && recorded.is_none(),
        };
    }
    match (recorded, default_of(path)) {
        (Some(recorded), _) => recorded == there,
        (None, Some(default)) => there.is_null() || *there == default,
        (None, None) => path != "description" || there.is_null() || there == "",
    }
}

/// A body with what is there in place of what was recorded.
#[must_use]
pub fn overlay(recorded: &Body, there: &BTreeMap<String, Value>) -> Body {
    overlay_as(recorded, there, version_name([recorded]))
}

/// The same, with the version of the agent under this of its names.
pub(super) fn overlay_as(recorded: &Body, there: &BTreeMap<String, Value>, version: &str) -> Body {
    let mut body = recorded.clone();
    for (path, value) in there {
        match setting_of(path) {
            Some(inner) => {
                let settings = body
                    .fields_mut()
                    .entry(SETTINGS)
                    .or_insert_with(|| Map::new().into());
                if let Value::Object(settings) = settings {
                    set(settings, inner, value);
                }
            }
            None if path == "prompt_id" => {
                // Under one of its names, so that the other can't say something else.
                body.fields_mut().remove("prompt_id");
                body.fields_mut().remove("agent_version_id");
                set(body.fields_mut(), version, value);
            }
            None => set(body.fields_mut(), path, value),
        }
        if path == "max_call_duration" {
            set(
                body.fields_mut(),
                "max_call_duration_units",
                &"seconds".into(),
            );
        }
    }
    body
}

fn set(fields: &mut Map<String, Value>, name: &str, value: &Value) {
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value.clone());
    }
}

fn not_visible(meaning: &Meaning, observed: &Observed) -> Vec<String> {
    meaning
        .fields()
        .map(|(path, _)| path)
        .filter(|path| match *path {
            "agent_id" => observed.agent_id.is_none(),
            "name" => observed.name.is_none(),
            path => !observed.fields.contains_key(path),
        })
        .map(str::to_owned)
        .collect()
}

/// Whether a duration that was wanted in minutes is stored sixty times too
/// long, as the API has been seen to do: 8 minutes as 28800 seconds.
#[must_use]
pub fn is_minutes_fault(wanted: &Body, observed: &Observed) -> bool {
    let there = observed.fields.get("max_call_duration");
    let there = there.and_then(Value::as_i64);
    let is_minutes = wanted.text("max_call_duration_units") != Some("seconds");
    let minutes = wanted.get("max_call_duration").and_then(Value::as_i64);
    let fault = minutes.and_then(|minutes| minutes.checked_mul(3600));
    is_minutes && fault.is_some() && there == fault && fault != Some(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::changed_fields;
    use crate::resource::key::SimulationId;

    fn body(value: Value) -> Body {
        serde_json::from_value(value).unwrap()
    }

    fn observed(fields: Value) -> Observed {
        Observed {
            id: SimulationId(1),
            agent_id: Some("42".into()),
            name: Some("a".into()),
            created_at: None,
            fields: serde_json::from_value(fields).unwrap(),
        }
    }

    fn check_drift(recorded: Value, there: Value, expected: Value) {
        let mut recorded = body(recorded);
        recorded.fields_mut().insert("agent_id".into(), "42".into());
        recorded.fields_mut().insert("name".into(), "a".into());
        let drifted = drift(&recorded, &observed(there));
        assert_eq!(serde_json::to_value(&drifted).unwrap(), expected);
        // What is laid over it is what is there.
        let there = overlay(&recorded, &drifted);
        let changed = changed_fields(&recorded, &there);
        let changed: Vec<_> = changed.iter().map(|field| &field.path).collect();
        assert_eq!(changed, drifted.keys().collect::<Vec<_>>());
    }

    #[test]
    fn what_is_shown_and_differs_has_drifted() {
        check_drift(
            json!({"max_concurrent": 5, "description": "d", "ringing_timeout": 30,
                   "digital_humans_settings": {"num_runs": 3}}),
            json!({"max_concurrent": 6, "description": null, "ringing_timeout": 30,
                   "digital_humans_settings.num_runs": 1}),
            json!({"max_concurrent": 6, "description": null,
                   "digital_humans_settings.num_runs": 1}),
        );
    }

    #[test]
    fn what_was_never_given_is_nobodys() {
        check_drift(
            json!({}),
            json!({"max_concurrent": 25, "pinned": true, "ringing_timeout": 300}),
            json!({}),
        );
        check_drift(
            json!({}),
            json!({"ringing_timeout": 30, "description": "by hand"}),
            json!({"ringing_timeout": 30, "description": "by hand"}),
        );
    }

    #[test]
    fn what_no_file_could_give_is_nobodys() {
        check_drift(
            json!({}),
            json!({"digital_humans_settings.num_runs": "3", "hangup_on_transfer": "true",
                   "digital_humans_settings.default_language": ["en", "de"],
                   "digital_humans_settings.default_accent": "scottish"}),
            json!({}),
        );
        check_drift(
            json!({"digital_humans_settings": {"num_runs": 2}}),
            json!({"digital_humans_settings.num_runs": "3"}),
            json!({"digital_humans_settings.num_runs": "3"}),
        );
    }

    #[test]
    fn a_duration_sixty_times_too_long_has_drifted() {
        check_drift(
            json!({"max_call_duration": 8}),
            json!({"max_call_duration": 28800}),
            json!({"max_call_duration": 28800}),
        );
        let there = observed(json!({"max_call_duration": 28800}));
        assert!(is_minutes_fault(
            &body(json!({"max_call_duration": 8})),
            &there
        ));
        let seconds = json!({"max_call_duration": 8, "max_call_duration_units": "seconds"});
        assert!(!is_minutes_fault(&body(seconds), &there));
    }

    #[test]
    fn what_is_not_shown_is_not_visible() {
        let recorded = body(json!({"agent_id": "42", "name": "a", "description": "d"}));
        let seen = Seen::of(&recorded, &observed(json!({})), None);
        assert_eq!(seen.not_visible, ["description"]);
        assert_eq!(seen.drift, BTreeMap::new());
    }
}
