//! Tests of recorded state that changes during an apply, comes from another place, or is
//! old.

use serde_json::{Value, json};

use super::api::TestApi;
use super::env::{Running, TestEnv, until};

const JOURNAL: &str = ".bluejay/bluejay.lock.journal";

/// Returns a running apply of `a` that has not written its lockfile.
fn under_way() -> (TestEnv, TestApi, Running) {
    let env = TestEnv::with(&["a"]);
    let api = TestApi::with_faults(&["slow-answer:delay=3s,match=POST:create"]);
    let apply = env.spawn_at(&api.url(), &["apply"]);
    // The organisation, the list, and the create, whose answer is late.
    until("it creates", || api.request_count() > 2);
    (env, api, apply)
}

fn lockfile(api: &TestApi, key: &str, id: u64) -> String {
    let entry = json!({"applied": {"agent_id": "42", "name": key}, "simulation_id": id});
    let value = json!({"api": api.url(), "simulations": {key: entry}, "version": 1});
    format!("{value:#}\n")
}

#[test]
fn an_entry_added_during_an_apply_is_kept() {
    let (env, api, apply) = under_way();
    env.write("bluejay.lock", &lockfile(&api, "pulled", 77));
    apply.end().code(0).says("1 created");
    let ids = env.ids();
    assert_eq!(ids["pulled"], 77);
    assert!(api.alive().contains_key(&ids["a"]));
    assert!(!env.has_journal());
}

#[test]
fn conflict_markers_added_during_an_apply_are_kept() {
    let (env, api, apply) = under_way();
    let ours = lockfile(&api, "pulled", 77);
    let conflict = format!("<<<<<<< HEAD\n{ours}=======\n{ours}>>>>>>> theirs\n");
    env.write("bluejay.lock", &conflict);
    apply
        .end()
        .code(3)
        .says("could not update the lockfile")
        .says("state resolve");
    assert_eq!(env.read("bluejay.lock"), conflict);
    assert!(env.has_journal());
    env.run(&["state", "resolve"]).code(0);
    env.run_at(&api.url(), &["apply"]).code(0);
    assert!(api.alive().contains_key(&env.ids()["a"]));
    assert_eq!(api.alive().len(), 1);
}

#[test]
fn another_id_for_the_key_during_an_apply_keeps_lockfile_and_journal() {
    let (env, api, apply) = under_way();
    let pulled = lockfile(&api, "a", 77);
    env.write("bluejay.lock", &pulled);
    apply.end().code(3).says("has changed during the apply");
    assert_eq!(env.read("bluejay.lock"), pulled);
    assert!(env.has_journal());
}

/// Returns an apply of `a` with a complete journal and without a lockfile.
#[cfg(feature = "crash-points")]
fn cut_off() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let mut command = env.command(&["apply"]);
    command
        .env("BLUEJAY_API_URL", api.url())
        .env("FAILPOINTS", "lockfile.before=return");
    Running::start(&mut command).end();
    assert!(env.has_journal());
    (env, api)
}

#[cfg(feature = "crash-points")]
#[test]
fn a_journal_that_was_copied_from_another_repository_is_refused() {
    let (one, api) = cut_off();
    let two = TestEnv::with(&["b"]);
    for place in [JOURNAL, "bluejay.lock.journal"] {
        two.write(place, &one.read(JOURNAL));
        for verb in [&["plan"][..], &["apply", "--prune"], &["state", "list"]] {
            two.run_at(&api.url(), verb)
                .code(1)
                .says("does not belong to the lockfile")
                .says("mv ");
        }
        two.remove(place);
    }
    two.run_at(&api.url(), &["apply"]).code(0);
    two.write(JOURNAL, &one.read(JOURNAL));
    two.run_at(&api.url(), &["apply"]).code(1);
    one.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(api.alive().len(), 2);
}

#[cfg(feature = "crash-points")]
#[test]
fn a_journal_at_the_old_place_is_read_and_finished() {
    let (env, api) = cut_off();
    std::fs::rename(env.path(JOURNAL), env.path("bluejay.lock.journal")).unwrap();
    env.run_at(&api.url(), &["apply"]).code(0);
    assert!(!env.exists("bluejay.lock.journal") && !env.has_journal());
    assert_eq!(api.alive().len(), 1);
    assert_eq!(env.ids().len(), 1);
}

#[cfg(feature = "crash-points")]
#[test]
fn two_journals_at_both_places_are_refused() {
    let (env, api) = cut_off();
    env.write("bluejay.lock.journal", &env.read(JOURNAL));
    env.run_at(&api.url(), &["apply"])
        .code(1)
        .says("there are two journals of one lockfile");
}

#[test]
fn frozen_files_of_version_1_keep_their_meaning() {
    let env = TestEnv::with(&["a"]);
    let fixture = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/v1/");
        std::fs::read_to_string(format!("{folder}{name}")).unwrap()
    };
    env.write("bluejay.sandbox.lock", &fixture("lockfile.json"));
    env.write("bluejay.sandbox.lock.journal", &fixture("journal.txt"));
    let run = env.run(&["state", "list", "--json", "--sandbox"]);
    let expected: Value = serde_json::from_str(&fixture("state-list.json")).unwrap();
    assert_eq!(run.code(0).json(), expected);
}

#[test]
fn a_committed_journal_of_version_1_restores_no_deleted_entry() {
    let env = TestEnv::with(&["a"]);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/v1/journal.txt");
    let stale = std::fs::read_to_string(folder).unwrap();
    env.write("bluejay.sandbox.lock.journal", &stale);
    env.run(&["apply", "--sandbox"])
        .code(1)
        .says("does not belong to the lockfile")
        .says("mv ");
    let place = env.path("bluejay.sandbox.lock.journal");
    std::fs::rename(&place, env.path("stale")).unwrap();
    env.run(&["apply", "--sandbox"]).code(0).says("1 created");
}

#[test]
fn temporary_files_of_killed_applies_are_removed() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write(".bluejay.lock.aB3xYz", "half");
    env.write(".bluejay.lock.notours", "");
    env.run_at(&api.url(), &["apply"]).code(0);
    assert!(!env.exists(".bluejay.lock.aB3xYz"));
    assert!(env.exists(".bluejay.lock.notours"));
}
