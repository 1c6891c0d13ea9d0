//! Tests of drift: desired, prior and observed state.

use serde_json::json;
use wiremock::ResponseTemplate;

use crate::api::{CREATE, FakeApi, LIST, TestApi, created, failed, listed};
use crate::env::TestEnv;

fn edit(api: &TestApi, id: u64, fields: serde_json::Value) {
    api.ask("PUT", &format!("/v1/simulation/{id}"), Some(fields));
}

#[test]
fn drift_shows_three_values_and_refresh_restores_the_desired_state() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("a", "max_concurrent: 5\ndescription: d");
    env.simulation("b", "");
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"];
    let quiet = env.run_at(&api.url(), &["drift"]);
    quiet.code(0).says("No drift: 2 as applied.");

    edit(&api, id, json!({"max_concurrent": 9, "name": "by hand"}));
    env.simulation("a", "max_concurrent: 6\ndescription: d");
    let report = env.run_at(&api.url(), &["drift", "--format", "json"]);
    let report = report.code(2).json();
    assert_eq!(
        report["drifted"][0]["fields"],
        json!([
            {"path": "max_concurrent", "written": 6, "applied": 5, "there": 9},
            {"path": "name", "written": "a", "applied": "a", "there": "by hand"},
        ])
    );
    assert_eq!(report["in_sync"], 1);
    let human = env.run_at(&api.url(), &["drift"]);
    human.says("max_concurrent: 5 applied, observed is 9, declared is 6");
    let markdown = env.run_at(&api.url(), &["drift", "--format", "markdown"]);
    markdown.says("| <code>a</code> | ").says(
        "<code>max&#95;concurrent</code> | <code>6</code> | <code>5</code> | <code>9</code> |",
    );

    let writes = api.write_count();
    env.run_at(&api.url(), &["plan", "--refresh"])
        .code(0)
        .says("max_concurrent: 9 -> 6");
    assert_eq!(api.write_count(), writes, "plan reads only");
    env.run_at(&api.url(), &["apply", "--refresh"]).code(0);
    let there = api.get(id);
    assert_eq!(there["max_concurrent"], 6);
    assert_eq!(there["name"], "a");
    env.run_at(&api.url(), &["drift"]).code(0);
}

#[test]
fn a_field_that_the_api_does_not_show_is_not_visible() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation("a", "hangup_on_transfer: true\ndescription: d");
    let shown = json!({"id": 7, "agent_id": null, "name": "a", "settings": null,
                       "description": "d"});
    api.on("POST", CREATE, 1, created(7))
        .always("GET", LIST, listed(&[]))
        .always(
            "GET",
            "/v1/simulation/7",
            ResponseTemplate::new(200).set_body_json(shown),
        );
    env.run_at(&api.url(), &["apply"]).code(0);
    let report = env.run_at(&api.url(), &["drift", "--format", "json"]);
    let report = report.code(0).json();
    assert_eq!(
        report["not_visible"],
        json!({"agent_id": 1, "hangup_on_transfer": 1})
    );
    let run = env.run_at(&api.url(), &["apply", "--refresh"]);
    run.code(0).says("No changes");
}

#[test]
fn a_deleted_simulation_is_reported_and_created_again() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"];
    api.ask("DELETE", &format!("/v1/simulation/{id}"), None);
    env.run_at(&api.url(), &["drift"])
        .code(2)
        .says("is gone")
        .says("another organisation");
    let plan = env.run_at(&api.url(), &["plan", "--refresh", "--format", "json"]);
    let plan = plan.json();
    assert_eq!(plan["changes"][0]["actions"], json!(["create"]));
    assert_eq!(plan["changes"][0]["gone"], id);
    env.run_at(&api.url(), &["apply", "--refresh"]).code(0);
    assert_eq!(api.alive().len(), 2);
    env.run_at(&api.url(), &["drift"]).code(0);
}

#[test]
fn an_untracked_simulation_of_the_same_name_is_reported() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let twin = api.create(json!({"agent_id": "42", "name": "a"}));
    api.create(json!({"agent_id": "42", "name": "not ours"}));
    let run = env.run_at(&api.url(), &["drift", "--format", "json"]);
    let report = run.code(2).json();
    assert_eq!(report["untracked"].as_array().unwrap().len(), 1);
    assert_eq!(report["untracked"][0]["simulation_id"], twin);
    assert_eq!(report["untracked"][0]["looks_like"], "a");
    let plan = env.run_at(&api.url(), &["plan", "--refresh"]);
    plan.code(0).says(&format!(
        "simulation {twin} is untracked and has the agent and the name of `a`: \"a\""
    ));
}

#[test]
fn warnings_name_ten_untracked_simulations_and_count_the_others() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    for _ in 0..12 {
        api.create(json!({"agent_id": "42", "name": "a"}));
    }
    for verb in ["plan", "apply"] {
        let run = env.run_at(&api.url(), &[verb, "--refresh"]);
        run.code(0)
            .says("and 2 more are untracked and look like tracked ones");
        assert_eq!(run.stderr.matches("is untracked and has").count(), 10);
    }
}

#[test]
fn a_failed_read_counts_neither_as_drift_nor_as_in_sync() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.on("POST", CREATE, 1, created(7))
        .always("GET", LIST, listed(&[]))
        .always("GET", "/v1/simulation/7", failed(403, "not yours"));
    env.run_at(&api.url(), &["apply"]).code(0);
    for args in [
        &["drift"][..],
        &["plan", "--refresh"],
        &["apply", "--refresh"],
    ] {
        let run = env.run_at(&api.url(), args);
        run.code(1).says("not yours").never_says("No drift: 1");
    }
}

#[test]
fn an_edit_in_file_and_dashboard_is_only_recorded() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("a", "max_concurrent: 5");
    env.run_at(&api.url(), &["apply"]).code(0);
    edit(&api, env.ids()["a"], json!({"max_concurrent": 6}));
    env.simulation("a", "max_concurrent: 6");
    let writes = api.write_count();
    let run = env.run_at(&api.url(), &["apply", "--refresh"]);
    run.code(0).says("1 adopted");
    assert_eq!(api.write_count(), writes);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn plan_refresh_shows_adoptions() {
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), TestApi::start());
    let same = api.create(json!({"agent_id": "42", "name": "a"}));
    api.create(json!({"agent_id": "42", "name": "b", "max_concurrent": 9, "description": "x"}));
    let run = env.run_at(&api.url(), &["plan", "--refresh", "--format", "json"]);
    run.code(0)
        .says("has the same agent and name, but other fields");
    let plan = run.json();
    assert_eq!(plan["summary"]["adopt"], 1);
    assert_eq!(plan["summary"]["create"], 2);
    assert_eq!(plan["changes"][0]["simulation_id"], same);
    env.run_at(
        &api.url(),
        &["plan", "--refresh", "--target", "a", "--out", "p"],
    );
    env.run_at(&api.url(), &["apply", "p"])
        .code(0)
        .says("1 adopted");
}

#[test]
fn plan_refresh_with_adopt_shows_what_apply_does() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let there = api.create(json!({"agent_id": "42", "name": "a", "description": "by hand"}));
    let plan = |adopt| {
        let args = [
            "plan",
            "--refresh",
            "--adopt",
            adopt,
            "--format",
            "json",
            "--out",
            "p",
        ];
        env.run_at(&api.url(), &args).code(0).json()
    };
    assert_eq!(plan("never")["summary"]["create"], 1);
    let by_name = plan("name");
    assert_eq!(by_name["summary"]["update"], 1);
    assert_eq!(by_name["changes"][0]["simulation_id"], there);
    // A saved plan contains its planning options.
    env.run_at(&api.url(), &["apply", "p"]).code(0);
    assert_eq!(env.ids()["a"], there);
    env.run(&["plan", "--adopt", "name"])
        .code(1)
        .says("--refresh");
}

#[test]
fn an_equal_value_in_another_form_is_no_drift() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let fields = "agent_id: \"042\"\n\
                  prompt_id: 3C90C3CC0D444B5088888DD25736052A\n\
                  knowledge_base_id: urn:uuid:3c90c3cc-0d44-4b50-8888-8dd25736052b\n\
                  selected_custom_metrics:\n\
                  - \"{3c90c3cc-0d44-4b50-8888-8dd25736052d}\"\n\
                  - 3c90c3cc-0d44-4b50-8888-8dd25736052c";
    env.simulation("a", fields);
    env.run_at(&api.url(), &["apply"]).code(0);
    env.run_at(&api.url(), &["drift"]).code(0);
    let writes = api.write_count();
    let again = env.run_at(&api.url(), &["apply", "--refresh"]);
    again.code(0).says("No changes: 1 unchanged.");
    std::fs::remove_file(env.path("bluejay.lock")).unwrap();
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("adopted a (1)");
    assert_eq!(api.write_count(), writes);
}

#[test]
fn refresh_with_a_target_reads_a_renamed_simulation() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let text = "agent_id: \"42\"\nname: a\nmax_concurrent: 5\n";
    env.write("simulations/a.yaml", text);
    env.run_at(&api.url(), &["apply"]).code(0);
    edit(&api, env.ids()["a"], json!({"max_concurrent": 9}));
    env.undeclare("a");
    env.write("simulations/b.yaml", text);
    let plan = env.run_at(&api.url(), &["plan", "--refresh", "--target", "b"]);
    plan.code(0).says("max_concurrent: 9 -> 5");
}
