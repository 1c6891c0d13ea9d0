//! Tests of a job that is killed after the commit of the lockfile and before its push.

use std::fs;
use std::os::unix::process::CommandExt as _;

use super::super::env::{Run, Running, until};
use super::scene::{Job, Scene};
use super::shell::{command, git};

/// Applies, and kills the job while the remote processes the push of the lockfile.
fn kill_in_push(scene: &Scene, job: &Job<'_>, more: &[(&str, &str)]) {
    job.apply("").code(0);
    let (begun, released) = (scene.path("begun"), scene.path("released"));
    scene.hook(
        "pre-receive",
        &format!(
            "grep -q refs/heads/ || exit 0\n\
             touch {}\n\
             while [ ! -e {} ]; do sleep 0.05; done\n\
             exit 1",
            begun.display(),
            released.display()
        ),
    );
    let mut command = job.step_command("commit-lockfile.sh", more);
    command.process_group(0);
    let killed = Running::start(&mut command);
    until("the push begins", || begun.exists());
    killed.signal_group("KILL");
    fs::write(released, "").unwrap();
    assert_eq!(killed.end().code, None);
    scene.unprotect();
}

/// Takes the tip of main into a checkout that is there already, as a runner does that keeps
/// its checkouts.
fn check_out_again(job: &Job<'_>) {
    for args in [
        &["fetch", "--quiet", "--depth=1", "origin", "main"][..],
        &["checkout", "--quiet", "--force", "-B", "main", "FETCH_HEAD"],
        &["clean", "--quiet", "-ffdx"],
    ] {
        git(&job.checkout, args);
    }
}

#[test]
fn the_next_step_of_the_job_pushes_the_commit() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    kill_in_push(&scene, &job, &[]);
    job.commit().code(0).says("pushed the lockfile to main");
    scene.check_whole(&["a"]);
    job.commit().code(0).says("the lockfile has not changed");
}

#[test]
fn a_rebase_that_was_cut_off_is_begun_again() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    kill_in_push(&scene, &job, &[]);
    scene.merge("README.md", "somebody was faster\n");
    git(&job.checkout, &["fetch", "--quiet", "origin", "main"]);
    let mut rebase = command("git", &job.checkout);
    rebase
        .args(["-c", "user.name=t", "-c", "user.email=t@localhost"])
        .args(["rebase", "--exec", "false", "FETCH_HEAD"]);
    Run::of(rebase).code(1);
    job.commit().code(0).says("pushed the lockfile to main");
    scene.check_whole(&["a"]);
}

#[test]
fn the_next_job_in_the_checkout_pushes_the_commit_before_its_apply() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    kill_in_push(&scene, &job, &[]);
    scene.merge_simulation("b");
    check_out_again(&job);
    job.merge().code(0).says("1 created").never_says("adopted");
    scene.check_whole(&["a", "b"]);
    let log = git(
        &scene.path("remote"),
        &["log", "--format=%(trailers)", "main"],
    );
    assert_eq!(log.matches("Applied-Commit").count(), 2, "{log}");
    assert_eq!(scene.lock(), "");
}

#[test]
fn a_commit_for_a_lockfile_branch_is_pushed_there() {
    let Some(scene) = Scene::new() else { return };
    let branch = [("LOCKFILE_BRANCH", "bluejay-lockfile")];
    scene.merge_simulation("a");
    let job = scene.job("one");
    kill_in_push(&scene, &job, &branch);
    scene.merge_simulation("b");
    scene
        .job("other")
        .merge_with(&[&branch[..], &[("ARGS", "--target b")]].concat());
    check_out_again(&job);
    job.merge_with(&branch).code(0).never_says("adopted");
    let lockfile = git(
        &scene.path("remote"),
        &["show", "bluejay-lockfile:bluejay.lock"],
    );
    assert!(
        lockfile.contains("\"a\"") && lockfile.contains("\"b\""),
        "{lockfile}"
    );
    assert_eq!(scene.api.write_count(), 2);
}

#[test]
fn a_commit_that_another_job_has_adopted_changes_nothing() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    kill_in_push(&scene, &job, &[]);
    scene.job("fresh").merge().code(0).says("1 adopted");
    check_out_again(&job);
    let tip = || git(&scene.path("remote"), &["rev-parse", "main"]);
    let before = tip();
    job.merge().code(0).says("No changes");
    assert_eq!(tip(), before);
    scene.check_whole(&["a"]);
}

#[test]
fn a_commit_with_another_id_needs_a_decision_once() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    kill_in_push(&scene, &job, &[]);
    let other = scene.job("other");
    other.apply("--adopt never").code(0);
    other.commit().code(0);
    check_out_again(&job);
    let requests = scene.api.request_count();
    job.merge()
        .code(1)
        .says(
            "::error title=bluejayctl::the lockfile could not be pushed to main: it has other ids",
        )
        .says("nothing was applied");
    assert_eq!(scene.api.request_count(), requests);
    let kept = job.file("temp").join("bluejayctl-unpushed/bluejay.lock");
    assert!(
        fs::read_to_string(kept)
            .unwrap()
            .contains("\"simulation_id\": 1")
    );
    check_out_again(&job);
    job.merge().code(0).says("No changes");
}
