//! Tests of the formats of plan, validate and apply for pull requests and merge jobs.

use serde_json::{Value, json};

use super::super::api::TestApi;
use super::super::env::TestEnv;

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_plan_as_markdown_begins_with_the_marker_of_its_lockfile() {
    let env = TestEnv::with(&["desk"]);
    env.write("bluejay.yaml", "environments:\n  staging: {}\n");
    let first_line = |args: &[&str]| {
        let run = env.run(args);
        run.code(0).stdout.lines().next().unwrap().to_owned()
    };
    let plan = ["plan", "--format", "markdown"];
    assert_eq!(first_line(&plan), "<!-- bluejayctl:plan -->");
    let staging = [&plan[..], &["--env", "staging"]].concat();
    assert_eq!(first_line(&staging), "<!-- bluejayctl:plan:staging -->");
    let sandbox = [&plan[..], &["--sandbox"]].concat();
    assert_eq!(first_line(&sandbox), "<!-- bluejayctl:plan:sandbox -->");
}

#[test]
fn annotations_of_a_plan_are_at_the_simulations() {
    let env = TestEnv::new();
    env.write(
        "simulations/all.yaml",
        "key: a\nagent_id: 1\nname: a\n---\n# a comment\nkey: b\nagent_id: 1\nname: b\n",
    );
    let run = env.run(&["plan", "--format", "github"]);
    insta::assert_snapshot!(run.code(0).stdout, @r"
    ::notice file=simulations/all.yaml,line=1,title=bluejay create::`a` will be created: a
    ::notice file=simulations/all.yaml,line=6,title=bluejay create::`b` will be created: b
    ");
}

#[test]
fn annotations_of_a_plan_are_at_the_changed_values() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let declare = |turns: u64, default: u64, more: &str| {
        let project = format!("vars: {{}}\ndefaults:\n  max_concurrent: {default}\n");
        env.write("bluejay.yaml", &project);
        let first = "key: a\nagent_id: 1\nname: a\nmax_concurrent: 5\n";
        let second =
            format!("key: b\nagent_id: 1\nname: b\nmax_concurrent: 4\nmax_turns: {turns}\n");
        let third = "key: c\nagent_id: 1\nname: c\n";
        let text = format!("{first}{more}---\n{second}---\n{third}");
        env.write("simulations/all.yaml", &text);
    };
    declare(7, 1, "description: d\n");
    env.run_at(&api.url(), &["apply"]).code(0);
    declare(8, 2, "");
    let run = env.run_at(&api.url(), &["plan", "--format", "github"]);
    // `a` lacks a field now, so its annotation is at the start of the simulation.
    insta::assert_snapshot!(run.code(0).stdout, @r"
    ::notice file=simulations/all.yaml,line=1,title=bluejay update::`a` will be updated in place: description
    ::notice file=simulations/all.yaml,line=10,title=bluejay update::`b` will be updated in place: max_turns
    ::notice file=bluejay.yaml,line=3,title=bluejay update::`c` will be updated in place: max_concurrent
    ");
}

#[test]
fn annotations_of_files_with_mistakes_are_errors() {
    let env = TestEnv::new();
    env.simulation("desk", "max_concurrent: lots");
    env.run(&["plan", "--format", "github"])
        .code(1)
        .says("::error file=simulations/desk.yaml,line=3,col=17,");
}

#[test]
fn json_into_writes_the_json_in_addition_to_the_text() {
    let (env, api) = (TestEnv::with(&["desk"]), TestApi::start());
    let into = ["--json-into", "out.json"];
    let plan = env.run(&["plan", into[0], into[1]]);
    plan.code(0).says("Plan: 1 to create");
    let written: Value = serde_json::from_str(&env.read("out.json")).unwrap();
    assert_eq!(written, env.run(&["plan", "--format", "json"]).json());
    env.run(&["validate", into[0], into[1]])
        .code(0)
        .says("valid: 1 simulation");
    let written: Value = serde_json::from_str(&env.read("out.json")).unwrap();
    assert_eq!(written["valid"], true);
    let apply = env.run_at(&api.url(), &["apply", into[0], into[1]]);
    apply
        .code(0)
        .says("created desk")
        .says("Apply complete: 1 created.");
    let events = lines(&env.read("out.json"));
    assert_eq!(events[0]["type"], "version");
    assert_eq!(events[1]["type"], "planned");
    assert_eq!(events[2]["key"], "desk");
    assert_eq!(events[3]["done"]["created"], 1);
    assert_eq!(events.len(), 4);
}

#[test]
fn json_into_writes_the_mistakes_of_invalid_files() {
    let env = TestEnv::new();
    env.simulation("desk", "max_concurrent: lots");
    env.write("out.json", "the plan of yesterday");
    env.run(&["plan", "--json-into", "out.json"]).code(1);
    let written: Value = serde_json::from_str(&env.read("out.json")).unwrap();
    assert_eq!(written["applyable"], false);
    assert_eq!(written["diagnostics"][0]["range"]["start"]["line"], 3);
}

#[test]
fn an_unwritable_json_file_stops_an_apply_before_the_first_request() {
    let (env, api) = (TestEnv::with(&["desk"]), TestApi::start());
    let args = ["apply", "--json-into", "no/such/folder/out.json"];
    env.run_at(&api.url(), &args).code(1).says("no/such/folder");
    assert_eq!(api.request_count(), 0);
}

/// Returns a repository with a refused plan: one simulation is protected, and its file was
/// deleted; another simulation is unchanged.
fn refused() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("desk", "protect: true");
    env.simulation("night", "");
    // Without concurrency, so that the ids are the same in every run.
    env.run_at(&api.url(), &["apply", "--parallelism", "1"])
        .code(0);
    env.undeclare("desk");
    (env, api)
}

#[test]
fn a_refused_plan_is_shown_with_the_reason() {
    let (env, api) = refused();
    for (args, code) in [
        (&["plan", "--prune"][..], 0),
        (&["plan", "--prune", "--detailed-exitcode"], 2),
    ] {
        let run = env.run_at(&api.url(), args);
        run.code(code);
        insta::allow_duplicates! {
            insta::assert_snapshot!(run.stdout.replace(&api.url(), "URL"), @r"
            API: URL  Organisation: sandbox  Lockfile: bluejay.lock

              - desk (1) will be deleted

            Plan: 1 to delete; 1 unchanged.
            ");
            insta::assert_snapshot!(run.stderr, @r"
            refused: `desk` is protected, and this plan would delete it
            help: restore its file, or take `protect: true` away and apply before deleting it; `bluejayctl state rm desk` stops managing it and keeps it alive
            ");
        }
    }
    let json = env.run_at(&api.url(), &["plan", "--prune", "--format", "json"]);
    assert_eq!(json.code(0).json()["applyable"], false);
    env.run_at(&api.url(), &["plan", "--prune", "--format", "markdown"])
        .code(0)
        .says("**An apply would refuse this plan:**");
    env.run_at(&api.url(), &["plan", "--prune", "--format", "github"])
        .code(0)
        .says("::error title=bluejay refused::");
    env.run_at(&api.url(), &["plan"]).code(0);
}

#[test]
fn a_refused_apply_is_reported_in_every_format() {
    let (env, api) = refused();
    let run = env.run_at(&api.url(), &["apply", "--prune"]);
    run.code(1)
        .says("error: `desk` is protected")
        .says("will be deleted");
    let run = env.run_at(&api.url(), &["apply", "--prune", "--format", "json"]);
    let events = lines(&run.code(1).stdout);
    let types: Vec<_> = events.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(
        types,
        [json!("version"), json!("refused"), json!("summary")]
    );
    assert_eq!(events[2]["exit_code"], 1);
    env.run_at(&api.url(), &["apply", "--prune", "--format", "markdown"])
        .code(1)
        .says("An apply would refuse this plan");
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn an_apply_in_markdown_writes_its_progress_to_stderr() {
    let (env, api) = (TestEnv::with(&["desk"]), TestApi::start());
    let run = env.run_at(&api.url(), &["apply", "--format", "markdown"]);
    assert!(
        run.code(0).stdout.starts_with("### Bluejay apply\n"),
        "{run}"
    );
    assert!(run.stderr.contains("created desk"), "{run}");
}
