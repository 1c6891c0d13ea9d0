//! Tests of the number of requests of each command: the estimate of a plan, and the
//! table of docs/performance.md, which [`table`] contains.

mod table;

use serde_json::{Value, json};

use crate::api::TestApi;
use crate::env::{Run, TestEnv};
use crate::suite::{DECLARED, SUITE};

/// Returns the requests since a moment, as method and path.
fn sent(api: &TestApi, since: u64) -> Vec<String> {
    let requests = api.requests();
    requests[usize::try_from(since).unwrap()..]
        .iter()
        .map(|request| format!("{} {}", request.method, request.path))
        .collect()
}

/// Plans, applies, and compares the number of requests with the estimate of the plan.
#[track_caller]
fn check(env: &TestEnv, api: &TestApi, more: &[&str], expected: u64) {
    let plan = [&["plan", "--format", "json"], more].concat();
    let run = env.run_at(&api.url(), &plan);
    let plan: Value = serde_json::from_str(&run.code(0).stdout).unwrap();
    assert_eq!(plan["requests"]["count"], expected, "the plan");
    let before = api.request_count();
    env.run_at(&api.url(), &[&["apply"], more].concat()).code(0);
    let sent = sent(api, before);
    assert_eq!(sent.len() as u64, expected, "the apply: {sent:#?}");
}

#[test]
fn an_apply_sends_the_estimated_number_of_requests() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    for key in ["a", "b", "c", "d"] {
        env.simulation(key, "");
    }
    // The organisation, the list of the agent, four creates.
    check(&env, &api, &[], 6);
    check(&env, &api, &[], 0);
    env.simulation("a", "max_concurrent: 5");
    env.simulation("b", "pinned: true\ndigital_humans: [101, 102]");
    // The organisation, two updates, one request to attach.
    check(&env, &api, &[], 4);
    env.simulation("b", "pinned: true\ndigital_humans: [102, 103]");
    // The organisation, one request to attach and one to detach.
    check(&env, &api, &[], 3);
    env.simulation("c", "always_on: true");
    env.simulation("e", "tags: [x]\ndigital_humans: [101]\nextra: {novel: 1}");
    env.write("simulations/d.yaml", "agent_id: \"77\"\nname: d\n");
    // The organisation, the lists of two agents, three creates, an update for the tags
    // and the unknown field with a read before and after, one request to attach, two
    // deletes of old instances.
    check(&env, &api, &["--prune"], 12);
    env.remove("simulations/a.yaml");
    // The organisation, one delete.
    check(&env, &api, &["--prune"], 2);
}

/// Returns an applied suite with these faults and another intent of both digital humans.
fn both_changed(rules: &[&str]) -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::new(), TestApi::with_faults(rules));
    env.write(SUITE, DECLARED);
    env.run_at(&api.url(), &["apply"]).code(0);
    let changed = DECLARED.replace("\nintent: ", "\nintent: politely ");
    env.write(SUITE, &changed);
    (env, api)
}

/// Applies, and compares the requests that change digital humans.
#[track_caller]
fn check_writes(env: &TestEnv, api: &TestApi, more: &[&str], expected: &[&str]) {
    let before = api.request_count();
    env.run_at(&api.url(), &[&["apply"], more].concat()).code(0);
    let ids: Vec<_> = (1001..1005).map(|id| format!("/{id}")).collect();
    let sent = sent(api, before).into_iter();
    let sent = sent.filter(|request| !request.starts_with("GET") && request.contains("human"));
    let sent: Vec<_> = sent
        .map(|request| {
            let request = request.split('?').next().unwrap().to_owned();
            ids.iter()
                .fold(request, |text, id| text.replace(id.as_str(), "/ID"))
        })
        .collect();
    assert_eq!(sent, expected);
    env.run_at(&api.url(), &["plan", "--refresh"])
        .code(0)
        .says("No changes");
}

const MANY: &str = "PUT /v1/update-digital-humans";
const ONE: &str = "PUT /v1/update-digital-human/ID";

#[test]
fn a_refused_item_of_an_update_of_many_is_sent_alone() {
    let (env, api) = both_changed(&["bulk-errors:items=2,match=PUT:update-digital-humans"]);
    check_writes(&env, &api, &[], &[MANY, ONE]);
}

#[test]
fn digital_humans_are_updated_one_by_one_if_the_api_refuses_many() {
    for status in [404, 405, 422] {
        let fault = format!("error-before:status={status},match=PUT:update-digital-humans");
        let (env, api) = both_changed(&[&fault]);
        check_writes(&env, &api, &[], &[MANY, ONE, ONE]);
    }
}

#[test]
fn an_update_of_many_whose_answer_is_lost_is_repeated() {
    let (env, api) = both_changed(&["lost-after:match=PUT:update-digital-humans,times=1"]);
    check_writes(&env, &api, &[], &[MANY, MANY]);
}

#[test]
fn digital_humans_are_deleted_with_one_request() {
    const DETACH: &str = "POST /v1/simulation/1/remove-digital-humans";
    const DELETE: &str = "DELETE /v1/delete-digital-humans";
    const ONE: &str = "DELETE /v1/digital-human/ID";
    let rest = DECLARED
        .split("---\n")
        .skip(2)
        .collect::<Vec<_>>()
        .join("---\n");
    let rest = rest
        .replace("digital_humans: [\"${digital_human:bob}\"]\n", "")
        .replace("${digital_human:ann}", "7");
    let cases: [(&str, &[&str]); 4] = [
        ("latency:delay=0ms", &[DETACH, DELETE]),
        (
            "bulk-errors:items=2,match=DELETE:delete-digital-humans",
            &[DETACH, DELETE, ONE],
        ),
        (
            "error-before:status=405,match=DELETE:delete-digital-humans",
            &[DETACH, DELETE, ONE, ONE],
        ),
        (
            "lost-after:match=DELETE:delete-digital-humans,times=1",
            &[DETACH, DELETE, DELETE, ONE, ONE],
        ),
    ];
    for (fault, expected) in cases {
        let (env, api) = both_changed(&[fault]);
        env.write(SUITE, &rest);
        let args = ["--prune", "--parallelism", "1"];
        check_writes(&env, &api, &args, expected);
        assert_eq!(api.resources().len(), 3, "{fault}");
    }
}

#[test]
fn a_plan_shows_its_duration_if_requests_have_to_wait() {
    let env = TestEnv::with(&["a", "b", "c"]);
    let at = |rate| {
        let run = env.run_at("http://127.0.0.1:9", &["plan", "--rate", rate]);
        run.code(0).stdout.clone()
    };
    let cost = "An apply sends about 5 requests, 2m at 3 a minute.\n";
    assert!(at("3").ends_with(cost), "{}", at("3"));
    assert!(!at("off").contains("An apply sends"));
    assert!(!at("100").contains("An apply sends"));
}

#[test]
fn a_comparison_shows_its_duration_before_it_begins() {
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let mut command = env.command(&["drift", "--rate", "2", "--api-url", &api.url()]);
    command.env("BLUEJAY_API_KEY", "wrong-key-of-nobody");
    let run = Run::of(command);
    run.code(1).says("... about 5 requests, 4m at 2 a minute");
}

#[test]
fn a_quick_comparison_names_the_fields_that_it_does_not_see() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation(
        "a",
        "description: one\nmax_call_duration: 8\ndigital_humans: [101]",
    );
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"];
    let update = |fields| {
        let path = format!("/v1/simulation/{id}");
        api.ask("PUT", &path, Some(fields));
    };
    let quick = || env.run_at(&api.url(), &["drift", "--quick", "--format", "json"]);
    update(json!({"description": "two"}));
    let report = quick();
    let report = report.code(0).json();
    let hidden = [
        "always_on",
        "description",
        "digital_humans",
        "digital_humans_settings.default_background_noise",
        "digital_humans_settings.default_caller_number",
        "digital_humans_settings.default_language",
        "digital_humans_settings.default_name",
        "digital_humans_settings.first_message",
        "digital_humans_settings.num_runs",
        "ringing_timeout",
    ];
    let hidden: Vec<_> = hidden
        .iter()
        .map(|path| ((*path).to_owned(), json!(1)))
        .collect();
    assert_eq!(
        report["not_visible"],
        Value::Object(hidden.into_iter().collect())
    );
    assert_eq!(report["quick"], true);
    assert_eq!(report["requests"]["count"], 2);
    update(json!({"max_call_duration": 9, "max_call_duration_units": "minutes"}));
    let report = quick();
    assert_eq!(
        report.code(2).json()["drifted"][0]["fields"][0]["path"],
        "max_call_duration"
    );
    let human = env.run_at(&api.url(), &["drift", "--quick"]);
    human
        .code(2)
        .says("Fields that lists do not show, so `--quick` did not compare them");
    api.ask("DELETE", &format!("/v1/simulation/{id}"), None);
    assert_eq!(quick().code(2).json()["drifted"][0]["gone"], true);
}
