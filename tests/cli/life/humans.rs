//! Tests of digital humans: exactly the difference is attached and detached.

use serde_json::{Value, json};

use crate::api::TestApi;
use crate::env::TestEnv;

fn attached(api: &TestApi, id: u64) -> Vec<u64> {
    let path = format!("/v1/digital-humans-by-simulation/{id}");
    let answer = api.ask("GET", &path, None);
    let humans = answer["digital_humans"].as_array().unwrap();
    humans
        .iter()
        .map(|human| human["id"].as_u64().unwrap())
        .collect()
}

/// Attaches a digital human, as another user in the dashboard.
fn attach(api: &TestApi, id: u64, human: u64) {
    let path = format!("/v1/simulation/{id}/add-digital-humans");
    api.ask("POST", &path, Some(json!({"digital_human_ids": [human]})));
}

fn scene(more: &str) -> (TestEnv, TestApi, u64) {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("a", more);
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"];
    (env, api, id)
}

#[test]
fn only_the_difference_is_attached_and_detached() {
    let (env, api, id) = scene("digital_humans: [101, 102]");
    assert_eq!(attached(&api, id), [101, 102]);
    attach(&api, id, 900);
    env.simulation("a", "digital_humans: [102, 103]");
    let plan = env.run_at(&api.url(), &["plan"]);
    plan.says("digital_humans:\n        - 101\n        + 103\n          102\n");
    env.run_at(&api.url(), &["apply"]).code(0).says("1 updated");
    assert_eq!(attached(&api, id), [102, 103, 900]);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");

    // Without a declaration, the attached digital human is detached, and the other stays.
    env.simulation("a", "");
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(attached(&api, id), [900]);
    let entry = &env.lockfile().unwrap()["simulations"]["a"];
    assert_eq!(entry["digital_humans"], Value::Null);
}

#[test]
fn exclusive_digital_humans_detach_all_others() {
    let (env, api, id) = scene("digital_humans: [101]");
    attach(&api, id, 900);
    env.simulation(
        "a",
        "digital_humans: [101, 102]\ndigital_humans_exclusive: true",
    );
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(attached(&api, id), [101, 102]);
    attach(&api, id, 901);
    env.run_at(&api.url(), &["drift"])
        .code(2)
        .says("digital_humans");
    env.run_at(&api.url(), &["apply", "--refresh"]).code(0);
    assert_eq!(attached(&api, id), [101, 102]);
}

#[test]
fn refresh_attaches_a_detached_digital_human_again() {
    let (env, api, id) = scene("digital_humans: [101, 102]");
    let path = format!("/v1/simulation/{id}/remove-digital-humans");
    api.ask("POST", &path, Some(json!({"digital_human_ids": [101]})));
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
    env.run_at(&api.url(), &["drift"]).code(2);
    env.run_at(&api.url(), &["apply", "--refresh"]).code(0);
    assert_eq!(attached(&api, id), [101, 102]);
    env.run_at(&api.url(), &["drift"]).code(0);
}

#[test]
fn a_replace_attaches_the_digital_humans_to_the_new_simulation() {
    let (env, api, old) = scene("digital_humans: [101]");
    env.simulation("a", "agent_id: \"43\"\ndigital_humans: [101, 102]");
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_ne!(env.ids()["a"], old);
    assert_eq!(attached(&api, env.ids()["a"]), [101, 102]);
}

#[test]
fn unreadable_digital_humans_are_not_visible() {
    let rules = ["error-before:status=500,match=GET:digital-humans"];
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&rules));
    env.simulation("a", "digital_humans: [101]");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.run_at(&api.url(), &["drift"]).code(0);
    let run = env.run_at(&api.url(), &["apply", "--refresh"]);
    run.code(0).says("No changes");
}

#[test]
#[cfg(feature = "crash-points")]
fn an_interrupted_update_shows_digital_humans_once() {
    let (env, api, id) = scene("digital_humans: [101]");
    env.simulation("a", "description: new\ndigital_humans: [102]");
    let mut command = env.command(&["apply", "--api-url", &api.url()]);
    command.env("FAILPOINTS", "update.answered=return");
    assert!(crate::env::Run::of(command).has_aborted());
    let plan = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    let fields = &plan["changes"][0]["changed_fields"];
    assert_eq!(fields, &json!(["description", "digital_humans"]));
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(attached(&api, id), [102]);
}

#[test]
fn the_json_of_a_plan_has_prior_and_desired_digital_humans() {
    let (env, api, _) = scene("digital_humans: [101]");
    env.simulation("a", "digital_humans: [102, 101]");
    env.simulation("b", "digital_humans: [103]");
    let plan = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    let [a, b] = [&plan["changes"][0], &plan["changes"][1]];
    assert_eq!(a["changed_fields"], json!(["digital_humans"]));
    assert_eq!(a["before"]["digital_humans"], json!([101]));
    assert_eq!(a["after"]["digital_humans"], json!([101, 102]));
    assert_eq!(b["before"], json!(null));
    assert_eq!(b["after"]["digital_humans"], json!([103]));
    env.undeclare("a");
    let plan = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    assert_eq!(plan["changes"][0]["before"]["digital_humans"], json!([101]));
    env.simulation("a", "description: new");
    let plan = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    let a = &plan["changes"][0];
    assert_eq!(
        a["changed_fields"],
        json!(["description", "digital_humans"])
    );
    assert_eq!(a["after"].get("digital_humans"), None);
}
