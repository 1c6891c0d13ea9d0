//! Tests of `graph`, which shows what refers to what.

use serde_json::{Value, json};

use super::env::TestEnv;

/// Returns a suite with a simulation, a caller, a metric and a schedule, and a simulation
/// that refers to nothing.
fn suite() -> TestEnv {
    let env = TestEnv::new();
    env.simulation(
        "desk",
        "digital_humans: [marta, 101]\nselected_custom_metrics: [calm]",
    );
    env.simulation("alone", "");
    env.write(
        "simulations/suite.yaml",
        "kind: digital_human\nkey: marta\nname: Marta\nintent: Calls.\n---\n\
         kind: custom_metric\nkey: calm\nname: Calm\nresponse_type: pass_fail\nprompt: Calm?\n---\n\
         kind: schedule\nkey: daily\nsimulation: desk\n\
         schedule: { frequency: daily, time: \"02:30\" }\ntimezone: UTC\n",
    );
    env
}

fn ids(document: &Value) -> Vec<&str> {
    let nodes = document["nodes"].as_array().unwrap().iter();
    nodes.map(|node| node["id"].as_str().unwrap()).collect()
}

#[test]
fn json_names_every_resource_and_every_reference() {
    let document = suite().run(&["graph", "--format", "json"]).code(0).json();
    assert_eq!(
        ids(&document),
        [
            "simulation:alone",
            "custom_metric:calm",
            "simulation:desk",
            "digital_human:marta",
            "schedule:daily",
        ]
    );
    assert_eq!(
        document["edges"],
        json!([
            {"from": "simulation:desk", "to": "custom_metric:calm"},
            {"from": "simulation:desk", "to": "digital_human:marta"},
            {"from": "schedule:daily", "to": "simulation:desk"},
        ])
    );
    let desk = &document["nodes"][2];
    assert_eq!(desk["file"], "simulations/desk.yaml");
    assert_eq!(
        (&desk["kind"], &desk["key"]),
        (&json!("simulation"), &json!("desk"))
    );
}

#[test]
fn a_target_shows_what_it_uses_and_what_uses_it() {
    let env = suite();
    let around = |target: &str| {
        let document = env
            .run(&["graph", "--format", "json", "--target", target])
            .code(0)
            .json();
        ids(&document).len()
    };
    assert_eq!(around("alone"), 1);
    assert_eq!(around("desk"), 4);
    assert_eq!(around("digital_human:*"), 3);
    env.run(&["graph", "--target", "dezk"])
        .code(1)
        .says("a similar key exists: `desk`");
}

#[test]
fn dot_and_mermaid_draw_the_same_graph() {
    let env = suite();
    let dot = env.run(&["graph"]);
    dot.code(0).says("digraph bluejay {");
    dot.says("  \"schedule:daily\" -> \"simulation:desk\";\n");
    let mermaid = env.run(&["graph", "--format", "mermaid"]);
    mermaid
        .code(0)
        .says("flowchart LR\n  n0[\"simulation:alone\"]\n");
    assert_eq!(dot.stdout.matches(" -> ").count(), 3);
    assert_eq!(mermaid.stdout.matches(" --> ").count(), 3);
}

#[test]
fn a_hostile_key_changes_no_graph() {
    let env = TestEnv::new();
    let key = "a\\\"] --> b; ##[group]<img src=x>`";
    env.write(
        "simulations/a.yaml",
        &format!("agent_id: \"42\"\nkey: '{key}'\n"),
    );
    let dot = env.run(&["graph"]).code(0).stdout.clone();
    let quoted = r#""simulation:a\\\"] --> b;"#;
    assert!(dot.contains(quoted), "{dot}");
    assert!(!dot.contains("##["), "{dot}");
    let mermaid = env.run(&["graph", "--format", "mermaid"]).stdout;
    let label = mermaid.split('"').nth(1).unwrap();
    assert!(
        label
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " -./:_#;".contains(c)),
        "{mermaid}"
    );
    assert_eq!(mermaid.matches('"').count(), 2, "{mermaid}");
}

#[test]
fn invalid_files_have_no_graph() {
    let env = TestEnv::with(&["a"]);
    env.simulation("a", "digital_humans: [nobody]");
    let run = env.run(&["graph"]);
    run.code(1).says("nobody");
    assert_eq!(run.stdout, "");
}
