//! Tests of `run`.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::api::{FakeApi, TestApi, failed};
use super::env::{KEY, Run, TestEnv};
#[cfg(unix)]
use super::env::{Running, until};

const QUEUE: &str = "/v1/queue-simulation-run";
const RESULTS: &str = "/v1/retrieve-simulation-results/r-1";
const RUNS: &str = "/v1/get-simulation-runs/7";

/// Returns applied simulations with five digital humans each, and their API.
fn applied(keys: &[&str], faults: &[&str]) -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::with_callers(keys), TestApi::with_faults(faults));
    env.run_at(&api.url(), &["apply"]).code(0);
    (env, api)
}

/// Returns a repository with one simulation, `a`, which has the id 7 at this API.
fn recorded(api: &FakeApi) -> TestEnv {
    let env = TestEnv::with(&["a"]);
    let lockfile = json!({
        "version": 1,
        "api": api.url(),
        "simulations": {
            "a": {"simulation_id": 7, "applied": {"agent_id": "42", "name": "a"}},
        },
    });
    env.write("bluejay.lock", &lockfile.to_string());
    env
}

/// The number of queue requests that the API got.
fn queue_count(api: &TestApi) -> usize {
    let requests = api.requests();
    let queues = requests.iter().filter(|request| request.path == QUEUE);
    queues.count()
}

const QUICK: [&str; 3] = ["run", "--poll", "1ms"];

fn args<'a>(more: &[&'a str]) -> Vec<&'a str> {
    QUICK.iter().chain(more).copied().collect()
}

fn run_at(env: &TestEnv, url: &str, more: &[&str]) -> Run {
    env.run_at(url, &args(more))
}

fn queued(id: &str) -> ResponseTemplate {
    let body = json!({"simulation_run_id": id, "status": "200"});
    ResponseTemplate::new(200).set_body_json(body)
}

fn shown(status: &str, passed: u32, total: u32) -> ResponseTemplate {
    let run = json!({
        "id": "r-1", "status": status, "tests_passed": passed, "total_tests": total,
        "tests_failed": total - passed, "tests_completed": total,
    });
    ResponseTemplate::new(200).set_body_json(json!({"simulation_run": run}))
}

fn runs(ids: &[&str]) -> ResponseTemplate {
    let runs: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
    ResponseTemplate::new(200).set_body_json(json!({"simulation_runs": runs}))
}

#[test]
fn passed_runs_are_shown_in_a_table() {
    let (env, api) = applied(&["clinic/booking", "clinic/hours", "night"], &[]);
    let before = env.read("bluejay.lock");
    let run = run_at(&env, &api.url(), &[]);
    run.code(0).says("3 of 3 runs passed");
    let head = format!(
        "API: {}  Organisation: sandbox  Lockfile: bluejay.lock\n\n\
         KEY             STATUS     PASSED  SCORE  RESULT\n",
        api.url()
    );
    assert!(run.stdout.starts_with(&head), "{run}");
    let line = "clinic/booking  COMPLETED     5/5  100.0  passed\n";
    assert!(run.stdout.contains(line), "{run}");
    run.says("queued night (run-");
    assert_eq!(env.read("bluejay.lock"), before);
    assert_eq!(queue_count(&api), 3);
}

#[test]
fn keys_and_globs_select_simulations() {
    let (env, api) = applied(&["clinic/booking", "clinic/hours", "night"], &[]);
    let run = run_at(&env, &api.url(), &["clinic/*", "clinic/hours"]);
    run.code(0)
        .says("clinic/booking")
        .says("2 of 2")
        .never_says("night");
}

#[test]
fn an_unknown_key_suggests_the_nearest_and_queues_nothing() {
    let (env, api) = applied(&["front-desk", "night"], &[]);
    let run = run_at(&env, &api.url(), &["night", "front-dezk"]);
    run.code(1)
        .says("no simulation matches `front-dezk`")
        .says("`front-desk`");
    assert_eq!(queue_count(&api), 0);
    let empty = TestEnv::with(&["a"]);
    run_at(&empty, &api.url(), &[])
        .code(1)
        .says("bluejayctl apply");
}

#[test]
fn only_simulations_run() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let people = "kind: digital_human\nkey: ada\nname: Ada\nintent: Ask for a refund.\n";
    env.write("simulations/people.yaml", people);
    env.run_at(&api.url(), &["apply"]).code(0);
    run_at(&env, &api.url(), &[])
        .code(1)
        .says("there is nothing to run");
    env.simulation("desk", "digital_humans: [ada]\n");
    env.run_at(&api.url(), &["apply"]).code(0);
    run_at(&env, &api.url(), &[])
        .code(0)
        .says("desk  COMPLETED     1/1  100.0  passed")
        .says("1 of 1 runs passed");
    run_at(&env, &api.url(), &["digital_human:ada"])
        .code(1)
        .says("`digital_human:ada` is a digital human, and only simulations run")
        .says("`bluejayctl graph` shows the simulations that use it");
    env.simulation("night", "digital_humans: [ada]\n");
    run_at(&env, &api.url(), &["night"])
        .code(1)
        .says("`night` is not applied yet")
        .says("apply first: `bluejayctl apply");
}

#[test]
fn a_run_below_the_score_exits_with_3() {
    let faults = ["run-score:score=60,every=2"];
    let (env, api) = applied(&["a", "b"], &faults);
    let run = run_at(&env, &api.url(), &["--parallelism", "1"]);
    run.code(3).says("below 80").says("1 of 2 runs passed");
    let faults = ["run-score:score=60"];
    let (env, api) = applied(&["a"], &faults);
    run_at(&env, &api.url(), &["--min-score", "60"]).code(0);
    run_at(&env, &api.url(), &["--min-score", "60.01"]).code(3);
    run_at(&env, &api.url(), &["--min-score", "101"]).code(1);
}

#[test]
fn an_unknown_status_ends_the_wait() {
    for status in ["ARCHIVED", "INCOMPLETE", "INSUFFICIENT_FUNDS"] {
        let fault = format!("run-status:status={status}");
        let (env, api) = applied(&["a"], &[&fault]);
        run_at(&env, &api.url(), &[])
            .code(3)
            .says(&format!("ended as {status}"));
    }
}

#[test]
fn a_run_without_tests_never_passes() {
    let api = FakeApi::start();
    let env = recorded(&api);
    api.on("GET", RUNS, 1, runs(&[]));
    api.on("POST", QUEUE, 1, queued("r-1"));
    api.on("GET", RESULTS, 1, shown("COMPLETED", 0, 0));
    run_at(&env, &api.url(), &["--min-score", "0"])
        .code(3)
        .says("the run has no tests");
    assert_eq!(api.bodies("POST"), [json!({"simulation_id": "7"})]);
}

#[test]
fn a_failed_read_is_repeated() {
    let faults = [
        "error-before:status=500,match=GET:retrieve,times=2",
        "throttle:match=GET:retrieve,after=2,times=1,retry-after=seconds",
        "garbage:match=GET:retrieve,after=3,times=1",
        "lost-after:match=GET:retrieve,after=4,times=1",
    ];
    let (env, api) = applied(&["a"], &faults);
    let run = run_at(&env, &api.url(), &[]);
    run.code(0).says("1 of 1 runs passed");
    assert_eq!(queue_count(&api), 1);
}

#[test]
fn a_new_run_may_be_unknown_at_first() {
    let api = FakeApi::start();
    let env = recorded(&api);
    api.on("GET", RUNS, 1, runs(&[]));
    api.on("POST", QUEUE, 1, queued("r-1"));
    api.first("GET", RESULTS, failed(404, "not yet"));
    api.on("GET", RESULTS, 1, shown("COMPLETED", 5, 5));
    run_at(&env, &api.url(), &[]).code(0);
}

#[test]
fn a_run_that_stays_unknown_ends_the_wait() {
    let api = FakeApi::start();
    let env = recorded(&api);
    api.on("GET", RUNS, 1, runs(&[]));
    api.on("POST", QUEUE, 1, queued("r-1"));
    api.on("GET", RESULTS, 3, failed(404, "no such run"));
    run_at(&env, &api.url(), &[])
        .code(3)
        .says("can't be read")
        .says("run r-1 of `a`");
}

#[test]
fn reads_that_always_fail_end_at_the_timeout() {
    let faults = ["error-before:status=500,match=GET:retrieve"];
    let (env, api) = applied(&["a"], &faults);
    let run = run_at(&env, &api.url(), &["--timeout", "700ms"]);
    run.code(3)
        .says("not ended before the timeout; the run continues")
        .says("run-1 of `a`");
}

#[test]
fn a_run_that_never_ends_times_out() {
    let (env, api) = applied(&["a", "b"], &["run-status:status=RUNNING"]);
    let more = [
        "--timeout",
        "300ms",
        "--format",
        "json",
        "--parallelism",
        "1",
    ];
    let run = run_at(&env, &api.url(), &more);
    let json = run.code(3).json();
    assert_eq!(json["runs"][0]["result"], "timed_out");
    assert_eq!(json["runs"][0]["status"], "RUNNING");
    assert_eq!(json["runs"][0]["run_id"], "run-1");
    assert_eq!(json["runs"][1]["result"], "not_queued");
    assert_eq!(json["exit_code"], 3);
    assert_eq!(
        queue_count(&api),
        1,
        "it was queued after the time was over"
    );
}

#[test]
fn the_run_of_a_lost_queue_request_is_found() {
    for fault in [
        "lost-after:match=POST:queue",
        "error-after:match=POST:queue",
        "garbage:match=POST:queue",
        "late-commit:delay=200ms,match=POST:queue",
        "late-commit:delay=200ms,status=504,match=POST:queue",
    ] {
        let (env, api) = applied(&["a"], &[fault]);
        let run = run_at(&env, &api.url(), &["--format", "json"]);
        let json = run.code(0).says("searching for its run").json();
        assert_eq!(json["runs"][0]["run_id"], "run-1", "{fault}");
        assert_eq!(queue_count(&api), 1, "{fault}");
    }
}

#[test]
fn an_older_run_is_not_accepted_as_new() {
    let faults = ["lost-after:match=POST:queue,after=1"];
    let (env, api) = applied(&["a"], &faults);
    let url = api.url();
    run_at(&env, &url, &[]).code(0).says("run-1");
    run_at(&env, &url, &[]).code(0).says("run-2");
    assert_eq!(queue_count(&api), 2);
}

#[test]
fn a_lost_queue_request_without_a_run_is_not_sent_again() {
    let faults = ["lost-before:match=POST:queue"];
    let (env, api) = applied(&["a"], &faults);
    let run = run_at(&env, &api.url(), &["--settle", "20ms"]);
    run.code(3)
        .says("unknown whether the run was queued")
        .says("no new run was found")
        .says("was not queued again");
    let requests = api.requests();
    let queues = requests.iter().filter(|request| request.path == QUEUE);
    assert_eq!(queues.count(), 1);
}

#[test]
fn two_new_runs_are_undecided() {
    let api = FakeApi::start();
    let env = recorded(&api);
    api.first("GET", RUNS, runs(&["r-0"]));
    api.on("GET", RUNS, 1, runs(&["r-0", "r-1", "r-2"]));
    api.on("POST", QUEUE, 1, failed(502, "bad gateway"));
    let run = run_at(&env, &api.url(), &["--format", "json"]);
    let json = run.code(3).json();
    assert_eq!(json["runs"][0]["result"], "undecided");
    assert_eq!(json["runs"][0]["candidates"], json!(["r-1", "r-2"]));
}

#[test]
fn without_an_earlier_list_the_run_is_undecided() {
    let api = FakeApi::start();
    let env = recorded(&api);
    api.on("GET", RUNS, 1, failed(404, "Not Found"));
    api.on("POST", QUEUE, 1, failed(500, "oops"));
    run_at(&env, &api.url(), &[])
        .code(3)
        .says("could not be listed");
}

#[test]
fn a_throttled_queue_request_is_sent_again() {
    let faults = ["throttle:match=POST:queue,times=2"];
    let (env, api) = applied(&["a"], &faults);
    run_at(&env, &api.url(), &[]).code(0).says("throttles");
    assert_eq!(api.alive().len(), 1);
}

#[test]
fn an_error_before_any_run_is_queued_exits_with_1() {
    let (env, api) = applied(&["a", "b"], &[]);
    let mut command = env.command(&args(&["--api-url", &api.url()]));
    command.env("BLUEJAY_API_KEY", "another-key");
    Run::of(command).code(1).says("rejected the key");
    let api = FakeApi::start();
    let env = recorded(&api);
    api.on("GET", RUNS, 1, runs(&[]));
    api.on("POST", QUEUE, 1, failed(400, "no digital humans"));
    run_at(&env, &api.url(), &[])
        .code(1)
        .says("no digital humans");
}

#[test]
fn a_refused_simulation_does_not_stop_the_others() {
    let faults = ["error-before:status=400,match=POST:queue,times=1"];
    let (env, api) = applied(&["a", "b", "c"], &faults);
    run_at(&env, &api.url(), &[])
        .code(3)
        .says("2 of 3 runs passed");
}

#[test]
fn ids_of_another_api_are_not_run() {
    let (env, _api) = applied(&["a"], &[]);
    let other = TestApi::start();
    run_at(&env, &other.url(), &[]).code(1).says("belong to");
    assert_eq!(other.request_count(), 0);
}

#[test]
fn parallelism_limits_the_concurrent_runs() {
    let api = FakeApi::start();
    let env = TestEnv::new();
    let simulation = |id: u64| json!({"simulation_id": id, "applied": {"agent_id": "42"}});
    let simulations: serde_json::Map<_, _> = (1..=6)
        .map(|id| (format!("s{id}"), simulation(id)))
        .collect();
    let lockfile = json!({"version": 1, "api": api.url(), "simulations": simulations});
    env.write("bluejay.lock", &lockfile.to_string());
    env.simulation("s1", "");
    for id in 1..=6 {
        api.on(
            "GET",
            &format!("/v1/get-simulation-runs/{id}"),
            1,
            runs(&[]),
        );
    }
    api.on("POST", QUEUE, 6, queued("r-1"));
    for _ in 0..6 {
        api.first("GET", RESULTS, shown("RUNNING", 0, 5));
    }
    api.on("GET", RESULTS, 6, shown("COMPLETED", 5, 5));
    run_at(&env, &api.url(), &["--parallelism", "1"]).code(0);
    // Each run ends before the next is queued.
    let order: Vec<_> = api
        .requests()
        .iter()
        .map(|request| request.method.to_string())
        .collect();
    let is_post = |method: &&String| method.as_str() == "POST";
    assert_eq!(order.iter().filter(is_post).count(), 6);
    for pair in order.windows(2) {
        assert_ne!(pair, ["POST", "POST"]);
    }
}

#[cfg(unix)]
#[test]
fn a_signal_reports_the_runs_that_continue() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let (env, api) = applied(&["a"], &["run-status:status=RUNNING"]);
        let mut command = env.command(&["run", "--poll", "1h", "--api-url", &api.url()]);
        let running = Running::start(&mut command);
        until("the run is read", || {
            api.requests()
                .iter()
                .any(|request| request.path.contains("retrieve"))
        });
        running.signal(signal);
        let run = running.end();
        run.code(code)
            .says("run-1 of `a` (simulation 1) may still be running");
    }
}

#[cfg(unix)]
#[test]
fn a_second_signal_tells_how_to_see_the_runs_later() {
    let slow = "slow-answer:match=POST:queue,delay=1h,times=1";
    let (env, api) = applied(&["a", "b"], &["run-status:status=RUNNING", slow]);
    let at = [
        "run",
        "--parallelism",
        "2",
        "--poll",
        "1h",
        "--api-url",
        &api.url(),
    ];
    let mut running = Running::start(&mut env.command(&at));
    until("one run is read, and the other is being queued", || {
        answered(&api, "retrieve") == 1 && is_queueing(&api, 2)
    });
    end_at_second_signal(&mut running);
    running
        .end()
        .code(143)
        .says("may still be running\n")
        .says("run history ")
        .says("shows the score after the end of the run");
    // No answer shows whether the run was queued.
    let (env, api) = applied(&["a"], &[slow]);
    let at = ["run", "--api-url", &api.url()];
    let mut running = Running::start(&mut env.command(&at));
    until("the run is being queued", || is_queueing(&api, 1));
    end_at_second_signal(&mut running);
    running
        .end()
        .code(143)
        .says("run history a` shows whether a run was queued");
}

/// Returns the number of answered requests to a path.
#[cfg(unix)]
fn answered(api: &TestApi, path: &str) -> usize {
    let requests = api.requests();
    requests
        .iter()
        .filter(|one| one.path.contains(path))
        .count()
}

/// Returns whether a queue request waits for its answer. The runs of each simulation are
/// listed before.
#[cfg(unix)]
fn is_queueing(api: &TestApi, simulations: usize) -> bool {
    answered(api, "get-simulation-runs") == simulations && api.unanswered_count() == 1
}

/// Sends signals until the program ends. The second signal counts only after the first was
/// received.
#[cfg(unix)]
fn end_at_second_signal(running: &mut Running) {
    running.signal("INT");
    until("the program ends", || {
        running.signal("TERM");
        running.is_over()
    });
}

#[cfg(unix)]
#[test]
fn every_format_is_valid() {
    let (env, api) = applied(&["a", "b|c"], &["run-score:score=0,times=2"]);
    let junit = run_at(&env, &api.url(), &["--format", "junit", "-q"]);
    junit.code(3);
    assert!(junit.stdout.contains("failures=\"2\""), "{junit}");
    assert_eq!(junit.stderr, "");
    let markdown = run_at(&env, &api.url(), &["--format", "markdown"]);
    markdown.code(0);
    assert!(
        markdown.stdout.starts_with("### ✅ 2 of 2 runs"),
        "{markdown}"
    );
    assert!(
        markdown
            .stdout
            .contains("| <code>b&#124;c</code> | COMPLETED |"),
        "{markdown}"
    );
    let json = run_at(&env, &api.url(), &["--format", "json"])
        .code(0)
        .json();
    assert_eq!(json["format_version"], "1.0");
    assert_eq!(json["passed"], true);
}

#[test]
fn the_sandbox_of_the_program_runs_without_a_key() {
    let env = TestEnv::with_callers(&["a", "b"]);
    let run = |args: &[&str]| {
        let mut command = env.command(args);
        command.env_remove("BLUEJAY_API_KEY");
        Run::of(command)
    };
    run(&["apply", "--sandbox"]).code(0);
    run(&["run", "--sandbox", "--poll", "1ms"])
        .code(0)
        .says("2 of 2");
    let fault = [
        "run",
        "--sandbox",
        "--poll",
        "1ms",
        "--fault",
        "run-score:score=79",
    ];
    run(&fault).code(3);
    run(&["run", "--fault", "run-score"])
        .code(1)
        .says("--sandbox");
}

#[test]
fn a_server_that_repeats_the_key_does_not_show_it() {
    let api = FakeApi::start();
    let env = recorded(&api);
    let hidden = "/v1/retrieve-simulation-results/%2A%2A%2A";
    api.always("GET", RUNS, runs(&[KEY]));
    api.on("POST", QUEUE, 1, queued(KEY));
    api.on("GET", hidden, 1, shown(KEY, 1, 1));
    let run = run_at(&env, &api.url(), &["-vv"]);
    run.code(3).never_says(KEY).says("***");
}
