//! Tests of `destroy`.

use serde_json::json;

use crate::api::TestApi;
use crate::env::TestEnv;

#[test]
fn destroy_deletes_only_the_simulations_of_the_lockfile() {
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let other = api.create(json!({"agent_id": "42", "name": "a"}));
    // Without a terminal, no person can confirm.
    let run = env.run_at(&api.url(), &["destroy"]);
    run.code(1).says("--yes");
    env.run_at(&api.url(), &["destroy", "--yes", "--target", "b"])
        .code(0)
        .says("1 deleted");
    assert_eq!(api.alive().len(), 3);
    let run = env.run_at(&api.url(), &["destroy", "--yes"]);
    run.code(0).says("2 deleted");
    assert_eq!(api.alive().into_keys().collect::<Vec<_>>(), [other]);
    assert!(env.ids().is_empty());
}

#[test]
fn a_protected_simulation_stops_destroy() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    // The protection was declared after the last apply.
    env.simulation("a", "protect: true");
    let run = env.run_at(&api.url(), &["destroy", "--yes"]);
    run.code(1).says("`a` is protected");
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn destroy_counts_a_missing_simulation_as_deleted() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    api.ask(
        "DELETE",
        &format!("/v1/simulation/{}", env.ids()["a"]),
        None,
    );
    env.run_at(&api.url(), &["destroy", "--yes"])
        .code(0)
        .says("1 deleted");
    assert!(env.ids().is_empty());
}

#[test]
fn an_old_instance_that_outlives_its_replacement_is_replaced_again() {
    let rules = ["error-before:status=403,match=DELETE:simulation/1,times=1"];
    let (env, api) = (TestEnv::with(&["a"]), TestApi::with_faults(&rules));
    env.run_at(&api.url(), &["apply"]).code(0);
    let old = env.ids()["a"];
    env.simulation("a", "agent_id: \"43\"\ndescription: new");
    env.run_at(&api.url(), &["apply"]).code(0);
    let text = env.read("simulations/a.yaml");
    env.undeclare("a");
    env.run_at(&api.url(), &["apply", "--prune"]).code(1);
    env.run_at(&api.url(), &["apply", "--prune", "--force"])
        .code(3);
    assert_eq!(env.ids()["a"], old);

    // The declaration returns, and the old instance differs from it.
    env.write("simulations/a.yaml", &text);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("1 replaced");
    assert_ne!(env.ids()["a"], old);
    let there = api.get(env.ids()["a"]);
    assert_eq!(there["agent_id"], 43);
    assert_eq!(there["description"], "new");
    assert_eq!(env.replaced("a"), [old]);
    env.run_at(&api.url(), &["apply", "--prune"]).code(0);
    assert_eq!(api.alive().len(), 1);
}

#[test]
fn an_old_instance_of_a_protected_key_is_not_deleted() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let old = env.ids()["a"];
    env.simulation("a", "agent_id: \"43\"");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "agent_id: \"43\"\nprotect: true");
    let plan = env.run_at(&api.url(), &["plan", "--prune"]);
    plan.code(0).says("its key is protected");
    env.run_at(&api.url(), &["apply", "--prune"]).code(0);
    assert_eq!(env.replaced("a"), [old]);
    assert_eq!(api.alive().len(), 2);

    env.simulation("a", "agent_id: \"43\"");
    env.run_at(&api.url(), &["apply", "--prune"]).code(0);
    assert_eq!(api.alive().len(), 1);
}

#[test]
fn a_missing_simulation_counts_as_deleted_and_is_reported() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("a", "");
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"];
    api.ask("DELETE", &format!("/v1/simulation/{id}"), None);
    let run = env.run_at(&api.url(), &["destroy", "--yes"]);
    run.code(0);
    assert!(run.stdout.ends_with("\nApply complete: 1 deleted.\n"));
    run.says(&format!("warning: simulation {id} of `a` does not exist"));
    assert!(env.ids().is_empty());
}
