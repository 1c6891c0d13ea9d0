//! A lockfile that can't be pushed: what is said is true in each case, and the
//! commands that are named work.

use std::fs;

use super::super::env::{KEY, Run};
use super::scene::{Job, Scene};
use super::shell::command;

/// Two jobs that each created `a`, of which the second can't push.
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

/// The lines that the summary shows to copy, with their blanks filled in.
fn commands(summary: &str, kept: &str, id: &str) -> String {
    let (_, commands) = summary.split_once("Say which one stays.").unwrap();
    let commands = commands.lines().skip(1);
    let commands = commands.take_while(|line| !line.starts_with("The entries"));
    commands
        .map(|line| line.trim().replace("KEPT", kept).replace("--keep ID", id) + "\n")
        .collect()
}

#[test]
fn two_ids_for_a_key_are_decided_by_the_commands_that_are_shown() {
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
fn a_refused_push_says_who_refused_it_and_what_comes_next() {
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
fn trouble_that_lasts_says_to_run_the_job_again() {
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

/// A lockfile of so many entries, with keys of this length.
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
fn entries_that_do_not_fit_are_counted_and_each_lockfile_is_named() {
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
fn the_lockfile_of_a_job_is_shown_where_it_lies() {
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
