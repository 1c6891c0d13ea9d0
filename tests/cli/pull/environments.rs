//! Tests of edits that reach other environments than the chosen one.

use serde_json::{Value, json};

use super::Scene;

const FILE: &str = "simulations/a.yaml";
const OTHER: &str = "simulations/b.yaml";
const PROJECT: &str = "bluejay.yaml";

/// Applies the environment `staging`, and changes its simulation `a`.
fn edited_in_staging(files: &[(&str, &str)], fields: Value) -> Scene {
    let scene = Scene::new();
    for (name, text) in files {
        scene.env.write(name, text);
    }
    scene.run(&["apply", "-e", "staging", "--quiet"]).code(0);
    let lockfile: Value = serde_json::from_str(&scene.env.read("bluejay.staging.lock")).unwrap();
    let id = &lockfile["simulations"]["a"]["simulation_id"];
    let path = format!("/v1/simulation/{id}");
    scene.api.ask("PUT", &path, Some(fields));
    scene
}

/// Returns `also_changes` of a pull of `staging`.
fn also_changes(files: &[(&str, &str)], fields: Value) -> Value {
    let scene = edited_in_staging(files, fields);
    let run = scene.run(&["pull", "-e", "staging", "--format", "json"]);
    run.code(0).json()["also_changes"].clone()
}

fn simulation(name: &str, more: &str) -> String {
    format!("agent_id: \"42\"\nname: {name}\n{more}")
}

#[test]
fn the_environments_that_share_a_value_are_named() {
    let environments = "environments:\n  staging: {}\n  prod: {}\n  qa:\n    \
                        vars: {TEXT: own}\n    defaults: {max_concurrent: 1}\n";
    let (plain, of_staging) = (
        simulation("a", ""),
        simulation("b", "environments: [staging]\n"),
    );
    let in_prod = json!([{"complete": true, "environment": "prod", "keys": ["a"]}]);
    let in_both = json!([
        {"complete": true, "environment": "prod", "keys": ["a"]},
        {"complete": true, "environment": "qa", "keys": ["a"]},
    ]);

    let project = format!("vars: {{TEXT: old}}\n{environments}");
    let with_var = simulation("a", "description: ${var:TEXT}\n");
    let files = [(PROJECT, &*project), (FILE, &*with_var)];
    assert_eq!(also_changes(&files, json!({"description": "new"})), in_prod);

    let project = format!("defaults: {{max_concurrent: 5}}\n{environments}");
    let files = [(PROJECT, &*project), (FILE, &*plain)];
    assert_eq!(also_changes(&files, json!({"max_concurrent": 9})), in_prod);
    // The document overrides a default that other documents take, in all environments.
    let files = [(PROJECT, &*project), (FILE, &*plain), (OTHER, &*of_staging)];
    assert_eq!(also_changes(&files, json!({"max_concurrent": 9})), in_both);

    let with_text = simulation("a", "description: ${file:a.md}\n");
    let files = [
        (PROJECT, environments),
        (FILE, &*with_text),
        ("simulations/a.md", "old\n"),
    ];
    assert_eq!(also_changes(&files, json!({"description": "new"})), in_both);
}

#[test]
fn a_value_of_the_chosen_environment_alone_changes_no_other() {
    let project = "environments:\n  staging:\n    vars: {TEXT: old}\n  prod:\n    \
                   vars: {TEXT: old}\n";
    let with_var = simulation("a", "description: ${var:TEXT}\n");
    let files = [(PROJECT, project), (FILE, &*with_var)];
    assert_eq!(
        also_changes(&files, json!({"description": "new"})),
        json!([])
    );
}

#[test]
fn the_report_warns_for_people_and_in_a_pull_request() {
    let project = "environments:\n  staging: {}\n  prod: {}\n  qa: {}\n";
    let text = simulation("a", "description: old\n");
    let broken = simulation("b", "environments: [qa]\ndescription: ${var:MISSING}\n");
    let files = [(PROJECT, project), (FILE, &*text), (OTHER, &*broken)];
    let scene = edited_in_staging(&files, json!({"description": "new"}));
    let check = scene.run(&["pull", "-e", "staging", "--check"]);
    check
        .code(2)
        .says("  ! in the environment `prod`\n      also changes: a\n      help: ")
        .says("  ! in the environment `qa`\n      also changes: a\n      not all compared");
    scene
        .run(&["pull", "-e", "staging", "--format", "markdown"])
        .code(0)
        .says("| also changes | resources |\n| --- | --- |\n")
        .says("| in the environment <code>prod</code> | <code>a</code> |\n");
    // Without an environment nothing was applied, so nothing is said about it.
    scene
        .run(&["pull", "-e", "staging", "--check"])
        .code(0)
        .never_says("also changes");
}
