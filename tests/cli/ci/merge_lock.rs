//! Tests of the lock of the apply job: jobs that are cancelled, killed or slow, and jobs
//! that lose the lock.

use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::thread;

use super::super::env::{Running, until};
use super::scene::{Job, Scene};
use super::shell::{git, script};

/// A fault that makes creates slow, so that a test can act during the apply.
const SLOW: &[&str] = &["latency:delay=300ms,match=POST:create"];

const KEYS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

/// Returns a scene with these simulations and slow creates.
fn slow(keys: &[&str]) -> Option<Scene> {
    let scene = Scene::with_faults(SLOW)?;
    for key in keys {
        let text = format!("agent_id: 42\nname: Test {key}\n");
        scene.write(&format!("simulations/{key}.yaml"), &text);
    }
    scene.merge("README.md", "all of them\n");
    Some(scene)
}

/// Starts a job, and waits for its first create.
fn begun(scene: &Scene, mut command: Command) -> Running {
    let before = scene.api.write_count();
    let running = Running::start(&mut command);
    until("the apply begins", || scene.api.write_count() > before);
    running
}

#[track_caller]
fn check_each_was_created_once(scene: &Scene, keys: &[&str]) {
    scene.check_whole(keys);
    assert_eq!(scene.api.write_count(), keys.len());
    assert_eq!(scene.lock(), "", "the lock was not given back");
}

#[test]
fn a_cancelled_job_releases_the_lock_after_recording() {
    for signal in ["TERM", "INT"] {
        let Some(scene) = slow(&KEYS) else { return };
        let (first, second) = (scene.job("first"), scene.job("second"));
        let stopped = begun(&scene, first.merge_command(&[("ARGS", "--parallelism 2")]));
        thread::scope(|scope| {
            // The second job waits for the lock; it has all files and no lockfile.
            let waiting = scope.spawn(|| second.merge());
            stopped.signal(signal);
            let code = if signal == "TERM" { 143 } else { 130 };
            stopped.end().code(code).says("pushed the lockfile to main");
            waiting.join().unwrap().code(0);
        });
        check_each_was_created_once(&scene, &KEYS);
    }
}

#[test]
fn a_signal_to_the_process_group_reaches_the_apply_once() {
    let Some(scene) = slow(&KEYS) else { return };
    let job = scene.job("one");
    let mut command = job.merge_command(&[("ARGS", "--parallelism 2")]);
    command.process_group(0);
    let stopped = begun(&scene, command);
    stopped.signal_group("TERM");
    // A second signal would end the job at once, without the lockfile.
    stopped
        .end()
        .code(143)
        .says("state safe")
        .says("pushed the lockfile to main");
    scene.job("two").merge().code(0);
    check_each_was_created_once(&scene, &KEYS);
}

#[test]
fn a_cancelled_step_forwards_the_signal() {
    let Some(scene) = slow(&KEYS) else { return };
    let job = scene.job("one");
    let text = std::fs::read_to_string(script("action.yml")).unwrap();
    let action: serde_json::Value = serde_yaml::from_str(&text).unwrap();
    let steps = action["runs"]["steps"].as_array().unwrap();
    let run = steps.iter().find(|step| step["id"] == "run").unwrap();
    let file = job.file("step.sh");
    std::fs::write(&file, run["run"].as_str().unwrap()).unwrap();
    let like = job.merge_command(&[("ARGS", "--parallelism 2")]);
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
        .arg(&file)
        .current_dir(&job.checkout)
        .env_clear()
        .envs(
            like.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("GITHUB_ACTION_PATH", script(""))
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let cancelled = begun(&scene, bash);
    cancelled.signal("INT");
    cancelled
        .end()
        .code(130)
        .says("pushed the lockfile to main");
    scene.job("two").merge().code(0);
    check_each_was_created_once(&scene, &KEYS);
}

#[test]
fn the_lock_of_a_killed_job_lasts_as_long_as_its_apply() {
    let Some(scene) = slow(&KEYS) else { return };
    let (first, second) = (scene.job("first"), scene.job("second"));
    let renewed = [("ARGS", "--parallelism 2"), ("LOCK_RENEW", "1")];
    let killed = begun(&scene, first.merge_command(&renewed));
    killed.signal("KILL");
    // Longer than the time between two renewals, and shorter than the running apply.
    second
        .merge_with(&[("LOCK_EXPIRY", "3")])
        .code(0)
        .says("12 adopted")
        .never_says("took over");
    check_each_was_created_once(&scene, &KEYS);
}

#[test]
fn a_renewed_lock_does_not_expire() {
    let Some(scene) = slow(&KEYS) else { return };
    let (first, second) = (scene.job("first"), scene.job("second"));
    let renewed = [("ARGS", "--parallelism 1"), ("LOCK_RENEW", "1")];
    let holder = begun(&scene, first.merge_command(&renewed));
    let waited = second.merge_with(&[("LOCK_EXPIRY", "3")]);
    holder.end().code(0).says("12 created");
    waited.code(0).says("No changes").never_says("took over");
    check_each_was_created_once(&scene, &KEYS);
}

/// Sets the lock to another job, as if the lock had expired.
fn take_away(job: &Job<'_>) {
    let tip = git(&job.checkout, &["rev-parse", "HEAD"]);
    let lock = format!("+{}:refs/bluejayctl/apply", tip.trim());
    git(&job.checkout, &["push", "--quiet", "origin", &lock]);
}

#[test]
fn an_apply_that_lost_its_lock_stops_and_keeps_the_lock_of_the_other_job() {
    let Some(scene) = slow(&KEYS) else { return };
    let (first, second) = (scene.job("first"), scene.job("second"));
    let renewed = [("ARGS", "--parallelism 1"), ("LOCK_RENEW", "1")];
    let holder = begun(&scene, first.merge_command(&renewed));
    take_away(&second);
    holder
        .end()
        .code(130)
        .says("::error title=bluejayctl::another apply took over the lock")
        .says("pushed the lockfile to main");
    assert!(scene.api.write_count() < KEYS.len());
    assert!(scene.lock().contains("refs/bluejayctl/apply"));
}

#[test]
fn an_apply_that_can_not_renew_its_lock_stops_before_the_lock_expires() {
    let Some(scene) = slow(&KEYS) else { return };
    let job = scene.job("one");
    let renewed = [("ARGS", "--parallelism 1"), ("LOCK_RENEW", "0")];
    let holder = begun(&scene, job.merge_command(&renewed));
    let trouble = "if grep -q refs/bluejayctl; then echo internal error; exit 1; fi";
    scene.hook("pre-receive", trouble);
    holder
        .end()
        .code(130)
        .says("::error title=bluejayctl::the lock could not be renewed")
        .says("pushed the lockfile to main");
    assert!(scene.api.write_count() < KEYS.len());
}
