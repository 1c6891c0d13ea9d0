//! Tests of untrusted text in files, lockfiles, answers and names: terminal and CI show the
//! text and never interpret it.

use serde_json::json;
use wiremock::ResponseTemplate;

#[cfg(unix)]
use super::api::TestApi;
use super::api::{CREATE, FakeApi, LIST, listed};
use super::env::{Run, TestEnv};

/// A text that tries to control a terminal, a reader and a CI.
const HOSTILE: &str = "x\n::error::pwned\n  ::add-mask::pwned\n##[add-mask]pwned\r\u{1b}[31m\
                       \u{1b}]0;t\u{7}\u{9b}31m\u{202e}y\u{200b}";

/// Checks that the output contains no control sequence and no command; colours only with
/// `if_coloured`.
#[track_caller]
fn check_harmless(run: &Run, is_github: bool) {
    for stream in [&run.stdout, &run.stderr] {
        let text = without_colours(stream);
        let is_bad = |c: &char| {
            (c.is_control() && !"\n\t".contains(*c)) || "\u{202e}\u{200b}\u{2028}".contains(*c)
        };
        let bad = text.chars().find(is_bad);
        assert!(bad.is_none(), "{bad:?} is shown raw in:\n{run}");
        assert!(!text.contains("##["), "an old command in:\n{run}");
        for line in text.lines().map(str::trim_start) {
            let is_ours = is_github
                && ["::error ", "::error::and ", "::warning ", "::notice "]
                    .iter()
                    .any(|ours| line.starts_with(ours));
            assert!(
                !line.starts_with("::") || is_ours,
                "a command, `{line}`, in:\n{run}"
            );
        }
    }
}

/// Returns the text without the colours of `--color always`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        plain += rest.strip_prefix('m').unwrap_or("\u{1b}");
    }
    plain
}

/// Runs the command in every format and in colour. All runs end with the same exit code.
#[cfg(unix)]
#[track_caller]
fn check(env: &TestEnv, url: &str, args: &[&str], formats: &[&str], code: i32) {
    for format in formats {
        let mut args = args.to_vec();
        args.extend(["--format", format]);
        let run = env.run_at(url, &args);
        check_harmless(run.code(code), *format == "github");
    }
    let mut args = args.to_vec();
    args.extend(["--color", "always"]);
    check_harmless(env.run_at(url, &args).code(code), false);
}

#[cfg(unix)]
const VALIDATE: &[&str] = &["human", "json", "github", "sarif", "junit", "gitlab"];
#[cfg(unix)]
const PLAN: &[&str] = &["human", "json", "github", "markdown"];

#[cfg(unix)]
fn write(env: &TestEnv, file: &str, simulation: &serde_json::Value) {
    // JSON is YAML. A file name may contain any character but a slash.
    let text: String = simulation
        .to_string()
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                format!("\\u{:04x}", u32::from(c))
            }
        })
        .collect();
    env.write(&format!("simulations/{file}.yaml"), &text);
}

#[cfg(unix)]
#[test]
fn diagnostics_of_hostile_files_are_escaped() {
    let env = TestEnv::new();
    let url = "http://127.0.0.1:9";
    // Long enough that a line of the message breaks before the command.
    let at_a_break = format!("{} ::error::pwned ##[add-mask]pwned", "long ".repeat(11));
    write(
        &env,
        HOSTILE,
        &json!({"agent_id": 1, HOSTILE: 1, at_a_break: 1, "name": [HOSTILE], "tags": HOSTILE}),
    );
    write(
        &env,
        "var",
        &json!({"agent_id": 1, "name": format!("${{var:{HOSTILE}}}")}),
    );
    env.write(
        "simulations/raw.yaml",
        "agent_id: 1\nnme: \"\u{9b}31m \u{202e} ##[add-mask]pwned\u{7f}\"\nname: \u{1b}[31m\n",
    );
    env.write("simulations/key.yaml", "key: a\u{202e}b\nagent_id: 1\n");
    check(&env, url, &["validate"], VALIDATE, 1);
    check(&env, url, &["plan"], PLAN, 1);
    check(&env, url, &["apply"], PLAN, 1);
}

#[cfg(unix)]
#[test]
fn plans_and_applies_of_hostile_simulations_are_escaped() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let lines = "one\n::error::pwned\n##[add-mask]pwned\n\u{9b}\u{1b}[31m";
    let simulation = |description: &str| {
        json!({
            "key": "a", "agent_id": "42", "name": HOSTILE, "description": description,
            "extra": {HOSTILE: HOSTILE, "tree": {HOSTILE: [HOSTILE, 1]}}, "digital_humans": [1],
        })
    };
    write(&env, HOSTILE, &simulation(lines));
    let url = api.url();
    check(&env, &url, &["plan"], PLAN, 0);
    check_harmless(env.run_at(&url, &["apply"]).code(0), false);
    write(&env, HOSTILE, &simulation(&format!("{lines}\ntwo")));
    check(&env, &url, &["plan"], PLAN, 0);
    check(&env, &url, &["plan", "--refresh"], PLAN, 0);
    let id = env.ids()["a"];
    let there = json!({"description": lines, "name": format!("{HOSTILE}2")});
    api.ask("PUT", &format!("/v1/simulation/{id}"), Some(there));
    check(&env, &url, &["drift"], &["human", "json", "markdown"], 2);
    check_harmless(env.run(&["state", "list"]).code(0), false);
    check_harmless(env.run(&["state", "list", "--json"]).code(0), false);
    check_harmless(env.run(&["state", "show", "a"]).code(0), false);
    check_harmless(env.run(&["state", "show", "a", "--json"]).code(0), false);
    env.run(&["apply", "--sandbox"]).code(0);
    for format in ["human", "json", "junit", "markdown"] {
        let run = env.run(&["run", "--sandbox", "--format", format]);
        check_harmless(run.code(0), false);
    }
    check_harmless(env.run_at(&url, &["apply", "-vv"]).code(0), false);
}

#[cfg(unix)]
#[test]
fn answers_of_a_hostile_server_are_escaped() {
    let refusal = ResponseTemplate::new(422).set_body_json(json!({"detail": [
        {"loc": ["body", HOSTILE], "msg": HOSTILE, "type": HOSTILE},
        {"loc": ["body", "name"], "msg": HOSTILE, "type": HOSTILE},
    ]}));
    let failure = ResponseTemplate::new(400).set_body_string(HOSTILE);
    for answer in [refusal, failure] {
        let (env, api) = (TestEnv::new(), FakeApi::start());
        write(
            &env,
            HOSTILE,
            &json!({"key": "a", "agent_id": "42", "name": "a"}),
        );
        api.always("GET", LIST, listed(&[]));
        api.always("POST", CREATE, answer);
        check(&env, &api.url(), &["apply"], PLAN, 1);
        check_harmless(&env.run_at(&api.url(), &["apply", "-vv"]), false);
    }
}

#[test]
fn a_hostile_lockfile_is_escaped() {
    let env = TestEnv::with(&["a"]);
    let entry = json!({"applied": {"agent_id": "42", HOSTILE: HOSTILE}, "simulation_id": 1});
    let url = "http://127.0.0.1:9";
    for lockfile in [
        json!({"api": HOSTILE, "simulations": {"a": entry}, "version": 1}),
        json!({"api": url, "simulations": {HOSTILE: entry}, "version": 1}),
        json!({"api": url, HOSTILE: 1, "simulations": {}, "version": 1}),
        json!({"api": url, "simulations": {"a": entry}, "version": HOSTILE}),
    ] {
        env.write("bluejay.lock", &lockfile.to_string());
        for args in [
            &["plan"][..],
            &["apply"],
            &["drift"],
            &["state", "list"],
            &["destroy", "--yes"],
        ] {
            check_harmless(&env.run_at(url, args), false);
        }
        let conflict = format!("<<<<<<< a\n{lockfile}\n=======\n{lockfile}\n>>>>>>> b\n");
        env.write("bluejay.lock", &conflict);
        check_harmless(&env.run(&["state", "resolve"]), false);
    }
}

fn refusal(details: &serde_json::Value) -> ResponseTemplate {
    ResponseTemplate::new(422).set_body_json(json!({ "detail": details }))
}

#[test]
fn refused_fields_are_reported_in_the_order_of_the_files_and_limited() {
    let (env, api) = (TestEnv::with(&["c", "a", "b"]), FakeApi::start());
    for key in ["a", "b", "c"] {
        env.simulation(key, "description: d\nmax_concurrent: 5");
    }
    let one = |loc: serde_json::Value| json!({"loc": loc, "msg": "no good", "type": "x"});
    let mut details = vec![
        one(json!(["body", "max_concurrent", "int"])),
        one(json!("body.description")),
    ];
    details.extend((0..48).map(|_| one(json!(["body", "name"]))));
    api.always("GET", LIST, listed(&[]));
    api.always("POST", CREATE, refusal(&details.into()));
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(1)
        .says("a.yaml:4:17")
        .says("a.yaml:3:14")
        .says("and 30 more that the API says about it");
    let places: Vec<_> = run
        .stderr
        .lines()
        .filter(|line| line.contains("--> "))
        .collect();
    assert_eq!(places.len(), 60, "{run}");
    assert!(
        places.is_sorted_by_key(|place| place.split(':').next()),
        "{run}"
    );

    let run = env.run_at(&api.url(), &["apply", "--format", "json"]);
    let summary = run.code(1).stdout.lines().last().unwrap();
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    let failed = &summary["failed"][0];
    assert_eq!(failed["key"], "a");
    assert_eq!((&failed["line"], &failed["column"]), (&json!(2), &json!(7)));
    let last = failed["diagnostics"].as_array().unwrap().last().unwrap();
    assert_eq!(last["range"]["filename"], "simulations/a.yaml");
    assert_eq!(last["range"]["start"]["line"], 4);
    assert_eq!(last["range"]["start"]["column"], 17);
}

#[test]
fn a_create_with_an_unknown_agent_suggests_checking_agent_id() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.always("GET", LIST, listed(&[]));
    api.always("POST", CREATE, super::api::failed(404, "agent not found"));
    env.run_at(&api.url(), &["apply"])
        .code(1)
        .says("check `agent_id` first")
        .never_says("creates it again");
}

#[test]
fn an_apply_of_invalid_files_writes_its_events() {
    let env = TestEnv::new();
    env.simulation("a", "max_concurrent: 900");
    let run = env.run(&[
        "apply",
        "--sandbox",
        "--format",
        "json",
        "--json-into",
        "events",
    ]);
    run.code(1);
    assert_eq!(env.read("events"), run.stdout);
    let lines = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let events: Vec<serde_json::Value> = lines.collect();
    assert_eq!(events[0]["type"], "version");
    assert_eq!(events[1]["type"], "invalid");
    assert_eq!(events[1]["error_count"], 1);
    assert_eq!(events[1]["diagnostics"][0]["range"]["start"]["line"], 3);
}
