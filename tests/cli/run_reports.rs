//! Tests of the files with reports of `run`, of `run history` and of
//! `run --fail-on-regression`.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::api::{FakeApi, TestApi, failed};
use super::env::{Run, TestEnv};
use super::output_schemas;

const QUEUE: &str = "/v1/queue-simulation-run";

/// Returns a suite with one simulation, `desk`, whose digital human has a hostile name, and
/// its API.
fn suite(faults: &[&str]) -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::new(), TestApi::with_faults(faults));
    let people = "kind: digital_human\nkey: ada\nname: '</script><img src=x onerror=alert(1)>'\n\
                  intent: Ask for a refund.\nsuccess_criteria: The refund is booked.\n";
    env.write("simulations/people.yaml", people);
    let metric = "kind: custom_metric\nkey: tone\nname: Tone\nresponse_type: pass_fail\n\
                  prompt: Polite?\nagent_ids: [42]\n";
    env.write("simulations/tone.yaml", metric);
    env.simulation(
        "desk",
        "digital_humans: [ada]\ndigital_humans_settings:\n  num_runs: 10\n",
    );
    env.run_at(&api.url(), &["apply"]).code(0);
    (env, api)
}

fn run(env: &TestEnv, api: &TestApi, more: &[&str]) -> Run {
    let args: Vec<_> = ["run", "--poll", "1ms"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    env.run_at(&api.url(), &args)
}

const FILES: [&str; 8] = [
    "--report",
    "run.html",
    "--junit",
    "run.xml",
    "--markdown",
    "run.md",
    "--json-into",
    "run.json",
];

#[test]
fn one_command_writes_every_report() {
    let (env, api) = suite(&["run-score:score=70"]);
    let result = run(&env, &api, &FILES);
    result
        .code(3)
        .says("Failed in desk:")
        .says("digital_human:ada (</script><img src=x onerror=alert(1)>): A criterion is not met");
    let page = env.read("run.html");
    assert!(
        page.contains("data-outcome=\"failed\" data-run=\"desk\""),
        "{page}"
    );
    assert!(
        page.contains("&lt;img src=x onerror=alert(1)&gt;"),
        "{page}"
    );
    assert!(!page.contains("<img"), "{page}");
    assert_eq!(page.matches("<details").count(), 10);
    assert!(
        env.read("run.xml")
            .contains("<testcase name=\"desk\" classname=\"run\" time=\"")
    );
    assert!(env.read("run.md").contains("3 failed conversations"));
    let json = serde_json::from_str(&env.read("run.json")).unwrap();
    output_schemas::check_value("run", &json);
    let conversations = json["runs"][0]["conversations"].as_array().unwrap();
    assert_eq!(conversations.len(), 10);
    assert_eq!(conversations[9]["outcome"], "failed");
    assert_eq!(conversations[9]["digital_human"], "digital_human:ada");
    assert_eq!(conversations[9]["metrics"][0]["name"], "Tone");
    assert_eq!(conversations[9]["metrics"][0]["value"], "fail");
}

#[test]
fn a_file_that_can_not_be_written_is_known_before_a_run_is_queued() {
    let (env, api) = suite(&[]);
    for option in ["--report", "--junit", "--markdown", "--json-into"] {
        run(&env, &api, &[option, "missing/folder/file"])
            .code(1)
            .says("missing/folder/file");
    }
    let requests = api.requests();
    assert!(requests.iter().all(|request| request.path != QUEUE));
}

#[test]
fn an_error_keeps_the_content_of_the_files() {
    let (env, api) = suite(&[]);
    env.write("run.html", "earlier");
    let result = run(&env, &api, &["desc", "--report", "run.html"]);
    result.code(1).says("no simulation matches");
    let mut command = env.command(&["run", "--report", "run.html", "--api-url", &api.url()]);
    command.env("BLUEJAY_API_KEY", "another-key");
    Run::of(command).code(1);
    assert_eq!(env.read("run.html"), "earlier");
}

#[test]
fn a_command_without_a_report_leaves_no_empty_file() {
    let (env, api) = suite(&[]);
    let mut command = env.command(&["run", "--junit", "run.xml", "--api-url", &api.url()]);
    command.env("BLUEJAY_API_KEY", "another-key");
    Run::of(command).code(1);
    assert!(!env.exists("run.xml"));
}

#[test]
fn more_than_a_hundred_conversations_are_read() {
    let (env, api) = suite(&[]);
    env.simulation(
        "desk",
        "digital_humans: [ada]\ndigital_humans_settings:\n  num_runs: 250\n",
    );
    env.run_at(&api.url(), &["apply"]).code(0);
    run(&env, &api, &FILES).code(0);
    let page = env.read("run.html");
    assert_eq!(page.matches("<details").count(), 250);
    let paged = api.requests();
    let paged = paged
        .iter()
        .filter(|request| request.path.contains("retrieve"));
    assert_eq!(paged.count(), 4 + 2);
}

#[test]
fn a_score_far_below_the_earlier_runs_fails() {
    let (env, api) = suite(&["run-score:score=80,after=2,times=1"]);
    let gate = ["--fail-on-regression", "15", "--format", "json"];
    let first = run(&env, &api, &gate).code(0).json();
    assert_eq!(first["runs"][0]["mean_of_last_runs"], json!(null));
    run(&env, &api, &gate).code(0);
    let third = run(&env, &api, &gate).code(3).json();
    assert_eq!(third["runs"][0]["result"], "regression");
    assert_eq!(third["runs"][0]["mean_of_last_runs"], 100.0);
    let reason = "more than 15 points below 100.0, the mean of the last 2 runs";
    assert_eq!(third["runs"][0]["reason"], reason);
    assert_eq!(third["max_drop"], 15.0);
    let fourth = run(&env, &api, &gate).code(0).json();
    assert_eq!(fourth["runs"][0]["mean_of_last_runs"], 93.3);
    run(&env, &api, &["--fail-on-regression", "much"])
        .code(1)
        .says("expected a number from 0 to 100");
}

#[test]
fn without_a_list_of_runs_a_regression_is_not_excluded() {
    let api = FakeApi::start();
    let env = TestEnv::with(&["a"]);
    let lockfile = json!({
        "version": 1,
        "api": api.url(),
        "simulations": {
            "a": {"simulation_id": 7, "applied": {"agent_id": "42", "name": "a"}},
        },
    });
    env.write("bluejay.lock", &lockfile.to_string());
    let body = json!({"simulation_run_id": "r-1"});
    let ended = json!({"simulation_run": {
        "status": "COMPLETED", "total_tests": 5, "tests_passed": 5,
    }});
    let answer = |body| ResponseTemplate::new(200).set_body_json(body);
    api.on(
        "GET",
        "/v1/get-simulation-runs/7",
        1,
        failed(404, "Not Found"),
    );
    api.on("POST", QUEUE, 1, answer(body));
    api.on(
        "GET",
        "/v1/retrieve-simulation-results/r-1",
        1,
        answer(ended),
    );
    let args = ["run", "--poll", "1ms", "--fail-on-regression", "10"];
    env.run_at(&api.url(), &args)
        .code(3)
        .says("the earlier runs can't be listed, so a regression is not excluded");
}

#[test]
fn the_history_shows_the_last_runs() {
    let (env, api) = suite(&[
        "run-score:score=50,after=1,times=1",
        "run-status:after=2,times=1",
    ]);
    for code in [0, 3, 3, 0] {
        run(&env, &api, &[]).code(code);
    }
    let url = api.url();
    let shown = env.run_at(&url, &["run", "history", "desk"]);
    shown
        .code(0)
        .says("Organisation: sandbox  Lockfile: bluejay.lock\n\n")
        .says("desk     4  83.3  100.0  █▄·█")
        .says("run-3  INCOMPLETE");
    let json = env.run_at(&url, &["run", "history", "--last", "2", "--format", "json"]);
    let json = json.code(0).json();
    let runs = &json["simulations"][0]["runs"];
    assert_eq!(runs[0]["run_id"], "run-3");
    assert_eq!(
        (&runs[0]["score"], &runs[1]["score"]),
        (&json!(null), &json!(100.0))
    );
    env.run_at(&url, &["run", "history", "dezk"])
        .code(1)
        .says("no simulation matches `dezk`");
    let queued = api.requests();
    let queued = queued.iter().filter(|request| request.path == QUEUE);
    assert_eq!(queued.count(), 4);
}

#[test]
#[cfg(feature = "crash-points")]
fn the_history_warns_of_open_requests() {
    let (env, api) = suite(&[]);
    env.simulation("night", "");
    let mut command = env.command(&["apply", "--yes", "--api-url", &api.url()]);
    command.env("FAILPOINTS", "create.answered=return");
    assert!(super::env::Run::of(command).has_aborted());
    let warned = "warning: ";
    env.run_at(&api.url(), &["run", "history"])
        .code(0)
        .says(warned)
        .says("`night`");
}

#[test]
fn a_simulation_that_can_not_be_listed_does_not_hide_the_others() {
    let (env, api) = suite(&["error-before:status=400,match=GET:get-simulation-runs/1"]);
    env.simulation("night", "");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.run_at(&api.url(), &["run", "history"])
        .code(1)
        .says("could not list the runs of `desk`")
        .says("night     0");
}

#[test]
fn the_sandbox_keeps_the_scores_of_earlier_commands() {
    let env = TestEnv::with_callers(&["a", "history"]);
    let sandbox = |args: &[&str]| env.run(&[args, &["--sandbox"]].concat());
    sandbox(&["apply"]).code(0);
    sandbox(&["run", "a", "--poll", "1ms"]).code(0);
    let fault = [
        "--fault",
        "run-score:score=80",
        "--fail-on-regression",
        "19",
    ];
    sandbox(&[&["run", "a", "--poll", "1ms"], &fault[..]].concat()).code(3);
    sandbox(&["run", "history"])
        .code(0)
        .says("a           2  90.0  80.0  █▆");
    // A key can be the name of the command.
    let run = env.run(&["run", "--sandbox", "--poll", "1ms", "--", "history"]);
    run.code(0).says("1 of 1 runs passed");
}
