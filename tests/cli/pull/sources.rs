//! Tests of values that come from defaults, variables, files and references.

use serde_json::{Value, json};

use super::Scene;

const FILE: &str = "simulations/a.yaml";
const OTHER: &str = "simulations/b.yaml";
const PROJECT: &str = "bluejay.yaml";

fn simulation(name: &str, more: &str) -> String {
    format!("agent_id: \"42\"\nname: {name}\n{more}")
}

#[test]
fn a_default_of_one_simulation_changes_and_a_shared_default_is_overridden() {
    let project = "defaults: # all\n  max_concurrent: 5 # calls\n";
    let scene = Scene::applied(&[(PROJECT, project), (FILE, &simulation("a", ""))]);
    scene.edit("a", json!({"max_concurrent": 9}));
    scene.check_pulled(PROJECT, "defaults: # all\n  max_concurrent: 9 # calls\n");
    assert_eq!(scene.env.read(FILE), simulation("a", ""));

    let files = [
        (PROJECT, project),
        (FILE, &simulation("a", "")),
        (OTHER, &simulation("b", "")),
    ];
    let scene = Scene::applied(&files);
    scene.edit("a", json!({"max_concurrent": 9}));
    scene.check_pulled(FILE, &simulation("a", "max_concurrent: 9\n"));
    assert_eq!(scene.env.read(PROJECT), project);

    let scene = Scene::applied(&files);
    scene.edit("a", json!({"max_concurrent": 9}));
    scene.edit("b", json!({"max_concurrent": 9}));
    scene.check_pulled(PROJECT, "defaults: # all\n  max_concurrent: 9 # calls\n");
    assert_eq!(scene.env.read(OTHER), simulation("b", ""));
}

#[test]
fn a_default_that_is_gone_becomes_an_explicit_null() {
    let project = "defaults:\n  description: all\n";
    let scene = Scene::applied(&[(PROJECT, project), (FILE, &simulation("a", ""))]);
    scene.edit("a", json!({"description": null}));
    scene.check_pulled(FILE, &simulation("a", "description: null\n"));
    assert_eq!(scene.env.read(PROJECT), project);
}

#[test]
fn a_variable_of_one_value_changes_and_a_shared_one_is_explained() {
    let project = "vars:\n  TEXT: 'old' # greeting\n  AGENT: 42\n";
    let text = "agent_id: ${var:AGENT}\nname: a\ndescription: ${var:TEXT}\n";
    let scene = Scene::applied(&[(PROJECT, project), (FILE, text)]);
    scene.edit("a", json!({"description": "new ${x}"}));
    scene.check_pulled(
        PROJECT,
        "vars:\n  TEXT: 'new $${x}' # greeting\n  AGENT: 42\n",
    );
    assert_eq!(scene.env.read(FILE), text);

    let other = text.replace("name: a", "name: b");
    let scene = Scene::applied(&[(PROJECT, project), (FILE, text), (OTHER, &other)]);
    scene.edit("a", json!({"description": "new"}));
    let run = scene.run(&["pull"]);
    run.code(3)
        .says("the value comes from the variable `TEXT`, and other values use it, too")
        .says("description  # simulations/a.yaml:3:14");
    assert_eq!(scene.env.read(PROJECT), project);
    assert_eq!(scene.env.read(FILE), text);
}

#[test]
fn a_variable_of_the_environment_is_explained() {
    let text = simulation("a", "description: ${var:TEXT}\n");
    let scene = Scene::applied(&[(PROJECT, "vars: {TEXT: x}\n"), (FILE, &text)]);
    let run = scene.run(&["apply", "--var", "TEXT=old"]);
    run.code(0);
    scene.edit("a", json!({"description": "new"}));
    scene
        .run(&["pull", "--var", "TEXT=old"])
        .code(3)
        .says("the variable `TEXT`, which no file sets");
}

/// Applies an environment, edits its simulation, pulls, and returns the project file.
fn pulled_in_staging(project: &str, more: &str, fields: Value) -> String {
    let scene = Scene::applied(&[(PROJECT, project), (FILE, &simulation("a", more))]);
    scene.run(&["apply", "-e", "staging"]).code(0);
    let lockfile = scene.env.read("bluejay.staging.lock");
    let lockfile: Value = serde_json::from_str(&lockfile).unwrap();
    let id = &lockfile["simulations"]["a"]["simulation_id"];
    let path = format!("/v1/simulation/{id}");
    scene.api.ask("PUT", &path, Some(fields));
    scene.run(&["pull", "-e", "staging"]).code(0);
    scene.run(&["drift", "-e", "staging"]).code(0);
    scene
        .run(&["plan", "-e", "staging", "--detailed-exitcode"])
        .code(0);
    scene.run(&["plan", "--detailed-exitcode"]).code(0);
    scene.env.read(PROJECT)
}

#[test]
fn the_variable_of_the_chosen_environment_changes() {
    let project = "vars:\n  TEXT: base\nenvironments:\n  staging:\n    vars: { TEXT: old }\n";
    let more = "description: ${var:TEXT}\n";
    let pulled = pulled_in_staging(project, more, json!({"description": "new"}));
    assert_eq!(pulled, project.replace("{ TEXT: old }", "{ TEXT: new }"));
}

#[test]
fn the_default_of_the_chosen_environment_changes() {
    let project = "defaults:\n  max_concurrent: 5\nenvironments:\n  staging:\n    \
                   defaults: {max_concurrent: 2}   # few\n";
    let pulled = pulled_in_staging(project, "", json!({"max_concurrent": 9}));
    assert_eq!(pulled, project.replace("concurrent: 2", "concurrent: 9"));
}

#[test]
fn an_included_file_is_rewritten_and_a_shared_one_is_explained() {
    let text = simulation("a", "description: ${file:texts/a.md}\n");
    let scene = Scene::applied(&[
        (
            "simulations/texts/a.md",
            "# A ${title}\r\n\r\nold  \r\nend\r\n",
        ),
        (FILE, &text),
    ]);
    scene.edit("a", json!({"description": "# A ${title}\n\nnew\nend"}));
    scene.check_pulled(
        "simulations/texts/a.md",
        "# A ${title}\r\n\r\nnew\r\nend\r\n",
    );
    assert_eq!(scene.env.read(FILE), text);

    let other = text.replace("name: a", "name: b");
    let scene = Scene::applied(&[
        ("simulations/texts/a.md", "old\n"),
        (FILE, &text),
        (OTHER, &other),
    ]);
    scene.edit("a", json!({"description": "new"}));
    scene
        .run(&["pull"])
        .code(3)
        .says("the text comes from `texts/a.md`, and other values use it, too");
    assert_eq!(scene.env.read("simulations/texts/a.md"), "old\n");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let scene = Scene::applied(&[("kept/a.yaml", &simulation("a", ""))]);
    std::os::unix::fs::symlink("../kept/a.yaml", scene.env.path(FILE)).unwrap();
    scene.run(&["apply"]).code(0);
    scene.edit("a", json!({"description": "new"}));
    scene
        .run(&["pull"])
        .code(3)
        .says("it is a symbolic link, which is never followed to write");
    assert_eq!(scene.env.read("kept/a.yaml"), simulation("a", ""));
}

#[cfg(unix)]
#[test]
fn a_file_and_a_link_to_it_are_told_apart() {
    let text = |description: &str| simulation("a", &format!("description: {description}\n"));
    let scene = Scene::new();
    scene.env.write(FILE, &text("old"));
    // The link comes first in the order of the keys.
    std::os::unix::fs::symlink("a.yaml", scene.env.path("simulations/0.yaml")).unwrap();
    scene.run(&["apply"]).code(0);
    scene.edit("0", json!({"description": "new"}));
    scene
        .run(&["pull"])
        .code(3)
        .says("! 0: description")
        .says("it is a symbolic link, which is never followed to write");
    assert_eq!(scene.env.read(FILE), text("old"));
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_linked_folder() {
    let scene = Scene::new();
    let text = simulation("a", "description: ${file:texts/a.md}\nmax_concurrent: 5\n");
    scene.env.write("kept/a.md", "old\n");
    scene.env.write("kept/b.yaml", &simulation("b", ""));
    scene.env.write(FILE, &text);
    for link in ["simulations/texts", "simulations/linked"] {
        std::os::unix::fs::symlink("../kept", scene.env.path(link)).unwrap();
    }
    scene.run(&["apply"]).code(0);
    scene.edit("a", json!({"description": "new", "max_concurrent": 9}));
    scene.edit("linked/b", json!({"description": "new"}));
    let run = scene.run(&["pull"]);
    run.code(3)
        .says("a: description")
        .says("linked/b: description")
        .says("its folder is a symbolic link, which is never followed to write")
        .says("1 value pulled into 1 file, 2 left alone.");
    assert_eq!(scene.env.read("kept/a.md"), "old\n");
    assert_eq!(scene.env.read("kept/b.yaml"), simulation("b", ""));
}

#[cfg(unix)]
#[test]
fn no_text_is_written_through_a_link() {
    let text = simulation("a", "description: ${file:a.md}\n");
    let scene = Scene::new();
    scene.env.write("kept/a.md", "old\n");
    scene.env.write(FILE, &text);
    std::os::unix::fs::symlink("../kept/a.md", scene.env.path("simulations/a.md")).unwrap();
    scene.run(&["apply"]).code(0);
    scene.edit("a", json!({"description": "new"}));
    scene
        .run(&["pull"])
        .code(3)
        .says("it is a symbolic link, which is never followed to write");
    assert_eq!(scene.env.read("kept/a.md"), "old\n");
    assert!(scene.env.path("simulations/a.md").is_symlink());
}

#[test]
fn two_defaults_of_one_value_change_together() {
    let project = "defaults:\n  max_call_duration: 8\n  max_call_duration_units: minutes\n";
    let scene = Scene::applied(&[(PROJECT, project), (FILE, &simulation("a", ""))]);
    scene.edit(
        "a",
        json!({"max_call_duration": 90, "max_call_duration_units": "seconds"}),
    );
    scene.check_pulled(
        PROJECT,
        "defaults:\n  max_call_duration: 90\n  max_call_duration_units: seconds\n",
    );
    assert_eq!(scene.env.read(FILE), simulation("a", ""));
}

#[test]
fn a_number_of_a_variable_changes_with_its_unit() {
    let seconds = json!({"max_call_duration": 90, "max_call_duration_units": "seconds"});
    let project = "vars: {T: 5, U: minutes}\n";
    for (before, after, project_after) in [
        (
            "max_call_duration: ${var:T} # t\nmax_call_duration_units: minutes # u\n",
            "max_call_duration: ${var:T} # t\nmax_call_duration_units: seconds # u\n",
            "vars: {T: 90, U: minutes}\n",
        ),
        (
            "max_call_duration: ${var:T}\nringing_timeout: 5\n",
            "max_call_duration: ${var:T}\nmax_call_duration_units: seconds\nringing_timeout: 5\n",
            "vars: {T: 90, U: minutes}\n",
        ),
        (
            "max_call_duration: 5\nmax_call_duration_units: ${var:U}\n",
            "max_call_duration: 90\nmax_call_duration_units: ${var:U}\n",
            "vars: {T: 5, U: seconds}\n",
        ),
    ] {
        let scene = Scene::applied(&[(PROJECT, project), (FILE, &simulation("a", before))]);
        scene.edit("a", seconds.clone());
        scene.check_pulled(FILE, &simulation("a", after));
        assert_eq!(scene.env.read(PROJECT), project_after);
    }
    let both = "max_call_duration: ${var:T}\n";
    let scene = Scene::applied(&[
        (PROJECT, project),
        (FILE, &simulation("a", both)),
        (OTHER, &simulation("b", both)),
    ]);
    scene.edit("a", seconds);
    let run = scene.run(&["pull"]);
    run.code(3)
        .says("the value comes from the variable `T`, and other values use it, too");
    assert_eq!(scene.env.read(FILE), simulation("a", both));
}

#[test]
fn the_lines_of_an_included_file_keep_their_line_ends() {
    let text = simulation("a", "description: ${file:a.md}\n");
    let scene = Scene::applied(&[
        ("simulations/a.md", "one\r\ntwo\nthree\r\nfour\n"),
        (FILE, &text),
    ]);
    scene.edit("a", json!({"description": "one\ntwo\n3\nfour"}));
    scene.check_pulled("simulations/a.md", "one\r\ntwo\n3\r\nfour\n");
}

#[test]
fn the_reason_for_a_refused_variable_is_named() {
    let project = "vars:\n  TEXT: &text old\n  OTHER: *text\n";
    let with_var = simulation("a", "description: ${var:TEXT}\n");
    let scene = Scene::applied(&[(PROJECT, project), (FILE, &with_var)]);
    scene.edit("a", json!({"description": "new"}));
    let run = scene.run(&["pull"]);
    run.code(3)
        .says("left alone: an alias repeats the value of the anchor `&text`");
    assert_eq!(scene.env.read(PROJECT), project);

    // Two fields of one document use the variable, and only one of them has changed.
    let project = "vars:\n  TEXT: old\n";
    let twice = simulation("a", "description: ${var:TEXT}\ntags: [\"${var:TEXT}\"]\n");
    let scene = Scene::applied(&[(PROJECT, project), (FILE, &twice)]);
    scene.edit("a", json!({"description": "new"}));
    let run = scene.run(&["pull"]);
    run.code(3)
        .says("the value comes from the variable `TEXT`, and other values use it, too");
    assert_eq!(scene.env.read(PROJECT), project);
}
