//! Tests of the lockfile on a branch of its own, where main is protected, and of the check
//! before the apply.

use serde_json::json;

use super::super::env::{KEY, Run};
use super::scene::{Job, Scene};
use super::shell::{command, git};

const BRANCH: [(&str, &str); 1] = [("LOCKFILE_BRANCH", "bluejay-lockfile")];

/// Merges a simulation into the protected main, as a reviewer does.
fn merge_reviewed(scene: &Scene, key: &str) {
    scene.unprotect();
    scene.merge_simulation(key);
    scene.protect();
}

/// Merges the lockfile branch into main, with these arguments of `git merge`.
fn merge_lockfile(scene: &Scene, args: &[&str]) {
    let author = scene.path("author");
    git(&author, &["fetch", "--quiet", "origin"]);
    git(&author, &["rebase", "--quiet", "origin/main"]);
    git(
        &author,
        &[&["merge", "--quiet"], args, &["origin/bluejay-lockfile"]].concat(),
    );
    if args.contains(&"--squash") {
        git(&author, &["commit", "--quiet", "--message", "lockfile"]);
    }
    scene.unprotect();
    git(&author, &["push", "--quiet", "origin", "main"]);
    scene.protect();
}

fn plan(job: &Job<'_>) -> String {
    let more = [&[("COMMAND", "plan")][..], &BRANCH].concat();
    job.step("run.sh", &more).code(0);
    std::fs::read_to_string(job.file("temp").join("bluejayctl-report.md")).unwrap()
}

#[test]
fn under_branch_protection_every_id_is_recorded() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    scene.protect();
    scene
        .job("one")
        .merge_with(&BRANCH)
        .code(0)
        .says("pushed the lockfile to bluejay-lockfile");
    // The second apply finds the first id, although main has no lockfile.
    merge_reviewed(&scene, "b");
    scene.job("two").merge_with(&BRANCH).code(0);
    assert_eq!(scene.api.write_count(), 2);
    let shown = plan(&scene.job("plan"));
    assert!(shown.contains("No changes"), "{shown}");
    merge_lockfile(&scene, &["--no-edit"]);
    scene.check_whole(&["a", "b"]);
    // The next pull request is squashed, so its commits are not on main.
    merge_reviewed(&scene, "c");
    scene.job("three").merge_with(&BRANCH).code(0);
    merge_lockfile(&scene, &["--squash"]);
    scene.check_whole(&["a", "b", "c"]);
    merge_reviewed(&scene, "d");
    scene.job("four").merge_with(&BRANCH).code(0);
    merge_lockfile(&scene, &["--no-edit"]);
    scene.check_whole(&["a", "b", "c", "d"]);
    assert_eq!(scene.api.write_count(), 4);
    assert_eq!(scene.lock(), "");
}

/// Removes the entry of a simulation and its file on main, as a person does in a pull request.
fn remove_on_main(scene: &Scene, key: &str) {
    let author = scene.path("author");
    let mut rm = command(env!("CARGO_BIN_EXE_bluejayctl"), &author);
    rm.args(["state", "rm", key]);
    Run::of(rm).code(0);
    std::fs::remove_file(author.join(format!("simulations/{key}.yaml"))).unwrap();
    scene.unprotect();
    scene.merge("README.md", &format!("without {key}\n"));
    scene.protect();
}

#[test]
fn an_entry_that_was_removed_on_main_stays_removed() {
    for how in [&["--no-edit"][..], &["--squash"]] {
        let Some(scene) = Scene::new() else { return };
        scene.merge_simulation("a");
        scene.merge_simulation("b");
        scene.protect();
        scene.job("one").merge_with(&BRANCH).code(0);
        merge_lockfile(&scene, how);
        remove_on_main(&scene, "a");
        // The branch has another entry meanwhile, which is not on main yet.
        merge_reviewed(&scene, "c");
        scene.job("two").merge_with(&BRANCH).code(0);
        assert!(plan(&scene.job("plan")).contains("No changes"), "{how:?}");
        merge_lockfile(&scene, how);
        let ids = scene.ids_on_main();
        assert_eq!(ids.keys().collect::<Vec<_>>(), ["b", "c"], "{how:?}");
    }
}

#[test]
fn an_entry_that_was_removed_after_further_applies_stays_removed() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    scene.protect();
    scene.job("one").merge_with(&BRANCH).code(0);
    // A second apply in the branch, before any of it is on main.
    merge_reviewed(&scene, "b");
    scene.job("two").merge_with(&BRANCH).code(0);
    merge_lockfile(&scene, &["--squash"]);
    remove_on_main(&scene, "a");
    scene
        .job("three")
        .merge_with(&BRANCH)
        .code(0)
        .says("No changes");
    let shown = plan(&scene.job("plan"));
    assert!(shown.contains("No changes: 1 unchanged"), "{shown}");
    assert!(!shown.contains("<code>a</code>"), "{shown}");
}

#[test]
fn pull_reads_the_lockfile_of_the_branch() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    scene.protect();
    scene.job("one").merge_with(&BRANCH).code(0);
    let id = *scene.api.alive().keys().next().unwrap();
    let path = format!("/v1/simulation/{id}");
    let edited = json!({"description": "edited in the dashboard"});
    scene.api.ask("PUT", &path, Some(edited));
    let job = scene.job("pull");
    let url = scene.api.url();
    let more = [
        ("COMMAND", "pull"),
        ("BLUEJAY_API_KEY", KEY),
        ("BLUEJAY_API_URL", &url),
    ];
    job.step("run.sh", &[&more[..], &BRANCH].concat()).code(0);
    let file = std::fs::read_to_string(job.checkout.join("simulations/a.yaml")).unwrap();
    assert!(file.contains("edited in the dashboard"), "{file}");
    // Its pull request is squashed, and brings the lockfile to main.
    let author = scene.path("author");
    git(&job.checkout, &["add", "--all"]);
    git(&job.checkout, &["commit", "--quiet", "--message", "pull"]);
    let checkout = job.checkout.to_str().unwrap();
    git(&author, &["fetch", "--quiet", checkout, "HEAD"]);
    git(&author, &["merge", "--quiet", "--squash", "FETCH_HEAD"]);
    git(&author, &["commit", "--quiet", "--message", "pull"]);
    scene.unprotect();
    git(&author, &["push", "--quiet", "origin", "main"]);
    scene.protect();
    let after = scene.job("after").merge_with(&BRANCH);
    after.code(0).never_says("created");
    assert_eq!(scene.api.alive().keys().collect::<Vec<_>>(), [&id]);
}

#[test]
fn a_push_to_the_lockfile_branch_meanwhile_is_merged() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    scene.merge_simulation("b");
    scene.protect();
    let (first, second) = (scene.job("first"), scene.job("second"));
    let only = |key: &'static str| [&[("ARGS", key)][..], &BRANCH].concat();
    first.merge_with(&only("--target a")).code(0);
    // As if the job had read the branch before the other one pushed to it.
    second.apply("--target b").code(0);
    second.step("commit-lockfile.sh", &BRANCH).code(0);
    merge_lockfile(&scene, &["--no-edit"]);
    scene.check_whole(&["a", "b"]);
}

#[test]
fn the_commit_names_the_bot_and_what_made_it() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    let applied = git(&job.checkout, &["rev-parse", "HEAD"]);
    let run = [
        ("GITHUB_SERVER_URL", "https://git.example"),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_RUN_ID", "7"),
    ];
    job.merge_with(&run).code(0);
    let remote = scene.path("remote");
    let show = |format: &str| {
        git(
            &remote,
            &["log", "-1", &format!("--format={format}"), "main"],
        )
    };
    assert_eq!(
        show("%an <%ae>"),
        "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>\n"
    );
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "Applied-Commit: {applied}Applied-Changes: 1 created\n\
         Applied-By: https://git.example/o/r/actions/runs/7\n\
         Applied-With: bluejayctl {version}\n"
    );
    assert_eq!(show("%(trailers)").trim_start(), format!("{expected}\n"));
    assert_eq!(show("%s"), "Record what was applied [skip ci]\n");
}

#[test]
fn on_gitlab_the_push_opens_the_merge_request() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let remote = scene.path("remote");
    git(&remote, &["config", "receive.advertisePushOptions", "true"]);
    scene.hook(
        "post-receive",
        "echo \"$GIT_PUSH_OPTION_0 $GIT_PUSH_OPTION_1\" >>../options",
    );
    let more = [&[("GITLAB_CI", "true")][..], &BRANCH].concat();
    scene.job("one").merge_with(&more).code(0);
    let options = std::fs::read_to_string(scene.path("options")).unwrap();
    let asked = "merge_request.create merge_request.target=main";
    assert!(options.lines().any(|line| line == asked), "{options}");
}

#[test]
fn a_reviewed_plan_is_applied_as_it_was_saved() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let saved = scene.path("saved/bluejay.plan");
    let plan_file = ("PLAN_FILE", saved.to_str().unwrap());
    let url = scene.api.url();
    let plan = [("COMMAND", "plan"), ("BLUEJAY_API_URL", &url), plan_file];
    scene.job("review").step("run.sh", &plan).code(0);
    // Another change is merged while the plan waits for its approval.
    scene.merge_simulation("b");
    let late = scene.job("late").merge_with(&[plan_file]);
    late.code(1);
    assert_eq!(scene.api.write_count(), 0);
    scene.job("again").step("run.sh", &plan).code(0);
    scene.job("approved").merge_with(&[plan_file]).code(0);
    scene.check_whole(&["a", "b"]);
}
