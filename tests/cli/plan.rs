//! Tests of `plan`, which sends no request.

use serde_json::json;

use super::api::TestApi;
use super::env::TestEnv;

/// Returns a repository of two applied simulations.
fn applied() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("desk", "max_concurrent: 5\ndescription: the first");
    env.simulation("night", "max_call_duration: 10");
    env.run_at(&api.url(), &["apply"]).code(0);
    (env, api)
}

/// Returns the plan as JSON, and checks that no request was sent.
fn plan(env: &TestEnv, api: &TestApi, args: &[&str]) -> serde_json::Value {
    let before = api.request_count();
    let all: Vec<_> = ["plan", "--format", "json"]
        .iter()
        .chain(args)
        .copied()
        .collect();
    let plan = env.run_at(&api.url(), &all).code(0).json();
    assert_eq!(api.request_count(), before, "a plan asked the API");
    plan
}

#[test]
fn needs_neither_key_nor_network() {
    let env = TestEnv::with(&["desk"]);
    let mut command = env.command(&["plan"]);
    command.env_remove("BLUEJAY_API_KEY");
    let run = super::env::Run::of(command);
    run.code(0);
    insta::assert_snapshot!(run.stdout.lines().last().unwrap(), @"Plan: 1 to create; 0 unchanged.");
    assert!(!env.exists("bluejay.lock"));
    assert!(!env.has_journal());
}

#[test]
fn a_create_in_the_json_of_a_plan() {
    let env = TestEnv::new();
    env.simulation("desk", "max_concurrent: 5");
    let plan = env.run(&["plan", "--format", "json"]).code(0).json();
    assert_eq!(plan["format_version"], "1.0");
    assert_eq!(plan["applyable"], true);
    let change = &plan["changes"][0];
    assert_eq!(change["key"], "desk");
    assert_eq!(change["actions"], json!(["create"]));
    assert_eq!(change["simulation_id"], json!(null));
    assert_eq!(change["before"], json!(null));
    assert_eq!(
        change["after"],
        json!({"agent_id": "42", "name": "desk", "max_concurrent": 5})
    );
    assert!(change["changed_fields"].is_array());
    assert_eq!(change["replace_because"], json!([]));
    insta::assert_snapshot!(plan["summary"].to_string(), @r#"{"adopt":0,"create":1,"delete":0,"move":0,"orphan":0,"replace":0,"unchanged":0,"update":0}"#);
}

#[test]
fn an_update_in_the_json_of_a_plan_has_both_states() {
    let (env, api) = applied();
    env.simulation("desk", "max_concurrent: 7\ndescription: the first");
    let plan = plan(&env, &api, &[]);
    let change = &plan["changes"][0];
    assert_eq!(change["actions"], json!(["update"]));
    assert_eq!(change["simulation_id"], env.ids()["desk"]);
    assert_eq!(change["changed_fields"], json!(["max_concurrent"]));
    assert_eq!(change["before"]["max_concurrent"], 5);
    assert_eq!(change["after"]["max_concurrent"], 7);
    assert_eq!(plan["summary"]["unchanged"], 1);
    let human = env.run_at(&api.url(), &["plan"]);
    human.code(0).says("max_concurrent").says("5 -> 7");
}

#[test]
fn a_change_of_a_fixed_field_is_a_replace() {
    let (env, api) = applied();
    env.simulation(
        "desk",
        "agent_id: \"43\"\nname: desk\nmax_concurrent: 5\ndescription: the first",
    );
    let plan = plan(&env, &api, &[]);
    let change = &plan["changes"][0];
    assert_eq!(change["actions"], json!(["create", "delete"]));
    assert_eq!(change["replace_because"], json!(["agent_id"]));
    assert_eq!(plan["summary"]["replace"], 1);
}

#[test]
fn on_change_recreate_replaces_for_any_change() {
    let (env, api) = applied();
    env.simulation("desk", "max_concurrent: 7\ndescription: the first");
    let plan = plan(&env, &api, &["--on-change", "recreate"]);
    assert_eq!(plan["changes"][0]["actions"], json!(["create", "delete"]));
    assert_eq!(plan["changes"][0]["replace_because"], json!([]));
}

#[test]
fn an_orphan_is_kept_without_prune() {
    let (env, api) = applied();
    env.undeclare("night");
    let kept = plan(&env, &api, &[]);
    assert_eq!(kept["changes"][0]["actions"], json!(["orphan"]));
    assert_eq!(kept["summary"]["orphan"], 1);
    let pruned = plan(&env, &api, &["--prune"]);
    assert_eq!(pruned["changes"][0]["actions"], json!(["delete"]));
    assert_eq!(pruned["summary"]["delete"], 1);
}

#[test]
fn a_renamed_file_is_a_move() {
    let (env, api) = applied();
    env.write(
        "simulations/team/desk.yaml",
        &env.read("simulations/desk.yaml"),
    );
    env.undeclare("desk");
    let plan = plan(&env, &api, &[]);
    let change = &plan["changes"][0];
    assert_eq!(change["key"], "team/desk");
    assert_eq!(change["moved_from"], "desk");
    assert_eq!(change["actions"], json!(["move"]));
    assert_eq!(plan["summary"]["move"], 1);
    assert_eq!(plan["summary"]["orphan"], 0);
}

#[test]
fn a_declared_move_may_change_fields_too() {
    let (env, api) = applied();
    env.undeclare("desk");
    env.simulation("front", "moved_from: desk\nmax_concurrent: 6");
    let plan = plan(&env, &api, &[]);
    assert_eq!(plan["changes"][0]["actions"], json!(["move", "update"]));
}

#[test]
fn equal_values_in_another_form_are_no_change() {
    let (env, api) = applied();
    env.simulation(
        "desk",
        "max_concurrent: 5\ndescription: the first\nringing_timeout: 300\nprompt_id: null",
    );
    env.simulation(
        "night",
        "max_call_duration: 600\nmax_call_duration_units: seconds",
    );
    let plan = plan(&env, &api, &[]);
    assert_eq!(plan["changes"], json!([]));
    assert_eq!(plan["summary"]["unchanged"], 2);
    let human = env.run_at(&api.url(), &["plan"]);
    insta::assert_snapshot!(human.stdout.replace(&api.url(), "URL"), @r"
    API: URL  Organisation: sandbox  Lockfile: bluejay.lock

    No changes: 2 unchanged.
    ");
}

#[test]
fn a_target_limits_the_plan() {
    let (env, api) = applied();
    env.simulation("desk", "max_concurrent: 7");
    env.simulation("night", "max_concurrent: 7");
    let plan = plan(&env, &api, &["--target", "des*"]);
    assert_eq!(plan["changes"].as_array().unwrap().len(), 1);
    assert_eq!(plan["changes"][0]["key"], "desk");
}

#[test]
fn the_detailed_exit_code_is_2_for_changes() {
    let (env, api) = applied();
    let args = ["plan", "--detailed-exitcode"];
    env.run_at(&api.url(), &args).code(0);
    env.simulation("desk", "max_concurrent: 7");
    env.run_at(&api.url(), &args).code(2);
    env.run_at(&api.url(), &["plan"]).code(0);
}

#[test]
fn equal_inputs_give_equal_plans() {
    let (env, api) = applied();
    env.simulation("desk", "max_concurrent: 7");
    env.simulation("new", "");
    let first = plan(&env, &api, &[]);
    assert_eq!(first, plan(&env, &api, &[]));
}

#[test]
fn wrong_usage_is_an_error() {
    let env = TestEnv::new();
    env.run(&["plan", "--no-such-flag"]).code(1);
    env.run(&["no-such-verb"]).code(1);
}

#[test]
fn a_target_without_a_match_suggests_the_nearest_key() {
    let env = TestEnv::with(&["clinic/booking", "night"]);
    for command in ["plan", "apply"] {
        let run = env.run(&[command, "--target", "night", "--target", "clinic/boking"]);
        run.code(1)
            .says("no simulation matches `clinic/boking`")
            .says("`clinic/booking`");
        env.run(&[command, "--target", "x/**"])
            .code(1)
            .says("no simulation matches `x/**`")
            .says("help: `bluejayctl graph` shows the declared keys\n");
    }
    env.run(&["plan", "--target", "clinic/*"]).code(0);
}

#[test]
fn a_usage_error_does_not_show_the_address_variable() {
    let env = TestEnv::with(&["a"]);
    let mut command = env.command(&["plan", "--colour"]);
    command.env("BLUEJAY_API_URL", "https://api.example");
    let run = super::env::Run::of(command);
    run.code(1).never_says("--api-url");
}

#[test]
fn a_target_that_equals_a_key_selects_only_that_key() {
    let env = TestEnv::new();
    for key in ["v[1]", "v1", "w"] {
        env.write(
            &format!("simulations/{}.yaml", key.replace(['[', ']'], "_")),
            &format!("key: \"{key}\"\nagent_id: 42\nname: {key:?}\n"),
        );
    }
    let planned = |target: &str| -> Vec<String> {
        let plan = env.run(&["plan", "--format", "json", "--target", target]);
        let changes = plan.json()["changes"].as_array().unwrap().clone();
        let keys = changes.iter().map(|change| change["key"].as_str().unwrap());
        keys.map(str::to_owned).collect()
    };
    assert_eq!(planned("v[1]"), ["v[1]"]);
    // A target that equals no key is a pattern.
    assert_eq!(planned("v[12]"), ["v1"]);
    assert_eq!(planned("v*"), ["v1", "v[1]"]);
    env.run(&["plan", "--target", "x[1]"])
        .code(1)
        .says("no simulation matches `x[1]`");
}

#[test]
fn a_changed_protection_is_shown_in_every_format() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("lifted", "protect: true");
    env.simulation("same", "protect: true");
    env.simulation("added", "");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("lifted", "");
    env.simulation("added", "protect: true");
    env.simulation("new", "protect: true");
    let json = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    let place = |key: &str| format!("simulations/{key}.yaml");
    assert_eq!(
        json["protect_changes"],
        json!([
            {"key": "added", "before": false, "after": true, "file": place("added"), "line": 1},
            {"key": "lifted", "before": true, "after": false, "file": place("lifted"), "line": 1},
            {"key": "new", "before": false, "after": true, "file": place("new"), "line": 1},
        ])
    );
    assert_eq!(json["summary"]["unchanged"], 3);
    let human = env.run_at(&api.url(), &["plan"]);
    human
        .says("  * lifted is no longer protected  # simulations/lifted.yaml:1")
        .says("  * added becomes protected");
    let markdown = env.run_at(&api.url(), &["plan", "--format", "markdown"]);
    markdown
        .says("**No longer protected:** <code>lifted</code>")
        .says("Newly protected: <code>added</code>, <code>new</code>");
    env.run_at(&api.url(), &["apply"]).code(0);
    let json = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    assert_eq!(json["protect_changes"], json!([]));
}

#[test]
fn the_json_of_a_plan_has_environment_and_tool_version() {
    let env = TestEnv::with(&["a"]);
    env.write("bluejay.yaml", "environments:\n  staging: {}\n");
    let plan = env
        .run(&["plan", "-e", "staging", "--format", "json"])
        .json();
    assert_eq!(plan["environment"], "staging");
    assert_eq!(plan["api"], "https://api.getbluejay.ai");
    assert_eq!(plan["tool_version"], env!("CARGO_PKG_VERSION"));
    let plan = env.run(&["plan", "--format", "json"]).json();
    assert_eq!(plan["environment"], json!(null));
}
