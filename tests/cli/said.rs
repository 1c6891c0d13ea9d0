//! Tests of commands that can't write their output, and of the use of colour.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use super::api::TestApi;
use super::env::{Run, TestEnv};

/// Runs a command whose stdout is a full disk.
fn onto_full_disk(mut command: Command) -> Run {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    command.stdout(full);
    Run::without_stdout(command)
}

fn at(env: &TestEnv, api: &TestApi, args: &[&str]) -> Command {
    let mut command = env.command(args);
    command.env("BLUEJAY_API_URL", api.url());
    command
}

const LOST: &str = "error: could not write to stdout\n  \
                    caused by: No space left on device (os error 28)\n";

#[test]
fn an_apply_that_can_not_write_its_report_exits_with_3() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let run = onto_full_disk(at(&env, &api, &["apply"]));
    run.code(3);
    assert_eq!(run.stderr, format!("created a (1)\n{LOST}"));
    assert_eq!(env.ids()["a"], 1);
    // Without a change at the API, the apply is not incomplete.
    let run = onto_full_disk(at(&env, &api, &["apply"]));
    run.code(1);
    assert_eq!(run.stderr, LOST);
}

#[test]
fn an_apply_that_can_not_write_its_events_sends_nothing() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let run = onto_full_disk(at(&env, &api, &["apply", "--format", "json"]));
    run.code(1);
    assert_eq!(run.stderr, LOST);
    let run = env.run_at(&api.url(), &["apply", "--json-into", "/dev/full"]);
    run.code(1);
    assert_eq!(run.stderr, LOST.replace("stdout", "`/dev/full`"));
    assert_eq!(api.write_count(), 0);
    assert!(env.ids().is_empty());
}

/// Runs a command whose stderr is a full disk.
fn with_full_stderr(mut command: Command) -> Run {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    command.stderr(full);
    Run::without_stderr(command)
}

#[test]
fn the_exit_code_counts_what_stderr_could_not_say() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let invalid = TestEnv::with(&["a"]);
    invalid.simulation("a", "max_concurrent: 0");
    with_full_stderr(invalid.command(&["validate"])).code(1);
    // A plan says nothing on stderr.
    with_full_stderr(env.command(&["plan"])).code(0);
    // The line `created a (1)` is lost.
    let run = with_full_stderr(at(&env, &api, &["apply"]));
    run.code(3).says("1 created");
    with_full_stderr(at(&env, &api, &["apply"])).code(0);
    // The log lines are lost, and nothing was changed.
    with_full_stderr(at(&env, &api, &["apply", "-vv", "--refresh"])).code(1);
    env.simulation("a", "max_concurrent: 60");
    // The warning is lost.
    let run = with_full_stderr(env.command(&["validate"]));
    run.code(1).says("valid: 1 simulation");
    with_full_stderr(env.command(&["validate", "-q"])).code(0);
}

#[test]
fn a_reader_of_stderr_that_goes_away_changes_no_exit_code() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let mut command = at(&env, &api, &["apply", "-v"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stderr(writer);
    Run::without_stderr(command).code(0);
}

#[test]
fn a_broken_pipe_does_not_change_the_exit_code() {
    let env = TestEnv::with(&["a"]);
    let api = TestApi::with_faults(&["error-before:status=400,match=POST:create"]);
    let mut command = at(&env, &api, &["apply"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(writer);
    Run::without_stdout(command).code(1);
}

#[test]
#[cfg(feature = "crash-points")]
fn a_repeated_update_counts_as_a_change_if_the_journal_fails() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "description: new");
    let mut cut_off = at(&env, &api, &["apply"]);
    cut_off.env("FAILPOINTS", "update.answered=return");
    assert_eq!(Run::of(cut_off).code, None);
    env.undeclare("a");
    let mut full = at(&env, &api, &["apply"]);
    full.env("FAILPOINTS", "disk.journal=1*off->return");
    Run::of(full).code(3);
    assert_eq!(api.count("PUT"), 2);
}

#[test]
fn unwritable_help_is_an_error() {
    let env = TestEnv::new();
    onto_full_disk(env.command(&["--help"])).code(1);
    onto_full_disk(env.command(&["completions", "bash"])).code(1);
}

#[test]
fn colour_follows_the_conventions_of_the_environment() {
    let env = TestEnv::with(&["a"]);
    let is_coloured = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = env.command(args);
        command.envs(variables.iter().copied());
        Run::of(command).stdout.contains('\u{1b}')
    };
    let plan = ["plan"];
    assert!(!is_coloured(&plan, &[]));
    assert!(is_coloured(&plan, &[("CLICOLOR_FORCE", "1")]));
    assert!(is_coloured(&plan, &[("FORCE_COLOR", "1")]));
    assert!(!is_coloured(&plan, &[("FORCE_COLOR", "0")]));
    assert!(!is_coloured(
        &plan,
        &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]
    ));
    assert!(!is_coloured(
        &["plan", "--color", "never"],
        &[("FORCE_COLOR", "1")]
    ));
    assert!(is_coloured(
        &["plan", "--color=always"],
        &[("NO_COLOR", "1")]
    ));
    assert!(is_coloured(&["--help"], &[("FORCE_COLOR", "1")]));
    assert!(!is_coloured(
        &["--color", "never", "--help"],
        &[("FORCE_COLOR", "1")]
    ));
    assert!(is_coloured(&["--color", "always", "--help"], &[]));
}

/// Runs a command on a pseudo-terminal, and returns the visible text.
pub fn on_terminal(
    command: &str,
    answer: &[u8],
    env: &TestEnv,
    variables: &[(&str, &str)],
) -> String {
    let mut child = begin_on_terminal(command, env, variables);
    child.stdin.take().unwrap().write_all(answer).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn begin_on_terminal(command: &str, env: &TestEnv, variables: &[(&str, &str)]) -> Child {
    let mut script = Command::new("script");
    script
        .args(["-qec", command, "/dev/null"])
        .current_dir(env.path(""))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    script.spawn().unwrap()
}

#[test]
fn an_interrupt_at_the_question_says_that_nothing_was_changed() {
    let env = TestEnv::with(&["a"]);
    let apply = format!("exec {} apply --sandbox", env!("CARGO_BIN_EXE_bluejayctl"));
    let mut child = begin_on_terminal(&apply, &env, &[("TERM", "xterm")]);
    let (mut shown, mut byte) = (Vec::new(), [0]);
    let out = child.stdout.as_mut().unwrap();
    while !shown.ends_with(b"[y/N] ") && out.read(&mut byte).unwrap() > 0 {
        shown.push(byte[0]);
    }
    // The terminal makes a signal of the character.
    child.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
    let output = child.wait_with_output().unwrap();
    let rest = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{rest}");
    let rest = rest.trim_start_matches("^C");
    assert_eq!(rest, "\r\ninterrupted: nothing was changed\r\n");
}

#[test]
fn a_line_of_a_result_continues_under_its_text() {
    let env = TestEnv::with(&["a"]);
    let program = env!("CARGO_BIN_EXE_bluejayctl");
    let validate = format!("stty rows 40 cols 27; {program} validate");
    let shown = on_terminal(&validate, b"", &env, &[("TERM", "dumb")]);
    assert_eq!(shown, "valid: 1 simulation in 1\r\n       file\r\n");
}

#[test]
fn an_explanation_follows_the_width_of_the_terminal() {
    let env = TestEnv::new();
    let program = env!("CARGO_BIN_EXE_bluejayctl");
    for (columns, longest) in [(60, 50..=60), (90, 81..=90), (140, 91..=100)] {
        let explain = format!("stty rows 40 cols {columns}; {program} explain accent");
        let shown = on_terminal(&explain, b"", &env, &[("TERM", "dumb")]);
        let found = shown.lines().map(|line| line.chars().count()).max();
        assert!(longest.contains(&found.unwrap()), "{shown}");
    }
}

#[test]
fn apply_asks_on_a_terminal_but_not_in_ci() {
    let env = TestEnv::with(&["a"]);
    let apply = format!("{} apply --sandbox", env!("CARGO_BIN_EXE_bluejayctl"));
    let terminal = [("TERM", "xterm")];
    let shown = on_terminal(&apply, b"\xff\n", &env, &terminal);
    assert!(
        shown.contains("[y/N]") && shown.contains('\u{1b}'),
        "{shown}"
    );
    assert!(shown.contains("nothing was applied"), "{shown}");
    let shown = on_terminal(&apply, b"n\n", &env, &[("TERM", "dumb")]);
    assert!(
        shown.contains("[y/N]") && !shown.contains("\u{1b}[3"),
        "{shown}"
    );
    for not_ci in ["", "false", "0"] {
        let shown = on_terminal(&apply, b"n\n", &env, &[("TERM", "xterm"), ("CI", not_ci)]);
        assert!(shown.contains("[y/N]"), "{shown}");
    }
    let shown = on_terminal(&apply, b"", &env, &[("TERM", "xterm"), ("CI", "true")]);
    assert!(
        !shown.contains("[y/N]") && shown.contains("1 created"),
        "{shown}"
    );
}

#[test]
fn a_blank_line_divides_the_progress_of_runs_from_their_report() {
    let env = TestEnv::with(&["a"]);
    env.run(&["apply", "--sandbox"]).code(0);
    let run = format!("{} run --sandbox", env!("CARGO_BIN_EXE_bluejayctl"));
    let shown = on_terminal(&run, b"", &env, &[("TERM", "dumb")]);
    assert!(shown.contains("score -)\r\n\r\nKEY "), "{shown:?}");
}

#[test]
fn a_key_in_place_of_a_saved_plan_suggests_target() {
    let env = TestEnv::with(&["a"]);
    let run = env.run(&["-C", ".", "apply", "a"]);
    run.code(1);
    insta::assert_snapshot!(run.stderr, @r"
    error: could not read `./a`
      caused by: No such file or directory (os error 2)
    help: to apply one simulation: `bluejayctl -C . apply --target a`
    ");
    env.run(&["apply", "plan.json"])
        .code(1)
        .says("help: to write the plan: `bluejayctl plan --out plan.json`");
}

#[test]
fn a_variable_that_forces_no_colour_forces_none() {
    let env = TestEnv::with(&["a"]);
    for (value, is_coloured) in [("1", true), ("0", false), ("", false)] {
        let mut command = env.command(&["plan", "--sandbox"]);
        command.env("CLICOLOR_FORCE", value);
        let run = Run::of(command);
        assert_eq!(
            run.stdout.contains('\u{1b}'),
            is_coloured,
            "{value:?}: {run}"
        );
    }
}
