//! Tests of updates, whose answers are compared with the request.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::api::{CREATE, FakeApi, LIST, TestApi, created, listed};
use crate::env::TestEnv;

/// Returns an answer that shows simulation 7.
fn shown(fields: Value) -> ResponseTemplate {
    let mut answer = json!({"id": 7, "name": "a"});
    let fields = fields.as_object().unwrap().clone();
    answer.as_object_mut().unwrap().extend(fields);
    ResponseTemplate::new(200).set_body_json(answer)
}

/// Returns an API at which `a`, declared with these lines, is simulation 7.
fn made(more: &str) -> (TestEnv, FakeApi) {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation("a", more);
    api.on("POST", CREATE, 1, created(7))
        .always("GET", LIST, listed(&[]));
    env.run_at(&api.url(), &["apply"]).code(0);
    (env, api)
}

const SEVEN: &str = "/v1/simulation/7";

#[test]
fn a_field_that_the_api_retained_is_reported_and_planned_again() {
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&["keep-nulls"]));
    env.simulation("a", "description: |\n  Long.\n  Text.\nmax_concurrent: 5");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "max_concurrent: 6");
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(3)
        .says("`description` is still")
        .says("simulations/a.yaml:1")
        .says("--on-change recreate");
    let id = env.ids()["a"];
    assert_eq!(api.get(id)["max_concurrent"], 6);
    // Accepted fields are recorded, other fields are planned again.
    let plan = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    assert_eq!(plan["changes"][0]["changed_fields"], json!(["description"]));
    assert_eq!(plan["changes"][0]["actions"], json!(["update"]));

    // The suggested command.
    let args = ["apply", "--on-change", "recreate", "--prune"];
    env.run_at(&api.url(), &args).code(0);
    assert_eq!(api.get(env.ids()["a"])["description"], json!(null));
    let plan = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    assert_eq!(plan["changes"], json!([]));
}

#[test]
fn an_update_with_an_empty_answer_is_followed_by_a_read() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.on("POST", CREATE, 1, created(7))
        .always("GET", LIST, listed(&[]));
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "description: new");
    let message = ResponseTemplate::new(200).set_body_json(json!({"message": "updated"}));
    let shown = json!({"id": 7, "agent_id": 42, "name": "a", "description": "old"});
    let shown = ResponseTemplate::new(200).set_body_json(shown);
    api.on("PUT", "/v1/simulation/7", 1, message)
        .on("GET", "/v1/simulation/7", 1, shown);
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(3).says("`description` is now \"old\"");
    assert_eq!(api.bodies("PUT"), [json!({"description": "new"})]);
}

#[test]
fn a_duration_stored_sixty_times_too_long_is_corrected_with_one_update() {
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&["wrong-minutes"]));
    env.simulation("a", "max_call_duration: 8");
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"];
    assert_eq!(api.get(id)["settings"]["max_call_duration"], 28800);
    let run = env.run_at(&api.url(), &["plan", "--refresh"]);
    run.code(0)
        .says("max_call_duration: 480 minutes -> 8 minutes (changed at the API");
    env.run_at(&api.url(), &["apply", "--refresh"]).code(0);
    assert_eq!(api.get(id)["settings"]["max_call_duration"], 480);
    assert_eq!(api.count("PUT"), 1);
    let run = env.run_at(&api.url(), &["apply", "--refresh"]);
    run.code(0).says("No changes");
    assert_eq!(api.count("PUT"), 1);
}

#[test]
fn a_wrong_duration_in_the_answer_to_an_update_is_corrected() {
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&["wrong-minutes"]));
    env.simulation("a", "max_call_duration: 8");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "max_call_duration: 8\ndescription: new");
    env.run_at(&api.url(), &["apply"]).code(0);
    let there = api.get(env.ids()["a"]);
    assert_eq!(there["settings"]["max_call_duration"], 480);
    assert_eq!(there["description"], "new");
    assert_eq!(api.count("PUT"), 2);
}

#[test]
fn a_wrong_duration_of_a_recovered_create_is_corrected() {
    let rules = ["wrong-minutes", "lost-after:match=POST:create,times=1"];
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&rules));
    env.simulation("a", "max_call_duration: 8");
    env.run_at(&api.url(), &["apply", "--settle", "1s"]).code(0);
    assert_eq!(api.count("POST"), 1);
    let there = api.get(env.ids()["a"]);
    assert_eq!(there["settings"]["max_call_duration"], 480);
}

#[test]
fn update_only_fields_are_sent_after_the_create() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    let more = "max_turns: 12\ntags: [night, vip]\npinned: true\nruns_per_digital_human: 2";
    env.simulation("a", more);
    let shown = json!({"id": 7, "agent_id": 42, "name": "a", "max_turns": 12,
                       "tags": ["vip", "night"], "pinned": true, "settings": null});
    api.on("POST", CREATE, 1, created(7))
        .always("GET", LIST, listed(&[]))
        .on(
            "PUT",
            "/v1/simulation/7",
            1,
            ResponseTemplate::new(200).set_body_json(shown),
        );
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(
        api.bodies("POST"),
        [json!({"agent_id": "42", "name": "a", "runs_per_digital_human": 2})]
    );
    assert_eq!(
        api.bodies("PUT"),
        [json!({"max_turns": 12, "tags": ["night", "vip"], "pinned": true})]
    );
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn a_refused_update_after_a_create_is_planned_again() {
    let rules = ["error-before:status=422,match=PUT,times=1"];
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&rules));
    env.simulation("a", "tags: [x]");
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(3)
        .says("created a (1)")
        .says("Apply incomplete: 1 failed.");
    assert_eq!(api.alive().len(), 1);
    let plan = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    assert_eq!(plan["changes"][0]["changed_fields"], json!(["tags"]));
    env.run_at(&api.url(), &["apply"]).code(0).says("1 updated");
    assert_eq!(api.get(env.ids()["a"])["tags"], json!(["x"]));
    assert_eq!(api.count("POST"), 1);
}

#[test]
fn an_update_of_a_missing_simulation_suggests_refresh() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"];
    api.ask("DELETE", &format!("/v1/simulation/{id}"), None);
    env.simulation("a", "description: new");
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(1);
    insta::assert_snapshot!(run.stdout.replace(&api.url(), "URL"), @r"
    API: URL  Organisation: sandbox  Lockfile: bluejay.lock
    Apply failed, nothing was changed: 1 failed, 1 unchanged.
    ");
    insta::assert_snapshot!(run.stderr, @r"
    failed to update a
    error: could not update `a`: not found (404): Simulation not found
      --> simulations/a.yaml:1
    help: it was deleted, or it belongs to another organisation than the key
    help: if the simulation was deleted: `bluejayctl apply --target a --refresh` creates it again
    ");
    env.run_at(&api.url(), &["apply", "--refresh", "--target", "a"])
        .code(0)
        .says("1 created");
    assert_ne!(env.ids()["a"], id);
    assert_eq!(env.replaced("a"), [0; 0]);
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn renaming_prompt_id_to_agent_version_id_changes_nothing() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let id = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    env.simulation("a", &format!("prompt_id: {id}"));
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", &format!("agent_version_id: {id}"));
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
    let other = id.replace("3c90", "4d01");
    env.simulation("a", &format!("agent_version_id: {other}"));
    env.run_at(&api.url(), &["apply"]).code(0).says("1 updated");
    let settings = api.get(env.ids()["a"])["settings"].clone();
    assert_eq!(settings["agent_version_id"], json!(other));
    env.run_at(&api.url(), &["drift"]).code(0);
}

#[test]
fn recreate_does_not_replace_for_update_only_fields() {
    // An API with only the create request: all other requests are refused.
    let refused = ["PUT", "POST:digital-humans"]
        .map(|request| format!("error-before:status=405,match={request}"));
    let rules: Vec<_> = refused.iter().map(String::as_str).collect();
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&rules));
    env.simulation("a", "tags: [night]\ndigital_humans: [7]");
    let apply = ["apply", "--on-change", "recreate"];
    env.run_at(&api.url(), &apply).code(3);
    for _ in 0..2 {
        env.run_at(&api.url(), &apply).code(1);
    }
    assert_eq!(api.alive().len(), 1);
    // A change of the field that the create contains is a replace.
    env.simulation("a", "tags: [night]\ndigital_humans: [7]\nmax_concurrent: 5");
    env.run_at(&api.url(), &apply).code(3).says("replaced a");
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn a_sent_field_that_the_answer_does_not_show_is_read() {
    let (env, api) = made("max_concurrent: 5\ndescription: old");
    env.simulation("a", "max_concurrent: 6\ndescription: new");
    let little = json!({"description": "new"});
    let all = json!({"description": "new", "max_concurrent": 5});
    api.on("PUT", SEVEN, 1, shown(little))
        .on("GET", SEVEN, 1, shown(all));
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(3)
        .says("`max_concurrent` is still 5")
        .never_says("`description`");
    let plan = env.run_at(&api.url(), &["plan", "--format", "json"]).json();
    let fields = &plan["changes"][0]["changed_fields"];
    assert_eq!(fields, &json!(["max_concurrent"]));
}

#[test]
fn a_field_that_no_answer_shows_is_recorded_as_sent() {
    let (env, api) = made("max_concurrent: 5");
    env.simulation("a", "max_concurrent: 6");
    api.on("PUT", SEVEN, 1, shown(json!({})))
        .on("GET", SEVEN, 1, shown(json!({})));
    env.run_at(&api.url(), &["apply"]).code(0).says("1 updated");
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn a_wrong_duration_that_only_a_read_shows_is_corrected() {
    let (env, api) = made("");
    env.simulation("a", "max_call_duration: 8");
    let lasting = |seconds: u64| shown(json!({"settings": {"max_call_duration": seconds}}));
    api.on("PUT", SEVEN, 2, shown(json!({})))
        .first("GET", SEVEN, lasting(28800))
        .on("GET", SEVEN, 1, lasting(480));
    env.run_at(&api.url(), &["apply"]).code(0);
}

#[test]
fn a_field_that_the_api_changed_is_reported_with_its_unit() {
    let (env, api) = made("max_concurrent: 5\nmax_call_duration: 20");
    env.simulation("a", "max_concurrent: 400\nmax_call_duration: 9");
    let capped = json!({"max_concurrent": 50, "settings": {"max_call_duration": 1200}});
    api.on("PUT", SEVEN, 1, shown(capped));
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(3)
        .says("`max_concurrent` is now 50")
        .says("`max_call_duration` is still 1200\n       seconds");
}

#[test]
fn an_update_with_an_answer_without_fields_is_followed_by_a_read() {
    let (env, api) = made("max_concurrent: 5");
    env.simulation("a", "max_concurrent: 6");
    api.on("PUT", SEVEN, 1, ResponseTemplate::new(200)).on(
        "GET",
        SEVEN,
        1,
        shown(json!({"max_concurrent": 6})),
    );
    env.run_at(&api.url(), &["apply"]).code(0).says("1 updated");
    assert!(!env.has_journal());
}

#[test]
fn a_removed_version_is_cleared_under_its_recorded_name() {
    let version = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    let (env, api) = made(&format!("agent_version_id: {version}"));
    env.simulation("a", "");
    let answer = json!({"agent_version_id": version, "prompt_id": null});
    api.on("PUT", SEVEN, 2, shown(answer));
    for _ in 0..2 {
        let run = env.run_at(&api.url(), &["apply"]);
        run.code(3).says("`agent_version_id` is still");
    }
    let cleared = json!({"agent_version_id": null});
    assert_eq!(api.bodies("PUT"), [cleared.clone(), cleared]);
}

/// Returns an API at which `a` is simulation 7 and a read shows these additional fields.
fn create_with_unknown_field(shown_fields: Value, puts: u64) -> FakeApi {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation("a", "extra: {new_field: 1}");
    api.on("POST", CREATE, 1, created(7))
        .always("GET", LIST, listed(&[]))
        .always("GET", SEVEN, shown(shown_fields))
        .on("PUT", SEVEN, puts, shown(json!({"new_field": 1})));
    env.run_at(&api.url(), &["apply"]).code(0);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
    api
}

#[test]
fn a_field_of_extra_that_a_create_did_not_accept_is_sent_in_an_update() {
    for shown_fields in [
        json!({}),
        json!({"new_field": null}),
        json!({"new_field": 2}),
    ] {
        let api = create_with_unknown_field(shown_fields, 1);
        assert_eq!(api.bodies("PUT"), [json!({"new_field": 1})]);
    }
    create_with_unknown_field(json!({"settings": {"new_field": 1}}), 0);
}

#[test]
fn normalised_texts_count_as_equal() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation(
        "a",
        "description: |\n  Cafe\u{301}  \n  bar\nmax_concurrent: 5",
    );
    let there = json!({"agent_id": 42, "description": "Caf\u{e9}\nbar", "max_concurrent": 6});
    api.on("POST", CREATE, 1, created(7))
        .always("GET", LIST, listed(&[]))
        .always("GET", SEVEN, shown(there.clone()))
        .on("PUT", SEVEN, 1, shown(there));
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation(
        "a",
        "description: |\n  Cafe\u{301}  \n  bar\nmax_concurrent: 6",
    );
    env.run_at(&api.url(), &["apply"]).code(0);
    env.run_at(&api.url(), &["drift"]).code(0);
}

#[test]
fn a_field_of_extra_that_the_api_shows_is_compared() {
    let (env, api) = made("");
    env.simulation("a", "extra: {new_field: 1, list: [1, 2]}");
    let taken = json!({"new_field": 1, "list": [1, 2]});
    api.first("PUT", SEVEN, shown(taken));
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "extra: {new_field: 2, list: [1, 2]}");
    let stubborn = json!({"new_field": 1, "list": [1.0, 2]});
    api.on("PUT", SEVEN, 1, shown(stubborn));
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(3).says("`new_field` is still 1");
    let edited = json!({"settings": {"new_field": 9}, "list": [1, 2]});
    api.always("GET", SEVEN, shown(edited));
    let drift = env.run_at(&api.url(), &["drift"]);
    drift
        .code(2)
        .says("new_field: 1 applied, observed is 9, declared is 2");
    let plan = env.run_at(&api.url(), &["plan", "--refresh"]);
    plan.code(0).says("new_field: 9 -> 2").never_says("list");
}

#[test]
fn equal_numbers_in_another_form_are_equal() {
    let (env, api) = made("max_concurrent: 5");
    api.always("GET", SEVEN, shown(json!({"max_concurrent": 5.0})));
    env.run_at(&api.url(), &["drift"]).code(0);
}
