//! Tests of failing remotes: a failed push or fetch is retried, and nothing is applied
//! without a lock or from an outdated tip.

use super::super::env::Run;
use super::scene::Scene;
use super::shell::{command, git, script};
use crate::tools::has;

/// Returns a hook that fails this number of times for a ref, with an ambiguous message.
fn fails(times: u32, on: &str, count: &std::path::Path) -> String {
    let count = count.display();
    format!(
        "grep -q {on} || exit 0\n\
         echo x >> {count}\n\
         if [ $(wc -l < {count}) -le {times} ]; then echo internal error, try again; exit 1; fi"
    )
}

#[test]
fn taking_the_lock_is_retried_while_the_remote_fails() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let trouble = fails(7, "refs/bluejayctl", &scene.path("count"));
    scene.hook("pre-receive", &trouble);
    let jobs = ["first", "second"].map(|name| scene.job(name));
    std::thread::scope(|scope| {
        for job in jobs.each_ref().map(|job| scope.spawn(|| job.merge())) {
            job.join().unwrap().code(0);
        }
    });
    scene.check_whole(&["a"]);
    assert_eq!(scene.api.write_count(), 1);
}

#[test]
fn a_permanently_failing_remote_ends_the_job_without_an_apply() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let trouble = fails(1000, "refs/bluejayctl", &scene.path("count"));
    scene.hook("pre-receive", &trouble);
    let job = scene.job("one");
    job.merge_with(&[("LOCK_WAIT", "1")])
        .code(1)
        .says("::error title=bluejayctl::the lock could not be taken (remote: internal error");
    assert_eq!(scene.api.request_count(), 0);
}

#[test]
fn a_remote_that_refuses_lock_refs_causes_a_warning() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let refuse = "case $1 in refs/bluejayctl/*) exit 1 ;; esac";
    scene.hook("update", refuse);
    scene
        .job("one")
        .merge()
        .code(0)
        .says("::warning title=bluejayctl::no lock, since the remote takes no ref");
    scene.check_whole(&["a"]);
}

#[test]
fn lock_false_takes_no_lock() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    scene.hook("pre-receive", "if grep -q refs/bluejayctl; then exit 1; fi");
    let job = scene.job("one");
    job.merge_with(&[("LOCK", "false")]).code(0);
    scene.check_whole(&["a"]);
}

/// Returns a git program whose subcommand fails as given.
fn git_that(scene: &Scene, subcommand: &str, fails: &str) -> String {
    let path = std::env::var("PATH").unwrap();
    let real = "PATH=\"${PATH#*:}\" exec git \"$@\"";
    let wrapper = format!("if [ \"$1\" = {subcommand} ]; then\n{fails}\nfi\n{real}");
    scene.program("wrapped/git", &wrapper);
    format!("{}:{path}", scene.path("wrapped").display())
}

#[test]
fn a_failed_fetch_of_the_tip_is_retried() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let first = scene.job("first");
    // The second job has no lockfile, and `a` has another name at the API by then.
    scene.merge("simulations/a.yaml", "agent_id: 42\nname: Test b\n");
    let second = scene.job("second");
    first.merge().code(0);
    let once = format!(
        "if mkdir {} 2>/dev/null; then echo fatal: error: 502 >&2; exit 128; fi",
        scene.path("once").display()
    );
    let path = git_that(&scene, "fetch", &once);
    second.merge_with(&[("PATH", &path)]).code(0);
    assert_eq!(scene.api.alive().len(), 1);
    assert!(scene.path("once").is_dir(), "no fetch failed");
}

#[test]
fn without_the_tip_nothing_is_applied() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    let path = git_that(&scene, "fetch", "echo fatal: error: 502 >&2; exit 128");
    job.merge_with(&[("PATH", &path), ("LOCK_WAIT", "1")])
        .code(1)
        .says("the tip of main could not be fetched (fatal: error: 502); nothing was applied");
    git(
        &job.checkout,
        &["commit", "--quiet", "--allow-empty", "--message", "x"],
    );
    scene.merge_simulation("b");
    job.merge()
        .code(1)
        .says("this checkout can't be brought to the tip of main");
    job.merge_with(&[("BRANCH", "mian")])
        .code(1)
        .says("there is no branch mian on the remote");
    assert_eq!(scene.api.request_count(), 0);
    assert_eq!(scene.lock(), "");
}

#[test]
fn a_failed_read_of_the_lock_is_retried() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    let tip = git(&job.checkout, &["rev-parse", "HEAD"]);
    let lock = format!("{}:refs/bluejayctl/apply", tip.trim());
    git(&job.checkout, &["push", "--quiet", "origin", &lock]);
    let once = format!(
        "if mkdir {} 2>/dev/null; then exit 128; fi",
        scene.path("once").display()
    );
    let path = git_that(&scene, "ls-remote", &once);
    job.merge_with(&[("PATH", &path), ("LOCK_EXPIRY", "0")])
        .code(0)
        .says("took over the lock");
    scene.check_whole(&["a"]);
}

#[test]
fn a_failed_push_of_the_lockfile_is_retried() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    job.apply("").code(0);
    let trouble = fails(5, "refs/heads/main", &scene.path("count"));
    scene.hook("pre-receive", &trouble);
    job.commit()
        .code(0)
        .says("not pushed: remote: internal error")
        .says("pushed the lockfile to main");
    scene.check_whole(&["a"]);
}

/// Checks how a failed push is classified by the messages of git and the remote.
#[track_caller]
fn check_outcome(said: &str, expected: &str) {
    let mut bash = command("bash", &script(""));
    bash.args(["-c", ". ./push.sh; push_outcome \"$1\"", "bash", said]);
    assert_eq!(Run::of(bash).code(0).stdout.trim_end(), expected, "{said}");
}

#[test]
fn only_a_definite_answer_of_the_remote_counts_as_a_refusal() {
    if !has(&["bash"]) {
        return;
    }
    let rejected =
        |why: &str| format!("To x\n!\ta:refs/heads/main\t[remote rejected] ({why})\nDone");
    check_outcome("!\ta:b\t[rejected] (fetch first)", "raced");
    check_outcome("!\ta:b\t[rejected] (stale info)", "raced");
    check_outcome(
        &rejected("cannot lock ref 'x': is at 1 but expected 2"),
        "raced",
    );
    check_outcome(&rejected("failed to update ref"), "raced");
    check_outcome(&rejected("deny updating a hidden ref"), "refused");
    check_outcome(&rejected("hook declined"), "refused");
    check_outcome(&rejected("protected branch hook declined"), "refused");
    check_outcome(
        &rejected("push declined due to repository rule violations"),
        "refused",
    );
    let gitlab = "remote: GitLab: You are not allowed to push code to protected branches\n";
    check_outcome(
        &format!("{gitlab}{}", rejected("pre-receive hook declined")),
        "refused",
    );
    check_outcome(&rejected("pre-receive hook declined"), "trouble");
    check_outcome(&rejected("Internal Server Error"), "trouble");
    check_outcome(
        "fatal: unable to access 'x': The requested URL returned error: 502",
        "trouble",
    );
    check_outcome("", "trouble");
    check_outcome(
        "fatal: unable to access 'x': The requested URL returned error: 403",
        "forbidden",
    );
    check_outcome(
        "remote: Permission to o/r.git denied to github-actions[bot].",
        "forbidden",
    );
}

#[test]
fn a_job_without_push_permission_applies_nothing() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    let denied =
        "echo 'fatal: unable to access: The requested URL returned error: 403' >&2; exit 128";
    let path = git_that(&scene, "push", denied);
    job.merge_with(&[("PATH", &path)])
        .code(1)
        .says("::error title=bluejayctl::this job may not push");
    assert_eq!(scene.api.request_count(), 0);
}
