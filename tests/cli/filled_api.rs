//! An API with resources of every kind.

use serde_json::{Value, json};

use crate::api::TestApi;
use crate::env::TestEnv;

pub const HUMANS: &str = "/v1/digital-humans";
pub const METRICS: &str = "/v1/metrics";
pub const SCHEDULES: &str = "/v1/schedules";

/// Creates an untracked digital human.
pub fn human(api: &TestApi, fields: Value) -> u64 {
    let body = json!({"digital_human": fields});
    let answer = api.ask("POST", "/v1/create-digital-human", Some(body));
    answer["digital_human"]["id"].as_u64().unwrap()
}

pub fn metric(api: &TestApi, fields: Value) -> String {
    let answer = api.ask("POST", "/v1/create-metric", Some(fields));
    answer["id"].as_str().unwrap().to_owned()
}

pub fn schedule(api: &TestApi, simulation: u64, schedule: Value, more: Value) -> String {
    let mut body = json!({"simulation_id": simulation.to_string(), "schedule": schedule});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    let answer = api.ask("POST", "/v1/create-schedule", Some(body));
    answer["id"].as_str().unwrap().to_owned()
}

pub fn attach(api: &TestApi, simulation: u64, humans: &[u64]) {
    let path = format!("/v1/simulation/{simulation}/add-digital-humans");
    api.ask("POST", &path, Some(json!({"digital_human_ids": humans})));
}

/// The ids of an API with resources of all kinds.
pub struct Suite {
    pub front: u64,
    pub marta: u64,
    pub polite: String,
}

/// Fills an API with resources of all kinds: two simulations of agent 42, and one of
/// agent 7 that uses nothing.
pub fn fill(api: &TestApi) -> Suite {
    let marta = human(
        api,
        json!({"name": "Marta Kowalski", "test_name": "Wants her money back",
            "intent": "Two\nlines, ${brace} and: colons\n", "success_criteria": "polite\nbooked",
            "language": "de", "creativity": 0.25, "tags": ["vip"],
            "traits": [{"trait_name": "age", "trait_data_type": "NUMBER", "value": 40}],
            "interruptions": {"type": "keywords", "keyword_responses":
                [{"keyword": "stop", "response": "No!"}]},
            "speaks_first_config": {"speaks_first": true},
            "hangup_phrases": [], "expected_tool_calls": []}),
    );
    let journey = human(
        api,
        json!({"name": "101", "intent": "x", "journey_steps":
            [{"step": 1, "intent": "call"}, {"step": 2, "intent": "  text\nagain"}]}),
    );
    human(api, json!({"name": "Nobody's", "intent": "x"}));
    let polite = metric(
        api,
        json!({"name": "Politeness", "response_type": "pass_fail",
            "prompt": "Was the agent polite?\n\n- throughout\n- \"always\"\n", "agent_ids": [42, 7]}),
    );
    let tone = metric(
        api,
        json!({"name": "Politeness", "response_type": "quantitative", "min_value": 0.5,
            "max_value": 5, "prompt": "  How was it?", "tags": []}),
    );
    metric(
        api,
        json!({"name": "A whole", "prompt": "x", "response_type": "quantitative", "min_value": 0, "max_value": 1,
            "metric_type": "composite", "agent_ids": [7],
            "settings": {"composite": format!("\"{polite}\" * 0.5 + \"{tone}\" * 0.5")}}),
    );
    let transfer = metric(
        api,
        json!({"name": "Transfer", "prompt": "x", "response_type": "pass_fail", "metric_type": "transfer_landed",
            "settings": {"receiver_test_case_id": journey, "window_seconds": 60}}),
    );
    let front = api.create(json!({"agent_id": "42", "name": "Front desk",
        "selected_custom_metrics": [polite, transfer, "3c90c3cc-0d44-4b50-8888-8dd25736052a"]}));
    let back = api.create(json!({"agent_id": "42", "name": "Back office"}));
    api.create(json!({"agent_id": "7", "name": "Alone"}));
    attach(api, front, &[marta, 4711]);
    for (id, times, more) in [
        (
            front,
            json!({"frequency": "daily", "time": "02:30"}),
            json!({"timezone": "Europe/Berlin"}),
        ),
        (
            front,
            json!({"frequency": "daily", "time": "04:30"}),
            json!({"enabled": false}),
        ),
        (
            back,
            json!({"frequency": "every_n_minutes", "interval": 15}),
            json!({}),
        ),
        (
            back,
            json!({"frequency": "weekly", "day_of_week": "friday", "time": "18:05"}),
            json!({}),
        ),
        (
            back,
            json!({"frequency": "cron", "expression": "0 9 * * 1-5"}),
            json!({}),
        ),
    ] {
        schedule(api, id, times, more);
    }
    Suite {
        front,
        marta,
        polite,
    }
}

/// Returns the keys in the lockfile.
pub fn keys(env: &TestEnv) -> Vec<String> {
    let list = env.run(&["state", "list", "--json"]).code(0).json();
    let listed = list["simulations"].as_array().unwrap();
    let keys = listed.iter().map(|one| one["key"].as_str().unwrap());
    keys.map(str::to_owned).collect()
}
