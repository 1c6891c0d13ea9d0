//! What a person writes: one YAML document, one simulation.
//!
//! The doc comments of the fields are the descriptions in the JSON Schema, so
//! they are written for the person who writes the YAML. Types, bounds and
//! defaults of the API's fields are those of its reference of spring 2026.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::resource::key::{AgentId, DigitalHumanId, SimulationKey};

/// The fields of a document that belong to one simulation alone: never sent,
/// and no defaults of a project.
pub const OWN_FIELDS: [&str; 4] = ["extra", "key", "moved_from", "protect"];

/// The fields that name simulations: no `${var:NAME}` is replaced in them.
pub const LITERAL_FIELDS: [&str; 2] = ["key", "moved_from"];

/// A Bluejay simulation: a test of a voice or chat agent.
///
/// The schema is made from this type; documents are used as they were read, see
/// [`super::checked`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(
    title = "Bluejay simulation",
    description = "A Bluejay simulation: a test of a voice or chat agent."
)]
pub struct SimulationDocument {
    /// The identity of this simulation in the lockfile. Left out, it is the
    /// file's path below `simulations/`, without the ending. In a file with
    /// several documents each needs its own.
    #[serde(default, skip_serializing)]
    pub key: Option<SimulationKey>,
    /// Never delete or replace this simulation, whatever a plan would say.
    #[serde(default, skip_serializing)]
    #[schemars(extend("default" = false))]
    pub protect: Option<bool>,
    /// The key that this simulation had before: its lockfile entry is renamed,
    /// and nothing new is created.
    #[serde(default, skip_serializing)]
    pub moved_from: Option<SimulationKey>,
    /// API fields that this schema does not know yet. They are sent as they are.
    /// Settings of the digital humans that it does not know go into a map
    /// `digital_humans_settings` in here.
    #[serde(default, skip_serializing)]
    pub extra: Option<Map<String, Value>>,
    /// The digital humans, who play the callers, to attach, by their ids. What
    /// others attached stays. Without any, a simulation can't run.
    #[serde(default, skip_serializing)]
    #[schemars(transform = human_items)]
    pub digital_humans: Option<Vec<DigitalHumanId>>,
    /// Detach every digital human that `digital_humans` doesn't name. It is
    /// looked at when `digital_humans` changes, and with `--refresh`.
    #[serde(default, skip_serializing)]
    #[schemars(extend("default" = false))]
    pub digital_humans_exclusive: Option<bool>,

    /// The id of the agent to test. Changing it replaces the simulation.
    pub agent_id: AgentId,
    /// The name that the dashboard shows. Unique per agent, please: it is how a
    /// simulation is recognised whose id was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the simulation is for. Any length; `|` keeps the line breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The prompt (agent version) to test, by its UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = uuid_field)]
    pub prompt_id: Option<String>,
    /// The version of the agent to test, by its UUID: the newer name of
    /// `prompt_id`. Give one of the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = uuid_field)]
    pub agent_version_id: Option<String>,
    /// The knowledge base to test with, by its UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = uuid_field)]
    pub knowledge_base_id: Option<String>,
    /// Deprecated by the API: call one after the other. Use `max_concurrent: 1`.
    /// Changing it replaces the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false, "deprecated" = true))]
    pub sequential_calling: Option<bool>,
    /// How many calls run at the same time, 1 to 500. Plans cap it lower, and
    /// calls have been dropped from about 60 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 500))]
    pub max_concurrent: Option<i64>,
    /// Hang up when the agent transfers the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub hangup_on_transfer: Option<bool>,
    /// The longest that a call may take, in `max_call_duration_units`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 10))]
    pub max_call_duration: Option<i64>,
    /// The unit of `max_call_duration`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = units_field)]
    pub max_call_duration_units: Option<DurationUnits>,
    /// How long to let the phone ring, in seconds (SIP trunks).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 300))]
    pub ringing_timeout: Option<i64>,
    /// How the digital humans, who play the callers, behave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digital_humans_settings: Option<DigitalHumansSettings>,
    /// The custom metrics to score, by their UUIDs; their order means nothing.
    /// Left out: all metrics of the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = uuid_items)]
    pub selected_custom_metrics: Option<Vec<String>>,
    /// The score below which a custom metric fails, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub custom_metrics_failing_threshold: Option<i64>,
    /// The score from which on a custom metric passes, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub custom_metrics_passing_threshold: Option<i64>,
    /// Whether its digital humans are always on. Changing it replaces the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub always_on: Option<bool>,
    /// How often each digital human calls in one run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub runs_per_digital_human: Option<i64>,
    /// The most turns that a conversation may take. A new simulation gets it by
    /// an update right after it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_turns: Option<i64>,
    /// Labels in the dashboard; their order means nothing. A new simulation gets
    /// them by an update right after it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Whether the dashboard shows it first. A new simulation gets it by an
    /// update right after it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
}

/// The unit of a call's duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum DurationUnits {
    /// Minutes.
    Minutes,
    /// Seconds.
    Seconds,
}

/// How the digital humans of a simulation behave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigitalHumansSettings {
    /// The caller's name, or `random`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "random"))]
    pub default_name: Option<String>,
    /// The number that the caller calls from, or `random`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "random"))]
    pub default_caller_number: Option<String>,
    /// The caller's language, or `random`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "random"))]
    pub default_language: Option<String>,
    /// What is heard behind the caller, or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "none"))]
    pub default_background_noise: Option<String>,
    /// The caller's first words, or `ai_generated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "ai_generated"))]
    pub first_message: Option<String>,
    /// How often each digital human calls in one run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("default" = 1))]
    pub num_runs: Option<i64>,
}

/// The text forms of a UUID that the API takes, as a pattern: editors check
/// patterns, not formats, and strict validators refuse a format that they don't
/// know.
pub const UUID_PATTERN: &str = "^([0-9a-fA-F]{32}|(urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\})$";

/// The same, or a text with a `${var:NAME}` that becomes one.
pub const UUID_OR_REFERENCE_PATTERN: &str = "^([0-9a-fA-F]{32}|(urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\}|.*\\$\\{var:.*)$";

/// A text with a `${var:NAME}`: editors see it before it is replaced.
pub const REFERENCE_PATTERN: &str = "\\$\\{var:";

fn units_field(schema: &mut Schema) {
    schema.remove("anyOf");
    schema.insert("type".to_owned(), serde_json::json!(["string", "null"]));
    schema.insert(
        "anyOf".to_owned(),
        serde_json::json!([
            { "enum": ["minutes", "seconds", null] },
            { "pattern": REFERENCE_PATTERN }
        ]),
    );
    schema.insert("default".to_owned(), "minutes".into());
}

fn uuid_field(schema: &mut Schema) {
    schema.insert("pattern".to_owned(), UUID_OR_REFERENCE_PATTERN.into());
}

fn human_items(schema: &mut Schema) {
    schema.insert(
        "items".to_owned(),
        serde_json::json!({ "type": "integer", "minimum": 1 }),
    );
}

fn uuid_items(schema: &mut Schema) {
    schema.insert(
        "items".to_owned(),
        serde_json::json!({ "type": "string", "pattern": UUID_OR_REFERENCE_PATTERN }),
    );
}
