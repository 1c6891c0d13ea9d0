//! The field table of a simulation: the only place that describes the fields.
//!
//! Types, bounds and defaults follow the reference of the API.

use super::agent::{self, AGENT};
use super::body::{AGENT_ID, NAME};
use super::document_fields::{
    ENVIRONMENTS_FIELD, EXTRA_FIELD, KEY_FIELD, MOVED_FROM_FIELD, PROTECT_FIELD, kind_field,
};
use super::field::{
    Constant, Default, Deprecation, Field, IntegerRange, ItemType, ReadAt, SentIn, ValueType,
};
use super::kind::Kind;
use super::table::{Identity, Table};

/// The map of an answer that contains most settings.
const SETTINGS: &str = "settings";

/// The properties of the kind.
pub(super) static TABLE: Table = Table {
    title: "Bluejay simulation",
    definition: "Simulation",
    doc: "A Bluejay simulation: a test of a voice or chat agent.",
    fields: FIELDS,
    marker: Some(&MARKER_FIELD),
    identity: Identity {
        name: Some(NAME),
        title: None,
        content: &[],
        scope: Some(AGENT_ID),
    },
    envelope: &[
        "created_at",
        "id",
        "message",
        "simulation_id",
        "status",
        SETTINGS,
    ],
    nested: Some(SETTINGS),
    rules: &[],
};

/// The digital humans to attach.
pub const DIGITAL_HUMANS: &str = "digital_humans";

/// Whether an apply detaches all other digital humans.
pub const DIGITAL_HUMANS_EXCLUSIVE: &str = "digital_humans_exclusive";

/// The custom metrics that score a simulation.
pub const SELECTED_METRICS: &str = "selected_custom_metrics";

/// The maximum duration of a call.
pub const DURATION: &str = "max_call_duration";

/// The unit of [`DURATION`].
pub const DURATION_UNIT: &str = "max_call_duration_units";

/// The UUID of the examples.
const UUID: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
/// The path of the marker of a project, which no document declares: see
/// [`super::ownership`].
pub const MARKER: &str = "ownership_marker";

/// The field of the API that holds the marker.
pub const MARKER_SENT_AS: &str = "bluejay_as_code_id";

/// The marker: a field of a new simulation's state that only an update sets.
pub static MARKER_FIELD: Field = Field {
    name: MARKER,
    value: ValueType::Uuid,
    sent: SentIn::Update,
    sent_as: Some(MARKER_SENT_AS),
    ..Field::BASE
};

/// The fields of a document, in the order in which import writes them.
pub static FIELDS: &[Field] = &[
    Field {
        required: None,
        default: Default::Documented(Constant::Text("simulation")),
        ..kind_field(&["simulation"])
    },
    Field {
        doc: "The identity of this simulation in the lockfile. Left out, it is the \
              file's path below `simulations/`, without the ending. In a file with \
              several documents each needs its own.",
        ..KEY_FIELD
    },
    Field {
        doc: "Whether a plan that would delete or replace this simulation is refused.",
        ..PROTECT_FIELD
    },
    Field {
        doc: "The key that this simulation had before: its lockfile entry is renamed, \
              and nothing new is created.",
        ..MOVED_FROM_FIELD
    },
    ENVIRONMENTS_FIELD,
    Field {
        name: AGENT_ID,
        doc: "The id of the agent to test. Changing it replaces the simulation.",
        value: ValueType::AgentId,
        required: Some("the id of the agent to test"),
        instead: Some(AGENT),
        sent: SentIn::Create,
        read: ReadAt::Identity,
        example: Some(Constant::Text("42")),
        ..Field::BASE
    },
    Field {
        name: AGENT,
        doc: "The agent to test, by its external id or by its name, in place of \
              `agent_id`. The lockfile pins the id. Another agent replaces the simulation.",
        value: ValueType::Record(&agent::SHAPE),
        sent: SentIn::Create,
        read: ReadAt::Nowhere,
        sent_as: Some(AGENT_ID),
        ..Field::BASE
    },
    Field {
        name: NAME,
        doc: "The name that the dashboard shows. Give each simulation of an agent another \
              name: a simulation whose id was lost is found by its name.",
        value: ValueType::Name,
        read: ReadAt::Identity,
        example: Some(Constant::Text("Front desk regression")),
        ..Field::BASE
    },
    Field {
        name: "description",
        doc: "What the simulation is for. Any length; `|` keeps the line breaks.",
        default: Default::Empty,
        example: Some(Constant::Text("Booking, rescheduling and cancellation.")),
        ..Field::BASE
    },
    Field {
        name: "prompt_id",
        doc: "Deprecated by the API: the older name of `agent_version_id`. The prompt \
              (agent version) to test, by its UUID.",
        value: ValueType::Uuid,
        deprecated: Some(Deprecation {
            message: "deprecated by the API: write `agent_version_id` in its place",
            help: "write `agent_version_id` in its place, with the same UUID",
            ineffective: None,
        }),
        example: Some(Constant::Text(UUID)),
        ..Field::BASE
    },
    Field {
        name: "agent_version_id",
        doc: "The version of the agent to test, by its UUID.",
        value: ValueType::Uuid,
        alias_of: Some("prompt_id"),
        example: Some(Constant::Text(UUID)),
        ..Field::BASE
    },
    Field {
        name: "knowledge_base_id",
        doc: "The knowledge base to test with, by its UUID.",
        value: ValueType::Uuid,
        example: Some(Constant::Text(UUID)),
        ..Field::BASE
    },
    Field {
        name: "sequential_calling",
        doc: "Deprecated by the API: whether calls run one after the other. Use \
              `max_concurrent: 1`. Changing it replaces the simulation.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(false)),
        sent: SentIn::Create,
        read: ReadAt::Nowhere,
        deprecated: Some(Deprecation {
            message: "deprecated by the API: write `max_concurrent: 1` in its place",
            help: "write `max_concurrent: 1` in its place",
            ineffective: Some(Constant::Flag(false)),
        }),
        ..Field::BASE
    },
    Field {
        name: "max_concurrent",
        doc: "The maximum number of calls at the same time, 1 to 500. The Bluejay subscription \
              may allow fewer. With about 60 calls or more, calls have been dropped.",
        value: ValueType::Integer(IntegerRange {
            warn_above: Some(50),
            ..IntegerRange::between(1, 500)
        }),
        example: Some(Constant::Integer(25)),
        ..Field::BASE
    },
    Field {
        name: "hangup_on_transfer",
        doc: "Whether the caller hangs up when the agent transfers the call.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(false)),
        ..Field::BASE
    },
    Field {
        name: DURATION,
        doc: "The maximum duration of a call, in the unit of `max_call_duration_units`.",
        value: ValueType::Duration {
            unit: DURATION_UNIT,
        },
        default: Default::Documented(Constant::Integer(10)),
        read: ReadAt::Settings,
        ..Field::BASE
    },
    Field {
        name: DURATION_UNIT,
        doc: "The unit of `max_call_duration`.",
        value: ValueType::DurationUnit { of: DURATION },
        default: Default::Documented(Constant::Text("minutes")),
        read: ReadAt::Settings,
        ..Field::BASE
    },
    Field {
        name: "ringing_timeout",
        doc: "How long the phone rings before a call over a SIP trunk is given up, in seconds.",
        value: ValueType::Integer(IntegerRange::SECONDS),
        default: Default::Documented(Constant::Integer(300)),
        ..Field::BASE
    },
    Field {
        name: DIGITAL_HUMANS,
        doc: "The digital humans to attach, by key or by id: they play the callers. Digital \
              humans that were attached in the dashboard stay attached. A simulation without \
              digital humans can't run.",
        value: ValueType::Set {
            of: ItemType::Id,
            is_unset_when_empty: true,
        },
        refers_to: Some(Kind::DigitalHuman),
        sent: SentIn::Links,
        read: ReadAt::Nowhere,
        ..Field::BASE
    },
    Field {
        name: DIGITAL_HUMANS_EXCLUSIVE,
        doc: "Whether an apply detaches every digital human that `digital_humans` does not \
              name. The apply looks for others when `digital_humans` changes, and with \
              `--refresh`.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(false)),
        sent: SentIn::Links,
        read: ReadAt::Nowhere,
        ..Field::BASE
    },
    Field {
        name: "digital_humans_settings",
        doc: "Settings of all digital humans of the simulation, who play the callers.",
        value: ValueType::Map {
            title: "DigitalHumansSettings",
            doc: "How the digital humans of a simulation behave.",
            fields: HUMANS_SETTINGS,
        },
        read: ReadAt::Settings,
        ..Field::BASE
    },
    Field {
        name: "runs_per_digital_human",
        doc: "How often each digital human calls in one run.",
        value: ValueType::Integer(IntegerRange::from(1)),
        example: Some(Constant::Integer(3)),
        ..Field::BASE
    },
    Field {
        name: SELECTED_METRICS,
        doc: "The custom metrics that score the conversations, by key or by UUID. The order \
              has no meaning. Without this field, all metrics of the agent score.",
        value: ValueType::Set {
            of: ItemType::Uuid,
            is_unset_when_empty: false,
        },
        refers_to: Some(Kind::CustomMetric),
        example: Some(Constant::List(UUID)),
        ..Field::BASE
    },
    Field {
        name: "custom_metrics_failing_threshold",
        doc: "The score below which a custom metric fails, 0 to 100.",
        value: ValueType::Integer(IntegerRange::score(0, 100)),
        at_most: Some("custom_metrics_passing_threshold"),
        example: Some(Constant::Integer(60)),
        ..Field::BASE
    },
    Field {
        name: "custom_metrics_passing_threshold",
        doc: "The score from which on a custom metric passes, 0 to 100.",
        value: ValueType::Integer(IntegerRange::score(0, 100)),
        example: Some(Constant::Integer(80)),
        ..Field::BASE
    },
    Field {
        name: "always_on",
        doc: "Whether the simulation has digital humans that are always on, and answer calls \
              to their numbers at any time. Changing it replaces the simulation.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(false)),
        sent: SentIn::Create,
        ..Field::BASE
    },
    Field {
        name: "max_turns",
        doc: "The maximum number of turns of a conversation. A new simulation gets it by an \
              update right after it is created.",
        value: ValueType::Integer(IntegerRange::ANY),
        sent: SentIn::Update,
        example: Some(Constant::Integer(20)),
        ..Field::BASE
    },
    Field {
        name: "tags",
        doc: "Labels in the dashboard. The order has no meaning. A new simulation gets them by \
              an update right after it is created.",
        value: ValueType::Set {
            of: ItemType::Text,
            is_unset_when_empty: true,
        },
        sent: SentIn::Update,
        example: Some(Constant::List("nightly")),
        ..Field::BASE
    },
    Field {
        name: "pinned",
        doc: "Whether the simulation is pinned in the dashboard. A new simulation gets it by \
              an update right after it is created.",
        value: ValueType::Flag,
        default: Default::Typical(Constant::Flag(false)),
        sent: SentIn::Update,
        ..Field::BASE
    },
    Field {
        name: "outcome_failing_threshold",
        doc: "The share of passed criteria below which a conversation fails, 0 to 99. \
              A new simulation gets it by an update right after it is created.",
        sent: SentIn::Update,
        value: ValueType::Integer(IntegerRange::score(0, 99)),
        at_most: Some("outcome_passing_threshold"),
        example: Some(Constant::Integer(60)),
        ..Field::BASE
    },
    Field {
        name: "outcome_passing_threshold",
        doc: "The share of passed criteria from which on a conversation passes, 1 to \
              100. A new simulation gets it by an update right after it is created.",
        sent: SentIn::Update,
        value: ValueType::Integer(IntegerRange::score(1, 100)),
        example: Some(Constant::Integer(80)),
        ..Field::BASE
    },
    Field {
        name: "delay_between_tests_seconds",
        doc: "How long to wait between two conversations, in seconds. A new simulation \
              gets it by an update right after it is created.",
        sent: SentIn::Update,
        value: ValueType::Integer(IntegerRange::SECONDS),
        example: Some(Constant::Integer(5)),
        ..Field::BASE
    },
    Field {
        name: "inactivity_timeout_seconds",
        doc: "After how many seconds of silence a conversation ends. A new simulation \
              gets it by an update right after it is created.",
        sent: SentIn::Update,
        value: ValueType::Integer(IntegerRange::SECONDS),
        example: Some(Constant::Integer(30)),
        ..Field::BASE
    },
    Field {
        name: "custom_error_enabled",
        doc: "Whether `custom_error_prompt` decides which conversations count as \
              errors. A new simulation gets it by an update right after it is created.",
        sent: SentIn::Update,
        value: ValueType::Flag,
        default: Default::Typical(Constant::Flag(false)),
        ..Field::BASE
    },
    Field {
        name: "custom_error_prompt",
        doc: "What makes a conversation an error of the test rather than a failure of \
              the agent. A new simulation gets it by an update right after it is \
              created.",
        sent: SentIn::Update,
        example: Some(Constant::Text("The call was cut off by the carrier.")),
        ..Field::BASE
    },
    Field {
        name: "enable_rerun_failed_test_results",
        doc: "Whether failed conversations are repeated. A new simulation gets it by \
              an update right after it is created.",
        sent: SentIn::Update,
        value: ValueType::Flag,
        default: Default::Typical(Constant::Flag(false)),
        ..Field::BASE
    },
    Field {
        name: "enable_rerun_on_custom_error",
        doc: "Whether conversations with a custom error are repeated. A new simulation \
              gets it by an update right after it is created.",
        sent: SentIn::Update,
        value: ValueType::Flag,
        default: Default::Typical(Constant::Flag(false)),
        ..Field::BASE
    },
    Field {
        name: "rerun_max_retries",
        doc: "How often a conversation is repeated at most, 1 to 5. A new simulation \
              gets it by an update right after it is created.",
        sent: SentIn::Update,
        value: ValueType::Integer(IntegerRange::between(1, 5)),
        example: Some(Constant::Integer(2)),
        ..Field::BASE
    },
    Field {
        doc: "API fields that this schema does not know yet. They are sent as they are. \
              Unknown settings of the digital humans go into a map `digital_humans_settings` \
              inside `extra`.",
        ..EXTRA_FIELD
    },
];

/// The settings of the digital humans.
static HUMANS_SETTINGS: &[Field] = &[
    Field {
        name: "default_name",
        doc: "The caller's name, or `random`.",
        default: Default::Documented(Constant::Text("random")),
        ..Field::BASE
    },
    Field {
        name: "default_caller_number",
        doc: "The number that the caller calls from, or `random`.",
        default: Default::Documented(Constant::Text("random")),
        ..Field::BASE
    },
    Field {
        name: "default_language",
        doc: "The caller's language, or `random`.",
        default: Default::Documented(Constant::Text("random")),
        ..Field::BASE
    },
    Field {
        name: "default_background_noise",
        doc: "The noise behind the caller's voice, or `none`.",
        default: Default::Documented(Constant::Text("none")),
        ..Field::BASE
    },
    Field {
        name: "first_message",
        doc: "The caller's first words, or `ai_generated`.",
        default: Default::Documented(Constant::Text("ai_generated")),
        ..Field::BASE
    },
    Field {
        name: "num_runs",
        doc: "How often each digital human calls in one run.",
        value: ValueType::Integer(IntegerRange::from(1)),
        default: Default::Documented(Constant::Integer(1)),
        ..Field::BASE
    },
];
