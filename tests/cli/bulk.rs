//! Tests of the answers to requests for many digital humans: no answer that leaves an item
//! open counts as a success or as a failure.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::api::{FakeApi, TestApi, failed};
use super::env::TestEnv;

const FILE: &str = "simulations/callers.yaml";
const CREATE_MANY: &str = "/v1/create-digital-humans";
const UPDATE_MANY: &str = "/v1/update-digital-humans";
const DELETE_MANY: &str = "/v1/delete-digital-humans";
const LIST: &str = "/v1/digital-humans";

const PRUNE: [&str; 5] = ["apply", "--prune", "--force", "--settle", "200ms"];

/// Declares two digital humans with this intent.
fn declare(env: &TestEnv, intent: &str) {
    declare_with(env, &format!("intent: {intent}\n"));
}

/// Declares two digital humans with these fields.
fn declare_with(env: &TestEnv, fields: &str) {
    let one =
        |key: &str, name: &str| format!("kind: digital_human\nkey: {key}\nname: {name}\n{fields}");
    let documents = [one("ann", "Ann"), one("bob", "Bob")];
    env.write(FILE, &documents.join("---\n"));
}

fn answer(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn row(id: u64, name: &str, intent: &str) -> Value {
    json!({"id": id, "name": name, "test_name": null, "intent": intent})
}

fn list(rows: &[Value]) -> ResponseTemplate {
    answer(json!({"digital_humans": rows, "total_pages": 1}))
}

/// Returns an API whose key belongs to the organisation of the lockfile.
fn fake() -> FakeApi {
    let fake = FakeApi::start();
    let organization = json!({"organization_id": "sandbox"});
    fake.always("GET", "/v1/integrations", answer(organization));
    fake
}

/// The two digital humans after an apply, at an API without answers.
struct Applied {
    env: TestEnv,
    api: FakeApi,
    ann: u64,
    bob: u64,
}

impl Applied {
    fn new() -> Self {
        Self::with("intent: book\n")
    }

    fn with(fields: &str) -> Self {
        let (env, real) = (TestEnv::new(), TestApi::start());
        declare_with(&env, fields);
        env.run_at(&real.url(), &["apply"]).code(0);
        let ids = env.resources();
        let id = |key: &str| ids[&format!("digital_human:{key}")].parse().unwrap();
        let (ann, bob, api) = (id("ann"), id("bob"), fake());
        let lockfile = env.read("bluejay.lock").replace(&real.url(), &api.url());
        env.write("bluejay.lock", &lockfile);
        Self { env, api, ann, bob }
    }

    fn update_path(id: u64) -> String {
        format!("/v1/update-digital-human/{id}")
    }

    fn path(id: u64) -> String {
        format!("/v1/digital-human/{id}")
    }
}

/// Returns the intent of a digital human in the lockfile.
fn recorded_intent(env: &TestEnv, key: &str) -> Value {
    let lockfile = env.lockfile().unwrap();
    lockfile["resources"]["digital_human"][key]["applied"]["intent"].clone()
}

#[test]
fn one_listing_checks_the_updates_that_the_answer_does_not_show() {
    let Applied { env, api, ann, bob } = Applied::new();
    declare(&env, "cancel");
    api.on(
        "PUT",
        UPDATE_MANY,
        1,
        answer(json!({"message": "2 updated"})),
    );
    let rows = [row(ann, "Ann", "cancel"), row(bob, "Bob", "book")];
    api.on("GET", LIST, 1, list(&rows));
    let sent = answer(row(bob, "Bob", "book"));
    api.on("PUT", &Applied::update_path(bob), 1, sent);
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(3)
        .says("1 updated")
        .says("the API accepted the update, but `intent` is still \"book\"");
}

#[test]
fn an_update_that_nothing_confirms_is_sent_alone() {
    let Applied { env, api, ann, bob } = Applied::new();
    declare(&env, "cancel");
    // A list that is not read says nothing, and neither does a row without the field.
    let skipped = json!({"skipped": [row(ann, "Ann", "cancel")]});
    api.on("PUT", UPDATE_MANY, 1, answer(skipped));
    let bare = json!({"id": ann, "name": "Ann"});
    api.on("GET", LIST, 1, list(&[bare, row(bob, "Bob", "book")]));
    for (id, name) in [(ann, "Ann"), (bob, "Bob")] {
        let sent = answer(row(id, name, "cancel"));
        api.on("PUT", &Applied::update_path(id), 1, sent);
    }
    env.run_at(&api.url(), &["apply"]).code(0).says("2 updated");
    assert_eq!(recorded_intent(&env, "ann"), "cancel");
}

#[test]
fn an_update_that_is_refused_alone_stays_in_doubt() {
    let Applied { env, api, ann, bob } = Applied::new();
    declare(&env, "cancel");
    api.on("PUT", UPDATE_MANY, 1, answer(json!({})));
    api.on("GET", LIST, 1, failed(403, "no"));
    for id in [ann, bob] {
        api.on("GET", &Applied::path(id), 1, failed(403, "no"));
        api.on("PUT", &Applied::update_path(id), 1, failed(403, "no"));
    }
    env.run_at(&api.url(), &["apply"]).code(3);
    // The first request may have been executed, so the next plan sends the field again,
    // even if the file has the old value.
    declare(&env, "book");
    env.run_at(&api.url(), &["plan"]).says("2 to update");
}

#[test]
fn a_removed_field_stays_in_doubt_even_if_its_default_is_wanted() {
    let Applied { env, api, ann, bob } = Applied::with("intent: book\nlanguage: de\n");
    declare(&env, "book");
    api.on("PUT", UPDATE_MANY, 1, answer(json!({})));
    let shown = |id, name| {
        let mut row = row(id, name, "book");
        row["language"] = "de".into();
        row
    };
    api.on(
        "GET",
        LIST,
        1,
        list(&[shown(ann, "Ann"), shown(bob, "Bob")]),
    );
    for id in [ann, bob] {
        api.on("PUT", &Applied::update_path(id), 1, failed(422, "no"));
    }
    env.run_at(&api.url(), &["apply"]).code(3);
    assert!(env.has_journal());
    env.run_at(&api.url(), &["plan"]).says("2 to update");
}

#[test]
fn a_read_does_not_confirm_a_removed_field_without_a_default() {
    let Applied { env, api, ann, bob } = Applied::with("intent: book\nhangup_instructions: A\n");
    declare(&env, "book");
    api.on(
        "PUT",
        UPDATE_MANY,
        1,
        answer(json!({"message": "accepted"})),
    );
    // Somebody changed the field at the API, so it does not have the recorded value.
    let shown = |id, name, instructions| {
        let mut row = row(id, name, "book");
        row["hangup_instructions"] = instructions;
        row
    };
    let rows = [shown(ann, "Ann", json!("B")), shown(bob, "Bob", json!("B"))];
    api.on("GET", LIST, 1, list(&rows));
    for (id, name) in [(ann, "Ann"), (bob, "Bob")] {
        let sent = answer(shown(id, name, Value::Null));
        api.on("PUT", &Applied::update_path(id), 1, sent);
    }
    env.run_at(&api.url(), &["apply"]).code(0).says("2 updated");
}

#[test]
fn an_item_that_makes_the_api_fail_does_not_block_the_others() {
    let Applied { env, api, ann, bob } = Applied::new();
    declare(&env, "cancel");
    api.on("PUT", UPDATE_MANY, 5, failed(500, "deadlock"));
    api.on(
        "GET",
        LIST,
        1,
        list(&[row(ann, "Ann", "book"), row(bob, "Bob", "book")]),
    );
    api.on(
        "PUT",
        &Applied::update_path(ann),
        5,
        failed(500, "deadlock"),
    );
    let sent = answer(row(bob, "Bob", "cancel"));
    api.on("PUT", &Applied::update_path(bob), 1, sent);
    env.run_at(&api.url(), &["apply"]).code(3).says("1 updated");
    assert_eq!(recorded_intent(&env, "bob"), "cancel");
    assert!(env.has_journal());
}

#[test]
fn a_refusal_of_many_updates_may_concern_one_of_them() {
    for status in [403, 404, 422] {
        let Applied { env, api, ann, bob } = Applied::new();
        declare(&env, "cancel");
        api.on(
            "PUT",
            UPDATE_MANY,
            1,
            failed(status, "not in your workspace"),
        );
        let sent = answer(row(ann, "Ann", "cancel"));
        api.on("PUT", &Applied::update_path(ann), 1, sent);
        let refused = failed(status, "not in your workspace");
        api.on("PUT", &Applied::update_path(bob), 1, refused);
        env.run_at(&api.url(), &["apply"]).code(3).says("1 updated");
        assert_eq!(recorded_intent(&env, "ann"), "cancel");
        assert_eq!(recorded_intent(&env, "bob"), "book");
        assert!(!env.has_journal(), "{status}");
    }
}

#[test]
fn a_delete_that_may_be_done_stays_open_if_it_is_refused_alone() {
    let Applied { env, api, ann, bob } = Applied::new();
    api.on(
        "DELETE",
        DELETE_MANY,
        1,
        answer(json!({"message": "accepted"})),
    );
    api.on("DELETE", &Applied::path(ann), 1, answer(json!({})));
    api.on("DELETE", &Applied::path(bob), 1, failed(403, "no"));
    env.remove(FILE);
    env.run_at(&api.url(), &PRUNE).code(3).says("1 deleted");
    assert!(env.has_journal());
    assert!(env.resources().contains_key("digital_human:bob"));
    // The first request was executed.
    api.always("GET", &Applied::path(bob), failed(404, "not found"));
    api.always("GET", LIST, list(&[]));
    env.run_at(&api.url(), &PRUNE).code(0);
    assert!(env.resources().is_empty());
    assert!(!env.has_journal());
}

#[test]
fn a_404_after_a_lost_attempt_leaves_the_delete_open_until_its_absence_is_proved() {
    let Applied { env, api, ann, bob } = Applied::new();
    api.on(
        "DELETE",
        DELETE_MANY,
        1,
        answer(json!({"deleted": [ann], "errors": []})),
    );
    api.first("DELETE", &Applied::path(bob), failed(500, "deadlock"));
    api.on("DELETE", &Applied::path(bob), 1, failed(404, "not found"));
    api.always("GET", &Applied::path(bob), failed(404, "not found"));
    api.first("GET", LIST, failed(403, "no"));
    api.first("GET", LIST, failed(403, "no"));
    env.remove(FILE);
    env.run_at(&api.url(), &PRUNE).code(3).says("1 deleted");
    assert!(env.has_journal());
    api.always("GET", LIST, list(&[]));
    env.run_at(&api.url(), &PRUNE).code(0);
    assert!(env.resources().is_empty());
}

#[test]
fn a_created_item_that_the_answer_also_refuses_is_not_created_again() {
    let (env, api) = (TestEnv::new(), fake());
    declare(&env, "book");
    api.first("GET", LIST, list(&[]));
    let rows = [row(7, "Ann", "book"), row(8, "Bob", "book")];
    api.always("GET", LIST, list(&rows));
    let both = json!({"created": rows, "errors": [{"index": 0, "detail": "deadlock"}]});
    api.on("POST", CREATE_MANY, 1, answer(both));
    env.run_at(&api.url(), &["apply"]).code(0).says("2 created");
    assert_eq!(env.resources()["digital_human:ann"], "7");
}

#[test]
fn created_items_under_other_names_are_undecided_and_not_created_again() {
    let (env, api) = (TestEnv::new(), fake());
    declare(&env, "book");
    api.first("GET", LIST, list(&[]));
    let rows = [row(7, "first", "book"), row(8, "second", "book")];
    api.always("GET", LIST, list(&rows));
    let created = json!({"created": rows, "errors": []});
    api.on("POST", CREATE_MANY, 1, answer(created));
    let apply = ["apply", "--settle", "200ms"];
    env.run_at(&api.url(), &apply).code(3).says("state resolve");
    assert!(env.has_journal());
}

#[test]
fn a_listing_that_becomes_shorter_while_it_is_read_is_read_again() {
    let (env, api) = (TestEnv::new(), fake());
    declare(&env, "book");
    let page = |rows: &[Value], total: usize, pages: usize| {
        answer(json!({"digital_humans": rows, "total_count": total, "total_pages": pages}))
    };
    let [new, ann, bob] = [
        row(9, "New", "x"),
        row(8, "Ann", "book"),
        row(7, "Bob", "book"),
    ];
    // The deletion of the newest one moves Ann to the first page.
    api.first("GET", LIST, page(&[new], 3, 3));
    api.first("GET", LIST, page(std::slice::from_ref(&bob), 2, 2));
    api.first("GET", LIST, page(std::slice::from_ref(&ann), 2, 2));
    api.first("GET", LIST, page(&[bob], 2, 2));
    env.run_at(&api.url(), &["apply"]).code(0).says("2 adopted");
}

#[test]
fn a_later_page_may_lack_the_total_and_may_be_gone() {
    let (env, api) = (TestEnv::new(), fake());
    declare(&env, "book");
    let [ann, bob] = [row(8, "Ann", "book"), row(7, "Bob", "book")];
    let first = |rows: &[Value], pages: usize| {
        answer(json!({"digital_humans": rows, "total_count": 2, "total_pages": pages}))
    };
    api.first("GET", LIST, first(std::slice::from_ref(&ann), 2));
    api.first("GET", LIST, failed(400, "no such page"));
    api.first("GET", LIST, first(&[ann], 2));
    api.first(
        "GET",
        LIST,
        answer(json!({"digital_humans": [bob], "total_pages": 2})),
    );
    env.run_at(&api.url(), &["apply"]).code(0).says("2 adopted");
}

#[test]
fn a_page_that_the_api_always_refuses_is_reported_as_such() {
    let (env, api) = (TestEnv::new(), fake());
    declare(&env, "book");
    let page = json!({"digital_humans": [], "total_count": 2, "total_pages": 2});
    for _ in 0..5 {
        api.first("GET", LIST, answer(page.clone()));
        api.first("GET", LIST, failed(400, "no such page"));
    }
    api.on("POST", CREATE_MANY, 0, answer(json!({})));
    env.run_at(&api.url(), &["apply"])
        .code(1)
        .says("no such page");
}
