//! Tests of `state` with resources of every kind.

use serde_json::json;

use crate::api::TestApi;
use crate::env::TestEnv;
#[cfg(feature = "crash-points")]
use crate::filled_api::METRICS;
use crate::filled_api::{fill, keys};

#[test]
fn state_commands_take_keys_and_ids_of_every_kind() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    fill(&api);
    env.run_at(&api.url(), &["import", "--all"]).code(0);
    env.run(&["state", "show", "custom_metric:politeness"])
        .code(0)
        .says("key: custom_metric:politeness\nid: ");
    env.run(&["state", "show", "politeness"]).code(1);
    let mv = |from: &str, to: &str| env.run(&["state", "mv", from, to]);
    mv("digital_human:nobody-s", "digital_human:somebody").code(0);
    mv("digital_human:somebody", "somebody")
        .code(1)
        .says("`digital_human:somebody` is a digital human, and `somebody` is the key of a simulation")
        .says("state mv digital_human:somebody digital_human:somebody");
    mv("digital_human:somebody", "digital_human:")
        .code(1)
        .says("can't be a key");
    mv(
        "digital_human:somebody",
        "digital_human:wants-her-money-back",
    )
    .code(1)
    .says("already");
    env.run(&["state", "rm", "digital_human:somebody"])
        .code(0)
        .says("`digital_human:somebody` is no longer tracked; digital human ");
    assert!(!keys(&env).contains(&"digital_human:somebody".to_owned()));
}

#[test]
fn the_kind_of_a_simulation_may_be_written() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    let plan = env.run_at(&api.url(), &["plan", "--target", "simulation:a"]);
    plan.code(0).says("1 to create");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.run_at(&api.url(), &["pull", "simulation:a"]).code(0);
    env.run_at(&api.url(), &["run", "simulation:x"])
        .code(1)
        .says("no simulation matches `simulation:x`");
    env.run(&["state", "show", "simulation:a"]).code(0);
    let mv = ["state", "mv", "simulation:a", "simulation:c"];
    env.run(&mv).code(0).says("`a` is now `c`");
    env.run(&["state", "rm", "simulation:c"])
        .code(0)
        .says("`c` is no longer tracked");
    assert_eq!(env.ids().keys().collect::<Vec<_>>(), ["b"]);
}

/// Crashes an apply after the API created a custom metric.
#[cfg(feature = "crash-points")]
fn open_create() -> (TestEnv, TestApi, String) {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(
        "simulations/tone.yaml",
        "kind: custom_metric\nname: Tone\nresponse_type: pass_fail\nprompt: x\n",
    );
    let mut command = env.command(&["apply", "--yes", "--api-url", &api.url()]);
    command.env("FAILPOINTS", "create.answered=return");
    let run = crate::env::Run::of(command);
    assert!(run.has_aborted(), "{run}");
    let metrics = api.ask("GET", METRICS, None);
    let id = metrics["metrics"][0]["id"].as_str().unwrap().to_owned();
    (env, api, id)
}

#[test]
#[cfg(feature = "crash-points")]
fn state_resolve_settles_an_open_create_of_another_kind() {
    let resolve =
        |env: &TestEnv, id: &str| env.run(&["state", "resolve", "custom_metric:tone", id]);
    let (env, api, id) = open_create();
    env.run(&["state", "resolve", "tone", "1"])
        .code(1)
        .says("no create of `tone` is open");
    resolve(&env, "a b")
        .code(1)
        .says("`a b` is not the id of a custom metric")
        .says("pass `none` if no custom metric was created");
    resolve(&env, &id)
        .code(0)
        .says(&format!("`custom_metric:tone` is custom metric {id}"));
    env.run_at(&api.url(), &["apply", "--yes"]).code(0);
    assert_eq!(api.ask("GET", METRICS, None)["total_count"], 1);

    let (env, api, id) = open_create();
    api.ask("DELETE", &format!("/v1/metric/{id}"), None);
    resolve(&env, "none")
        .code(0)
        .says("`custom_metric:tone` was not created");
    env.run_at(&api.url(), &["apply", "--yes"]).code(0);
    assert_eq!(api.ask("GET", METRICS, None)["total_count"], 1);
}

#[test]
fn state_resolve_keeps_ids_of_every_kind() {
    let env = TestEnv::new();
    let side = |human: u64, metric: &str| {
        let lockfile = json!({
            "api": "http://127.0.0.1:9",
            "resources": {"custom_metric": {"b": {"applied": {"name": "b"}, "id": metric}}, "digital_human": {"a": {"applied": {"name": "a"}, "id": human}}},
            "version": 2,
        });
        format!("{}\n", serde_json::to_string_pretty(&lockfile).unwrap())
    };
    let conflict = format!(
        "<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\n",
        side(1, "u1"),
        side(2, "u2")
    );
    env.write("bluejay.lock", &conflict);
    env.run(&["state", "resolve", "--keep", "2"])
        .code(1)
        .says("`custom_metric:b` is custom metric u1 on our side");
    env.run(&["state", "resolve", "--keep", "2", "--keep", "u1"])
        .code(0)
        .says("merged both sides: 2 resources");
    env.run(&["state", "list"])
        .code(0)
        .says("custom_metric:b  u1  (replaced, still at the API: u2)\n")
        .says("digital_human:a  2  (replaced, still at the API: 1)\n");
}
