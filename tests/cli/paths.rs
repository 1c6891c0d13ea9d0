//! Paths and keys on the command line: where they are looked for, and how the
//! commands that messages suggest spell them.

use super::api::TestApi;
use super::env::{KEY, Run, TestEnv};

#[test]
fn with_another_folder_every_path_is_relative_to_that() {
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
        .says("`bluejayctl apply a.plan`");
    assert!(env.exists("calls/a.plan") && env.exists("calls/plan.json"));
    run(&["apply", "a.plan", "--json-into", "apply.json"]).code(0);
    assert!(env.exists("calls/apply.json"));
    run(&["sandbox", "--faults-file", "faults.json"])
        .code(1)
        .says("calls/faults.json");
    run(&["validate", "simulations/a.yaml"]).code(0);
}

#[test]
fn a_suggested_command_can_be_pasted_whatever_the_key() {
    for key in ["it's", "-x", "a b"] {
        let (env, api) = (TestEnv::new(), TestApi::start());
        let declared = format!("key: \"{key}\"\nagent_id: 42\nname: n\nprotect: true\n");
        env.write("simulations/one.yaml", &declared);
        env.write("simulations/two.yaml", "agent_id: 42\nname: two\n");
        env.run_at(&api.url(), &["apply"]).code(0);
        env.remove("simulations/one.yaml");
        let refused = env.run(&["plan", "--prune"]);
        let suggested = refused
            .stderr
            .split('`')
            .find(|text| text.starts_with("bluejayctl state rm"));
        let words = suggested.unwrap().strip_prefix("bluejayctl ").unwrap();
        let pasted = format!("'{}' {words}", env!("CARGO_BIN_EXE_bluejayctl"));
        let shell = std::process::Command::new("sh")
            .args(["-c", &pasted])
            .current_dir(env.path("."))
            .output()
            .unwrap();
        assert!(shell.status.success(), "{pasted}: {shell:?}");
        assert_eq!(env.ids().into_keys().collect::<Vec<_>>(), ["two"]);
    }
}
