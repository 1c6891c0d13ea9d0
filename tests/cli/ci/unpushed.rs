//! Tests of a lockfile that can't be pushed: the messages are true, and the suggested
//! commands work.

use std::fs;

use serde_json::json;

use super::super::env::{KEY, Run};
use super::scene::{Job, Scene};
use super::shell::command;

/// Returns the second of two jobs that both created `a`; the second job can't push.
fn two_ids(scene: &Scene) -> Job<'_> {
    scene.merge_simulation("a");
    let (first, second) = (scene.job("first"), scene.job("second"));
    first.apply("").code(0);
    second.apply("--adopt never").code(0);
    first.commit().code(0);
    second.commit().code(1).says(
        "::error title=bluejayctl::the lockfile could not be pushed to main: it has other ids",
    );
    second
}

/// Returns the commands that the summary shows to copy, with their blanks filled in.
fn commands(summary: &str, kept: &str, id: &str) -> String {
    let (_, commands) = summary.split_once("Say which one stays.").unwrap();
    let commands = commands.lines().skip(1);
    let commands = commands.take_while(|line| !line.starts_with("The entries"));
    commands
        .map(|line| line.trim().replace("KEPT", kept).replace("--keep ID", id) + "\n")
        .collect()
}

#[test]
fn the_shown_commands_resolve_a_key_with_two_ids() {
    let Some(scene) = Scene::new() else { return };
    let job = two_ids(&scene);
    let summary = job.summary();
    assert!(!summary.contains("Nothing is lost"), "{summary}");
    assert!(summary.contains("The next apply does not mend this"));
    let said = "    `a` is simulation 1 on main and simulation 2 of this job\n";
    assert!(summary.contains(said), "{summary}");
    let kept = job.file("temp").join("bluejayctl-unpushed");
    let person = scene.job("person");
    let id = scene.ids_on_main()["a"];
    let lines = commands(&summary, &kept.to_string_lossy(), &format!("--keep {id}"));
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_bluejayctl"));
    let folder = program.parent().unwrap().display();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    let mut bash = command("bash", &person.checkout);
    let name = "git config user.name p; git config user.email p@localhost\n";
    bash.args(["-c", &format!("{name}{lines}")])
        .env("PATH", path)
        .env("BLUEJAY_API_KEY", KEY)
        .env("BLUEJAY_API_URL", scene.api.url());
    Run::of(bash).code(0).says("1 deleted");
    assert_eq!(scene.ids_on_main()["a"], id);
    scene.check_whole(&["a"]);
}

#[test]
fn a_refused_push_names_the_cause_and_the_next_step() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    scene.protect();
    let job = scene.job("one");
    job.apply("").code(0);
    job.commit()
        .code(1)
        .says("pushed to main: remote: protected; let this job push there");
    let summary = job.summary();
    assert!(summary.contains("let this job push to `main`"), "{summary}");
    assert!(summary.contains("takes over those that are as the files say"));
}

#[test]
fn a_lasting_failure_of_the_remote_suggests_running_the_job_again() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    job.apply("").code(0);
    scene.hook("pre-receive", "echo internal error; exit 1");
    job.step("commit-lockfile.sh", &[("PUSH_WAIT", "1")])
        .code(1)
        .says("remote: internal error; run this job again");
    assert!(job.summary().contains("took no push for 1 seconds"));
}

#[test]
fn a_failed_apply_leaves_room_for_its_own_errors() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    scene.merge_simulation("b");
    let stranger = json!({"agent_id": "42", "name": "Test b", "description": "another"});
    scene.api.create(stranger);
    scene.protect();
    scene
        .job("one")
        .merge()
        .code(3)
        .says("::error file=simulations/b.yaml")
        .says("::warning title=bluejayctl::the lockfile could not be pushed")
        .never_says("::error title=bluejayctl");
}

/// Returns a lockfile with this number of entries, with keys of this length.
fn lockfile(count: usize, length: usize) -> String {
    let entries: Vec<_> = (1..=count)
        .map(|id| {
            let key = format!("{id:0>length$}");
            let applied = format!("{{\"agent_id\": \"1\", \"name\": \"{id}\"}}");
            format!("\"{key}\": {{\"simulation_id\": {id}, \"applied\": {applied}}}")
        })
        .collect();
    format!(
        "{{\"version\": 1, \"api\": \"https://api.getbluejay.ai\", \"simulations\": {{{}}}}}\n",
        entries.join(", ")
    )
}

#[test]
fn omitted_entries_are_counted_for_each_lockfile() {
    let Some(scene) = Scene::new() else { return };
    scene.merge("bluejay.yaml", "environments:\n  staging: {}\n");
    scene.protect();
    let job = scene.job("one");
    let write = |name: &str, text: &str| fs::write(job.checkout.join(name), text).unwrap();
    write("bluejay.lock", &lockfile(3_000, 100));
    write("bluejay.staging.lock", &lockfile(2, 100));
    job.commit().code(1);
    let summary = job.summary();
    assert!(summary.len() < 110_000, "{}", summary.len());
    let (_, entries) = summary
        .split_once("The entries of `bluejay.lock`:")
        .unwrap();
    let (first, second) = entries
        .split_once("The entries of `bluejay.staging.lock`:")
        .unwrap();
    let shown = first.matches("\n    0").count();
    assert!(shown > 100, "{shown}");
    let more = format!("and {} more; the artifact", 3_000 - shown);
    assert!(first.contains(&more), "{first}");
    assert_eq!(second.matches("\n    0").count(), 2);
    assert!(!second.contains("more;"), "{second}");
}

#[test]
fn the_summary_shows_the_path_of_each_lockfile() {
    let Some(scene) = Scene::new() else { return };
    scene.merge("voice/simulations/a.yaml", "agent_id: 42\nname: Test a\n");
    scene.protect();
    let job = scene.job("one");
    fs::write(job.checkout.join("voice/bluejay.lock"), lockfile(1, 5)).unwrap();
    job.step("commit-lockfile.sh", &[("DIRECTORY", "voice")])
        .code(1);
    assert!(
        job.summary().contains("\n    00001  1\n"),
        "{}",
        job.summary()
    );
}
