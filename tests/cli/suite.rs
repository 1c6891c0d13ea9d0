//! A suite of resources of every kind that refer to each other, and the search for its
//! resources after a lost lockfile.

use serde_json::json;

use super::api::TestApi;
use super::env::TestEnv;

pub const SUITE: &str = "simulations/suite.yaml";

/// Two digital humans, a custom metric that uses one of them, a simulation that uses the
/// other one and the custom metric, and a schedule of the simulation.
pub const DECLARED: &str = "\
kind: digital_human
key: ann
name: Ann
intent: book
---
kind: digital_human
key: bob
name: Bob
intent: cancel
---
kind: custom_metric
key: landed
name: Landed
response_type: pass_fail
prompt: Did the transfer land?
metric_type: transfer_landed
settings:
  receiver_test_case_id: ${digital_human:ann}
---
kind: simulation
key: desk
agent_id: \"42\"
name: Desk
digital_humans: [\"${digital_human:bob}\"]
selected_custom_metrics: [\"${custom_metric:landed}\"]
---
kind: schedule
key: nightly
simulation: desk
schedule: {frequency: daily, time: \"02:30\"}
";

/// The id of a custom metric that no file declares.
const OTHER_METRIC: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052a";

/// Returns an applied suite, without its lockfile.
fn without_lockfile() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(SUITE, DECLARED);
    env.run_at(&api.url(), &["apply"]).code(0).says("5 created");
    env.remove("bluejay.lock");
    (env, api)
}

#[test]
fn one_apply_adopts_a_suite_whose_lockfile_is_lost() {
    let (env, api) = without_lockfile();
    let before = api.resources();
    let plan = env.run_at(&api.url(), &["plan", "--refresh", "--format", "json"]);
    let summary = &plan.code(0).json()["summary"];
    assert_eq!(summary["create"], 0, "{plan}");
    let apply = env.run_at(&api.url(), &["apply"]);
    apply.code(0);
    assert_eq!(env.resources().len(), 5, "{apply}");
    assert_eq!(api.resources(), before, "{apply}");
    let plan = env.run_at(&api.url(), &["plan", "--refresh", "--format", "json"]);
    assert_eq!(plan.json()["changes"], json!([]), "{plan}");
}

#[test]
fn what_refers_to_an_undecided_resource_is_not_created_again() {
    let (env, api) = without_lockfile();
    let before = api.resources();
    env.write(SUITE, &DECLARED.replace("intent: book", "intent: cancel"));
    let apply = env.run_at(&api.url(), &["apply"]);
    apply.code(1).says("digital_human:ann");
    assert_eq!(api.resources(), before, "{apply}");
    env.run_at(&api.url(), &["apply", "--adopt", "name"])
        .code(0);
    assert_eq!(api.resources(), before);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn digital_humans_are_created_one_by_one_if_the_api_refuses_many() {
    for status in [404, 405, 422] {
        let fault = format!("error-before:status={status},match=POST:create-digital-humans");
        let (env, api) = (TestEnv::new(), TestApi::with_faults(&[&fault]));
        env.write(SUITE, DECLARED);
        let apply = env.run_at(&api.url(), &["apply"]);
        apply.code(0).says("5 created");
        assert_eq!(api.resources().len(), 5, "{status}: {apply}");
    }
}

#[test]
fn a_plan_names_what_is_referred_to_by_key() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(SUITE, DECLARED);
    env.run_at(&api.url(), &["plan"])
        .code(0)
        .says("selected_custom_metrics:  [landed]")
        .says("simulation:          \"desk\"");
    env.run_at(&api.url(), &["apply"]).code(0);
    let other = "---\nkey: other\nagent_id: \"42\"\nname: Other\n";
    let changed = DECLARED.replace("simulation: desk", "simulation: other") + other;
    env.write(SUITE, &changed);
    env.run_at(&api.url(), &["plan"])
        .code(0)
        .says("will be replaced, since simulation can't change in place")
        .says("simulation: \"desk\" -> \"other\" (known after apply)");
    // Both instances of a replaced simulation have one key, so the recorded one has its id.
    let replaced = DECLARED.replace("agent_id: \"42\"", "agent_id: \"43\"");
    env.write(SUITE, &replaced);
    env.run_at(&api.url(), &["plan"])
        .code(0)
        .says("-> \"${simulation:desk}\" (known after apply)");
}

#[test]
fn drift_and_pull_name_what_is_referred_to_by_key() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(SUITE, DECLARED);
    env.run_at(&api.url(), &["apply"]).code(0);
    let desk = api.alive().into_keys().next().unwrap();
    let path = format!("/v1/simulation/{desk}");
    api.ask(
        "PUT",
        &path,
        Some(json!({"selected_custom_metrics": [OTHER_METRIC]})),
    );
    let drift = env.run_at(&api.url(), &["drift"]);
    drift
        .code(2)
        .says("- landed")
        .says(&format!("+ {OTHER_METRIC}"));
    env.write(
        SUITE,
        &DECLARED.replace("[\"${custom_metric:landed}\"]", "[]"),
    );
    let pull = env.run_at(&api.url(), &["pull", "--check"]);
    pull.says("applied [\"landed\"], declared").code(3);
}

#[test]
fn an_old_instance_stays_while_a_simulation_still_uses_it() {
    let fault = "error-before:status=422,match=POST:add-digital-humans,after=1,times=1";
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&[fault]));
    env.write(SUITE, DECLARED);
    env.run_at(&api.url(), &["apply"]).code(0);
    let old = env.lockfile().unwrap()["resources"]["digital_human"]["bob"]["id"].clone();
    let path = format!("/v1/digital-human/{old}");
    // The API changes tags only with a create, so the digital human is replaced.
    let tagged = DECLARED.replace("intent: cancel", "intent: cancel\ntags: [new]");
    env.write(SUITE, &tagged);
    env.run_at(&api.url(), &["plan", "--prune"])
        .code(0)
        .says("digital_humans: (some ids are known after apply)")
        .says(&format!("- bob ({old})"))
        .says("+ bob (known after apply)");
    let apply = env.run_at(&api.url(), &["apply", "--prune"]);
    apply
        .code(3)
        .says("could not delete `digital_human:bob`: nothing was sent, because `desk` failed");
    assert_eq!(api.ask("GET", &path, None)["digital_human"]["id"], old);
    env.run_at(&api.url(), &["apply", "--prune"]).code(0);
    let lockfile = env.lockfile().unwrap();
    let bob = &lockfile["resources"]["digital_human"]["bob"];
    assert!(bob["id"] != old && bob.get("replaced").is_none(), "{bob}");
    env.run_at(&api.url(), &["plan", "--refresh"])
        .code(0)
        .says("No changes");
}
