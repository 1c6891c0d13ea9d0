//! Tests of the reported changes of an apply that failed in part.

use super::api::TestApi;
use super::env::TestEnv;

#[test]
fn a_replace_whose_delete_is_refused_has_changed_the_api() {
    let env = TestEnv::with(&["a"]);
    let api = TestApi::with_faults(&["error-before:status=403,match=DELETE"]);
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "agent_id: \"43\"");
    let run = env.run_at(&api.url(), &["apply", "--prune"]);
    run.code(3)
        .says("could not delete `a`")
        .says("Apply incomplete: 1 failed.");
    assert_eq!((env.ids()["a"], env.replaced("a")), (2, vec![1]));
}

#[test]
fn unknown_digital_humans_are_reported_and_the_change_counts_as_failed() {
    let env = TestEnv::with(&["a"]);
    let api = TestApi::with_faults(&["error-before:status=404,match=POST:add-digital"]);
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "description: new\ndigital_humans: [101]");
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(3)
        .says("could not attach the digital humans of `a`: not found (404)")
        .says("check `digital_humans` in the file")
        .says("Apply incomplete: 1 failed.")
        .never_says("--refresh");
    assert_eq!(api.get(1)["description"], "new");
    let again = env.run_at(&api.url(), &["apply"]);
    again.code(1).says("nothing was changed");
    assert_eq!(api.count("PUT"), 1);
}

#[test]
fn a_create_that_was_not_executed_and_then_refused_changed_nothing() {
    let env = TestEnv::with(&["a"]);
    let api = TestApi::with_faults(&[
        "lost-before:match=POST:create,times=1",
        "error-before:status=400,match=POST:create,after=1",
    ]);
    let run = env.run_at(&api.url(), &["apply", "--settle", "100ms"]);
    run.code(1).says("Apply failed, nothing was changed");
    assert_eq!(api.count("POST"), 2);
    assert!(!env.has_journal());
}

/// Returns an API that names no organisation, and a lockfile that records an organisation.
fn silent_about_the_organisation() -> (TestEnv, TestApi) {
    let env = TestEnv::with(&["a", "b"]);
    let api = TestApi::with_faults(&["error-before:status=403,match=GET:integrations,after=1"]);
    // One after the other, so that `a` gets the id 1.
    env.run_at(&api.url(), &["apply", "--parallelism", "1"])
        .code(0);
    assert!(env.lockfile().unwrap()["organization"].is_string());
    api.ask("DELETE", "/v1/simulation/1", None);
    (env, api)
}

#[test]
fn a_simulation_that_another_organisation_may_have_does_not_count_as_deleted() {
    let (env, api) = silent_about_the_organisation();
    env.undeclare("a");
    let run = env.run_at(&api.url(), &["apply", "--prune"]);
    run.code(1)
        .says("could not delete `a`: not found (404)")
        .says("repeat the command with `--force`");
    assert_eq!(env.ids()["a"], 1);
    env.run_at(&api.url(), &["apply", "--prune", "--force"])
        .code(0);
    assert_eq!(env.ids().len(), 1);
}

#[test]
fn a_simulation_that_another_organisation_may_have_is_not_created_again() {
    let (env, api) = silent_about_the_organisation();
    api.ask("DELETE", "/v1/simulation/2", None);
    let run = env.run_at(&api.url(), &["apply", "--refresh"]);
    run.code(1)
        .says("none of the 2 simulations can be seen with this key")
        .says("--force");
    assert!(api.alive().is_empty());
    env.run_at(&api.url(), &["apply", "--refresh", "--force"])
        .code(0);
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn destroy_keeps_entries_that_another_organisation_may_have() {
    let (env, api) = silent_about_the_organisation();
    env.run_at(&api.url(), &["destroy", "--yes"])
        .code(3)
        .says("could not delete `a`");
    assert_eq!(env.ids().into_keys().collect::<Vec<_>>(), ["a"]);
    env.run_at(&api.url(), &["destroy", "--yes", "--force"])
        .code(0);
    assert!(env.ids().is_empty());
}

#[test]
fn the_organisation_is_asked_for_again_after_a_failure() {
    let env = TestEnv::with(&["a"]);
    let api = TestApi::with_faults(&["error-before:status=500,match=GET:integrations,times=1"]);
    env.run_at(&api.url(), &["apply"]).code(0);
    assert!(env.lockfile().unwrap()["organization"].is_string());
}
