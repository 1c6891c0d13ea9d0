//! Tests of `doctor`, which says what is wrong with the set-up of a project.

use std::collections::BTreeMap;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::api::{FakeApi, TestApi};
use super::env::{KEY, Run, TestEnv};
use super::tools::has;

/// The answer with the organisation of the key.
const INTEGRATIONS: &str = "/v1/integrations";

const AGENTS: &str = "/v1/all-agents";

fn git(env: &TestEnv, args: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@localhost"])
        .args(args)
        .current_dir(env.path("."))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", env.path("."))
        .status()
        .unwrap();
    assert!(status.success(), "{args:?}");
}

/// Returns a committed project with an applied simulation of an agent of the sandbox, in
/// which nothing is wrong.
fn healthy() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("desk", "agent_id: \"4201\"");
    env.write(".gitattributes", "bluejay*.lock merge=bluejayctl\n");
    git(&env, &["init", "--quiet"]);
    git(
        &env,
        &[
            "config",
            "merge.bluejayctl.driver",
            "bluejayctl state merge-driver %O %A %B %P",
        ],
    );
    env.run_at(&api.url(), &["apply"]).code(0);
    commit(&env);
    (env, api)
}

fn commit(env: &TestEnv) {
    git(env, &["add", "--all"]);
    git(env, &["commit", "--quiet", "--message", "all"]);
}

/// Returns the status and the message of each check.
fn checks(run: &Run) -> BTreeMap<String, (String, String)> {
    let document: Value = run.json();
    let checks = document["checks"].as_array().cloned().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    checks
        .iter()
        .map(|check| {
            let found = (text(&check["status"]), text(&check["message"]));
            (text(&check["name"]), found)
        })
        .collect()
}

/// Runs `doctor`, and checks the only finding that is a problem.
#[track_caller]
fn check(env: &TestEnv, url: &str, name: &str, message: &str) {
    let run = env.run_at(url, &["doctor", "--format", "json"]);
    run.code(1);
    let checks = checks(&run);
    let problems = checks.iter().filter(|(_, (status, _))| status == "problem");
    let problems: Vec<_> = problems.map(|(name, (_, said))| (name, said)).collect();
    assert_eq!(problems.len(), 1, "{run}");
    assert_eq!(problems[0].0, name, "{run}");
    assert!(problems[0].1.contains(message), "{run}");
    let human = env.run_at(url, &["doctor"]);
    human.code(1).says(message).says("1 problem");
    assert!(human.stdout.contains("help: "), "{human}");
}

#[test]
fn a_healthy_project_takes_two_requests() {
    if !has(&["git"]) {
        return;
    }
    let (env, api) = healthy();
    let before = api.request_count();
    let files = env.files();
    let run = env.run_at(&api.url(), &["doctor"]);
    run.code(0).says("No problems.").never_says(KEY);
    assert_eq!(api.request_count() - before, 2);
    assert_eq!(env.files(), files, "it wrote a file");
}

#[test]
fn the_sandbox_of_doctor_writes_no_file() {
    let env = TestEnv::new();
    env.simulation("desk", "agent_id: \"4201\"");
    let files = env.files();
    env.run(&["doctor", "--sandbox"]).code(0).says("sandbox");
    assert_eq!(env.files(), files, "it wrote a file");
}

#[test]
fn each_mistake_in_git_is_found() {
    if !has(&["git"]) {
        return;
    }
    let (env, api) = healthy();
    let url = api.url();
    git(&env, &["config", "--unset", "merge.bluejayctl.driver"]);
    check(&env, &url, "merge-driver", "this clone");
    git(&env, &["config", "merge.bluejayctl.driver", "x"]);
    env.write(".gitattributes", "");
    check(&env, &url, "merge-driver", ".gitattributes");
    env.write(".gitattributes", "bluejay*.lock merge=bluejayctl\n");
    let lockfile = env.read("bluejay.lock");
    env.write("bluejay.lock", &(lockfile.clone() + "\n"));
    check(&env, &url, "committed", "differs from the last commit");
    env.write("bluejay.lock", &lockfile);
    env.remove(".bluejay/.gitignore");
    env.write(".bluejay/x", "");
    check(&env, &url, "ignored", ".bluejay/");
    env.write(".bluejay/.gitignore", "*\n");
    git(&env, &["rm", "--quiet", "--cached", "bluejay.lock"]);
    git(&env, &["commit", "--quiet", "--message", "forget"]);
    check(&env, &url, "committed", "is not committed");
    env.write(".gitignore", "*.lock\n");
    check(&env, &url, "committed", "the line `*.lock` of `.gitignore`");
}

#[test]
fn each_mistake_in_files_is_found() {
    if !has(&["git"]) {
        return;
    }
    let (env, api) = healthy();
    let url = api.url();
    env.write("schemas/plan.schema.json", "{}");
    check(&env, &url, "schemas", "plan.schema.json");
    env.run(&["schema", "--write", "schemas"]).code(0);
    env.run_at(&url, &["doctor"]).code(0);
    env.simulation("lost", "agent_id: \"77\"");
    check(&env, &url, "agents", "no agent 77, which `lost` names");
    env.write("simulations/lost.yaml", "agent_id: \"4201\"\nnamee: x\n");
    check(&env, &url, "project", "1 mistake");
    env.undeclare("lost");
    let unknown = env.run_at(&url, &["doctor", "--env", "nope", "--format", "json"]);
    unknown.code(1);
    let checks = checks(&unknown);
    assert_eq!(checks["project"].0, "problem", "{unknown}");
    assert_eq!(checks["lockfile"].0, "skipped", "{unknown}");
}

#[test]
fn the_lockfile_has_to_belong_to_the_key_and_the_address() {
    if !has(&["git"]) {
        return;
    }
    let (env, api) = healthy();
    check(&env, "http://127.0.0.1:1", "address", "belong to");
    let lockfile = env.read("bluejay.lock");
    let other = lockfile.replace("\"sandbox\"", "\"other\"");
    assert_ne!(lockfile, other, "the lockfile records no organisation");
    env.write("bluejay.lock", &other);
    commit(&env);
    check(&env, &api.url(), "organization", "organisation other");
}

#[test]
fn without_a_key_the_local_checks_remain() {
    if !has(&["git"]) {
        return;
    }
    let (env, api) = healthy();
    let mut command = env.command(&["doctor", "--format", "json"]);
    command
        .env_remove("BLUEJAY_API_KEY")
        .env("BLUEJAY_API_URL", api.url());
    let before = api.request_count();
    let run = Run::of(command);
    run.code(1);
    assert_eq!(api.request_count(), before);
    let checks = checks(&run);
    let of = |status: &str| -> Vec<_> {
        let found = checks.iter().filter(|(_, (it, _))| it == status);
        found.map(|(name, _)| name.as_str()).collect()
    };
    assert_eq!(of("problem"), ["key"]);
    assert_eq!(of("skipped"), ["agents", "clock", "organization"]);
    assert_eq!(of("ok").len(), 9);
}

#[test]
fn a_wrong_key_and_a_wrong_clock_are_found() {
    if !has(&["git"]) {
        return;
    }
    let env = TestEnv::new();
    env.simulation("desk", "agent_id: \"4201\"");
    env.write(".gitattributes", "bluejay*.lock merge=bluejayctl\n");
    git(&env, &["init", "--quiet"]);
    git(&env, &["config", "merge.bluejayctl.driver", "x"]);
    let api = FakeApi::start();
    let body = json!({"organization_id": "org-1", "integrations": []});
    let dated = |body: Value| {
        let answer = ResponseTemplate::new(200).set_body_json(body);
        answer.insert_header("date", "Tue, 24 Nov 2020 10:00:00 GMT")
    };
    api.on("GET", INTEGRATIONS, 1, dated(body));
    let agent = json!({"id": 4201, "name": "Clinic", "sip_password": "hunter2"});
    api.on("GET", AGENTS, 1, dated(json!([agent])));
    let run = env.run_at(&api.url(), &["doctor"]);
    run.code(1).never_says("hunter2");
    run.says("seconds ahead of the clock of the API")
        .says("1 problem.");
    let api = FakeApi::start();
    let refused = ResponseTemplate::new(401).set_body_json(json!({"detail": "no"}));
    api.on("GET", INTEGRATIONS, 1, refused);
    let run = env.run_at(&api.url(), &["doctor"]);
    run.code(1)
        .says("the API rejected the key")
        .says("1 problem,");
}

#[test]
fn no_repository_is_one_problem() {
    let env = TestEnv::new();
    let mut command = env.command(&["doctor"]);
    command.env_remove("BLUEJAY_API_KEY");
    let run = Run::of(command);
    run.code(1)
        .says("git init")
        .says("needs a git repository")
        .says("no API key")
        .says("2 problems");
    env.run(&["doctor", "--sandbox"])
        .code(0)
        .says("No problems");
}

#[cfg(unix)]
#[test]
fn git_does_not_get_the_key() {
    let env = TestEnv::new();
    env.write(".git/HEAD", "");
    env.write("bin/git", "#!/bin/sh\nenv >> \"$0.log\"\nexit 128\n");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(env.path("bin/git"), executable).unwrap();
    let mut command = env.command(&["doctor", "--api-url", "http://127.0.0.1:1", "-q"]);
    let path = format!("{}:/usr/bin:/bin", env.path("bin").display());
    command.env("PATH", path);
    Run::of(command).code(1);
    let log = env.read("bin/git.log");
    assert!(log.contains("PATH="), "{log}");
    assert!(!log.contains(KEY), "{log}");
}
