//! Tests of the steps of the action: validate, plan and run.

use super::super::api::TestApi;
use super::super::env::{KEY, Run, TestEnv};
use super::shell::{command, script};
use crate::tools::has;

/// Runs `run.sh` of the action on a runner.
fn run_step(env: &TestEnv, more: &[(&str, &str)]) -> Run {
    let mut bash = command("bash", &env.path("."));
    bash.arg(script("run.sh"))
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_WORKSPACE", env.path("."))
        .env("GITHUB_STEP_SUMMARY", env.path("summary"))
        .env("GITHUB_OUTPUT", env.path("outputs"))
        .env("RUNNER_TEMP", env.path("."))
        .envs(more.iter().copied());
    Run::of(bash)
}

#[test]
fn a_plan_step_reports_once_and_annotates_lines() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::with(&["desk"]);
    let run = run_step(&env, &[("COMMAND", "plan"), ("ARGS", "--target des*")]);
    run.code(0)
        .says("::notice file=simulations/desk.yaml,line=1,");
    let report = env.read("bluejayctl-report.md");
    assert!(report.starts_with("<!-- bluejayctl:plan -->\n"));
    assert_eq!(
        env.read("summary")
            .matches("<!-- bluejayctl:plan -->")
            .count(),
        1
    );
    let outputs = env.read("outputs");
    assert_eq!(outputs.matches("changes<<").count(), 1);
    assert!(outputs.contains("exit-code=0\n"), "{outputs}");
}

#[test]
fn a_plan_step_of_files_with_mistakes_fails_and_still_reports() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::new();
    env.simulation("desk", "max_concurrent: lots");
    let run = run_step(&env, &[("COMMAND", "plan")]);
    run.code(1)
        .says("::error file=simulations/desk.yaml,line=3,");
    assert!(
        env.read("bluejayctl-report.md")
            .contains("The files are not valid")
    );
    let outputs = env.read("outputs");
    assert!(outputs.contains("report=") && outputs.contains("exit-code=1\n"));
}

#[test]
fn a_run_step_fails_below_the_score_and_reports_once() {
    if !has(&["bash"]) {
        return;
    }
    let (env, api) = (TestEnv::with_callers(&["desk"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let url = api.url();
    let step = |args: &str| {
        let more = [
            ("COMMAND", "run"),
            ("ARGS", args),
            ("BLUEJAY_API_KEY", KEY),
            ("BLUEJAY_API_URL", &url),
        ];
        run_step(&env, &more)
    };
    step("--poll 1ms").code(0);
    assert_eq!(env.read("summary").matches("runs passed").count(), 1);
    assert!(
        env.read("bluejayctl-report.md")
            .contains("1 of 1 runs passed")
    );
    assert!(env.read("outputs").contains("passed<<"));
    step("--poll 1ms --min-score 100 nobody").code(1);
    assert!(env.read("outputs").ends_with("exit-code=1\n"));
}

#[test]
fn a_plan_that_can_not_begin_is_reported_in_the_comment() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::with(&["desk"]);
    let more = [
        ("COMMAND", "plan"),
        ("ARGS", "--nonsense"),
        ("ENVIRONMENT", "a--b"),
    ];
    run_step(&env, &more).code(1);
    let report = env.read("bluejayctl-report.md");
    assert!(
        report.starts_with("<!-- bluejayctl:plan:a-_b -->\n"),
        "{report}"
    );
    assert!(report.contains("There is no plan: bluejayctl ended with exit code 1."));
}

#[test]
fn a_validate_step_annotates_files_below_its_folder() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::new();
    env.write("voice/simulations/a.yaml", "agent_id: 1\nname: 5\n");
    let more = [("COMMAND", "validate"), ("DIRECTORY", "voice")];
    run_step(&env, &more)
        .code(1)
        .says("::error file=voice/simulations/a.yaml,line=2,");
}

#[test]
fn arguments_of_the_action_are_never_run_as_commands() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::with(&["desk"]);
    let more = [
        ("COMMAND", "plan"),
        ("ARGS", "$(touch hit) ; touch hit `touch hit`"),
    ];
    run_step(&env, &more).code(1);
    assert!(!env.exists("hit"));
}
