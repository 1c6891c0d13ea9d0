//! Tests that the program accepts what the request model of the API accepts, except unknown
//! fields, coercions and contradictions.

use serde_json::{Value, json};

use crate::check::check_bytes;

/// Returns the request body of a document with one field in addition to `agent_id`.
fn body(field: &str, value: &str) -> Result<Value, String> {
    let text = format!("agent_id: \"42\"\n{field}: {value}\n");
    let (state, found) = check_bytes(text.as_bytes());
    let error = found
        .into_iter()
        .find(bluejayctl::diagnostic::Diagnostic::is_error);
    if let Some(error) = error {
        return Err(error.code.as_str().to_owned());
    }
    let simulation = state.resources.into_values().next();
    let body = simulation
        .map(|simulation| simulation.body.0)
        .unwrap_or_default();
    Ok(body.get(field).cloned().unwrap_or(Value::Null))
}

#[test]
fn values_that_the_api_accepts_are_accepted() {
    const ID: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    for (field, value, sent) in [
        ("name", "''", json!("")),
        ("name", "null", Value::Null),
        ("max_concurrent", "5.0", json!(5)),
        ("max_concurrent", "1e2", json!(100)),
        ("max_concurrent", "500", json!(500)),
        ("max_call_duration", "-5", json!(-5)),
        ("max_call_duration", "0", json!(0)),
        (
            "ringing_timeout",
            "1000000000000",
            json!(1_000_000_000_000_i64),
        ),
        ("ringing_timeout", "1e16", json!(10_000_000_000_000_000_i64)),
        ("prompt_id", ID, json!(ID)),
        (
            "prompt_id",
            "3C90C3CC-0D44-4B50-8888-8DD25736052A",
            json!("3C90C3CC-0D44-4B50-8888-8DD25736052A"),
        ),
        (
            "prompt_id",
            "3c90c3cc0d444b5088888dd25736052a",
            json!("3c90c3cc0d444b5088888dd25736052a"),
        ),
        ("selected_custom_metrics", "[]", json!([])),
        ("digital_humans_settings", "{}", json!({})),
        ("digital_humans_settings", "{num_runs: null}", json!({})),
        (
            "digital_humans_settings",
            "{num_runs: 1.0}",
            json!({"num_runs": 1}),
        ),
        ("custom_metrics_failing_threshold", "0", json!(0)),
        ("custom_metrics_passing_threshold", "100", json!(100)),
        ("always_on", "true", json!(true)),
        ("extra", "{labels: [a], n: 1.0, x: null}", Value::Null),
    ] {
        assert_eq!(body(field, value), Ok(sent), "{field}: {value}");
    }
}

#[test]
fn values_that_the_api_refuses_are_refused() {
    for (field, value, code) in [
        ("name", "5", "wrong-type"),
        ("max_concurrent", "0", "out-of-range"),
        ("max_concurrent", "501", "out-of-range"),
        ("max_concurrent", "2.5", "wrong-type"),
        ("max_call_duration_units", "Minutes", "not-one-of"),
        ("prompt_id", "''", "bad-uuid"),
        ("selected_custom_metrics", "[null]", "wrong-type"),
        ("selected_custom_metrics", "x", "wrong-type"),
        ("digital_humans_settings", "[]", "wrong-type"),
        ("digital_humans_settings", "{num_runs: 0}", "out-of-range"),
        ("custom_metrics_failing_threshold", "-1", "out-of-range"),
        ("custom_metrics_passing_threshold", "101", "out-of-range"),
    ] {
        assert_eq!(body(field, value), Err(code.to_owned()), "{field}: {value}");
    }
}

#[test]
fn extra_is_sent_unchanged() {
    let text = "agent_id: 42\nextra: {labels: [a], n: 1.0, nested: {x: null}, gone: null}\n";
    let (state, _) = check_bytes(text.as_bytes());
    let simulation = state.resources.into_values().next();
    let body = simulation.map(|simulation| Value::Object(simulation.body.0.as_ref().clone()));
    assert_eq!(
        body,
        Some(json!({"agent_id": "42", "labels": ["a"], "n": 1.0, "nested": {"x": null}}))
    );
}
