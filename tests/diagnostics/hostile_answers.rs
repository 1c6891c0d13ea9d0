//! Tests of hostile answers and saved plans: no panic, a short error, and the meaning of
//! accepted answers.

use bluejayctl::api::wire;
use bluejayctl::plan::{Plan, SavedPlan};
use bluejayctl::resource::key::RemoteId;
use bluejayctl::resource::{Kind, NullMeaning, mismatches};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Names with a meaning in an answer or in a saved plan.
const NAMES: &[&str] = &[
    "id",
    "simulation_id",
    "simulation",
    "simulations",
    "data",
    "detail",
    "loc",
    "msg",
    "type",
    "message",
    "agent_id",
    "name",
    "settings",
    "max_call_duration",
    "max_call_duration_units",
    "max_concurrent",
    "selected_custom_metrics",
    "digital_humans_settings",
    "num_runs",
    "digital_humans",
    "organization_id",
    "tags",
    "pinned",
    "plan_version",
    "options",
    "inputs",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["minutes", "seconds", "42", "body", "-1", "random"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![
            prop::sample::select(NAMES).prop_map(str::to_owned),
            any::<String>()
        ];
        let fields = prop::collection::vec((name, inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::Array),
            fields.prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn assert_bounded(body: &[u8]) {
    let details = wire::error_details(body);
    let (message, fields) = (details.message, details.fields);
    assert!(
        message.chars().count() <= 400 && !message.contains('\n'),
        "{message}"
    );
    assert!(
        fields
            .iter()
            .all(|field| field.message.chars().count() <= 400)
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(512)
    })]

    #[test]
    fn any_bytes_of_an_answer_give_a_short_error(body in prop::collection::vec(any::<u8>(), 0..2_000)) {
        assert_bounded(&body);
    }

    #[test]
    fn any_answer_is_read_or_refused(answer in any_json()) {
        assert_bounded(answer.to_string().as_bytes());
        for refusal in [
            wire::parse_created_id(Kind::Simulation, &answer).map(drop).err(),
            wire::listed(Kind::Simulation, &answer).map(drop).err(),
            wire::parse_humans(&answer).map(drop).err(),
        ] {
            prop_assert!(refusal.is_none_or(|refusal| !refusal.is_empty()));
        }
        if let Ok(observed) = wire::observed(RemoteId::simulation(1), &answer) {
            let found = mismatches(Kind::Simulation, &observed.to_body(Kind::Simulation), &observed, NullMeaning::NotShown);
            prop_assert!(found.is_empty(), "differs from itself: {found:?}");
        }
    }

    #[test]
    fn any_text_is_read_or_refused_as_a_saved_plan(text in any::<String>(), value in any_json()) {
        prop_assert!(SavedPlan::parse(&text).is_err());
        prop_assert!(SavedPlan::parse(&value.to_string()).is_err());
    }

    #[test]
    fn a_changed_digest_is_reported(at in 0..64_usize, digit in 0..16_u32, shown in any_json()) {
        let good = json!({
            "plan_version": 2,
            "options": {
                "targets": ["a*"], "prune": true, "refresh": false, "force": false, "recreate": false,
            },
            "inputs": {
                "api": "sandbox", "environment": null,
                "desired": "0".repeat(64), "lockfile": "0".repeat(64),
            },
            "decision": "0".repeat(64),
            "plan": shown,
        });
        let saved = SavedPlan::parse(&good.to_string()).expect("it is one");
        let written = serde_json::to_string(&saved).expect("it can be written");
        prop_assert_eq!(&SavedPlan::parse(&written).expect("it is one"), &saved);
        let mut now = saved.inputs.clone();
        let digit = char::from_digit(digit, 16).expect("it is one").to_string();
        now.desired.replace_range(at..=at, &digit);
        prop_assert_eq!(saved.check_inputs(&now).is_ok(), digit == "0");
        prop_assert!(saved.check_decision(&Plan::default()).is_err());
    }
}
