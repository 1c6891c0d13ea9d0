//! Tests of files that the user saves while a pull reads the API.

use serde_json::json;

use super::Scene;
#[cfg(feature = "crash-points")]
use crate::env::Running;
use crate::env::{Run, until};

const FILE: &str = "simulations/a.yaml";
const TEXT: &str = "agent_id: \"42\"\nname: a\nmax_concurrent: 5\n";

/// Runs a pull, and saves a file after the pull has begun to read the API.
fn pull_during(scene: &Scene, file: &str, text: &str) -> Run {
    let before = scene.api.request_count();
    let running = scene.env.spawn_at(&scene.api.url(), &["pull"]);
    until("the pull reads", || scene.api.request_count() > before);
    scene.env.write(file, text);
    running.end()
}

/// Checks that a save during a pull stops the pull, and that the save is kept.
#[track_caller]
fn check_stopped(files: &[(&str, &str)], saved: (&str, &str)) {
    let scene = Scene::slow(files);
    scene.edit("a", json!({"max_concurrent": 9}));
    let lockfile = scene.env.read("bluejay.lock");
    let run = pull_during(&scene, saved.0, saved.1);
    run.code(1)
        .says("changed during the pull")
        .says("nothing was written; run `bluejayctl pull` again");
    for (name, text) in files {
        let text = if *name == saved.0 { saved.1 } else { text };
        assert_eq!(scene.env.read(name), text, "{name}");
    }
    assert_eq!(scene.env.read("bluejay.lock"), lockfile);
}

#[test]
fn a_changed_document_stops_the_pull() {
    let saved = TEXT.replace("concurrent: 5", "concurrent: 7");
    check_stopped(&[(FILE, TEXT)], (FILE, &saved));
}

#[test]
fn a_changed_project_file_stops_the_pull() {
    let files = [
        ("bluejay.yaml", "defaults:\n  max_concurrent: 5\n"),
        (FILE, "agent_id: \"42\"\nname: a\n"),
    ];
    check_stopped(&files, ("bluejay.yaml", "defaults:\n  max_concurrent: 6\n"));
}

#[test]
fn a_changed_text_and_a_broken_file_stop_the_pull() {
    let text = format!("{TEXT}description: ${{file:a.md}}\n");
    let files = [("simulations/a.md", "old\n"), (FILE, &text)];
    check_stopped(&files, ("simulations/a.md", "mine\n"));
    check_stopped(&files, (FILE, "name: [\n"));
}

#[test]
fn a_save_that_changes_no_value_is_kept() {
    let scene = Scene::slow(&[(FILE, TEXT)]);
    scene.edit("a", json!({"max_concurrent": 9}));
    let saved = format!("# mine\n\n{TEXT}");
    pull_during(&scene, FILE, &saved).code(0);
    let expected = saved.replace("concurrent: 5", "concurrent: 9");
    assert_eq!(scene.env.read(FILE), expected);
}

#[test]
#[cfg(feature = "crash-points")]
fn a_save_while_other_files_are_written_is_kept() {
    let text =
        |name: &str, max: u32| format!("agent_id: \"42\"\nname: {name}\nmax_concurrent: {max}\n");
    let file = |name: &str| format!("simulations/{name}.yaml");
    let scene = Scene::new();
    for name in ["a", "b", "c"] {
        scene.env.write(&file(name), &text(name, 5));
    }
    scene.run(&["apply", "--quiet"]).code(0);
    for name in ["a", "b", "c"] {
        scene.edit(name, json!({"max_concurrent": 9}));
    }
    // The first file is written at once, and the second one after a second.
    let mut command = scene.env.command(&["pull"]);
    command
        .env("BLUEJAY_API_URL", scene.api.url())
        .env("FAILPOINTS", "disk.lockfile=1*off->1*sleep(1000)->off");
    let running = Running::start(&mut command);
    until("the first file is written", || {
        scene.env.read(&file("a")) == text("a", 9)
    });
    scene.env.write(&file("c"), &text("c", 7));
    running
        .end()
        .code(1)
        .says("`simulations/c.yaml` changed during the pull")
        .says("other files were written, and the lockfile was not; run `bluejayctl pull` again");
    assert_eq!(scene.env.read(&file("c")), text("c", 7));
    // The next pull records what was written, and the save is a conflict.
    scene
        .run(&["pull"])
        .code(3)
        .says("2 equal values recorded, 1 left alone");
    assert_eq!(scene.env.read(&file("c")), text("c", 7));
}
