//! Tests of an API whose answers contradict each other or are not the requested ones: such
//! answers prove nothing.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::api::{CREATE, FakeApi, LIST, TestApi, created, failed, listed};
use super::env::{Run, TestEnv};

const ARGS: [&str; 3] = ["apply", "--settle", "200ms"];

/// Returns the entry of simulation 7 with this name in the list of the agent.
fn row(name: &str) -> Value {
    json!({"id": 7, "name": name, "agent_id": 42})
}

fn shown(name: &str) -> ResponseTemplate {
    let body = json!({"id": 7, "agent_id": 42, "name": name, "settings": {}});
    ResponseTemplate::new(200).set_body_json(body)
}

/// Applies, and crashes at this point.
fn cut(env: &TestEnv, api: &TestApi, args: &[&str], point: &str) {
    env.crash_at(&api.url(), args, &format!("{point}=return"));
}

#[test]
fn after_a_lost_lockfile_a_contradictory_candidate_stops_the_key() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.always("GET", LIST, listed(&[row("a")]));
    api.always("GET", "/v1/simulation/7", failed(404, "not found"));
    api.on("POST", CREATE, 0, created(8));
    let run = env.run_at(&api.url(), &ARGS);
    run.code(1)
        .says("it lists simulation 7, but answers 404 to a read")
        .says("`bluejayctl import a 7`")
        .says("`bluejayctl apply --target a --adopt never`");
}

#[test]
fn after_a_lost_lockfile_a_temporary_404_causes_no_duplicate() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.always("GET", LIST, listed(&[row("a")]));
    api.first("GET", "/v1/simulation/7", failed(404, "not found"));
    api.always("GET", "/v1/simulation/7", shown("a"));
    api.on("POST", CREATE, 0, created(8));
    env.run_at(&api.url(), &ARGS).code(0).says("adopted a (7)");
}

#[test]
fn after_a_lost_answer_a_contradictory_candidate_leaves_the_create_open() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.first("GET", LIST, listed(&[]));
    api.always("GET", LIST, listed(&[row("a")]));
    api.always("GET", "/v1/simulation/7", failed(404, "not found"));
    api.on("POST", CREATE, 1, failed(500, "deadlock"));
    let run = env.run_at(&api.url(), &ARGS);
    run.code(3)
        .says("it lists simulation 7")
        .says("`bluejayctl state resolve a 7`")
        .says("`bluejayctl state resolve a none`");
    assert!(env.has_journal());
    // The next apply does not believe the answer either.
    env.run_at(&api.url(), &ARGS).code(3);
}

#[test]
fn a_refresh_ignores_a_404_that_contradicts_the_listing() {
    for (times, code) in [(",times=1", 0), ("", 1)] {
        let rule = format!("error-before:status=404,match=GET:simulation/2{times}");
        let (env, api) = (
            TestEnv::with(&["a", "b", "c"]),
            TestApi::with_faults(&[&rule]),
        );
        env.run_at(&api.url(), &["apply"]).code(0);
        let ids = env.ids();
        let run = env.run_at(&api.url(), &["apply", "--refresh"]);
        run.code(code);
        if code == 1 {
            let key = ids.iter().find(|(_, id)| **id == 2).unwrap().0;
            run.says("it lists simulation 2")
                .says(&format!("`bluejayctl state rm {key}`"));
        }
        assert_eq!(env.ids(), ids, "{run}");
        assert_eq!(api.count("POST"), 3);
    }
}

#[test]
fn an_open_delete_stays_open_while_the_listing_shows_its_simulation() {
    let rules = ["error-before:status=404,match=GET:simulation/1"];
    let (env, api) = (TestEnv::with(&["a"]), TestApi::with_faults(&rules));
    env.run_at(&api.url(), &ARGS).code(0);
    env.undeclare("a");
    let prune = ["apply", "--prune", "--force", "--settle", "200ms"];
    cut(&env, &api, &prune, "intent.after");
    env.run_at(&api.url(), &ARGS)
        .code(3)
        .says("it lists simulation 1");
    assert_eq!(env.ids()["a"], 1);
    assert_eq!(api.alive().len(), 1);
}

#[test]
fn a_delete_answered_with_404_is_not_done_while_the_api_lists_the_simulation() {
    let rules = ["error-before:status=404,match=DELETE"];
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::with_faults(&rules));
    env.run_at(&api.url(), &["apply"]).code(0);
    let run = env.run_at(&api.url(), &["destroy", "--yes", "--force"]);
    run.code(1).says("the API contradicts itself");
    assert_eq!(env.ids().len(), 2);
    assert_eq!(api.alive().len(), 2);
}

/// Returns an API that names no organisation and shows no simulation to this key.
fn unseen(keys: &[&str]) -> (TestEnv, FakeApi) {
    let (env, api) = (TestEnv::with(keys), FakeApi::start());
    api.always("GET", LIST, listed(&[]));
    for (index, _) in keys.iter().enumerate() {
        let id = index as u64 + 1;
        let path = format!("/v1/simulation/{id}");
        api.first("POST", CREATE, created(id));
        api.always("GET", &path, failed(404, "not found"));
        api.always("DELETE", &path, failed(404, "not found"));
    }
    let create = ["apply", "--parallelism", "1"];
    env.run_at(&api.url(), &create).code(0);
    (env, api)
}

#[test]
fn an_api_key_that_sees_no_simulation_removes_no_entry() {
    for keys in [&["a", "b"][..], &["a"]] {
        let (env, api) = unseen(keys);
        let lockfile = env.read("bluejay.lock");
        let run = env.run_at(&api.url(), &["destroy", "--yes"]);
        run.code(1)
            .says("the key belongs to another organisation")
            .says("`--force`");
        for key in keys {
            env.undeclare(key);
        }
        env.run_at(&api.url(), &["apply", "--prune", "--force"])
            .code(0);
        env.write("bluejay.lock", &lockfile);
        env.run_at(&api.url(), &["destroy", "--yes"]).code(1);
        assert_eq!(env.read("bluejay.lock"), lockfile);
        let deleted = format!("{} deleted", keys.len());
        env.run_at(&api.url(), &["destroy", "--yes", "--force"])
            .code(0)
            .says(&deleted);
    }
}

#[test]
fn a_missing_simulation_counts_as_deleted_if_the_api_key_sees_another() {
    let (env, api) = unseen(&["a", "b"]);
    let missing = env.ids().into_iter().find(|(_, id)| *id == 1).unwrap().0;
    let body = json!({"id": 2, "agent_id": 42, "name": "b", "settings": {}});
    let body = ResponseTemplate::new(200).set_body_json(body);
    api.first("GET", "/v1/simulation/2", body);
    env.undeclare(&missing);
    env.run_at(&api.url(), &["apply", "--prune"])
        .code(0)
        .says("1 deleted");
}

#[test]
fn after_a_lost_answer_a_new_simulation_of_another_name_needs_a_decision() {
    // A name that is normalised, shortened, or entirely different.
    let long = "a".repeat(300);
    for (wanted, stored) in [
        ("\u{fb01}rst", "first"),
        ("Front  Desk", "front desk"),
        (&*long, &long[..255]),
        ("a", "untitled"),
    ] {
        let (env, api) = (TestEnv::new(), FakeApi::start());
        env.simulation("a", &format!("name: \"{wanted}\""));
        api.first("GET", LIST, listed(&[]));
        api.always("GET", LIST, listed(&[row(stored)]));
        api.always("GET", "/v1/simulation/7", shown(stored));
        api.on("POST", CREATE, 1, failed(500, "deadlock"));
        env.run_at(&api.url(), &ARGS)
            .code(3)
            .says("`bluejayctl state resolve a 7`");
    }
}

#[test]
fn after_a_lost_lockfile_a_normalised_name_needs_a_decision() {
    for (wanted, stored, posts) in [
        ("\u{fb01}rst", "first", 0),
        ("Q&A", "Q&amp;A", 0),
        ("zero\u{200b}width", "zerowidth", 0),
        ("a", "somebody else's", 1),
    ] {
        let (env, api) = (TestEnv::new(), FakeApi::start());
        env.simulation("a", &format!("name: \"{wanted}\""));
        api.always("GET", LIST, listed(&[row(stored)]));
        api.always("GET", "/v1/simulation/7", shown(stored));
        api.on("POST", CREATE, posts, created(8));
        let run = env.run_at(&api.url(), &ARGS);
        if posts == 0 {
            run.code(1)
                .says("is identical except for the name")
                .says("`bluejayctl import a 7`")
                .never_says("--adopt name");
            let plan = env.run_at(&api.url(), &["plan", "--refresh"]);
            plan.code(0).says("is identical except for the name");
        } else {
            run.code(0).says("created a (8)");
        }
    }
}

#[test]
fn names_in_two_unicode_forms_are_one_name() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation("a", "name: \"Cafe\u{301}\"");
    api.first("GET", LIST, listed(&[]));
    api.always("GET", LIST, listed(&[row("Caf\u{e9}")]));
    api.always("GET", "/v1/simulation/7", shown("Caf\u{e9}"));
    api.on("POST", CREATE, 1, failed(500, "deadlock"));
    env.run_at(&api.url(), &ARGS)
        .code(0)
        .says("settled a: it was created (7)");
    env.remove("bluejay.lock");
    env.run_at(&api.url(), &ARGS).code(0).says("adopted a (7)");
}

#[test]
fn drift_reports_an_untracked_simulation_with_a_normalised_name() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("a", "name: Café au lait\nmax_concurrent: 5");
    env.run_at(&api.url(), &["apply"]).code(0);
    let twin = |name: &str, max_concurrent: u64| {
        let fields = json!({"agent_id": "42", "name": name, "max_concurrent": max_concurrent});
        api.create(fields)
    };
    twin("CAFÉ AU LAIT", 6);
    twin("Tea", 5);
    env.run_at(&api.url(), &["drift"]).code(0);
    let normalised = twin("cafe\u{301} au lait", 5);
    let run = env.run_at(&api.url(), &["drift", "--format", "json"]);
    let report = run.code(2).json();
    assert_eq!(report["untracked"][0]["simulation_id"], normalised);
    assert_eq!(report["untracked"].as_array().unwrap().len(), 1);
}

#[test]
fn an_answer_with_an_invalid_id_leaves_the_create_open() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.first("GET", LIST, listed(&[]));
    api.always("GET", LIST, listed(&[row("a")]));
    api.on("POST", CREATE, 1, created(0));
    api.always("GET", "/v1/simulation/7", shown("a"));
    env.run_at(&api.url(), &ARGS)
        .code(0)
        .says("the invalid id")
        .says("settled a: it was created (7)");
    assert_eq!(env.ids()["a"], 7);
}

#[test]
fn a_listing_without_names_is_a_failed_read() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    let renamed = json!({"id": 7, "title": "a", "agent_id": 42});
    api.always("GET", LIST, listed(&[renamed]));
    api.on("POST", CREATE, 0, created(8));
    env.run_at(&api.url(), &ARGS)
        .code(1)
        .says("simulation 7 in the listing lacks the field `name`");
}

#[test]
fn a_simulation_without_a_name_is_not_adopted_without_a_decision() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation("a", "name: \"\"");
    api.always("GET", LIST, listed(&[row("Untitled")]));
    api.always("GET", "/v1/simulation/7", shown("Untitled"));
    api.on("POST", CREATE, 0, created(8));
    env.run_at(&api.url(), &ARGS)
        .code(1)
        .says("it has no name, and an untracked simulation of its agent is identical")
        .says("`bluejayctl import a 7`")
        .says("`bluejayctl apply --target a --adopt never`");
}

/// The local clock is days ahead of the API's clock, which always shows the same time.
#[test]
fn settle_time_counts_only_if_the_clock_of_the_api_confirms_it() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    let at =
        |answer: ResponseTemplate| answer.insert_header("date", "Mon, 23 Nov 2026 10:00:00 GMT");
    api.always("GET", "/v1/integrations", at(failed(404, "not found")));
    // The lists before the create, too early after it, and after the late commit.
    api.first("GET", LIST, at(listed(&[])));
    api.first("GET", LIST, at(listed(&[])));
    api.always("GET", LIST, at(listed(&[row("a")])));
    api.always("GET", "/v1/simulation/7", at(shown("a")));
    api.on("POST", CREATE, 0, created(8));
    let mut command = env.command(&ARGS);
    command
        .args(["--api-url", &api.url()])
        .env("FAILPOINTS", "intent.after=return");
    let run = Run::of(command);
    assert!(run.has_aborted(), "{run}");
    env.run_at(&api.url(), &["apply", "--settle", "5s"])
        .code(0)
        .says("settled a: it was created (7)");
}
