//! Tests of paths and keys on the command line: the folder that paths are relative to, and
//! the quoting in suggested commands.

use super::api::TestApi;
use super::env::{KEY, Run, TestEnv};

#[test]
fn with_option_c_every_path_is_relative_to_that_folder() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write("calls/simulations/a.yaml", "agent_id: 42\nname: a\n");
    env.write("calls/secret/key", KEY);
    let run = |args: &[&str]| {
        let mut command = env.command(&["-C", "calls", "--api-key-file", "secret/key"]);
        command.args(args).args(["--api-url", &api.url()]);
        command.env_remove("BLUEJAY_API_KEY");
        Run::of(command)
    };
    run(&["plan", "--out", "a.plan", "--json-into", "plan.json"])
        .code(0)
        .says(" apply a.plan`");
    assert!(env.exists("calls/a.plan") && env.exists("calls/plan.json"));
    run(&["apply", "a.plan", "--json-into", "apply.json"]).code(0);
    assert!(env.exists("calls/apply.json"));
    run(&["sandbox", "--faults-file", "faults.json"])
        .code(1)
        .says("calls/faults.json");
    run(&["validate", "simulations/a.yaml"]).code(0);
}

#[cfg(unix)]
#[test]
fn a_suggested_command_quotes_unusual_keys() {
    for key in ["it's", "-x", "a b"] {
        let (env, api) = (TestEnv::new(), TestApi::start());
        let declared = format!("key: \"{key}\"\nagent_id: 42\nname: n\nprotect: true\n");
        env.write("simulations/one.yaml", &declared);
        env.write("simulations/two.yaml", "agent_id: 42\nname: two\n");
        env.run_at(&api.url(), &["apply"]).code(0);
        env.remove("simulations/one.yaml");
        paste_suggested(&env, &["plan", "--prune"], " state rm ");
        assert_eq!(env.ids().into_keys().collect::<Vec<_>>(), ["two"]);
    }
}

/// Runs a command, and then the first command of this kind that it suggests.
#[cfg(unix)]
fn paste_suggested(env: &TestEnv, args: &[&str], kind: &str) {
    let run = env.run(args);
    let mut quoted = run.stderr.split('`');
    let suggested = quoted.find(|text| text.starts_with("bluejayctl ") && text.contains(kind));
    let words = suggested.unwrap().strip_prefix("bluejayctl ").unwrap();
    let pasted = format!("'{}' {words}", env!("CARGO_BIN_EXE_bluejayctl"));
    let shell = std::process::Command::new("sh")
        .args(["-c", &pasted])
        .current_dir(env.path("."))
        .output()
        .unwrap();
    assert!(shell.status.success(), "{pasted}: {shell:?}");
}

#[cfg(unix)]
#[test]
fn a_suggested_command_uses_the_same_lockfile() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write("calls/bluejay.yaml", "environments:\n  staging: {}\n");
    env.write(
        "calls/simulations/one.yaml",
        "agent_id: 42\nname: n\nprotect: true\n",
    );
    env.write("calls/simulations/two.yaml", "agent_id: 42\nname: two\n");
    let staging = ["-C", "calls", "--env", "staging"];
    env.run_at(&api.url(), &["-C", "calls", "apply"]).code(0);
    let other = TestApi::start();
    env.run_at(&other.url(), &[&staging[..], &["apply"]].concat())
        .code(0);
    let before = env.read("calls/bluejay.lock");
    env.remove("calls/simulations/one.yaml");
    paste_suggested(
        &env,
        &[&staging[..], &["plan", "--prune"]].concat(),
        " state rm ",
    );
    assert_eq!(env.read("calls/bluejay.lock"), before);
    assert!(!env.read("calls/bluejay.staging.lock").contains("\"one\""));
}

#[test]
fn a_suggested_command_repeats_options_in_every_format() {
    let env = TestEnv::new();
    env.write("simulations/one.yaml", "agent_id: 42\nname: n\n");
    let run = |form: &str| env.run(&["--sandbox", "--log-format", form, "state", "show", "none"]);
    for form in ["text", "json"] {
        run(form).code(1).says("`bluejayctl --sandbox state list`");
    }
    env.run(&["--sandbox", "apply"]).code(0);
    env.remove("simulations/one.yaml");
    env.write("simulations/two.yaml", "agent_id: 42\nname: two\n");
    env.run(&["--sandbox", "apply"])
        .code(0)
        .says("`bluejayctl --sandbox plan`");
}
