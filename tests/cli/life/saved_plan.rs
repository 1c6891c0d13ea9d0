//! Tests of saved plans: a saved plan is executed exactly, or not at all.

use serde_json::json;

use crate::api::TestApi;
use crate::env::{Run, TestEnv};

fn plan(env: &TestEnv, api: &TestApi, more: &[&str]) -> Run {
    let args: Vec<_> = ["plan", "--out", "plan.json"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    env.run_at(&api.url(), &args)
}

#[test]
fn a_saved_plan_is_applied_with_its_options() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    env.undeclare("a");
    env.simulation("c", "");
    plan(&env, &api, &["--prune", "--target", "a"])
        .code(0)
        .says("plan.json");
    let run = env.run_at(&api.url(), &["apply", "plan.json"]);
    run.code(0).says("1 deleted");
    assert_eq!(env.ids().keys().collect::<Vec<_>>(), ["b"]);
    // An executed plan is out of date.
    let run = env.run_at(&api.url(), &["apply", "plan.json"]);
    run.code(1);
    assert_eq!(run.stdout, "");
    insta::assert_snapshot!(run.stderr, @r"
    error: the plan `plan.json` is out of date
      caused by: since it was saved, the lockfile changed
    help: plan again: `bluejayctl plan --target a --prune --out plan.json`
    ");
}

#[test]
fn an_outdated_saved_plan_names_the_changes_and_sends_nothing() {
    let scene = || {
        let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
        env.write("bluejay.yaml", "environments:\n  staging: {}\n");
        plan(&env, &api, &[]).code(0);
        (env, api)
    };
    let refused = |(env, api): &(TestEnv, TestApi), args: &[&str], what: &str| {
        env.run_at(&api.url(), args).code(1).says(what);
        assert_eq!(api.write_count(), 0);
    };
    let apply = ["apply", "plan.json"];
    let files = scene();
    files.0.simulation("a", "description: other");
    refused(&files, &apply, "the simulations changed");
    let environment = scene();
    refused(
        &environment,
        &["apply", "plan.json", "--env", "staging"],
        "the environment",
    );
    let address = scene();
    let other = TestApi::start();
    let run = address.0.run_at(&other.url(), &apply);
    run.code(1).says("the API address changed");
    let broken = scene();
    broken.0.write("plan.json", "{\"plan_version\": 9}");
    refused(&broken, &apply, "version 9");
    broken.0.write("plan.json", "[");
    refused(&broken, &apply, "no saved plan");
    // A comment in a file changes nothing.
    let comment = scene();
    let text = comment.0.read("simulations/a.yaml");
    comment
        .0
        .write("simulations/a.yaml", &format!("# first\n{text}"));
    comment
        .0
        .run_at(&comment.1.url(), &apply)
        .code(0)
        .says("1 created");
}

#[test]
fn a_saved_refresh_plan_is_refused_if_the_observed_state_changed() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("a", "max_concurrent: 5");
    env.run_at(&api.url(), &["apply"]).code(0);
    let path = format!("/v1/simulation/{}", env.ids()["a"]);
    api.ask("PUT", &path, Some(json!({"max_concurrent": 6})));
    plan(&env, &api, &["--refresh"]).code(0);
    api.ask("PUT", &path, Some(json!({"max_concurrent": 7})));
    let run = env.run_at(&api.url(), &["apply", "plan.json"]);
    run.code(1).says("what the API holds");
    api.ask("PUT", &path, Some(json!({"max_concurrent": 6})));
    env.run_at(&api.url(), &["apply", "plan.json"]).code(0);
    assert_eq!(api.get(env.ids()["a"])["max_concurrent"], 5);
}

#[test]
fn a_refused_plan_is_not_saved() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("a", "protect: true");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.undeclare("a");
    plan(&env, &api, &["--prune"]).code(1).says("not saved");
    assert!(!env.exists("plan.json"));
}

#[test]
fn a_saved_create_is_refused_if_an_identical_simulation_exists() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    plan(&env, &api, &[]).code(0);
    let there = api.create(json!({"agent_id": "42", "name": "a"}));
    let run = env.run_at(&api.url(), &["apply", "plan.json"]);
    run.code(1);
    assert_eq!(run.stdout, "");
    insta::assert_snapshot!(run.stderr, @r"
    error: the plan `plan.json` is out of date
      caused by: the plan creates `a`, but simulation 1 already exists
    help: to adopt the simulation, plan again with a refresh: `bluejayctl plan --refresh --out plan.json`
    help: to create another simulation: `bluejayctl apply --adopt never plan.json`
    ");
    assert!(env.ids().is_empty());
    plan(&env, &api, &["--refresh"]).code(0);
    env.run_at(&api.url(), &["apply", "plan.json"])
        .code(0)
        .says("1 adopted");
    assert_eq!(env.ids()["a"], there);
}

#[test]
fn a_saved_plan_names_its_environment() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write("bluejay.yaml", "environments:\n  staging: {}\n");
    plan(&env, &api, &["--env", "staging"]).code(0);
    env.run_at(&api.url(), &["apply", "plan.json"]).code(0);
    assert!(env.exists("bluejay.staging.lock"));
    assert!(!env.exists("bluejay.lock"));
}

#[test]
fn a_saved_plan_names_the_variables_that_were_given_differently() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write("bluejay.yaml", "vars: {MAX: 1}\n");
    env.simulation("a", "max_concurrent: ${var:MAX}\ndescription: ${var:TEXT}");
    plan(&env, &api, &["--var", "MAX=5", "--var", "TEXT=x"]).code(0);
    let apply = |more: &[&str]| {
        let args = [&["apply", "plan.json"], more].concat();
        env.run_at(&api.url(), &args)
    };
    apply(&["--var", "TEXT=x"])
        .code(1)
        .says("the simulations changed; the variable `MAX` was given, and is not given now");
    apply(&["--var", "TEXT=y", "--var", "MAX=5", "--var", "UNUSED=1"])
        .code(1)
        .says("the variable `TEXT` had another value")
        .never_says("the variable `UNUSED`");
    apply(&["--var", "MAX=5"])
        .code(1)
        .says("the plan `plan.json` was saved with `TEXT`: give the same variables again");
    assert_eq!(api.write_count(), 0);
    apply(&["--var", "TEXT=x", "--var", "MAX=5", "--var", "UNUSED=1"])
        .code(0)
        .says("1 created");
}
