//! Tests of the log lines of `-v` and `-vv`, which never contain the key.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::api::{CREATE, FakeApi, LIST, TestApi, listed};
use super::env::{KEY, Run, TestEnv};

/// Returns the log lines of a run.
fn lines(run: &Run) -> Vec<Value> {
    let lines = run.stderr.lines();
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

fn applied(args: &[&str]) -> (Run, TestApi) {
    let rules = [
        "throttle:match=POST,times=1",
        "error-before:match=GET,times=1",
    ];
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::with_faults(&rules));
    let args: Vec<_> = ["apply"].iter().chain(args).copied().collect();
    let run = env.run_at(&api.url(), &args);
    run.code(0).never_says(KEY);
    (run, api)
}

#[test]
fn each_request_is_one_line_of_json() {
    let (run, api) = applied(&["-v", "--log-format", "json"]);
    let mut lines = lines(&run);
    lines.retain(|line| !line["method"].is_null());
    assert_eq!(lines.len() as u64, api.request_count(), "{run}");
    for line in &lines {
        for field in ["timestamp", "level", "run_id", "message", "method", "path"] {
            assert!(line[field].is_string(), "{field} in {line}");
        }
        for field in ["status", "ms", "attempt"] {
            assert!(line[field].is_u64(), "{field} in {line}");
        }
        assert!(line.get("body").is_none(), "{line}");
    }
    let failed = |line: &&Value| line["status"] == 503;
    assert_eq!(lines.iter().filter(failed).count(), 1);
    assert!(lines.iter().any(|line| line["attempt"] == 2), "{run}");
    let runs: BTreeSet<_> = lines
        .iter()
        .map(|line| line["run_id"].to_string())
        .collect();
    assert_eq!(runs.len(), 1);
}

#[test]
fn each_request_is_one_line_of_text() {
    let (run, api) = applied(&["-v"]);
    let logged: Vec<_> = run
        .stderr
        .lines()
        .filter(|line| line.contains(" INFO "))
        .collect();
    assert_eq!(logged.len() as u64, api.request_count(), "{run}");
    let run_id = logged[0].split_whitespace().nth(2).unwrap();
    assert_eq!(run_id.len(), 8);
    for line in logged {
        assert_eq!(line.split_whitespace().nth(2), Some(run_id), "{line}");
        for field in [" method=", " path=/v1/", " status=", " ms=", " attempt="] {
            assert!(line.contains(field), "{field} in {line}");
        }
    }
}

#[test]
fn without_v_no_request_is_logged() {
    let (run, _api) = applied(&["--log-format", "json"]);
    let lines = lines(&run);
    assert!(lines.iter().all(|line| line["method"].is_null()), "{run}");
}

/// Returns the lines of stderr as events, and checks that they have the same run id.
#[track_caller]
fn events(run: &Run) -> Vec<Value> {
    let events = lines(run);
    assert_eq!(events.len(), run.stderr.lines().count(), "{run}");
    let ids: BTreeSet<_> = events
        .iter()
        .map(|event| event["run_id"].to_string())
        .collect();
    assert_eq!(ids.len(), 1, "{run}");
    for event in &events {
        assert!(event["level"].is_string() && event["timestamp"].is_string());
        assert!(
            !event["message"].as_str().unwrap().contains('\u{1b}'),
            "{run}"
        );
    }
    events
}

fn event<'a>(events: &'a [Value], message: &str) -> &'a Value {
    let found = events.iter().find(|event| {
        let said = event["message"].as_str().unwrap();
        said.contains(message)
    });
    found.unwrap_or_else(|| panic!("{message:?} is not in {events:#?}"))
}

const JSON: [&str; 4] = ["--log-format", "json", "--color", "always"];

#[test]
fn progress_is_written_as_events() {
    let (run, _api) = applied(&[&["-v"][..], &JSON].concat());
    let events = events(&run);
    assert_eq!(event(&events, "created a (")["level"], "INFO");
    assert_eq!(event(&events, "the API throttles")["level"], "INFO");
    assert_eq!(event(&events, "answered")["method"], "GET");
    let (env, api) = (TestEnv::with_callers(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let args = [&["run", "--poll", "1ms"][..], &JSON].concat();
    let run = env.run_at(&api.url(), &args);
    event(&self::events(run.code(0)), "queued a (run-");
}

#[test]
fn an_error_is_an_event_with_its_help() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("a", "max_concurent: 5");
    let run = env.run_at(&api.url(), &[&["apply"][..], &JSON].concat());
    let found = events(run.code(1));
    let mistake = event(&found, "max_concurent");
    assert_eq!(mistake["level"], "ERROR");
    assert!(
        mistake["detail"]
            .as_str()
            .unwrap()
            .contains("simulations/a.yaml:3:1")
    );
    assert!(
        mistake["help"][0]
            .as_str()
            .unwrap()
            .contains("max_concurrent"),
        "{mistake}"
    );

    env.simulation("a", "");
    let no_server = [&["apply", "--api-url", "http://example.org"][..], &JSON].concat();
    let found = events(env.run(&no_server).code(1));
    assert!(found[0]["help"].is_array(), "{found:#?}");

    let found = events(
        env.run(&[&["apply", "--nonsense"][..], &JSON].concat())
            .code(1),
    );
    assert_eq!(event(&found, "unexpected argument")["level"], "ERROR");
}

#[test]
fn quiet_suppresses_json_lines() {
    let (run, _api) = applied(&[&["-q"][..], &JSON].concat());
    assert_eq!(run.stderr, "");
}

#[test]
fn vv_logs_sizes_bodies_and_the_limiter() {
    let (run, _api) = applied(&["-vv", "--log-format", "json"]);
    let lines = lines(&run);
    let has = |message: &str, field: &str| {
        let of = |line: &&Value| line["message"] == message && !line[field].is_null();
        assert!(lines.iter().any(|line| of(&line)), "{message} in {run}");
    };
    has("request body", "bytes");
    has("request body", "body");
    has("response body", "body");
    has("throttled: fewer places, every call waits", "places");
}

#[test]
fn a_long_body_is_shortened_in_the_log() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let long = "long ".repeat(2000);
    env.simulation("a", &format!("description: {long}"));
    let run = env.run_at(&api.url(), &["apply", "-vv"]);
    run.code(0);
    assert!(run.stderr.lines().all(|line| line.len() < 4000));
}

#[test]
fn escaped_and_shortened_bodies_do_not_reveal_the_key() {
    // The first body contains the key with a JSON escape. In the second body, the key is at
    // the position where the body is shortened.
    let escaped = format!("{{\"detail\": \"\\u0062{}\"}}", &KEY[1..]);
    let cut = format!("{}{KEY}", " ".repeat(1990));
    let unread = format!("<html>{KEY}</html>");
    for body in [escaped, cut, unread] {
        let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
        api.always("GET", LIST, listed(&[]));
        let answer = ResponseTemplate::new(400).set_body_string(body);
        api.always("POST", CREATE, answer);
        for form in ["text", "json"] {
            let run = env.run_at(&api.url(), &["apply", "-vv", "--log-format", form]);
            run.code(1).says("response body").never_says(KEY);
            run.never_says(&KEY[1..]).never_says(&KEY[..10]);
        }
    }
}

#[test]
fn a_file_that_contains_the_key_does_not_reveal_it_in_the_log() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation("a", &format!("description: {KEY}"));
    api.always("GET", LIST, listed(&[]));
    let answer = ResponseTemplate::new(200).set_body_json(json!({"simulation_id": 7}));
    api.always("POST", CREATE, answer);
    let run = env.run_at(&api.url(), &["apply", "-vv"]);
    run.code(0).says("***").never_says(KEY);
}
