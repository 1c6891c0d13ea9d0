//! Tests of links to the dashboard.

use serde_json::Value;

use super::api::TestApi;
use super::env::{Run, TestEnv};

const TEMPLATE: &str = "https://dashboard.example/{kind}/{id}";

fn project(template: &str) -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::with(&["desk"]), TestApi::start());
    env.write(
        "bluejay.yaml",
        &format!("settings:\n  dashboard_url: {template}\n"),
    );
    (env, api)
}

#[test]
fn markdown_links_to_the_dashboard() {
    let (env, api) = project(TEMPLATE);
    let link = "[1](https://dashboard.example/simulation/1)";
    env.run_at(&api.url(), &["apply", "--yes", "--format", "markdown"])
        .code(0)
        .says(&format!("| created | <code>desk</code> | {link} |"));
    env.simulation("desk", "agent_id: \"42\"\ndescription: new");
    env.run_at(&api.url(), &["plan", "--format", "markdown"])
        .code(0)
        .says(&format!("| {link} |"));
}

#[test]
fn a_pipe_gets_no_links() {
    let (env, api) = project(TEMPLATE);
    env.run_at(&api.url(), &["apply", "--yes"]).code(0);
    env.simulation("desk", "agent_id: \"42\"\ndescription: new");
    let mut plan = env.command(&["--color", "always", "plan", "--api-url", &api.url()]);
    plan.env("FORCE_HYPERLINK", "1");
    Run::of(plan)
        .code(0)
        .never_says("dashboard.example")
        .never_says("]8;");
}

#[test]
fn an_environment_has_a_dashboard_of_its_own() {
    let (env, api) = project(TEMPLATE);
    env.write(
        "bluejay.yaml",
        "settings: { dashboard_url: 'https://a.example/{id}' }\n\
         environments:\n  staging:\n    settings: { dashboard_url: 'https://b.example/{id}' }\n",
    );
    let apply = ["apply", "--yes", "--format", "markdown"];
    env.run_at(&api.url(), &[&apply[..], &["--env", "staging"]].concat())
        .code(0)
        .says("(https://b.example/1)");
}

#[test]
fn a_wrong_template_is_a_mistake_at_its_place() {
    for (template, reason) in [
        ("http://dashboard.example/{id}", "it is not https"),
        (
            "https://user:secret@dashboard.example/{id}",
            "it contains a user or a password",
        ),
        (
            "\"https://dashboard.example/{id}\\e]8;;\"",
            "it has the character U+001B",
        ),
        ("https://dashboard.example/", "it has no `{id}`"),
        ("7", "dashboard_url"),
    ] {
        let (env, _api) = project(template);
        let run = env.run(&["validate", "--format", "json"]);
        let document: Value = run.code(1).json();
        let found = document["diagnostics"].as_array().unwrap();
        assert_eq!(found.len(), 1, "{run}");
        let range = &found[0]["range"];
        assert_eq!(range["filename"], "bluejay.yaml", "{run}");
        assert_eq!(range["start"]["line"], 2, "{run}");
        assert!(
            found[0]["summary"].as_str().unwrap().contains(reason),
            "{run}"
        );
        env.run(&["validate"])
            .code(1)
            .says("bluejay.yaml:2:18")
            .never_says("secret");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_that_supports_links_gets_them() {
    let (env, api) = project(TEMPLATE);
    env.run_at(&api.url(), &["apply", "--yes"]).code(0);
    env.simulation("desk", "agent_id: \"42\"\ndescription: new");
    let program = env!("CARGO_BIN_EXE_bluejayctl");
    let plan = format!("{program} plan --api-url {}", api.url());
    let is_linked = |variables: &[(&str, &str)]| {
        let shown = super::said::on_terminal(&plan, b"", &env, variables);
        let link = ";https://dashboard.example/simulation/1\u{1b}\\1\u{1b}]8;;\u{1b}\\)";
        assert!(shown.contains("desk"), "{shown}");
        shown.contains(link)
    };
    let kitty = ("TERM", "xterm-kitty");
    assert!(is_linked(&[kitty]));
    assert!(is_linked(&[("TERM", "xterm"), ("FORCE_HYPERLINK", "1")]));
    assert!(!is_linked(&[("TERM", "xterm")]));
    assert!(!is_linked(&[kitty, ("FORCE_HYPERLINK", "0")]));
    assert!(!is_linked(&[kitty, ("NO_COLOR", "1")]));
    assert!(!is_linked(&[("TERM", "dumb"), ("FORCE_HYPERLINK", "1")]));
}
