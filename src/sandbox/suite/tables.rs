//! The fields and types of requests for each kind: the vendor's schema of April 2026 and
//! the fields of its pages of September.

use serde_json::{Map, Value, json};

use crate::sandbox::check::Table;
use crate::sandbox::coerce::{ANY, Kind, Part, Range};

const INTEGER: Kind = Kind::Integer(ANY);
const ONE_OR_MORE: Kind = Kind::Integer(Range {
    at_least: Some(1),
    ..ANY
});

const fn required(name: &'static str, kind: Kind) -> Part {
    Part {
        name,
        kind,
        is_required: true,
    }
}

const fn optional(name: &'static str, kind: Kind) -> Part {
    Part {
        name,
        kind,
        is_required: false,
    }
}

const TOOL_CALL: Kind = Kind::Object(&[
    required("name", Kind::Text),
    optional("parameters", Kind::FreeMap),
    optional("output", Kind::Any),
]);

const TRAIT: Kind = Kind::Object(&[
    required("trait_name", Kind::Text),
    required(
        "trait_data_type",
        Kind::OneOf(&["BOOLEAN", "STRING", "DATE", "NUMBER"]),
    ),
    required("value", Kind::Any),
    optional("is_sip_header", Kind::Flag),
]);

const KEYWORD_RESPONSE: Kind = Kind::Object(&[
    required("keyword", Kind::Text),
    required("response", Kind::Text),
    optional("probability", Kind::Number(0.0, 1.0)),
]);

const INTERRUPTIONS: Kind = Kind::Tagged(
    "type",
    &[
        ("none", &[]),
        ("low", &[]),
        ("medium", &[]),
        ("high", &[]),
        (
            "keywords",
            &[required("keyword_responses", Kind::List(&KEYWORD_RESPONSE))],
        ),
        ("contextual", &[required("contextual_prompt", Kind::Text)]),
    ],
);

const SCRIPTED_RESPONSE: Kind = Kind::Object(&[
    required("match_type", Kind::OneOf(&["exact", "context"])),
    required("match_phrase", Kind::Text),
    required(
        "response_type",
        Kind::OneOf(&["phrase", "silence", "dtmf", "audio"]),
    ),
    optional("response_value", Kind::Text),
    optional("scripted_response_audio_snippet_url", Kind::Text),
    required("occurrence_mode", Kind::OneOf(&["always", "first_n"])),
    optional("occurrence_n", ONE_OR_MORE),
    optional("silence_duration", ONE_OR_MORE),
]);

const SPEAKS_FIRST: Kind = Kind::Object(&[
    required("speaks_first", Kind::Flag),
    optional("mode", Kind::OneOf(&["custom", "ai_generated"])),
    optional("message", Kind::Text),
    optional("dynamic", Kind::Flag),
]);

const UTTERANCE: Kind = Kind::Object(&[
    required("role", Kind::Text),
    required("utterance", Kind::Text),
]);

const JOURNEY_STEP: Kind = Kind::Object(&[
    required("step", ONE_OR_MORE),
    optional("intent", Kind::Text),
    optional("success_criteria", Kind::Text),
    optional("modality", Kind::Text),
    optional("direction", Kind::Text),
    optional("wait_seconds", INTEGER),
    optional("response_window_seconds", INTEGER),
    optional("unresponsive", Kind::Flag),
    optional("phone_number", Kind::Text),
]);

/// The fields that creates and updates of digital humans share.
pub(super) const DIGITAL_HUMAN: Table<'static> = &[
    ("name", Kind::Text),
    ("test_name", Kind::Text),
    ("intent", Kind::Text),
    ("success_criteria", Kind::Text),
    ("tag", Kind::Text),
    ("language", Kind::Text),
    ("accent", Kind::Text),
    ("gender", Kind::OneOf(&["male", "female"])),
    ("custom_voice_id", Kind::Text),
    ("background_noise", Kind::Text),
    ("custom_background_noise_url", Kind::Text),
    ("background_noise_volume", Kind::Number(0.0, 1.0)),
    ("creativity", Kind::Number(0.0, 2.0)),
    (
        "voice_speed",
        Kind::OneOf(&["slowest", "slow", "normal", "fast", "fastest"]),
    ),
    (
        "audio_quality",
        Kind::OneOf(&["high", "medium", "low", "horrible"]),
    ),
    (
        "connection_quality",
        Kind::OneOf(&["none", "low", "medium", "high"]),
    ),
    (
        "fluency",
        Kind::OneOf(&["beginner", "intermediate", "native"]),
    ),
    ("verbosity", Kind::OneOf(&["low", "medium", "high"])),
    ("endpointing_delay", Kind::Number(f64::MIN, f64::MAX)),
    (
        "silence_timeout",
        Kind::Integer(Range {
            at_least: Some(15),
            ..ANY
        }),
    ),
    ("phone_number", Kind::Text),
    ("extension", Kind::Text),
    ("expected_tool_calls", Kind::List(&TOOL_CALL)),
    ("allow_end_call_tool", Kind::Flag),
    ("allow_dtmf_tool", Kind::Flag),
    ("allow_silence_tool", Kind::Flag),
    ("silence_tool_instructions", Kind::Text),
    ("hangup_instructions", Kind::Text),
    ("hangup_phrases", Kind::Texts),
    ("role_description", Kind::Text),
    ("outbound_text_number", Kind::Text),
    ("follow_up_sms_success_criteria", Kind::Text),
    ("default_dtmf_or_voiced", Kind::OneOf(&["voiced", "dtmf"])),
    ("traits", Kind::List(&TRAIT)),
    ("interruptions", INTERRUPTIONS),
    ("scripted_responses", Kind::List(&SCRIPTED_RESPONSE)),
    ("scripted_responses_ordered", Kind::Flag),
    ("speaks_first_config", SPEAKS_FIRST),
    ("original_transcript", Kind::Text),
    ("formatted_transcript", Kind::List(&UTTERANCE)),
    ("journey_steps", Kind::List(&JOURNEY_STEP)),
    ("enriched_playback", Kind::List(&Kind::FreeMap)),
    ("livekit_metadata", Kind::FreeMap),
    ("num_runs", ONE_OR_MORE),
    ("always_on_mode", Kind::Flag),
    ("always_on_active", Kind::Flag),
];

/// The fields that only a create of a digital human has.
pub(super) const DIGITAL_HUMAN_CREATE: Table<'static> =
    &[("bluejay_as_code_id", Kind::Uuid), ("tags", Kind::Texts)];

/// The fields that only an update of a digital human has.
pub(super) const DIGITAL_HUMAN_UPDATE: Table<'static> = &[
    ("simulation_ids", Kind::Integers),
    ("override_conflict", Kind::Flag),
];

/// The fields of a digital human that the API never shows.
pub(super) const DIGITAL_HUMAN_HIDDEN: [&str; 5] = [
    "num_runs",
    "always_on_mode",
    "always_on_active",
    "simulation_ids",
    "override_conflict",
];

/// The defaults of a digital human.
pub(super) fn digital_human_defaults() -> Map<String, Value> {
    with_nulls(
        DIGITAL_HUMAN.iter().chain(DIGITAL_HUMAN_CREATE),
        json!({
            "intent": "", "success_criteria": "", "language": "en", "background_noise": "none",
            "background_noise_volume": 0.8, "creativity": 0.7, "voice_speed": "normal",
            "audio_quality": "high", "connection_quality": "high", "fluency": "native",
            "verbosity": "medium", "endpointing_delay": 1.5, "allow_end_call_tool": true,
            "allow_dtmf_tool": true, "allow_silence_tool": true,
            "silence_tool_instructions": "default", "default_dtmf_or_voiced": "voiced",
            "num_runs": 1, "always_on_mode": false,
        }),
    )
}

/// The fields that creates and updates of custom metrics share.
pub(super) const METRIC: Table<'static> = &[
    ("prompt", Kind::Text),
    ("description", Kind::Text),
    ("agent_ids", Kind::Integers),
    (
        "metric_type",
        Kind::OneOf(&[
            "llm_judge",
            "composite",
            "tool_call",
            "transcript_regex",
            "transfer_landed",
        ]),
    ),
    ("settings", Kind::FreeMap),
    ("eval_segment", Kind::OneOf(&["agent", "user", "all"])),
    (
        "scope",
        Kind::OneOf(&["observability", "simulations", "all"]),
    ),
    ("eval_modality", Kind::OneOf(&["AUDIO", "TEXT", "AUTO"])),
    ("eval_route", Kind::OneOf(&["AUDIO", "TEXT", "AUTO"])),
    ("min_value", Kind::Number(f64::MIN, f64::MAX)),
    ("max_value", Kind::Number(f64::MIN, f64::MAX)),
    ("enum_options", Kind::Texts),
    ("json_schema", Kind::FreeMap),
    ("category", Kind::Text),
    ("tags", Kind::Texts),
    ("scoring_guidance", Kind::Text),
    ("model", Kind::Text),
    ("audio_model", Kind::Text),
    ("temperature", Kind::Number(f64::MIN, f64::MAX)),
    ("tool_names", Kind::Texts),
    ("summary", Kind::Text),
    ("allow_not_applicable", Kind::Flag),
];

/// The response types of a metric. The vendor's list also has `tool_call`, which the API
/// refuses.
const RESPONSE_TYPE: Kind = Kind::OneOf(&[
    "pass_fail",
    "yes_no",
    "qualitative",
    "quantitative",
    "json",
    "enum",
    "int",
    "float",
    "boolean",
]);

/// The required fields of a create of a custom metric.
pub(super) const METRIC_REQUIRED: Table<'static> =
    &[("name", Kind::Text), ("response_type", RESPONSE_TYPE)];

/// The fields that only a create of a custom metric has.
pub(super) const METRIC_CREATE: Table<'static> = &[
    ("bluejay_as_code_id", Kind::Uuid),
    ("template_id", Kind::Uuid),
    ("agent_id", INTEGER),
];

/// The defaults of a metric.
pub(super) fn metric_defaults() -> Map<String, Value> {
    with_nulls(
        METRIC.iter().filter(|(name, _)| *name != "eval_route"),
        json!({
            "agent_ids": [], "metric_type": "llm_judge", "eval_segment": "all", "scope": "all",
            "eval_modality": "AUTO", "allow_not_applicable": false,
        }),
    )
}

/// Returns null for every field without another default.
fn with_nulls<'a>(
    fields: impl Iterator<Item = &'a (&'a str, Kind)>,
    defaults: Value,
) -> Map<String, Value> {
    let mut all: Map<_, _> = fields
        .map(|(name, _)| ((*name).to_owned(), Value::Null))
        .collect();
    if let Value::Object(defaults) = defaults {
        all.extend(defaults);
    }
    all
}

const TIME: Part = required("time", Kind::Text);
const DAYS: Kind = Kind::OneOf(&[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
]);
const WINDOW: Part = optional(
    "window",
    Kind::Object(&[
        optional("days", Kind::List(&DAYS)),
        optional("start_time", Kind::Text),
        optional("end_time", Kind::Text),
    ]),
);

const SCHEDULE: Kind = Kind::Tagged(
    "frequency",
    &[
        (
            "every_n_minutes",
            &[required("interval", within(1, 59)), WINDOW],
        ),
        (
            "every_n_hours",
            &[required("interval", within(1, 23)), WINDOW],
        ),
        ("daily", &[TIME]),
        ("weekly", &[required("day_of_week", DAYS), TIME]),
        ("monthly", &[required("day_of_month", within(1, 31)), TIME]),
        ("cron", &[required("expression", Kind::Text)]),
    ],
);

const fn within(least: i64, most: i64) -> Kind {
    Kind::Integer(Range {
        more_than: None,
        at_least: Some(least),
        at_most: Some(most),
    })
}

/// The required fields of a create of a schedule.
pub(super) const SCHEDULE_REQUIRED: Table<'static> =
    &[("simulation_id", Kind::Text), ("schedule", SCHEDULE)];

/// The optional fields of a create of a schedule.
pub(super) const SCHEDULE_OPTIONAL: Table<'static> =
    &[("enabled", Kind::Flag), ("timezone", Kind::Text)];

/// The fields of an update of a schedule.
pub(super) const SCHEDULE_UPDATE: Table<'static> = &[
    ("schedule", SCHEDULE),
    ("enabled", Kind::Flag),
    ("timezone", Kind::Text),
];
