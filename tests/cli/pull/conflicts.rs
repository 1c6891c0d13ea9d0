//! Tests of the three states: prior, desired and observed.

use serde_json::json;

use super::Scene;
#[cfg(feature = "crash-points")]
use crate::env::Run;

const FILE: &str = "simulations/a.yaml";

fn text(max: u32, description: &str) -> String {
    format!("agent_id: \"42\"\nname: a\ndescription: {description}\nmax_concurrent: {max}\n")
}

#[test]
fn a_change_on_both_sides_is_a_conflict_unless_forced() {
    let scene = Scene::of(&text(5, "old"));
    scene.edit(
        "a",
        json!({"max_concurrent": 9, "description": "dashboard"}),
    );
    scene.env.write(FILE, &text(6, "old"));
    let run = scene.run(&["pull"]);
    run.code(3)
        .says("the file has changed since the last apply, too")
        .says("applied 5, declared 6, observed 9")
        .says("bluejayctl pull --force")
        .says("max_concurrent  # simulations/a.yaml:4:17");
    assert_eq!(scene.env.read(FILE), text(6, "dashboard"));
    let check = scene.run(&["pull", "--check"]);
    check.code(3);
    // The change of the file is still to apply.
    scene
        .run(&["plan", "--detailed-exitcode"])
        .code(2)
        .says("max_concurrent: 5 -> 6")
        .never_says("description");
    scene.run(&["pull", "--force"]).code(0);
    assert_eq!(scene.env.read(FILE), text(9, "dashboard"));
    scene.check_in_sync();
}

#[test]
fn an_equal_change_on_both_sides_is_recorded() {
    let scene = Scene::of(&text(5, "old"));
    scene.edit("a", json!({"max_concurrent": 9}));
    scene.env.write(FILE, &text(9, "old"));
    let run = scene.run(&["pull", "--format", "json"]);
    let report = run.code(0).json();
    assert_eq!(report["files"], json!([]));
    assert_eq!(report["pulled"][0]["fields"][0]["edited"], false);
    scene.check_in_sync();
}

#[test]
fn a_field_that_the_file_no_longer_declares_is_a_conflict() {
    let tagged = text(5, "old") + "tags: [x]\n";
    let scene = Scene::of(&tagged);
    scene.edit("a", json!({"tags": ["x", "y"]}));
    scene.env.write(FILE, &text(5, "old"));
    scene
        .run(&["pull"])
        .code(3)
        .says("the file has changed since the last apply, too");
    scene.run(&["plan", "--detailed-exitcode"]).code(2);
    scene.run(&["pull", "--force"]).code(0);
    assert!(scene.env.read(FILE).contains("tags:\n  - x\n  - 'y'\n"));
    scene.check_in_sync();

    let scene = Scene::of(&tagged);
    scene.edit("a", json!({"tags": []}));
    scene.env.write(FILE, &text(5, "old"));
    scene.run(&["pull"]).code(0);
    scene.check_in_sync();
}

#[test]
fn a_change_of_the_file_alone_stays_a_change() {
    let scene = Scene::of(&text(5, "old"));
    scene.env.write(FILE, &text(6, "old"));
    scene.run(&["pull"]).code(0).says("Nothing to pull");
    scene.run(&["plan", "--detailed-exitcode"]).code(2);
}

#[test]
fn what_is_gone_or_not_declared_is_left_alone() {
    let scene = Scene::applied(&[
        (FILE, &text(5, "old")),
        ("simulations/b.yaml", "agent_id: \"42\"\nname: b\n"),
    ]);
    let path = format!("/v1/simulation/{}", scene.id("a"));
    scene.api.ask("DELETE", &path, None);
    scene.edit("b", json!({"description": "by hand"}));
    scene.env.undeclare("b");
    let run = scene.run(&["pull", "--format", "json"]);
    let report = run.code(3).json();
    let reasons: Vec<_> = report["left"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| (left["key"].clone(), left["reason"].clone()))
        .collect();
    assert_eq!(
        reasons,
        [
            (
                json!("a"),
                json!("it is gone: deleted, or in another organisation")
            ),
            (json!("b"), json!("no file declares it")),
        ]
    );
}

#[test]
fn a_lost_lockfile_is_no_success() {
    let scene = Scene::of(&text(5, "old"));
    scene.edit("a", json!({"max_concurrent": 9}));
    std::fs::remove_file(scene.env.path("bluejay.lock")).unwrap();
    for args in [&["pull", "--check"][..], &["pull"]] {
        scene
            .run(args)
            .code(1)
            .says("nothing was compared: the lockfile records none of 1 declared resource")
            .says("restore the lockfile if it was lost");
    }
    assert_eq!(scene.env.read(FILE), text(5, "old"));
}

#[test]
fn an_interrupted_pull_is_completed_by_the_next() {
    let scene = Scene::of(&text(5, "old"));
    scene.edit("a", json!({"max_concurrent": 9}));
    let lockfile = scene.env.read("bluejay.lock");
    scene.run(&["pull"]).code(0);
    // As after a crash between the files and the lockfile.
    scene.env.write("bluejay.lock", &lockfile);
    scene.run(&["pull"]).code(0).says("1 equal value recorded");
    scene.check_in_sync();
}

#[test]
#[cfg(feature = "crash-points")]
fn an_open_intent_stops_a_pull() {
    let scene = Scene::of(&text(5, "old"));
    scene.edit("a", json!({"max_concurrent": 9}));
    scene.env.simulation("b", "");
    let mut command = scene.env.command(&["apply"]);
    command
        .env("BLUEJAY_API_URL", scene.api.url())
        .env("FAILPOINTS", "create.answered=return");
    assert!(Run::of(command).has_aborted());
    let reads = scene.api.request_count();
    scene
        .run(&["pull"])
        .code(1)
        .says("an earlier apply left an open intent");
    assert_eq!(scene.api.request_count(), reads);
    assert_eq!(scene.env.read(FILE), text(5, "old"));
}

// On Windows, only the lock of the guard file counts.
#[cfg(unix)]
#[test]
fn a_held_guard_stops_a_pull() {
    let scene = Scene::of(&text(5, "old"));
    scene.edit("a", json!({"max_concurrent": 9}));
    let journal = ".bluejay/bluejay.lock.journal";
    scene.env.write(journal, "");
    let file = std::fs::File::open(scene.env.path(journal)).unwrap();
    file.lock().unwrap();
    scene.run(&["pull"]).code(1).says("an apply is running");
    assert_eq!(scene.env.read(FILE), text(5, "old"));
}
