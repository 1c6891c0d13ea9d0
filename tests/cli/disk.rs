//! Tests of failing disks: full, read-only, or with a file in place of a folder.

use std::fs;

use super::api::TestApi;
#[cfg(feature = "crash-points")]
use super::env::Run;
use super::env::TestEnv;

const JOURNAL: &str = ".bluejay/bluejay.lock.journal";

#[test]
fn nothing_is_sent_if_the_journal_can_not_be_created() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    fs::create_dir_all(env.path(JOURNAL)).unwrap();
    env.run_at(&api.url(), &["apply"]).code(1).says("journal");
    assert_eq!(api.request_count(), 0);
    fs::remove_dir(env.path(JOURNAL)).unwrap();
    env.run_at(&api.url(), &["apply"]).code(0);
}

#[test]
fn nothing_is_sent_if_the_guard_can_not_be_taken() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    // A file in place of the folder prevents writing, even for root.
    env.write(".bluejay", "");
    env.run_at(&api.url(), &["apply"]).code(1).says(".bluejay");
    assert_eq!(api.request_count(), 0);
    assert!(!env.has_journal());
}

#[test]
fn nothing_is_sent_if_the_lockfile_can_not_be_read() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    fs::create_dir(env.path("bluejay.lock")).unwrap();
    env.run_at(&api.url(), &["apply"])
        .code(1)
        .says("bluejay.lock");
    assert_eq!(api.request_count(), 0);
}

#[test]
fn an_unreadable_lockfile_of_another_environment_stops_the_apply() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write("bluejay.staging.lock", "torn");
    env.run_at(&api.url(), &["apply"])
        .code(1)
        .says("bluejay.staging.lock");
    assert_eq!(api.request_count(), 0);
}

/// Runs an apply on a disk that is full from a given write on.
#[cfg(feature = "crash-points")]
fn apply_with(env: &TestEnv, api: &TestApi, fault: &str) -> Run {
    let mut command = env.command(&["apply", "--parallelism", "1", "--api-url", &api.url()]);
    command.env("FAILPOINTS", fault);
    Run::of(command)
}

#[test]
#[cfg(feature = "crash-points")]
fn nothing_is_sent_if_the_disk_is_full_at_the_start() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    let run = apply_with(&env, &api, "disk.journal=return");
    run.code(1).says("nothing was changed").says("space");
    assert_eq!(api.write_count(), 0);
    env.run_at(&api.url(), &["apply"]).code(0).says("2 created");
    assert_eq!(api.alive().len(), 2);
}

#[test]
#[cfg(feature = "crash-points")]
fn a_disk_that_fills_up_after_an_intent_causes_no_duplicate() {
    // The beginning and the first intents are written, but no outcome.
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), TestApi::start());
    let run = apply_with(&env, &api, "disk.journal=2*off->return");
    run.code(3).says("could not write the journal");
    env.run_at(&api.url(), &["apply", "--settle", "500ms"])
        .code(0);
    assert_eq!(api.alive().len(), 3);
    assert_eq!(api.count("POST"), 3);
    assert_eq!(env.ids().len(), 3);
    assert!(!env.has_journal());
}

#[test]
#[cfg(feature = "crash-points")]
fn a_permanently_full_disk_loses_no_id() {
    // Neither the outcome nor the lockfile can be written.
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    let run = apply_with(
        &env,
        &api,
        "disk.journal=2*off->return;disk.lockfile=return",
    );
    run.code(3).says(JOURNAL);
    assert!(!env.exists("bluejay.lock"));
    assert!(env.has_journal());
    env.run_at(&api.url(), &["apply", "--settle", "20s"]);
    env.run_at(&api.url(), &["apply", "--settle", "500ms"])
        .code(0);
    assert_eq!(api.alive().len(), 2);
    assert_eq!(api.count("POST"), 2);
}

#[test]
#[cfg(feature = "crash-points")]
fn the_next_apply_writes_a_lockfile_that_could_not_be_written() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    let run = apply_with(&env, &api, "disk.lockfile=return");
    run.code(3)
        .says(JOURNAL)
        .says("the next apply updates the lockfile");
    assert!(!env.exists("bluejay.lock"));
    let requests = api.request_count();
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(api.request_count(), requests);
    assert_eq!(env.ids().into_values().collect::<Vec<_>>().len(), 2);
    assert!(!env.has_journal());
}
