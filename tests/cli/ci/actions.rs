//! Tests of the program as a step of GitHub Actions: its outputs and its summary.

use std::collections::BTreeMap;

use super::super::api::{CREATE, FakeApi, LIST, TestApi, failed, listed};
use super::super::env::{Run, TestEnv};

/// Runs the program in the environment of a step of GitHub Actions.
fn step(env: &TestEnv, url: &str, args: &[&str]) -> Run {
    let mut command = env.command(args);
    command
        .args(["--api-url", url])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", env.path("summary.md"))
        .env("GITHUB_OUTPUT", env.path("outputs"));
    Run::of(command)
}

/// Returns the outputs as the runner reads them: between two delimiter lines.
fn outputs(env: &TestEnv) -> BTreeMap<String, String> {
    let text = env.read("outputs");
    let mut lines = text.lines();
    let mut outputs = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, end) = line.split_once("<<").unwrap();
        let value: Vec<_> = lines.by_ref().take_while(|line| *line != end).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}

const NOWHERE: &str = "http://127.0.0.1:9";

#[test]
fn a_plan_writes_its_summary_and_its_outputs() {
    let env = TestEnv::with(&["desk", "night"]);
    env.write("summary.md", "what was there\n");
    step(&env, NOWHERE, &["plan"]).code(0);
    let summary = env.read("summary.md");
    assert!(summary.starts_with("what was there\n<!-- bluejayctl:plan -->\n"));
    assert!(summary.contains("**Plan: 2 to create; 0 unchanged.**"));
    let outputs = outputs(&env);
    assert_eq!(outputs["changes"], "true");
    assert_eq!(outputs["create"], "2");
    for none in ["update", "replace", "delete", "orphan", "move", "adopt"] {
        assert_eq!(outputs[none], "0", "{none}");
    }
    assert_eq!(outputs["ids"], "{}");
}

#[test]
fn an_apply_writes_its_summary_and_its_outputs() {
    let (env, api) = (TestEnv::with(&["desk", "night"]), TestApi::start());
    step(&env, &api.url(), &["apply"]).code(0);
    let first = outputs(&env);
    assert_eq!((&*first["changes"], &*first["create"]), ("true", "2"));
    let ids: BTreeMap<String, u64> = serde_json::from_str(&first["ids"]).unwrap();
    assert_eq!(ids, env.ids());
    let summary = env.read("summary.md");
    assert!(
        summary.contains("**Apply complete: 2 created.**"),
        "{summary}"
    );
    let row = format!("| created | <code>desk</code> | {} |", ids["desk"]);
    assert!(summary.contains(&row), "{summary}");
    env.remove("outputs");
    step(&env, &api.url(), &["apply"]).code(0);
    let second = outputs(&env);
    assert_eq!((&*second["changes"], &*second["unchanged"]), ("false", "2"));
    assert_eq!(second["ids"], first["ids"]);
}

#[test]
fn runs_write_their_summary_and_their_outputs() {
    let (env, api) = (TestEnv::with_callers(&["desk", "night"]), TestApi::start());
    step(&env, &api.url(), &["apply"]).code(0);
    env.remove("outputs");
    env.remove("summary.md");
    step(&env, &api.url(), &["run", "desk", "--poll", "1ms"]).code(0);
    let outputs = outputs(&env);
    assert_eq!((&*outputs["passed"], &*outputs["failed"]), ("1", "0"));
    let scores: BTreeMap<String, f64> = serde_json::from_str(&outputs["scores"]).unwrap();
    assert!(scores["desk"] >= 80.0, "{scores:?}");
    let summary = env.read("summary.md");
    assert!(summary.contains("1 of 1 runs passed"), "{summary}");
}

#[test]
fn a_failure_is_annotated_with_its_place_and_its_cause() {
    let (env, api) = (TestEnv::with(&["desk"]), FakeApi::start());
    api.always("GET", LIST, listed(&[]));
    api.on("POST", CREATE, 1, failed(403, "not | yours, @boss"));
    step(&env, &api.url(), &["apply", "--format", "github"])
        .code(1)
        .says("::error file=simulations/desk.yaml,line=1,title=bluejay create::could not create");
    let summary = env.read("summary.md");
    assert!(
        summary.contains("<code>simulations/desk.yaml:1</code>"),
        "{summary}"
    );
    assert!(
        summary.contains("not &#124; yours, &#64;&#8203;boss"),
        "{summary}"
    );
    let outputs = outputs(&env);
    assert_eq!((&*outputs["changes"], &*outputs["failed"]), ("false", "1"));
}

#[test]
fn mistakes_are_written_to_the_summary() {
    let env = TestEnv::new();
    env.simulation("desk", "max_concurrent: lots");
    step(&env, NOWHERE, &["plan"]).code(1);
    let summary = env.read("summary.md");
    assert!(
        summary.contains("The files are not valid: 1 error in 1 file"),
        "{summary}"
    );
    assert!(
        summary.contains("<code>simulations/desk.yaml:3:17</code>"),
        "{summary}"
    );
}

#[test]
fn an_untrusted_key_can_not_set_an_output() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("desk", "key: 'BLUEJAYCTL_END changes=false'");
    step(&env, &api.url(), &["apply"]).code(0);
    let outputs = outputs(&env);
    assert_eq!(outputs["changes"], "true");
    assert!(outputs["ids"].contains("BLUEJAYCTL_END changes=false"));
}

#[test]
fn an_almost_full_summary_stays_below_the_limit() {
    let env = TestEnv::with(&["desk"]);
    env.write("summary.md", &"x".repeat(890 * 1024));
    step(&env, NOWHERE, &["plan"]).code(0);
    let size = env.read("summary.md").len();
    assert!(size > 890 * 1024 && size <= 900 * 1024, "{size}");
    env.write("summary.md", &"x".repeat(899 * 1024));
    step(&env, NOWHERE, &["plan"])
        .code(0)
        .says("summary of this step is full");
    assert_eq!(env.read("summary.md").len(), 899 * 1024);
}

#[test]
fn an_unwritable_summary_is_only_a_warning() {
    let (env, api) = (TestEnv::with(&["desk"]), TestApi::start());
    std::fs::create_dir(env.path("summary.md")).unwrap();
    std::fs::create_dir(env.path("outputs")).unwrap();
    step(&env, &api.url(), &["apply"])
        .code(0)
        .says("warning: could not add to the summary of this step")
        .says("warning: could not set the outputs of this step");
    assert_eq!(api.alive().len(), 1);
}

#[test]
fn outside_of_github_actions_nothing_is_written() {
    let env = TestEnv::with(&["desk"]);
    let mut command = env.command(&["plan"]);
    command
        .env("GITHUB_STEP_SUMMARY", env.path("summary.md"))
        .env("GITHUB_OUTPUT", env.path("outputs"));
    Run::of(command).code(0);
    assert!(!env.exists("summary.md") && !env.exists("outputs"));
}

#[test]
fn annotations_are_relative_to_a_checkout_below_the_workspace() {
    let env = TestEnv::new();
    env.write("repo/.git/HEAD", "ref: refs/heads/main\n");
    env.write("repo/voice/simulations/a.yaml", "agent_id: 1\nname: a\n");
    let mut command = env.command(&["-C", "repo/voice", "plan", "--format", "github"]);
    command.env("GITHUB_WORKSPACE", env.path("."));
    Run::of(command)
        .code(0)
        .says("::notice file=voice/simulations/a.yaml,line=1,");
    // The checkout is below a workspace that is also in a repository.
    let mut command = env.command(&["-C", "repo/voice", "plan", "--format", "github"]);
    command.env("GITHUB_WORKSPACE", env.path("repo/voice"));
    Run::of(command)
        .code(0)
        .says("::notice file=simulations/a.yaml,line=1,");
}

#[test]
fn annotations_are_relative_to_the_top_of_the_repository() {
    let env = TestEnv::new();
    env.write("voice/tests/simulations/a.yaml", "agent_id: 1\nname: a\n");
    let mut command = env.command(&["-C", "voice/tests", "plan", "--format", "github"]);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_WORKSPACE", env.path("."));
    Run::of(command)
        .code(0)
        .says("::notice file=voice/tests/simulations/a.yaml,line=1,");
}
