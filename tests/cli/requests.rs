//! Tests of the number of requests of each command: the estimate of a plan, and the
//! formulas of docs/performance.md.

use serde_json::Value;

use crate::api::TestApi;
use crate::env::TestEnv;

/// Plans, applies, and compares the number of requests with the estimate of the plan.
#[track_caller]
fn check(env: &TestEnv, api: &TestApi, more: &[&str], expected: u64) {
    let plan = [&["plan", "--format", "json"], more].concat();
    let run = env.run_at(&api.url(), &plan);
    let plan: Value = serde_json::from_str(&run.code(0).stdout).unwrap();
    assert_eq!(plan["requests"]["count"], expected, "the plan");
    let before = api.request_count();
    env.run_at(&api.url(), &[&["apply"], more].concat()).code(0);
    let sent = api.requests();
    let sent: Vec<_> = sent[usize::try_from(before).unwrap()..]
        .iter()
        .map(|request| format!("{} {}", request.method, request.path))
        .collect();
    assert_eq!(sent.len() as u64, expected, "the apply: {sent:#?}");
}

#[test]
fn an_apply_sends_the_estimated_number_of_requests() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    for key in ["a", "b", "c", "d"] {
        env.simulation(key, "");
    }
    // The organisation, the list of the agent, four creates.
    check(&env, &api, &[], 6);
    check(&env, &api, &[], 0);
    env.simulation("a", "max_concurrent: 5");
    env.simulation("b", "pinned: true\ndigital_humans: [101, 102]");
    // The organisation, two updates, one request to attach.
    check(&env, &api, &[], 4);
    env.simulation("b", "pinned: true\ndigital_humans: [102, 103]");
    // The organisation, one request to attach and one to detach.
    check(&env, &api, &[], 3);
    env.simulation("c", "always_on: true");
    env.simulation("e", "tags: [x]\ndigital_humans: [101]\nextra: {novel: 1}");
    env.write("simulations/d.yaml", "agent_id: \"77\"\nname: d\n");
    // The organisation, the lists of two agents, three creates, an update for the tags
    // and the unknown field with a read before and after, one request to attach, two
    // deletes of old instances.
    check(&env, &api, &["--prune"], 12);
    env.remove("simulations/a.yaml");
    // The organisation, one delete.
    check(&env, &api, &["--prune"], 2);
}

#[test]
fn drift_reads_each_simulation_and_lists_each_agent_once() {
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let before = api.request_count();
    env.run_at(&api.url(), &["drift"]).code(0);
    // The organisation, the list of the agent, three reads.
    assert_eq!(api.request_count() - before, 5);
}

#[test]
fn a_lost_lockfile_is_adopted_with_one_read_for_each_simulation() {
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    env.remove("bluejay.lock");
    let before = api.request_count();
    env.run_at(&api.url(), &["apply"]).code(0);
    // The organisation, the list of the agent, three reads.
    assert_eq!(api.request_count() - before, 5);
}

#[test]
fn a_plan_shows_its_duration_if_requests_have_to_wait() {
    let env = TestEnv::with(&["a", "b", "c"]);
    let at = |rate| {
        let run = env.run_at("http://127.0.0.1:9", &["plan", "--rate", rate]);
        run.code(0).stdout.clone()
    };
    let cost = "An apply sends about 5 requests, 2m at 3 a minute.\n";
    assert!(at("3").ends_with(cost), "{}", at("3"));
    assert!(!at("off").contains("An apply sends"));
    assert!(!at("100").contains("An apply sends"));
}
