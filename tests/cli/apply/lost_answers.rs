//! Tests of creates whose answers are lost, late or throttled.

use super::super::api::{CREATE, FakeApi, LIST, TestApi, created, failed, listed};
use super::super::env::TestEnv;
use super::shown;
use serde_json::json;
use wiremock::ResponseTemplate;

#[test]
fn a_create_with_a_lost_answer_is_looked_up_and_not_sent_again() {
    for fault in ["lost-after", "garbage", "truncated", "error-after"] {
        let rule = format!("{fault}:match=POST:create,every=2");
        let (env, api) = (
            TestEnv::with(&["a", "b", "c", "d"]),
            TestApi::with_faults(&[&rule]),
        );
        let run = env.run_at(&api.url(), &["apply", "--settle", "20s"]);
        run.code(0).says("4 created");
        assert_eq!(api.count("POST"), 4, "{fault}: {run}");
        assert_eq!(
            api.alive().into_keys().collect::<Vec<_>>().len(),
            4,
            "{fault}"
        );
        assert!(!env.has_journal());
    }
}

#[test]
fn a_create_that_was_not_executed_is_sent_again_after_the_settle_time() {
    let rules = ["lost-before:match=POST:create,times=1"];
    let (env, api) = (TestEnv::with(&["a"]), TestApi::with_faults(&rules));
    env.run_at(&api.url(), &["apply", "--settle", "300ms"])
        .code(0);
    assert_eq!(api.count("POST"), 2);
    assert_eq!(
        api.alive().keys().copied().collect::<Vec<_>>(),
        [env.ids()["a"]]
    );
}

#[test]
fn a_late_commit_is_waited_for() {
    let rules = ["late-commit:match=POST:create,delay=1s"];
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::with_faults(&rules));
    env.run_at(&api.url(), &["apply", "--settle", "20s"])
        .code(0);
    assert_eq!(api.count("POST"), 2);
    assert_eq!(api.alive().len(), 2);
    assert_eq!(env.ids().len(), 2);
}

#[test]
fn a_failed_list_leaves_the_create_open() {
    // The answer to the create is lost, and every later list fails.
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.first("GET", LIST, listed(&[]));
    api.on("POST", CREATE, 1, failed(500, "oops"));
    api.always(
        "GET",
        LIST,
        ResponseTemplate::new(200).set_body_json(json!({"simulations": null})),
    );
    let run = env.run_at(&api.url(), &["apply", "--settle", "100ms"]);
    run.code(3);
    assert!(env.has_journal());
    assert!(env.ids().is_empty());
}

#[test]
fn a_list_that_fails_before_a_create_stops_it() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.always("GET", LIST, failed(403, "no"));
    api.on("POST", CREATE, 0, created(1));
    env.run_at(&api.url(), &["apply"]).code(1).says("403");
}

#[test]
fn throttling_is_waited_out() {
    let rules = ["throttle:match=POST,times=1,retry-after=seconds"];
    let (env, api) = (
        TestEnv::with(&["a", "b", "c"]),
        TestApi::with_faults(&rules),
    );
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(0).says("throttles (429)").says("3 created");
    assert_eq!(api.alive().len(), 3);
    // The first refused create is the only request that was sent twice.
    let refused = api
        .requests()
        .iter()
        .filter(|r| r.status == Some(429))
        .count();
    assert_eq!(refused, 1);
    assert_eq!(api.count("POST"), 4);
}

#[test]
fn a_401_after_success_is_throttling() {
    let rules = ["throttle:status=401,after=2,times=1"];
    let (env, api) = (
        TestEnv::with(&["a", "b", "c"]),
        TestApi::with_faults(&rules),
    );
    let run = env.run_at(&api.url(), &["apply", "--parallelism", "1"]);
    run.code(0)
        .says("401 after earlier success")
        .says("3 created");
    assert_eq!(api.alive().len(), 3);
}

#[test]
fn a_create_with_an_undecided_outcome_needs_a_decision() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.first("GET", LIST, listed(&[]));
    api.on("POST", CREATE, 1, failed(502, "bad gateway"));
    // A simulation of that name exists now, with other fields.
    api.always(
        "GET",
        LIST,
        listed(&[json!({"id": 7, "name": "a", "agent_id": 42})]),
    );
    api.always("GET", "/v1/simulation/7", shown(7, "a", "made by somebody"));
    let run = env.run_at(&api.url(), &["apply", "--settle", "100ms"]);
    run.code(3);
    run.says("bluejayctl state resolve a 7")
        .says("bluejayctl state resolve a none");
    assert!(env.has_journal());
    // The create stays open, and nothing is sent, until a person decides.
    env.run_at(&api.url(), &["apply", "--settle", "100ms"])
        .code(3);
    env.run(&["plan"]).code(0).says("`a` open");
    env.run(&["state", "resolve", "a", "7"]).code(0);
    assert_eq!(env.ids()["a"], 7);
    assert!(!env.has_journal());
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn a_create_resolved_to_none_is_sent_again() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.always("GET", LIST, failed(404, "Not Found"));
    api.first("POST", CREATE, failed(502, "bad gateway"));
    let run = env.run_at(&api.url(), &["apply", "--settle", "100ms"]);
    run.code(3).says("bluejayctl state resolve a none");
    env.run(&["state", "resolve", "a", "none"]).code(0);
    assert!(!env.has_journal());
    api.on("POST", CREATE, 1, created(9));
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(env.ids()["a"], 9);
}

/// A create that the API throttled for longer than the settle time is sent late, and may be
/// executed late. Its settle time begins when it is sent.
#[test]
fn a_throttled_create_gets_its_full_settle_time() {
    let env = TestEnv::with(&["a"]);
    let api = TestApi::with_faults(&[
        "throttle:times=3,match=POST:create",
        "late-commit:delay=1500ms,after=3,times=1,match=POST:create",
    ]);
    let run = env.run_at(&api.url(), &["apply", "--settle", "2s"]);
    run.code(0).says("settled a: it was created");
    assert_eq!(api.alive().len(), 1);
    assert_eq!(env.ids().len(), 1);
}
