//! Tests of merge jobs with a bare repository and an API on this machine. The scripts of
//! the action run as in CI.

use std::fs;
use std::path::Path;
use std::thread;

use serde_json::{Value, json};

use super::super::env::{KEY, Run};
use super::scene::Scene;
use super::shell::{command, git, part, script};

#[test]
fn a_merge_job_pushes_the_lockfile_to_main() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    job.apply("").code(0);
    job.commit().code(0).says("pushed the lockfile to main");
    scene.check_whole(&["a"]);
    let again = scene.job("two");
    again.apply("").code(0);
    again.commit().code(0).says("the lockfile has not changed");
    let log = git(&scene.path("remote"), &["log", "--format=%s", "main"]);
    assert_eq!(log.matches("Record what was applied [skip ci]").count(), 1);
    assert!(job.summary().contains("1 created"));
}

#[test]
fn a_job_that_waited_updates_to_the_tip_first() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let waiting = scene.job("waiting");
    let first = scene.job("first");
    first.apply("").code(0);
    first.commit().code(0);
    waiting.apply("").code(0).says("No changes");
    waiting.commit().code(0);
    scene.check_whole(&["a"]);
}

#[test]
fn two_concurrent_jobs_lose_nothing() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let first = scene.job("first");
    first.apply("").code(0);
    scene.merge_simulation("b");
    // The second job begins before the first has pushed, finds `a` at the API, and adopts
    // it.
    let second = scene.job("second");
    second.apply("").code(0);
    thread::scope(|scope| {
        let jobs = [&first, &second].map(|job| scope.spawn(|| job.commit()));
        for job in jobs {
            job.join().unwrap().code(0);
        }
    });
    scene.check_whole(&["a", "b"]);
}

#[test]
fn many_concurrent_jobs_lose_nothing() {
    let Some(scene) = Scene::new() else { return };
    let keys = ["a", "b", "c", "d"];
    for key in keys {
        scene.merge_simulation(key);
    }
    let jobs = keys.map(|key| (key, scene.job(&format!("job-{key}"))));
    thread::scope(|scope| {
        let running: Vec<_> = jobs
            .iter()
            .map(|(key, job)| {
                scope.spawn(move || {
                    let applied = job.apply(&format!("--target {key}"));
                    (applied, job.commit())
                })
            })
            .collect();
        for job in running {
            let (applied, committed) = job.join().unwrap();
            applied.code(0);
            committed.code(0);
        }
    });
    scene.check_whole(&keys);
}

#[test]
fn concurrent_jobs_create_each_simulation_once() {
    let Some(scene) = Scene::new() else { return };
    let keys = ["a", "b", "c"];
    for key in keys {
        scene.merge_simulation(key);
    }
    // Every job has all files and no lockfile.
    let jobs = ["first", "second", "third"].map(|name| scene.job(name));
    thread::scope(|scope| {
        let running = jobs.each_ref().map(|job| scope.spawn(|| job.merge()));
        for job in running {
            job.join().unwrap().code(0);
        }
    });
    scene.check_whole(&keys);
    assert_eq!(scene.api.write_count(), keys.len());
    let refs = git(&scene.path("remote"), &["for-each-ref", "refs/bluejayctl"]);
    assert_eq!(refs, "", "the lock was not given back");
}

/// Returns the environment of a step of the action, for these inputs.
fn environment(step: &Value, action: &Value, inputs: &[(&str, &str)]) -> Vec<(String, String)> {
    let input = |name: &str| {
        let given = inputs.iter().find(|(given, _)| *given == name);
        let default = &action["inputs"][name]["default"];
        given.map_or_else(|| default.as_str().unwrap(), |(_, value)| value)
    };
    let variables = step["env"].as_object().unwrap().iter();
    variables
        .map(|(name, value)| {
            let value = value.as_str().unwrap();
            let inner = value.strip_prefix("${{ inputs.").unwrap();
            let value = input(inner.strip_suffix(" }}").unwrap());
            (name.clone(), value.to_owned())
        })
        .collect()
}

#[test]
fn the_steps_of_the_action_pass_their_inputs_to_the_scripts() {
    let Some(scene) = Scene::new() else { return };
    scene.merge("voice/simulations/a.yaml", "agent_id: 42\nname: Test a\n");
    let job = scene.job("one");
    let text = fs::read_to_string(script("action.yml")).unwrap();
    let action: Value = serde_yaml::from_str(&text).unwrap();
    let inputs = [
        ("command", "apply"),
        ("branch", "main"),
        ("api-key", KEY),
        ("working-directory", "voice"),
        ("args", "--settle 1s"),
    ];
    for id in ["run", "commit"] {
        let steps = action["runs"]["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["id"] == id).unwrap();
        let mut bash = command("bash", &job.checkout);
        bash.arg("-c")
            .arg(step["run"].as_str().unwrap())
            .env("GITHUB_ACTION_PATH", script(""))
            .env("GITHUB_OUTPUT", job.file("outputs"))
            .env("RUNNER_TEMP", scene.path(""))
            .env("BLUEJAY_API_URL", scene.api.url())
            .envs(environment(step, &action, &inputs));
        Run::of(bash).code(0);
    }
    let lockfile = git(&scene.path("remote"), &["show", "main:voice/bluejay.lock"]);
    assert!(lockfile.contains("\"a\""), "{lockfile}");
}

#[test]
fn the_gitlab_jobs_run() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    let text = fs::read_to_string(part(".gitlab/bluejayctl.yml")).unwrap();
    let pipeline: Value = serde_yaml::from_str(&text).unwrap();
    // The job would fetch and build the program; the tests use this source and this
    // program.
    fs::create_dir_all(job.checkout.join(".bluejay/tool")).unwrap();
    let source = job.checkout.join(".bluejay/tool/source");
    std::os::unix::fs::symlink(part(""), source).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_bluejayctl"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let run = |name: &str, folder: &str| {
        let lines = pipeline[name]["script"].as_array().unwrap();
        let lines: Vec<_> = lines.iter().map(|line| line.as_str().unwrap()).collect();
        let mut bash = command("bash", &job.checkout);
        bash.args(["-e", "-c", &lines.join("\n")])
            .env_remove("BLUEJAYCTL")
            .env("PATH", &path)
            .env("BLUEJAYCTL_SCRIPTS", script(""))
            .env("CI_DEFAULT_BRANCH", "main")
            .env("CI_PROJECT_DIR", &job.checkout)
            .env("CI_REPOSITORY_URL", scene.path("remote"))
            .env("BLUEJAY_API_KEY", KEY);
        for (variable, value) in pipeline["variables"].as_object().unwrap() {
            bash.env(variable, value.as_str().unwrap());
        }
        bash.env("BLUEJAY_DIRECTORY", folder)
            .env("BLUEJAY_API_URL", scene.api.url());
        Run::of(bash)
    };
    let artifact = |name: &str| fs::read_to_string(job.checkout.join(name)).unwrap();
    run("bluejay plan", ".").code(0).says("1 to create");
    let plan = artifact("bluejay-plan.md");
    assert!(plan.contains("1 to create"), "{plan}");
    run("bluejay apply", ".").code(0);
    scene.check_whole(&["a"]);
    // Both artifacts are at the path where the job collects them, for a project in a folder
    // and for invalid files.
    let folder = job.checkout.join("calls/simulations");
    fs::create_dir_all(&folder).unwrap();
    for (text, code, expected) in [
        ("agent_id: 1\nname: b\n", 0, "1 to create"),
        ("agent_id: 1\nnmae: b\n", 1, "nmae"),
    ] {
        fs::write(folder.join("b.yaml"), text).unwrap();
        run("bluejay plan", "calls").code(code);
        let (plan, json) = (artifact("bluejay-plan.md"), artifact("bluejay-plan.json"));
        assert!(plan.contains(expected), "{plan}");
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["applyable"], code == 0, "{json}");
    }
}

#[test]
fn the_lock_of_a_killed_job_expires() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    let tip = git(&job.checkout, &["rev-parse", "HEAD"]);
    let lock = format!("{}:refs/bluejayctl/apply", tip.trim());
    git(&job.checkout, &["push", "--quiet", "origin", &lock]);
    let impatient = job.merge_with(&[("LOCK_WAIT", "0")]);
    impatient
        .code(1)
        .says("git push origin :refs/bluejayctl/apply");
    assert_eq!(scene.api.write_count(), 0);
    let expired = job.merge_with(&[("LOCK_EXPIRY", "0")]);
    expired.code(0).says("took over the lock");
    scene.check_whole(&["a"]);
}

#[test]
fn other_changes_are_neither_lost_nor_committed() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    job.apply("").code(0);
    scene.merge("README.md", "somebody was faster\n");
    fs::write(job.checkout.join(".gitignore"), "edited\n").unwrap();
    job.commit().code(0);
    scene.check_whole(&["a"]);
    let on_main = git(&scene.path("remote"), &["show", "main:.gitignore"]);
    assert!(on_main.contains("journal"));
    let edited = fs::read_to_string(job.checkout.join(".gitignore")).unwrap();
    assert_eq!(edited, "edited\n");
}

#[test]
fn a_partial_apply_commits_its_lockfile() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    scene.merge_simulation("b");
    // An untracked simulation with other fields than the file declares.
    let stranger = json!({"agent_id": "42", "name": "Test b", "description": "another"});
    scene.api.create(stranger);
    let job = scene.job("one");
    job.apply("").code(3);
    job.commit().code(0);
    let ids = scene.ids_on_main();
    assert_eq!(ids.keys().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn if_the_branch_refuses_pushes_the_next_apply_adopts() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    scene.protect();
    let job = scene.job("one");
    job.apply("").code(0);
    job.commit()
        .code(1)
        .says("::error title=bluejayctl::the lockfile could not be pushed");
    let id = *scene.api.alive().keys().next().unwrap();
    let entry = format!("    a  {id}\n");
    assert!(job.summary().contains(&entry), "{}", job.summary());
    let outputs = fs::read_to_string(job.file("outputs")).unwrap();
    let kept = outputs
        .lines()
        .find_map(|line| line.strip_prefix("kept="))
        .unwrap();
    assert!(Path::new(kept).join("bluejay.lock").is_file());
    scene.unprotect();
    let next = scene.job("next");
    next.apply("").code(0).says("1 adopted");
    next.commit().code(0);
    scene.check_whole(&["a"]);
}

#[test]
fn a_key_with_two_ids_needs_a_decision() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let (first, second) = (scene.job("first"), scene.job("second"));
    first.apply("").code(0);
    second.apply("--adopt never").code(0);
    first.commit().code(0);
    second.commit().code(1).says("could not be pushed");
    assert_eq!(scene.ids_on_main().len(), 1);
    let status = git(&second.checkout, &["status", "--porcelain"]);
    assert_eq!(status, "", "the rebase was not taken back");
}

#[test]
fn lockfiles_of_environments_and_folders_are_found() {
    let Some(scene) = Scene::new() else { return };
    scene.merge("voice/bluejay.yaml", "environments:\n  staging: {}\n");
    scene.merge("voice/simulations/a.yaml", "agent_id: 42\nname: Test a\n");
    let job = scene.job("one");
    let place = [("DIRECTORY", "voice"), ("ENVIRONMENT", "staging")];
    let url = scene.api.url();
    let api = [
        ("COMMAND", "apply"),
        ("BLUEJAY_API_KEY", KEY),
        ("BLUEJAY_API_URL", &*url),
    ];
    job.step("run.sh", &[&place[..], &api].concat()).code(0);
    job.step("commit-lockfile.sh", &place).code(0);
    let files = git(
        &scene.path("remote"),
        &["ls-tree", "-r", "--name-only", "main"],
    );
    assert!(files.contains("voice/bluejay.staging.lock"), "{files}");
}

#[test]
fn drift_opens_an_issue_without_failing_the_job() {
    let Some(scene) = Scene::new() else { return };
    scene.merge_simulation("a");
    let job = scene.job("one");
    job.merge().code(0);
    let url = scene.api.url();
    let night = [
        ("COMMAND", "drift"),
        ("BLUEJAY_API_KEY", KEY),
        ("BLUEJAY_API_URL", &*url),
    ];
    let report = || fs::read_to_string(job.file("temp").join("bluejayctl-report.md")).unwrap();
    let exit_code = || {
        let outputs = fs::read_to_string(job.file("outputs")).unwrap();
        let last = outputs.lines().rfind(|line| line.starts_with("exit-code="));
        last.unwrap().to_owned()
    };
    job.step("run.sh", &night).code(0);
    assert_eq!(exit_code(), "exit-code=0");
    assert!(report().contains("No drift"), "{}", report());
    let id = scene.ids_on_main()["a"];
    let path = format!("/v1/simulation/{id}");
    scene.api.ask("DELETE", &path, None);
    job.step("run.sh", &night).code(0);
    assert_eq!(exit_code(), "exit-code=2");
    assert!(report().contains("gone"), "{}", report());
    assert!(job.summary().contains("gone"));
}

/// Returns the program with a merge driver of these shell commands.
fn with_driver(scene: &Scene, driver: &str) -> String {
    let program = env!("CARGO_BIN_EXE_bluejayctl");
    let text = format!(
        "#!/bin/sh\n\
         if [ \"$1 $2 $3\" = 'state merge-driver --help' ]; then exit 0; fi\n\
         if [ \"$1 $2\" = 'state merge-driver' ]; then\n{driver}\nfi\n\
         exec '{program}' \"$@\"\n"
    );
    let path = scene.path("with driver");
    fs::write(&path, text).unwrap();
    let mut chmod = command("chmod", scene.folder.path());
    chmod.arg("755").arg(&path);
    Run::of(chmod).code(0);
    path.to_string_lossy().into_owned()
}

#[test]
fn the_merge_driver_merges_the_lockfiles_of_two_jobs() {
    let Some(scene) = Scene::new() else { return };
    let called = scene.path("called");
    let join = format!("touch '{}'", called.display());
    let program = with_driver(&scene, &join);
    scene.merge_simulation("a");
    scene.merge_simulation("b");
    let (first, second) = (scene.job("first"), scene.job("second"));
    first.apply("--target a").code(0);
    second.apply("--target b").code(0);
    for job in [&first, &second] {
        job.step("commit-lockfile.sh", &[("BLUEJAYCTL", &program)])
            .code(0);
    }
    assert!(called.exists(), "the driver was not asked");
    scene.check_whole(&["a", "b"]);
}

#[test]
fn a_failed_merge_driver_leaves_main_unchanged() {
    let Some(scene) = Scene::new() else { return };
    let program = with_driver(&scene, "exit 1");
    scene.merge_simulation("a");
    let (first, second) = (scene.job("first"), scene.job("second"));
    first.apply("").code(0);
    second.apply("--adopt never").code(0);
    let driver = [("BLUEJAYCTL", &*program)];
    first.step("commit-lockfile.sh", &driver).code(0);
    let before = scene.ids_on_main();
    second
        .step("commit-lockfile.sh", &driver)
        .code(1)
        .says("could not be pushed");
    assert_eq!(scene.ids_on_main(), before);
    let kept = second.file("temp").join("bluejayctl-unpushed/bluejay.lock");
    assert!(kept.is_file());
}
