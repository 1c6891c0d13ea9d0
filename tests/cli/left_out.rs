//! Tests of resources that the chosen environment leaves out: they are neither deleted nor
//! taken over, and the mistakes in their documents are reported.

use serde_json::{Value, json};

use super::api::TestApi;
use super::env::{Run, TestEnv};
use super::filled_api::schedule;

/// Runs a command in the environment `staging`.
fn staging(env: &TestEnv, api: &TestApi, args: &[&str]) -> Run {
    env.run_at(&api.url(), &[args, &["-e", "staging"]].concat())
}

/// Returns a project with these simulations, which are applied in the environment `staging`.
fn applied(keys: &[&str]) -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::with(keys), TestApi::start());
    env.write("bluejay.yaml", "environments: {staging: {}, prod: {}}\n");
    staging(&env, &api, &["apply"]).code(0);
    (env, api)
}

#[test]
fn a_new_document_does_not_take_over_what_is_left_out() {
    let (env, api) = applied(&["old"]);
    env.simulation("old", "environments: [prod]");
    env.simulation("new", "name: old");
    let plan = staging(&env, &api, &["plan", "--format", "json"]).json();
    assert_eq!(plan["changes"][0]["actions"], json!(["create"]), "{plan}");
    assert_eq!(plan["changes"][0]["key"], "new");
    assert_eq!(plan["changes"].as_array().unwrap().len(), 1);
    // A misspelt `moved_from` suggests only what no file declares.
    env.simulation("new", "name: new\nmoved_from: olds");
    let plan = staging(&env, &api, &["plan", "--format", "json"]).json();
    assert_eq!(plan["hints"], json!([]));
    // A document may say that it has another key in this environment.
    env.simulation("new", "name: old\nmoved_from: old");
    let plan = staging(&env, &api, &["plan", "--format", "json"]).json();
    assert_eq!(plan["changes"][0]["actions"], json!(["move"]), "{plan}");
}

#[test]
fn the_former_key_of_what_is_left_out_is_no_orphan() {
    let (env, api) = applied(&["old", "other"]);
    env.undeclare("old");
    env.simulation("new", "name: old\nmoved_from: old\nenvironments: [prod]");
    env.simulation("copy", "name: old");
    let before = env.read("bluejay.staging.lock");
    let plan = staging(
        &env,
        &api,
        &["plan", "--prune", "--force", "--format", "json"],
    )
    .json();
    let changes = plan["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{plan}");
    assert_eq!(changes[0]["actions"], json!(["create"]), "{plan}");
    env.undeclare("copy");
    staging(&env, &api, &["apply", "--prune", "--force"]).code(0);
    assert_eq!(env.read("bluejay.staging.lock"), before);
}

#[test]
fn destroy_refuses_what_a_left_out_document_protects() {
    let (env, api) = applied(&["a", "b"]);
    env.simulation("a", "protect: true\nenvironments: [prod]");
    let destroy = || staging(&env, &api, &["destroy", "--yes"]);
    destroy().code(1).says("`a` is protected");
    env.undeclare("a");
    env.simulation(
        "c",
        "name: a\nmoved_from: a\nprotect: true\nenvironments: [prod]",
    );
    destroy().code(1).says("`a` is protected");
    env.simulation("c", "name: a\nmoved_from: a\nprotect: true");
    destroy().code(1).says("`a` is protected");
    env.write(
        "bluejay.yaml",
        "vars: {KEEP: false}\nenvironments: {staging: {vars: {KEEP: true}}, prod: {}}\n",
    );
    let keep = "name: a\nmoved_from: a\nprotect: ${var:KEEP}\nenvironments: [prod]";
    env.simulation("c", keep);
    destroy().code(1).says("`a` is protected");
    env.write(
        "bluejay.yaml",
        "vars: {KEEP: false}\nenvironments: {staging: {}, prod: {}}\n",
    );
    destroy().code(0);
    assert_eq!(api.alive().len(), 0);
}

#[test]
fn a_digital_human_that_a_left_out_document_uses_is_not_pruned() {
    let (env, api) = (TestEnv::with(&["b"]), TestApi::start());
    env.write("bluejay.yaml", "environments: {staging: {}, prod: {}}\n");
    let human = "kind: digital_human\nkey: x\nname: X\nintent: Ask.\n";
    env.write("simulations/x.yaml", human);
    staging(&env, &api, &["apply"]).code(0);
    let lock: Value = serde_json::from_str(&env.read("bluejay.staging.lock")).unwrap();
    let id = &lock["resources"]["digital_human"]["x"]["id"];
    env.undeclare("x");
    env.simulation(
        "a",
        &format!("digital_humans: [{id}]\nenvironments: [prod]"),
    );
    staging(&env, &api, &["apply", "--prune"])
        .code(1)
        .says(&format!(
            "`a` (simulations/a.yaml:1), which the chosen environment leaves out, uses digital \
             human {id} of `digital_human:x`, and this plan would delete it"
        ));
    env.undeclare("a");
    staging(&env, &api, &["apply", "--prune"]).code(0);
}

#[test]
fn references_of_left_out_documents_are_checked() {
    let env = TestEnv::new();
    env.write(
        "bluejay.yaml",
        "environments: {staging: {}, prod: {vars: {AGENT: 7, WHO: ann}}}\n",
    );
    env.write(
        "simulations/ann.yaml",
        "kind: digital_human\nkey: ann\nname: Ann\nintent: Ask.\n",
    );
    let document = |humans: &str, text: &str| {
        let text = format!(
            "agent_id: ${{var:AGENT}}\ndigital_humans: [{humans}]\ndescription: {text}\n\
             environments: [prod]\n"
        );
        env.write("simulations/a.yaml", &text);
    };
    document(
        "'${digital_human:ann}', '${var:WHO}'",
        "of ${digital_human:ann}, ${var:WHO}",
    );
    for args in [&["validate"][..], &["validate", "-e", "staging"]] {
        env.run(args).code(0);
    }
    env.run(&["validate", "--all-envs"]).code(0);
    document(
        "'${digital_human:bob}', '${var:WHO}'",
        "of ${digital_human:cas}, ${var:WHO}",
    );
    for args in [&["-e", "staging"][..], &["--all-envs"], &[]] {
        let run = env.run(&[&["validate"], args].concat());
        run.code(1)
            .says("unknown digital human `bob`")
            .says("unknown digital human `cas`");
    }
    document("ann, '${simulation:a}'", "x");
    env.run(&["validate", "-e", "staging"])
        .code(1)
        .says("takes a digital human, not a simulation");
    document("'${var:WHO}', dan", "x");
    env.run(&["validate", "-e", "staging"])
        .code(1)
        .says("unknown digital human `dan`");
}

#[test]
fn a_default_of_another_environment_may_contain_a_variable() {
    let env = TestEnv::new();
    env.write(
        "bluejay.yaml",
        "environments:\n\
         \x20 staging: {vars: {AGENT: 1}, defaults: {agent_id: '${var:AGENT}'}}\n\
         \x20 prod: {vars: {AGENT: 2}, defaults: {agent_id: '${var:AGENT}'}}\n",
    );
    env.write("simulations/a.yaml", "name: Desk\n");
    env.run(&["validate", "--all-envs"]).code(0);
    env.run(&["validate"])
        .code(1)
        .says("`agent_id` is missing")
        .says("only the environments `prod` and `staging` have a value");
}

/// Returns an API with a simulation, and a project with the environments `staging`, which
/// selects only the clinic, and `prod`.
fn importing() -> (TestEnv, TestApi, String) {
    let (env, api) = (TestEnv::with(&["clinic/a"]), TestApi::start());
    env.write(
        "bluejay.yaml",
        "environments:\n  staging: {select: ['clinic/**'], vars: {AGENT: 7}}\n  prod: {vars: {AGENT: 8}}\n",
    );
    let id = api.create(json!({"agent_id": "7", "name": "law", "max_concurrent": 9}));
    (env, api, id.to_string())
}

#[test]
fn an_import_into_an_environment_that_does_not_select_the_key_says_so() {
    let (env, api, id) = importing();
    let import = |key: &str| staging(&env, &api, &["import", key, &id]);
    for args in [&["import", "law", &id][..], &["import", "--all"]] {
        let run = staging(&env, &api, args);
        run.says("the environment `staging` does not select `law`")
            .says("add `law` to its `select` in bluejay.yaml");
        assert!(!env.exists("simulations/law.yaml"));
    }
    import("clinic/law").code(0);
    assert!(
        env.read("simulations/clinic/law.yaml")
            .contains("${var:AGENT}")
    );
    // The file of an interrupted import is recognised.
    env.remove("bluejay.staging.lock");
    staging(&env, &api, &["import", "--all"])
        .code(0)
        .says("clinic/law (1)  declared in simulations/clinic/law.yaml");
}

#[test]
fn a_pattern_may_name_what_an_import_writes_first() {
    let (env, api, id) = importing();
    env.write("bluejay.yaml", "environments: {staging: {select: [law]}}\n");
    staging(&env, &api, &["plan"])
        .code(1)
        .says("no simulation matches `law`");
    staging(&env, &api, &["import", "law", &id]).code(0);
    staging(&env, &api, &["plan"]).code(0).says("No changes");
}

#[test]
fn an_import_with_ids_of_one_environment_is_declared_only_there() {
    let (env, api, id) = importing();
    env.write("bluejay.yaml", "environments: {staging: {}, prod: {}}\n");
    let daily = json!({"frequency": "daily", "time": "02:30"});
    schedule(&api, id.parse().unwrap(), daily, json!({}));
    staging(&env, &api, &["import", "--all"])
        .code(0)
        .says("`law` is bound to this environment");
    for file in [
        "simulations/law.yaml",
        "simulations/schedules/law-daily.yaml",
    ] {
        let text = env.read(file);
        assert!(text.contains("environments:\n- staging\n"), "{text}");
    }
    let quiet = staging(&env, &api, &["plan", "--format", "json"]).json();
    let changes = quiet["changes"].as_array().unwrap();
    let keys: Vec<&Value> = changes.iter().map(|change| &change["key"]).collect();
    assert_eq!(keys, ["clinic/a"]);
    let prod = ["plan", "--format", "json", "-e", "prod"];
    let prod = env.run_at(&api.url(), &prod).code(0).json();
    assert_eq!(prod["changes"].as_array().unwrap().len(), 1, "{prod}");
    env.run(&["validate", "--all-envs"]).code(0);
    // What is declared already may be bound to the environment, too.
    let id = api.create(json!({"agent_id": "7", "name": "night"}));
    let daily = json!({"frequency": "daily", "time": "03:30"});
    schedule(&api, id, daily, json!({}));
    env.simulation("night", "agent_id: 7\nenvironments: [staging]");
    staging(&env, &api, &["import", "--all"])
        .code(0)
        .says("`schedule:night-daily` refers to a resource that other environments do not declare");
    env.run(&["validate", "--all-envs"]).code(0);
    // Without an environment, no list of environments says where the ids count.
    let id = api.create(json!({"agent_id": "7", "name": "free"}));
    env.run_at(&api.url(), &["import", "free", &id.to_string()])
        .code(0)
        .says("every environment declares `free`, too, with the ids in `agent_id`");
}

#[test]
fn an_import_leaves_ids_to_the_variables_and_defaults_of_each_environment() {
    let (env, api, id) = importing();
    let import = |project: &str, environment: &str| {
        env.write("bluejay.yaml", project);
        let args = ["import", "law", &id, "-e", environment];
        env.run_at(&api.url(), &args).code(0).never_says("is bound");
        let text = env.read("simulations/law.yaml");
        env.remove("simulations/law.yaml");
        env.remove(&format!("bluejay.{environment}.lock"));
        text
    };
    let variable = "vars: {AGENT: 7}\nenvironments: {staging: {vars: {AGENT: 8}}, prod: {}}\n";
    let text = import(variable, "prod");
    assert!(text.contains("agent_id: ${var:AGENT}\n"), "{text}");
    let only_here = "environments: {staging: {vars: {AGENT: 7}}, prod: {}}\n";
    let text = import(only_here, "staging");
    assert!(text.contains("agent_id: ${var:AGENT}\n"), "{text}");
    assert!(text.contains("environments:\n- staging\n"), "{text}");
    let default =
        "environments: {staging: {defaults: {agent_id: 7}}, prod: {defaults: {agent_id: 8}}}\n";
    let text = import(default, "staging");
    assert!(!text.contains("agent_id"), "{text}");
}

#[test]
fn drift_and_pull_do_not_compare_what_the_environment_leaves_out() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.write("bluejay.yaml", "environments: { staging: {}, prod: {} }\n");
    let run = |args: &[&str]| env.run_at(&api.url(), &[args, &["-e", "prod"]].concat());
    run(&["apply"]).code(0);
    env.simulation("b", "environments: [staging]");
    for id in api.alive().keys() {
        api.ask(
            "PUT",
            &format!("/v1/simulation/{id}"),
            Some(json!({"name": "by hand"})),
        );
    }
    let drift = run(&["drift", "--format", "json"]);
    let drift = drift.code(2).json();
    assert_eq!(drift["drifted"].as_array().unwrap().len(), 1, "{drift}");
    assert_eq!(drift["drifted"][0]["key"], "a");
    run(&["pull"]).code(0).never_says("left alone");
    run(&["drift"]).code(0);
    run(&["plan", "--target", "b"])
        .code(1)
        .says("the chosen environment declares nothing that matches `b`");
}
