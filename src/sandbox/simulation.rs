//! A stored simulation, and its forms in answers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The default duration of a call: ten minutes.
const DEFAULT_DURATION: i64 = 600;
const DEFAULT_RINGING: i64 = 300;

/// The fields of the map `settings`, in addition to the duration.
const SETTINGS: [&str; 9] = [
    "agent_version_id",
    "custom_metrics_failing_threshold",
    "custom_metrics_passing_threshold",
    "digital_humans_settings",
    "hangup_on_transfer",
    "knowledge_base_id",
    "prompt_id",
    "runs_per_digital_human",
    "selected_custom_metrics",
];

/// A stored simulation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Simulation {
    pub id: u64,
    /// The agent id as it was sent. Answers show an integer, or null for another text.
    pub agent_id: String,
    pub name: String,
    pub description: Option<String>,
    /// RFC 3339 in UTC with six decimals, so the order of texts is the order of times.
    pub created_at: String,
    pub settings: Map<String, Value>,
    pub sequential_calling: bool,
    pub max_concurrent: Option<i64>,
    pub max_turns: Option<i64>,
    pub ringing_timeout: i64,
    pub tags: Option<Vec<String>>,
    pub pinned: bool,
    pub always_on: bool,
    #[serde(default)]
    pub bluejay_as_code_id: Option<String>,
    pub digital_humans: BTreeSet<i64>,
}

/// A simulation in a list, borrowed because lists are long.
#[derive(Debug, Serialize)]
pub(super) struct ListEntry<'a> {
    id: u64,
    name: &'a str,
    agent_id: Option<i64>,
    created_at: &'a str,
    settings: &'a Map<String, Value>,
}

impl Simulation {
    /// Returns a new simulation with the checked fields of a create request.
    pub(super) fn new(id: u64, fields: &Map<String, Value>, created_at: String) -> Self {
        let mut settings = Map::new();
        for field in SETTINGS {
            settings.insert(field.to_owned(), Value::Null);
        }
        settings.insert("hangup_on_transfer".to_owned(), false.into());
        settings.insert("max_call_duration".to_owned(), DEFAULT_DURATION.into());
        settings.insert("max_call_duration_units".to_owned(), "seconds".into());
        let mut simulation = Self {
            id,
            agent_id: text(fields.get("agent_id")).unwrap_or_default(),
            name: String::new(),
            description: None,
            created_at,
            settings,
            sequential_calling: false,
            max_concurrent: None,
            max_turns: None,
            ringing_timeout: DEFAULT_RINGING,
            tags: None,
            pinned: false,
            always_on: false,
            bluejay_as_code_id: None,
            digital_humans: BTreeSet::new(),
        };
        simulation.change(fields);
        simulation
    }

    /// Sets checked fields. A null restores the default.
    pub(super) fn change(&mut self, fields: &Map<String, Value>) {
        for (field, value) in fields {
            self.set(field, value);
        }
        if let Some(duration) = fields.get("max_call_duration") {
            let in_seconds =
                text(fields.get("max_call_duration_units")).as_deref() == Some("seconds");
            let seconds = match duration.as_i64() {
                None => DEFAULT_DURATION,
                Some(given) if in_seconds => given,
                Some(given) => given.saturating_mul(60),
            };
            self.settings
                .insert("max_call_duration".to_owned(), seconds.into());
        }
    }

    fn set(&mut self, field: &str, value: &Value) {
        match field {
            "name" => self.name = text(Some(value)).unwrap_or_default(),
            "description" => self.description = text(Some(value)),
            "sequential_calling" => self.sequential_calling = value == &Value::Bool(true),
            "max_concurrent" => self.max_concurrent = value.as_i64(),
            "max_turns" => self.max_turns = value.as_i64(),
            "ringing_timeout" => {
                self.ringing_timeout = value.as_i64().unwrap_or(DEFAULT_RINGING);
            }
            "tags" => {
                self.tags = value
                    .as_array()
                    .map(|tags| tags.iter().filter_map(|tag| text(Some(tag))).collect());
            }
            "pinned" => self.pinned = value == &Value::Bool(true),
            "always_on" => self.always_on = value == &Value::Bool(true),
            "bluejay_as_code_id" => self.bluejay_as_code_id = text(Some(value)),
            "hangup_on_transfer" => {
                let hangs_up = value == &Value::Bool(true);
                self.settings.insert(field.to_owned(), hangs_up.into());
            }
            // The old and the new name of one field.
            "prompt_id" | "agent_version_id" => {
                for name in ["prompt_id", "agent_version_id"] {
                    self.settings.insert(name.to_owned(), value.clone());
                }
            }
            _ if SETTINGS.contains(&field) => {
                self.settings.insert(field.to_owned(), value.clone());
            }
            // The agent never changes. Duration and unit are set together.
            _ => {}
        }
    }

    /// Returns the answer to `GET /v1/simulation/{id}`.
    pub(super) fn read(&self) -> Value {
        json!({
            "id": self.id,
            "agent_id": agent_number(&self.agent_id),
            "name": self.name,
            "created_at": self.created_at,
            "settings": self.settings,
            "type": self.kind(),
            "max_concurrent": self.max_concurrent,
            "max_turns": self.max_turns,
            "ringing_timeout": self.ringing_timeout,
            "tags": self.tags,
            "description": self.description,
            "pinned": self.pinned,
            "always_on": self.always_on,
            "bluejay_as_code_id": self.bluejay_as_code_id,
        })
    }

    /// Returns the entry of the lists.
    pub(super) fn list_entry(&self) -> ListEntry<'_> {
        ListEntry {
            id: self.id,
            name: &self.name,
            agent_id: agent_number(&self.agent_id),
            created_at: &self.created_at,
            settings: &self.settings,
        }
    }

    /// Returns the answer to `GET /v1/digital-humans-by-simulation/{id}`. `row` returns a
    /// digital human of the sandbox; of other digital humans only the id is known.
    pub(super) fn humans(&self, row: impl Fn(i64) -> Option<Value>) -> Value {
        let humans: Vec<Value> = self
            .digital_humans
            .iter()
            .map(|id| row(*id).unwrap_or_else(|| unknown_human(*id)))
            .collect();
        json!({ "total": humans.len(), "digital_humans": humans, "simulation_id": self.id })
    }

    fn kind(&self) -> &'static str {
        if self.sequential_calling {
            "sequential"
        } else if self.max_concurrent.is_some() {
            "max_concurrent"
        } else {
            "parallel"
        }
    }
}

fn unknown_human(id: i64) -> Value {
    json!({
        "id": id,
        "name": format!("Digital human {id}"),
        "intent": "",
        "success_criteria": "",
    })
}

/// Returns the id of an agent as answers show it: an integer, or null for another
/// text.
pub(super) fn agent_number(agent_id: &str) -> Option<i64> {
    agent_id.trim().parse().ok()
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    fn new(value: Value) -> Simulation {
        Simulation::new(1, &fields(value), "2026-01-01T00:00:00.000000Z".to_owned())
    }

    #[test]
    fn a_new_simulation_has_the_documented_defaults() {
        let read = new(json!({ "agent_id": "42" })).read();
        assert_eq!(read["agent_id"], 42);
        assert_eq!(read["name"], "");
        assert_eq!(read["type"], "parallel");
        assert_eq!(read["ringing_timeout"], 300);
        assert_eq!(read["settings"]["max_call_duration"], 600);
        assert_eq!(read["settings"]["max_call_duration_units"], "seconds");
        assert_eq!(read["settings"]["hangup_on_transfer"], false);
    }

    #[test]
    fn durations_are_stored_in_seconds() {
        for (duration, expected) in [
            (json!({ "max_call_duration": 8 }), 480),
            (
                json!({ "max_call_duration": 8, "max_call_duration_units": "minutes" }),
                480,
            ),
            (
                json!({ "max_call_duration": 90, "max_call_duration_units": "seconds" }),
                90,
            ),
            (
                json!({ "max_call_duration": null, "max_call_duration_units": "seconds" }),
                600,
            ),
        ] {
            let simulation = new(duration);
            assert_eq!(simulation.settings["max_call_duration"], expected);
            assert_eq!(simulation.settings["max_call_duration_units"], "seconds");
        }
    }

    #[test]
    fn a_change_ignores_absent_fields_and_resets_nulls() {
        let mut simulation = new(json!({
            "agent_id": "42", "name": "a", "description": "b", "max_concurrent": 5,
        }));
        simulation.change(&fields(json!({ "name": "c", "max_concurrent": null })));
        assert_eq!(simulation.name, "c");
        assert_eq!(simulation.description.as_deref(), Some("b"));
        assert_eq!(simulation.max_concurrent, None);
    }

    #[test]
    fn an_agent_id_that_is_not_an_integer_is_shown_as_null() {
        let simulation = new(json!({ "agent_id": "agent-7" }));
        assert_eq!(simulation.list_entry().agent_id, None);
        assert_eq!(simulation.read()["agent_id"], Value::Null);
    }
}
