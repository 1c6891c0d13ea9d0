//! Tests of variables of the environment and of the command line: no file gets their values.

use serde_json::{Value, json};

use super::Scene;
use crate::env::Run;

const FILE: &str = "simulations/a.yaml";
const PROJECT: &str = "bluejay.yaml";
const SECRET: &str = "s3cret-token";

/// Applies files, changes the simulation, and pulls, with the variable `TOKEN` outside of
/// the files.
fn pulled(files: &[(&str, &str)], edit: Value) -> (Scene, Run) {
    let scene = Scene::new();
    for (name, text) in files {
        scene.env.write(name, text);
    }
    run(&scene, &["apply", "--quiet"]).code(0);
    scene.edit("a", edit);
    let run = run(&scene, &["pull"]);
    for (name, _) in files {
        let text = scene.env.read(name);
        assert!(!text.contains(SECRET), "{name}:\n{text}");
    }
    (scene, run)
}

fn run(scene: &Scene, args: &[&str]) -> Run {
    let mut command = scene.env.command(args);
    command
        .env("BLUEJAY_API_URL", scene.api.url())
        .env("BLUEJAY_VAR_TOKEN", SECRET);
    Run::of(command)
}

fn with_description(lines: &str) -> String {
    format!("agent_id: \"42\"\nname: a\n{lines}")
}

/// Checks that a pull keeps the files, and names the variable.
#[track_caller]
fn check_refused(files: &[(&str, &str)], edit: Value) {
    let (scene, run) = pulled(files, edit);
    run.code(3)
        .says("comes from the variable `TOKEN`, which no file sets");
    for (name, text) in files {
        assert_eq!(scene.env.read(name), *text);
    }
}

#[test]
fn an_unchanged_reference_stays_where_its_line_moves() {
    let text = with_description("description: |\n  one\n  token ${var:TOKEN}\n  two\n  three\n");
    let shown = format!("one\ntwo\nthree\ntoken {SECRET}");
    let (scene, run) = pulled(&[(FILE, &text)], json!({"description": shown}));
    run.code(0);
    let expected =
        with_description("description: |\n  one\n  two\n  three\n  token ${var:TOKEN}\n");
    assert_eq!(scene.env.read(FILE), expected);
}

#[test]
fn a_new_line_with_the_value_is_refused() {
    let text = with_description("description: |\n  token ${var:TOKEN}\n  end\n");
    let shown = format!("token {SECRET}\nend\nalso {SECRET}");
    check_refused(&[(FILE, &text)], json!({"description": shown}));
}

#[test]
fn a_changed_value_is_never_written() {
    let text = with_description("description: token ${var:TOKEN}\n");
    let edit = json!({"description": "token of-the-next-month"});
    check_refused(&[(FILE, &text)], edit);
    let text = with_description("description: |\n  token ${var:TOKEN}\n  one\n  two\n");
    let edit = json!({"description": "one\ntwo\ntoken of-the-next-month"});
    check_refused(&[(FILE, &text)], edit);
}

#[test]
fn a_default_with_the_value_is_not_written_out() {
    let project = "defaults:\n  description: token ${var:TOKEN} x\n";
    let (one, two) = (
        with_description(""),
        "agent_id: \"42\"\nname: b\n".to_owned(),
    );
    let shown = format!("token {SECRET} y");
    let files = [
        (PROJECT, project),
        (FILE, &*one),
        ("simulations/b.yaml", &*two),
    ];
    let (scene, run) = pulled(&files, json!({"description": shown}));
    run.code(0);
    let expected = with_description("description: token ${var:TOKEN} y\n");
    assert_eq!(scene.env.read(FILE), expected);
    check_refused(&files, json!({"description": "token of-the-next-month"}));
    let whole = "defaults:\n  description: ${var:TOKEN}\n";
    let files = [(PROJECT, whole), (FILE, &*one)];
    check_refused(&files, json!({"description": "of-the-next-month"}));
}

#[test]
fn the_value_in_another_field_is_refused() {
    let text = with_description("tags: [x]\ndescription: ${var:TOKEN}\n");
    check_refused(&[(FILE, &text)], json!({"tags": ["x", SECRET]}));
    let project = "vars:\n  NAME: old\n";
    let text = with_description("description: ${var:NAME}\n");
    let shown = format!("with {SECRET}");
    check_refused(
        &[(PROJECT, project), (FILE, &text)],
        json!({"description": shown}),
    );
}
