//! Tests of interrupted applies, and of lockfiles that changed during an apply.

use bluejayctl::journal::{Entry, read, write_line};
use serde_json::json;

use super::api::{CREATE, FakeApi, LIST, TestApi, created, failed, listed};
use super::env::{TestEnv, until};

const ARGS: [&str; 3] = ["apply", "--settle", "200ms"];

/// Applies, and crashes at this point.
fn cut(env: &TestEnv, api: &TestApi, args: &[&str], point: &str) {
    env.crash_at(&api.url(), args, &format!("{point}=return"));
}

/// The API executed the create without an answer, another machine also created `a`, and its
/// lockfile came with `git pull`.
fn created_twice() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    cut(&env, &api, &ARGS, "create.answered");
    let other = TestEnv::with(&["a", "b"]);
    // One request after the other: the ids are in the order of the keys.
    let adopt = ["apply", "--adopt", "never", "--parallelism", "1"];
    other.run_at(&api.url(), &adopt).code(0);
    env.write("bluejay.lock", &other.read("bluejay.lock"));
    env.simulation("b", "description: changed");
    (env, api)
}

#[test]
fn a_second_id_for_a_key_stops_the_key_and_leaves_its_create_open() {
    let (env, api) = created_twice();
    let theirs = env.ids()["a"];
    for _ in 0..2 {
        let run = env.run_at(&api.url(), &ARGS);
        run.code(3)
            .says("the lockfile already has simulation 2 for the key")
            .says("to keep simulation 1: `bluejayctl state resolve a 1`")
            .says("to keep simulation 2: `bluejayctl state resolve a 2`")
            .never_says("could not write the journal");
        assert_eq!(env.ids()["a"], theirs);
        let (entries, _) = env.journal();
        assert_eq!(entries.last().unwrap()["intent"]["key"], "a");
    }
    // `b` was updated in the same apply.
    assert_eq!(api.get(env.ids()["b"])["description"], "changed");
    assert_eq!(api.count("PUT"), 1);
}

#[test]
fn state_resolve_keeps_the_created_id() {
    let (env, api) = created_twice();
    env.run_at(&api.url(), &ARGS).code(3);
    env.run(&["state", "resolve", "a", "1"]).code(0);
    assert_eq!((env.ids()["a"], env.replaced("a")), (1, vec![2]));
    assert!(!env.has_journal());
    env.run_at(&api.url(), &["apply", "--prune"]).code(0);
    assert_eq!(api.alive().into_keys().collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn state_resolve_keeps_the_id_of_the_lockfile() {
    let (env, api) = created_twice();
    env.run_at(&api.url(), &ARGS).code(3);
    let theirs = env.ids()["a"];
    let run = env.run(&["state", "resolve", "a", &theirs.to_string()]);
    run.code(0).says(&format!("`a` stays simulation {theirs}"));
    assert_eq!((env.ids()["a"], env.replaced("a")), (theirs, vec![]));
    assert!(!env.has_journal());
    env.run_at(&api.url(), &ARGS).code(0).says("No changes");
}

#[test]
fn an_id_for_two_keys_stops_the_second_key() {
    let (env, api) = (TestEnv::with(&["a", "b"]), FakeApi::start());
    api.always("GET", LIST, listed(&[json!({"id": 7, "name": "a"})]));
    api.on("POST", CREATE, 2, created(7));
    let run = env.run_at(
        &api.url(),
        &["apply", "--adopt", "never", "--parallelism", "1"],
    );
    run.code(3)
        .says("the API answered the create with simulation 7, which belongs to `a`")
        .says("bluejayctl state resolve b none");
    assert_eq!(
        env.ids().into_iter().collect::<Vec<_>>(),
        [("a".to_owned(), 7)]
    );
    env.run(&["plan"]).code(0).says("left `b` open");
    env.run(&["state", "resolve", "b", "none"]).code(0);
    env.run(&["plan"]).code(0).says("1 to create");
}

/// The server needs longer than the timeout, and longer than the settle time since the
/// intent.
#[test]
fn the_settle_time_of_a_create_begins_at_its_timeout() {
    let env = TestEnv::with(&["a", "b"]);
    let api = TestApi::with_faults(&["latency:delay=3s,match=POST:create,times=2"]);
    let args = ["apply", "--timeout", "2s", "--settle", "1500ms"];
    let run = env.run_at(&api.url(), &args);
    run.code(0)
        .says("settled a: it was created")
        .says("settled b: it was created");
    assert_eq!(api.alive().len(), 2);
}

/// The process that waited for the answer ended. By the journal, the settle time since the
/// intent is over, but the create is executed later.
#[test]
fn the_next_apply_waits_for_the_create_of_a_killed_process() {
    let env = TestEnv::with(&["a"]);
    let api = TestApi::with_faults(&["latency:delay=900ms,match=POST:create,times=1"]);
    let args = ["apply", "--settle", "1500ms"];
    let first = env.spawn_at(&api.url(), &args);
    until("the create is sent", || {
        env.journal().0.len() == 2 && api.unanswered_count() == 1
    });
    first.kill();
    rewrite(&env, |entry| {
        if let Entry::Intended { at, .. } = entry {
            *at -= 1600;
        }
    });
    let run = env.run_at(&api.url(), &args);
    run.code(0).says("settled a: it was created");
    assert_eq!(api.alive().len(), 1);
}

/// Rewrites the entries of the journal.
fn rewrite(env: &TestEnv, change: impl Fn(&mut Entry)) {
    let path = env.path(".bluejay/bluejay.lock.journal");
    let mut journal = read(&std::fs::read(&path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    for entry in &mut journal.entries {
        change(entry);
        write_line(entry, &mut bytes);
    }
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_clock_that_was_set_back_causes_no_wait() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    cut(&env, &api, &ARGS, "intent.after");
    rewrite(&env, |entry| {
        if let Entry::Intended { at, .. } = entry {
            *at += 3_600_000;
        }
    });
    let run = env.run_at(&api.url(), &ARGS);
    run.code(0).says("created a (1)");
}

#[test]
fn a_delete_counts_as_not_executed_only_after_the_settle_time() {
    let env = TestEnv::with(&["a", "b"]);
    let api = TestApi::with_faults(&["latency:delay=1500ms,match=DELETE,times=1"]);
    env.run_at(&api.url(), &ARGS).code(0);
    let file = env.read("simulations/a.yaml");
    env.undeclare("a");
    let pruning = env.spawn_at(&api.url(), &["apply", "--prune"]);
    until("the delete is sent", || {
        env.journal().0.len() == 2 && api.unanswered_count() == 1
    });
    pruning.kill();
    // The file is restored.
    env.write("simulations/a.yaml", &file);
    env.run_at(&api.url(), &["apply", "--settle", "2s"])
        .code(0)
        .says("created a (3)");
    assert_eq!(env.ids()["a"], 3);
    assert_eq!(api.alive().into_keys().collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn a_simulation_with_an_empty_name_is_never_adopted_without_a_decision() {
    let env = TestEnv::new();
    env.simulation("a", "name: \"\"");
    let api = TestApi::with_faults(&["lost-after:match=POST:create,times=1"]);
    let run = env.run_at(&api.url(), &ARGS);
    run.code(3).says("bluejayctl state resolve a 1");
    env.run(&["state", "resolve", "a", "1"]).code(0);
    env.run_at(&api.url(), &ARGS).code(0);
    assert_eq!(api.count("POST"), 1);
}

/// The API trims names.
#[test]
fn a_create_with_a_trimmed_name_is_found() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation("a", "name: \" a \"");
    api.first("GET", LIST, listed(&[]));
    api.always("GET", LIST, listed(&[json!({"id": 7, "name": "a"})]));
    api.on("POST", CREATE, 1, failed(500, "deadlock"));
    let shown = json!({"id": 7, "agent_id": 42, "name": "a", "settings": {}});
    let shown = wiremock::ResponseTemplate::new(200).set_body_json(shown);
    api.on("GET", "/v1/simulation/7", 1, shown);
    env.run_at(&api.url(), &ARGS).code(0);
    assert_eq!(env.ids()["a"], 7);
}

#[test]
fn an_open_update_of_a_key_that_no_file_declares_is_finished() {
    for (more, point) in [
        ("description: changed", "update.answered"),
        ("digital_humans: [101]", "humans.answered"),
    ] {
        let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
        env.run_at(&api.url(), &ARGS).code(0);
        env.simulation("a", more);
        cut(&env, &api, &ARGS, point);
        env.undeclare("a");
        env.run_at(&api.url(), &ARGS).code(0);
        assert!(!env.has_journal(), "{more}");
        let entry = env.lockfile().unwrap()["simulations"]["a"].to_string();
        assert!(
            entry.contains("changed") || entry.contains("101"),
            "{entry}"
        );
        env.run(&["state", "rm", "a"]).code(0);
        let quiet = env.run(&["plan", "--detailed-exitcode"]);
        quiet.code(0);
    }
}

#[test]
fn an_update_that_is_refused_when_it_is_sent_again_leaves_its_fields_in_doubt() {
    for is_declared in [true, false] {
        let refused = "error-before:status=422,match=PUT:simulation,after=1,times=1";
        let (env, api) = (TestEnv::with(&["b"]), TestApi::with_faults(&[refused]));
        env.simulation("a", "description: first");
        env.run_at(&api.url(), &ARGS).code(0);
        env.simulation("a", "description: changed");
        cut(&env, &api, &ARGS, "update.answered");
        if is_declared {
            env.simulation("a", "description: first\nmax_concurrent: 5");
        } else {
            env.undeclare("a");
        }
        let run = env.run_at(&api.url(), &ARGS);
        run.code(if is_declared { 3 } else { 0 });
        assert_eq!(env.has_journal(), is_declared);
        env.simulation("a", "description: first");
        env.run_at(&api.url(), &ARGS).code(0).says("1 updated");
        assert_eq!(api.get(env.ids()["a"])["description"], "first");
    }
}

#[test]
fn a_refusal_of_a_second_attempt_says_nothing_about_the_first() {
    let (env, api) = (
        TestEnv::new(),
        TestApi::with_faults(&[
            "lost-after:match=PUT:simulation,times=1",
            "error-before:status=422,match=PUT:simulation,after=1,times=1",
        ]),
    );
    env.simulation("a", "description: first");
    env.run_at(&api.url(), &ARGS).code(0);
    env.simulation("a", "description: changed");
    let run = env.run_at(&api.url(), &ARGS);
    run.code(3).says("it is unknown whether");
    assert!(env.has_journal());
    env.simulation("a", "description: first");
    env.run_at(&api.url(), &ARGS).code(0).says("1 updated");
    assert_eq!(api.get(env.ids()["a"])["description"], "first");
}

#[test]
fn a_create_is_looked_up_and_sent_again_no_sooner_than_the_api_asks() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    let busy = failed(503, "authentication unavailable").insert_header("Retry-After", "2");
    api.first("POST", CREATE, busy)
        .always("POST", CREATE, created(7))
        .always("GET", LIST, listed(&[]));
    let begin = std::time::Instant::now();
    env.run_at(&api.url(), &ARGS).code(0);
    assert!(begin.elapsed().as_secs() >= 2);
    assert_eq!(api.bodies("POST").len(), 2);
}

#[test]
fn an_open_update_of_a_replaced_simulation_is_dropped() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &ARGS).code(0);
    env.simulation("a", "description: changed");
    cut(&env, &api, &ARGS, "update.answered");
    let other = api.create(json!({"agent_id": "42", "name": "a"}));
    let lockfile = env.read("bluejay.lock");
    let pulled = lockfile.replace(
        "\"simulation_id\": 1",
        &format!("\"simulation_id\": {other}"),
    );
    env.write("bluejay.lock", &pulled);
    env.run_at(&api.url(), &ARGS).code(0);
    assert!(!env.has_journal());
    assert_eq!(api.get(other)["description"], "changed");
}

/// The lockfile was written and the journal was not removed. The lockfile was committed,
/// and `a` was replaced on another machine.
fn pulled_over_a_journal(point: &str) -> (TestEnv, TestApi, String) {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    cut(&env, &api, &ARGS, point);
    let other = TestEnv::with(&["a", "b"]);
    other.run_at(&api.url(), &ARGS).code(0).says("2 adopted");
    other.simulation("a", "agent_id: \"43\"");
    // Adopted simulations are only deleted with `--force`.
    let args = ["apply", "--prune", "--force"];
    other.run_at(&api.url(), &args).code(0);
    (env, api, other.read("bluejay.lock"))
}

#[test]
fn a_complete_journal_beside_a_pulled_lockfile_is_removed() {
    let (env, api, pulled) = pulled_over_a_journal("lockfile.after");
    env.simulation("a", "agent_id: \"43\"");
    env.write("bluejay.lock", &pulled);
    env.run(&["plan"]).code(0);
    env.run_at(&api.url(), &["apply", "--prune"]).code(0);
    assert!(!env.has_journal());
    let ids: Vec<_> = env.ids().into_values().collect();
    assert_eq!(ids, api.alive().into_keys().rev().collect::<Vec<_>>());
    assert_eq!(env.read("bluejay.lock"), pulled);
}

/// The lockfile was not written, so only the journal has the ids.
#[test]
fn an_incomplete_journal_is_folded_onto_a_pulled_lockfile() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    cut(&env, &api, &ARGS, "lockfile.before");
    let other = TestEnv::with(&["c"]);
    other.run_at(&api.url(), &ARGS).code(0);
    env.simulation("c", "");
    env.write("bluejay.lock", &other.read("bluejay.lock"));
    let run = env.run_at(&api.url(), &ARGS);
    run.code(0).says("No changes: 3 unchanged");
    assert_eq!(env.ids().len(), 3);
}

/// A missing list of one agent does not mean that the API can't list simulations.
#[test]
fn a_missing_list_of_an_agent_falls_back_to_the_list_of_all() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.on("GET", LIST, 1, failed(404, "Agent not found"));
    let all = json!([{"id": 7, "name": "a", "agent_id": 42}]);
    api.on(
        "GET",
        "/v1/get-all-simulations",
        1,
        listed(all.as_array().unwrap()),
    );
    let shown = json!({"id": 7, "agent_id": 42, "name": "a", "settings": {}});
    let shown = wiremock::ResponseTemplate::new(200).set_body_json(shown);
    api.on("GET", "/v1/simulation/7", 1, shown);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("adopted a (7)");
}

#[test]
fn a_refused_attach_stays_open_until_no_file_declares_it() {
    let refused = "error-before:status=422,match=POST:add-digital-humans,after=1,times=2";
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::with_faults(&[refused]));
    env.run_at(&api.url(), &ARGS).code(0);
    env.simulation("a", "digital_humans: [101]");
    cut(&env, &api, &ARGS, "humans.answered");
    env.run_at(&api.url(), &ARGS).code(3);
    assert!(env.has_journal());
    env.undeclare("a");
    env.run_at(&api.url(), &ARGS).code(0);
    assert!(!env.has_journal());
}
