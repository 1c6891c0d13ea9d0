//! Documents with problems, by kind.

use serde_json::json;

use super::*;

/// Checks the places and messages of the problems of a document.
#[track_caller]
fn check(kind: Kind, document: Value, expected: &[(&str, &str)]) {
    let found = problems(kind, document.as_object().unwrap());
    let found: Vec<_> = found
        .iter()
        .map(|problem| (problem.pointer.as_str(), problem.message.as_str()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn callers_need_something_to_say() {
    let kind = Kind::DigitalHuman;
    let missing = ("", "`intent` is missing: the caller has nothing to say");
    check(kind, json!({}), &[missing]);
    check(kind, json!({"intent": " "}), &[missing]);
    check(kind, json!({"journey_steps": []}), &[missing]);
    for fields in [
        json!({"intent": "x"}),
        json!({"original_transcript": "x"}),
        json!({"formatted_transcript": [{"role": "USER", "utterance": "x"}]}),
        json!({"journey_steps": [{"step": 1}, {"step": 2}]}),
        json!({"enriched_playback": [{}]}),
        json!({"tag": "workflow"}),
    ] {
        check(kind, fields, &[]);
    }
}

#[test]
fn voicemails_need_their_words() {
    let kind = Kind::DigitalHuman;
    check(
        kind,
        json!({"tag": "voicemail-custom"}),
        &[(
            "/tag",
            "`tag: voicemail-custom` needs `message: TEXT` in `speaks_first_config`",
        )],
    );
    check(
        kind,
        json!({"tag": "voicemail-ai-generated", "speaks_first_config": {"speaks_first": true}}),
        &[(
            "/speaks_first_config",
            "`tag: voicemail-ai-generated` needs `mode: ai_generated` in `speaks_first_config`",
        )],
    );
    let config = json!({"speaks_first": true, "mode": "ai_generated"});
    check(
        kind,
        json!({"tag": "voicemail-ai-generated", "speaks_first_config": config}),
        &[],
    );
}

#[test]
fn maps_inside_a_digital_human_have_rules() {
    check(
        Kind::DigitalHuman,
        json!({
            "intent": "x",
            "background_noise": "custom",
            "accent": "klingon",
            "patience": 2,
            "endpointing_delay": 2,
            "interruptions": {"type": "low", "contextual_prompt": "x"},
            "scripted_responses": [
                {"response_type": "silence", "occurrence_mode": "always"},
                {"response_type": "dtmf", "occurrence_mode": "first_n"},
            ],
            "journey_steps": [{"step": 1}, {"step": 3}],
        }),
        &[
            (
                "/background_noise",
                "`custom_background_noise_url` is missing: `background_noise: custom` needs it",
            ),
            (
                "/journey_steps/1/step",
                "step 3 stands where step 2 is expected",
            ),
            ("/accent", "`accent` has the unknown value `klingon`"),
            (
                "/patience",
                "`endpointing_delay` and `patience` are one field under two names",
            ),
            (
                "/interruptions/contextual_prompt",
                "`contextual_prompt` has no meaning with `type: low`",
            ),
            (
                "/scripted_responses/1/response_type",
                "`response_value` is missing: `response_type: dtmf` needs it",
            ),
            (
                "/scripted_responses/1/occurrence_mode",
                "`occurrence_n` is missing: `occurrence_mode: first_n` needs it",
            ),
        ],
    );
}

#[test]
fn only_unknown_suggested_values_are_warnings() {
    let document = json!({"intent": "x", "language": "xx", "background_noise": "custom"});
    let found = problems(Kind::DigitalHuman, document.as_object().unwrap());
    let severities: Vec<_> = found.iter().map(|problem| problem.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning]);
}

#[test]
fn a_response_type_decides_what_a_metric_needs() {
    let kind = Kind::CustomMetric;
    let with = |response_type: &str, more: Value| {
        let mut fields = json!({"response_type": response_type, "prompt": "x"});
        let fields = fields.as_object_mut().unwrap();
        fields.extend(more.as_object().cloned().unwrap());
        Value::Object(fields.clone())
    };
    check(
        kind,
        with("quantitative", json!({"min_value": 0})),
        &[(
            "/response_type",
            "`max_value` is missing: `response_type: quantitative` needs it",
        )],
    );
    check(
        kind,
        with("quantitative", json!({"min_value": 5, "max_value": 5.0})),
        &[(
            "/min_value",
            "`min_value` must be less than `max_value`, found 5 and 5.0",
        )],
    );
    check(
        kind,
        with("enum", json!({})),
        &[(
            "/response_type",
            "`enum_options` is missing: `response_type: enum` needs it",
        )],
    );
    check(
        kind,
        with("json", json!({})),
        &[(
            "/response_type",
            "`json_schema` is missing: `response_type: json` needs it",
        )],
    );
    check(kind, with("pass_fail", json!({})), &[]);
}

#[test]
fn only_a_judge_needs_a_prompt() {
    let kind = Kind::CustomMetric;
    check(
        kind,
        json!({}),
        &[("", "`prompt` is missing: `metric_type: llm_judge` needs it")],
    );
    check(kind, json!({"description": "x"}), &[]);
    check(kind, json!({"metric_type": "composite"}), &[]);
    check(
        kind,
        json!({"prompt": "x", "description": "x"}),
        &[(
            "/description",
            "`prompt` and `description` are one field under two names",
        )],
    );
}

#[test]
fn a_schedule_names_one_simulation() {
    let kind = Kind::Schedule;
    check(
        kind,
        json!({}),
        &[("", "`simulation` or `simulation_id` is missing")],
    );
    check(
        kind,
        json!({"simulation": "a", "simulation_id": "1"}),
        &[(
            "/simulation_id",
            "`simulation` and `simulation_id` exclude each other",
        )],
    );
}

#[test]
fn a_frequency_decides_what_a_schedule_needs() {
    let check = |schedule: Value, expected: &[(&str, &str)]| {
        check(
            Kind::Schedule,
            json!({"simulation": "a", "schedule": schedule}),
            expected,
        );
    };
    check(
        json!({"frequency": "weekly", "day_of_month": 3, "time": "12:00"}),
        &[
            (
                "/schedule/frequency",
                "`day_of_week` is missing: `frequency: weekly` needs it",
            ),
            (
                "/schedule/day_of_month",
                "`day_of_month` has no meaning with `frequency: weekly`",
            ),
        ],
    );
    check(
        json!({"frequency": "daily", "time": "12:00", "window": {}}),
        &[(
            "/schedule/window",
            "`window` has no meaning with `frequency: daily`",
        )],
    );
    check(
        json!({"frequency": "every_n_hours", "interval": 24, "window": {"days": ["monday"]}}),
        &[(
            "/schedule/interval",
            "`interval` must be between 1 and 23 hours, found 24",
        )],
    );
    check(
        json!({"frequency": "cron", "expression": "0 9 * *"}),
        &[(
            "/schedule/expression",
            "a cron expression has five fields, found 4",
        )],
    );
    check(json!({"frequency": "sometimes", "time": "12:00"}), &[]);
}

#[test]
fn a_simulation_is_checked_elsewhere() {
    let versions = json!({"prompt_id": "a", "agent_version_id": "b"});
    check(Kind::Simulation, versions, &[]);
}
