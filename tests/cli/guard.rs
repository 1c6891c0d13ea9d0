//! Tests of the guard: which apply may change a lockfile, and where the guard lies.

use std::fs;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::Duration;

use bluejayctl::state::{Guard, GuardResult, StateFiles};
use bluejayctl::store::bounds::Bounds;

use super::api::TestApi;
use super::env::TestEnv;
use super::env::until;

/// Takes the free guard of a lockfile.
fn take_guard(env: &TestEnv, lockfile: &str) -> Guard {
    let lockfile = env.path(lockfile);
    let files = StateFiles::new(&lockfile, &lockfile, &Bounds::around(&[&env.path(".")]));
    match files.take_guard(Duration::ZERO, |_| {}).unwrap() {
        GuardResult::Taken(guard) => guard,
        GuardResult::Held(holder) => panic!("{holder} has the guard"),
    }
}

fn mode(env: &TestEnv, name: &str) -> u32 {
    fs::metadata(env.path(name)).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_linked_lockfile_stays_a_link_and_its_target_is_written() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    fs::create_dir(env.path("shared")).unwrap();
    symlink("shared/team.lock", env.path("bluejay.lock")).unwrap();
    env.run_at(&api.url(), &["apply"]).code(0);
    // The target of the link did not exist; the created file is an ordinary file.
    assert_eq!(mode(&env, "shared/team.lock") & 0o111, 0);
    assert!(env.exists("shared/.bluejay/team.lock.guard"));
    assert!(!env.exists(".bluejay"));

    fs::set_permissions(env.path("shared/team.lock"), Permissions::from_mode(0o640)).unwrap();
    env.simulation("b", "");
    env.run_at(&api.url(), &["apply"]).code(0);
    assert!(env.path("bluejay.lock").is_symlink());
    assert!(env.read("shared/team.lock").contains("\"b\""));
    assert_eq!(mode(&env, "shared/team.lock"), 0o640);
}

#[test]
fn two_links_to_one_lockfile_have_one_guard() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let target = env.path("shared/team.lock");
    fs::create_dir(env.path("shared")).unwrap();
    symlink(&target, env.path("bluejay.lock")).unwrap();
    let _guard = take_guard(&env, "shared/team.lock");
    env.run_at(&api.url(), &["apply"])
        .code(1)
        .says("another apply is running on");
    assert_eq!(api.request_count(), 0);
}

fn keys() -> Vec<String> {
    (0..6).map(|number| format!("k{number}")).collect()
}

/// Returns six simulations with slow creates, one after the other.
fn slow() -> (TestEnv, TestApi) {
    let keys = keys();
    let env = TestEnv::with(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let api = TestApi::with_faults(&["latency:match=POST,delay=150ms"]);
    (env, api)
}

const ONE_BY_ONE: [&str; 3] = ["apply", "--parallelism", "1"];

#[test]
fn a_removed_guard_still_excludes_a_second_apply() {
    let (env, api) = slow();
    let first = env.spawn_at(&api.url(), &ONE_BY_ONE);
    until("it creates", || api.count("POST") > 0);
    env.remove(".bluejay/bluejay.lock.guard");
    env.run_at(&api.url(), &["apply"])
        .code(1)
        .says("an apply whose guard was removed");
    env.run(&["state", "mv", "k0", "k9"])
        .code(1)
        .says("an apply whose guard was removed");
    first.end().code(0).says("6 created");
    assert_eq!(api.alive().len(), 6);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn an_apply_whose_journal_is_removed_stops_and_records_what_it_did() {
    let (env, api) = slow();
    let first = env.spawn_at(&api.url(), &ONE_BY_ONE);
    until("it creates", || api.count("POST") > 1);
    // The folder that `git clean -fdX` removes.
    fs::remove_dir_all(env.path(".bluejay")).unwrap();
    first
        .end()
        .code(3)
        .says("it was removed while it was written");
    let made = api.alive();
    assert!(made.len() < 6, "it went on");
    let known: Vec<_> = env.ids().into_values().collect();
    assert_eq!(made.into_keys().collect::<Vec<_>>(), known);
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(api.alive().len(), 6);
}

#[cfg(target_os = "linux")]
#[test]
fn after_waiting_for_the_guard_the_files_are_read_again() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let held = take_guard(&env, "bluejay.lock");
    let waiting = env.spawn_at(&api.url(), &["apply", "--lock-timeout", "60s"]);
    until("it waits", || waiting.has_open(".guard"));
    env.undeclare("a");
    env.simulation("b", "");
    drop(held);
    waiting.end().code(0).says("created b");
    assert_eq!(env.ids().into_keys().collect::<Vec<_>>(), ["b"]);
}
