//! Tests of where the API key is sent, and of the warnings of a plan about the address.

use super::api::TestApi;
use super::env::{Run, TestEnv};

/// Returns a repository whose project file names a server that is not Bluejay's.
fn foreign() -> TestEnv {
    let env = TestEnv::with(&["a"]);
    env.write("bluejay.yaml", "api_url: https://evil.example/v1\n");
    env
}

#[test]
fn a_project_file_alone_does_not_send_the_key_to_a_foreign_server() {
    let env = foreign();
    let lockfile = r#"{"version": 1, "api": "https://evil.example", "simulations": {}}"#;
    env.write("bluejay.lock", lockfile);
    for args in [
        &["apply"][..],
        &["apply", "--allow-api-url", "other.example"],
        &["apply", "--allow-api-url", "evil.example:8443"],
        &["plan", "--refresh"],
        &["drift"],
        &["import", "b", "7"],
        &["destroy", "--yes"],
    ] {
        let run = env.run(args);
        run.code(1)
            .says("refused to send the API key to https://evil.example")
            .says("--allow-api-url evil.example")
            .says("BLUEJAY_API_URL");
        assert!(!env.has_journal());
    }
}

#[test]
fn every_format_of_a_plan_warns_about_a_foreign_server() {
    let env = foreign();
    let said = "which is not Bluejay's address; the apply is refused without";
    let plan = env.run(&["plan"]);
    plan.code(0).says(said);
    assert!(
        plan.stdout
            .starts_with("API: https://evil.example  Lockfile: bluejay.lock\n"),
        "{plan}"
    );
    let markdown = env.run(&["plan", "--format", "markdown"]);
    markdown.says("[!CAUTION]\n> **an apply would send the API key to");
    let json = env.run(&["plan", "--format", "json"]).json();
    assert_eq!(json["api"], "https://evil.example");
    assert!(json["warnings"][0].as_str().unwrap().contains(said));
    env.run(&["plan", "--format", "github"])
        .says("::warning")
        .says(said);
}

#[test]
fn a_foreign_server_is_allowed_from_outside_the_repository() {
    let env = foreign();
    let allowed = "the command line or the environment allows it";
    for args in [
        &["plan", "--allow-api-url", "evil.example"][..],
        &["plan", "--allow-api-url", "https://evil.example/v1"],
        &["plan", "--api-url", "https://evil.example"],
    ] {
        env.run(args).code(0).says(allowed);
    }
    let mut command = env.command(&["plan"]);
    command.env("BLUEJAY_API_URL", "https://evil.example");
    Run::of(command).code(0).says(allowed);
    let odd = env.run(&["plan", "--allow-api-url", "http://evil.example"]);
    odd.code(1).says("--allow-api-url http://evil.example");
}

#[test]
fn a_server_on_this_machine_needs_no_permission() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write("bluejay.yaml", &format!("api_url: {}\n", api.url()));
    env.run(&["apply"]).code(0).says("1 created");
}

#[test]
fn a_plan_warns_when_the_address_changes() {
    let env = TestEnv::with(&["a"]);
    let lockfile = r#"{"version": 1, "api": "https://old.example", "simulations": {}}"#;
    env.write("bluejay.lock", lockfile);
    let plan = env.run(&["plan"]);
    let changes = "the address of the API changes from https://old.example";
    assert!(plan.stdout.contains(changes), "{plan}");
}

#[cfg(unix)]
#[test]
fn an_address_that_is_not_utf_8_is_not_taken_for_a_missing_one() {
    use std::os::unix::ffi::OsStrExt as _;
    let env = TestEnv::with(&["a"]);
    let mut command = env.command(&["plan"]);
    let value = std::ffi::OsStr::from_bytes(b"https://\xff.example");
    command.env("BLUEJAY_API_URL", value);
    let run = Run::of(command);
    run.code(1)
        .says("the value of `BLUEJAY_API_URL` is not UTF-8");
}
