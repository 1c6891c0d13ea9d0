//! Tests of the comparison of states: which spellings are equal, and what is drift.

use serde_json::{Map, Value, json};

use super::*;

#[test]
fn a_documented_default_equals_an_absent_field() {
    for kind in Kind::ALL {
        for field in kind.fields() {
            let Some(default) = field.documented_default() else {
                continue;
            };
            let is_part = matches!(
                field.value,
                ValueType::Duration { .. } | ValueType::DurationUnit { .. }
            );
            let given = Value::from(Map::from_iter([(
                field.name.to_owned(),
                default.to_value(),
            )]));
            check_same(kind, given.clone(), json!({}));
            if !is_part {
                check_drift(kind, json!({}), given.clone(), &[]);
                check_drift(kind, given, json!({ field.name: null }), &[]);
            }
        }
    }
}

#[test]
fn an_empty_list_equals_an_absent_list() {
    for kind in [Kind::DigitalHuman, Kind::CustomMetric] {
        let lists = kind.fields().iter().filter(|field| {
            matches!(
                field.value,
                ValueType::Texts
                    | ValueType::Records { .. }
                    | ValueType::FreeMaps
                    | ValueType::Set { .. }
            )
        });
        for field in lists {
            check_same(kind, json!({ field.name: [] }), json!({}));
            check_drift(
                kind,
                json!({ field.name: [] }),
                json!({ field.name: null }),
                &[],
            );
            check_drift(kind, json!({}), json!({ field.name: [] }), &[]);
        }
    }
}

#[test]
fn spellings_of_one_digital_human_are_equal() {
    check_same(
        Kind::DigitalHuman,
        json!({
            "success_criteria": "- The agent stays polite.\n\n- The refund is booked.\n",
            "creativity": 1,
            "patience": 2,
            "tags": ["b", "a", "a"],
            "traits": [
                {"trait_name": "b", "trait_data_type": "NUMBER", "value": 1.0},
                {"trait_name": "a", "trait_data_type": "STRING", "value": "x", "is_sip_header": false},
            ],
            "scripted_responses": [{"match_phrase": "b"}, {"match_phrase": "a"}],
            "expected_tool_calls": [{"name": "book", "parameters": {}, "output": null}],
            "speaks_first_config": {"speaks_first": true, "dynamic": true},
        }),
        json!({
            "success_criteria": "The agent stays polite.\nThe refund is booked.",
            "creativity": 1.0,
            "endpointing_delay": 2.0,
            "tags": ["a", "b"],
            "traits": [
                {"trait_name": "a", "trait_data_type": "STRING", "value": "x"},
                {"trait_name": "b", "trait_data_type": "NUMBER", "value": 1},
            ],
            "scripted_responses": [{"match_phrase": "a"}, {"match_phrase": "b"}],
            "expected_tool_calls": [{"name": "book"}],
            "speaks_first_config": {"speaks_first": true},
        }),
    );
}

#[test]
fn an_order_counts_where_the_api_keeps_it() {
    let kind = Kind::DigitalHuman;
    let responses = |ordered: bool, phrases: [&str; 2]| {
        let responses = phrases.map(|phrase| json!({"match_phrase": phrase}));
        json!({"scripted_responses": responses, "scripted_responses_ordered": ordered})
    };
    let (one, other) = (["b", "a"], ["a", "b"]);
    check_same(kind, responses(false, one), responses(false, other));
    check_drift(kind, responses(false, one), responses(false, other), &[]);
    check_update(
        kind,
        responses(true, one),
        responses(true, other),
        &["scripted_responses"],
        json!({"scripted_responses": [{"match_phrase": "a"}, {"match_phrase": "b"}]}),
    );
    check_drift(kind, responses(true, one), responses(true, one), &[]);
    check_drift(
        kind,
        responses(true, one),
        responses(true, other),
        &["scripted_responses"],
    );
    let phrases = |texts: [&str; 2]| json!({"hangup_phrases": texts});
    check_drift(kind, phrases(one), phrases(other), &["hangup_phrases"]);
}

#[test]
fn what_the_server_adds_is_no_drift() {
    let kind = Kind::DigitalHuman;
    let journey = json!({"tags": ["Customer Journey"], "created_at": "x", "websocket_url": "x"});
    check_drift(kind, json!({}), journey.clone(), &[]);
    check_drift(kind, json!({"tags": ["a"]}), journey, &["tags"]);
    check_drift(
        kind,
        json!({"tags": ["a"]}),
        json!({"tags": ["a", "Customer Journey"]}),
        &[],
    );
    let config = json!({"speaks_first": true, "mode": "custom", "message": "Hello"});
    let shown = |message: Value| {
        let mut config = config.clone();
        config["message"] = message;
        json!({"speaks_first_config": config})
    };
    let recorded = json!({"speaks_first_config": config});
    check_drift(kind, recorded.clone(), shown(Value::Null), &[]);
    check_drift(kind, recorded, shown("Hi".into()), &["speaks_first_config"]);
}

#[test]
fn an_intent_that_comes_from_a_transcript_is_not_compared() {
    let kind = Kind::DigitalHuman;
    let shown = json!({"intent": "made by a model", "original_transcript": "USER: hi"});
    check_drift(
        kind,
        json!({"original_transcript": "USER: hi"}),
        shown.clone(),
        &[],
    );
    check_drift(
        kind,
        json!({"intent": "mine", "original_transcript": "USER: hi"}),
        shown.clone(),
        &[],
    );
    check_drift(
        kind,
        json!({"intent": "mine"}),
        shown,
        &["intent", "original_transcript"],
    );
}

#[test]
fn members_that_are_no_fields_are_not_read() {
    let answer = json!({"id": 7, "created_at": "x", "websocket_url": null, "attack_goal": "x",
        "workflow_v2_id": "x", "new_field": 1, "language": "de"});
    let fields = read_fields(Kind::DigitalHuman, answer.as_object().unwrap());
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["language", "new_field"]);
}

#[test]
fn the_other_name_of_a_delay_is_not_sent() {
    let kind = Kind::DigitalHuman;
    let sent = create_body(kind, &body(json!({"patience": 2})));
    assert_eq!(
        serde_json::to_value(sent).unwrap(),
        json!({"endpointing_delay": 2})
    );
    check_update(
        kind,
        json!({"patience": 2}),
        json!({}),
        &["endpointing_delay"],
        json!({"endpointing_delay": 1.5}),
    );
}

#[test]
fn hidden_fields_are_never_read() {
    let shown = json!({"num_runs": 7, "always_on_mode": true, "always_on_active": true});
    check_drift(Kind::DigitalHuman, json!({"num_runs": 2}), shown, &[]);
    check_update(
        Kind::DigitalHuman,
        json!({"num_runs": 2}),
        json!({}),
        &["num_runs"],
        json!({"num_runs": 1}),
    );
}

#[test]
fn a_map_of_a_digital_human_changes_as_a_whole() {
    let kind = Kind::DigitalHuman;
    let keywords = json!({"type": "keywords",
        "keyword_responses": [{"keyword": "a", "response": "b", "probability": 1.0}]});
    check_update(
        kind,
        json!({"interruptions": keywords}),
        json!({"interruptions": {"type": "low"}}),
        &["interruptions"],
        json!({"interruptions": {"type": "low"}}),
    );
    check_update(
        kind,
        json!({"interruptions": keywords, "intent": "x"}),
        json!({}),
        &["intent", "interruptions"],
        json!({"interruptions": null, "intent": ""}),
    );
}

#[test]
fn the_marker_of_a_digital_human_is_sent_by_creates_only() {
    let kind = Kind::DigitalHuman;
    let uuid = "e58f03fc-ac32-89d3-bf24-77feade7563f";
    let marked = body(json!({"intent": "x", MARKER: uuid}));
    let sent = create_body(kind, &marked);
    assert_eq!(
        serde_json::to_value(&sent).unwrap(),
        json!({"intent": "x", MARKER_SENT_AS: uuid})
    );
    assert_eq!(confirmed_by_create(kind, &sent), marked);
    check_same(kind, json!({}), json!({MARKER: uuid}));
    assert!(!kind.replaces(MARKER));
    let there = observed(kind, &json!({MARKER_SENT_AS: uuid.to_uppercase()}));
    assert_eq!(there.marker(), Some(uuid));
    assert_eq!(drift(kind, &marked, &there), BTreeMap::new());
}

#[test]
fn spellings_of_one_metric_are_equal() {
    let kind = Kind::CustomMetric;
    check_same(
        kind,
        json!({"prompt": "x", "agent_ids": [2, 1, 2], "eval_modality": "TEXT", "min_value": 1,
            "settings": {"window_seconds": 180, "phrases": ["b", "a"], "pattern": null}}),
        json!({"description": "x", "agent_ids": [1, 2], "eval_route": "TEXT", "min_value": 1.0,
            "settings": {"phrases": ["a", "b"]}}),
    );
    check_update(
        kind,
        json!({"description": "x", "template_id": "3C90C3CC0D444B5088888DD25736052A"}),
        json!({"prompt": "y", "template_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"}),
        &["prompt"],
        json!({"prompt": "y"}),
    );
    assert!(kind.replaces("template_id"));
}

#[test]
fn an_automatic_modality_equals_what_the_api_chose() {
    let kind = Kind::CustomMetric;
    for recorded in [
        json!({}),
        json!({"eval_modality": "AUTO"}),
        json!({"eval_route": "AUTO"}),
    ] {
        check_drift(
            kind,
            recorded,
            json!({"eval_modality": "AUDIO", "eval_route": "AUDIO"}),
            &[],
        );
    }
    check_drift(
        kind,
        json!({"eval_modality": "TEXT"}),
        json!({"eval_modality": "AUTO"}),
        &["eval_modality"],
    );
}

#[test]
fn settings_of_a_metric_are_read_by_field() {
    let kind = Kind::CustomMetric;
    let answer = json!({"id": "x", "bluejay_as_code_id": "x", "prompt": "p", "description": "p",
        "settings": {"window_seconds": 60, "pattern": "a", "new": 1}});
    check_drift(
        kind,
        json!({"prompt": "p", "settings": {"pattern": "b"}}),
        answer,
        &["settings.pattern", "settings.window_seconds"],
    );
    check_update(
        kind,
        json!({"settings": {"pattern": "b", "window_seconds": 60}}),
        json!({"settings": {"pattern": "c"}}),
        &["settings.pattern", "settings.window_seconds"],
        json!({"settings": {"pattern": "c", "window_seconds": 180}}),
    );
}

#[test]
fn a_schedule_compares_as_a_cron_expression() {
    let kind = Kind::Schedule;
    let daily = json!({"simulation_id": "0042",
        "schedule": {"frequency": "daily", "time": "02:30"}, "timezone": "UTC"});
    check_same(
        kind,
        daily.clone(),
        json!({"simulation_id": "42",
            "schedule": {"frequency": "cron", "expression": "30  2 * * *"}}),
    );
    let answer = |expression: &str| {
        json!({"id": "s", "simulation_id": "42", "cron_expression": expression, "enabled": true,
            "created_at": "x", "timezone": null})
    };
    check_drift(kind, daily.clone(), answer("30 2 * * *"), &[]);
    check_drift(kind, daily.clone(), answer("30 3 * * *"), &["schedule"]);
    // The observed schedule is recorded and imported as a map.
    let there = observed(kind, &answer("30 3 * * *"));
    let schedule = json!({"frequency": "daily", "time": "03:30"});
    assert_eq!(there.to_body(kind).get("schedule"), Some(&schedule));
    let recorded = body(daily);
    let overlaid = overlay(kind, &recorded, &drift(kind, &recorded, &there));
    assert_eq!(overlaid.get("schedule"), Some(&schedule));
    assert!(kind.replaces("simulation_id") && kind.replaces("simulation"));
}

#[test]
fn a_window_changes_a_schedule_and_is_never_read() {
    let kind = Kind::Schedule;
    let hourly = json!({"frequency": "every_n_hours", "interval": 1});
    let mut limited = hourly.clone();
    limited["window"] = json!({"days": ["tuesday", "monday"], "start_time": "09:00"});
    check_update(
        kind,
        json!({"schedule": hourly}),
        json!({"schedule": limited}),
        &["schedule"],
        json!({"schedule": limited}),
    );
    check_drift(
        kind,
        json!({"schedule": limited}),
        json!({"cron_expression": "0 * * * *"}),
        &[],
    );
    check_drift(
        kind,
        json!({"schedule": limited}),
        json!({"cron_expression": "0 */2 * * *"}),
        &["schedule"],
    );
}

#[test]
fn nobody_else_fills_an_empty_field() {
    let kind = Kind::DigitalHuman;
    let is_empty = |field: &&Field| matches!(field.default, Default::Empty);
    assert!(kind.fields().iter().any(|field| is_empty(&field)));
    check_drift(kind, json!({}), json!({"role_description": ""}), &[]);
    check_drift(
        kind,
        json!({}),
        json!({"role_description": "x", "hangup_phrases": ["x"], "accent": "british"}),
        &["hangup_phrases", "role_description"],
    );
}
