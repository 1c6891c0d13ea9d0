//! Tests of two environments of one project: no environment adopts a simulation that the
//! other created or may have created.

use std::collections::BTreeSet;

use serde_json::json;

use super::api::TestApi;
use super::env::TestEnv;
use super::lockfile::{begin, created, intended};

/// Returns two environments that both declare `a`, with further lines of the project file.
fn two_environments(more: &str) -> (TestEnv, TestApi) {
    let env = TestEnv::with(&["a"]);
    env.write(
        "bluejay.yaml",
        &format!("environments: {{ one: {{}}, two: {{}} }}\n{more}"),
    );
    (env, TestApi::start())
}

/// Checks that each lockfile tracks a separate simulation, and that no other simulation
/// exists.
#[track_caller]
fn check_parted(env: &TestEnv, api: &TestApi, lockfiles: [&str; 2]) {
    let owned = lockfiles.map(|name| {
        let lockfile: serde_json::Value = serde_json::from_str(&env.read(name)).unwrap();
        lockfile["simulations"]["a"]["simulation_id"]
            .as_u64()
            .unwrap()
    });
    let owned = BTreeSet::from(owned);
    assert_eq!(owned.len(), 2);
    assert_eq!(api.alive().into_keys().collect::<BTreeSet<_>>(), owned);
}

#[test]
fn an_id_that_only_a_journal_has_is_tracked() {
    // The apply of the first environment was interrupted before it wrote its lockfile.
    let (env, api) = two_environments("");
    let id = api.create(json!({"agent_id": "42", "name": "a"}));
    let journal = begin(&api.url()) + &intended(0, "a", 1) + &created(0, id);
    env.write(".bluejay/bluejay.one.lock.journal", &journal);
    env.run_at(&api.url(), &["apply", "--env", "two"])
        .code(0)
        .says("1 created");
    env.run_at(&api.url(), &["apply", "--env", "one"]).code(0);
    check_parted(&env, &api, ["bluejay.one.lock", "bluejay.two.lock"]);
}

#[test]
fn a_simulation_of_an_open_create_belongs_to_its_environment() {
    let (env, api) = two_environments("");
    api.create(json!({"agent_id": "42", "name": "a"}));
    env.write(
        ".bluejay/bluejay.one.lock.journal",
        &(begin(&api.url()) + &intended(0, "a", 1)),
    );
    let writes = api.write_count();
    env.run_at(&api.url(), &["apply", "--env", "two"])
        .code(1)
        .says("apply that environment first");
    assert_eq!(api.write_count(), writes);
    for environment in ["one", "two"] {
        env.run_at(&api.url(), &["apply", "--env", environment])
            .code(0);
    }
    check_parted(&env, &api, ["bluejay.one.lock", "bluejay.two.lock"]);
}

#[test]
fn an_unreadable_journal_stops_the_other_environment() {
    let (env, api) = two_environments("");
    env.write(".bluejay/bluejay.one.lock.journal", "no journal\nat all\n");
    env.run_at(&api.url(), &["apply", "--env", "two"])
        .code(1)
        .says(".bluejay/bluejay.one.lock.journal")
        .says("mv ");
    assert_eq!(api.write_count(), 0);
}

#[test]
fn lockfiles_of_other_environments_are_found_under_any_name() {
    let (env, api) = two_environments("lockfile: state/my.calls.lock\n");
    std::fs::create_dir(env.path("state")).unwrap();
    for environment in ["one", "two"] {
        env.run_at(&api.url(), &["apply", "--env", environment])
            .code(0)
            .says("1 created");
    }
    check_parted(
        &env,
        &api,
        ["state/my.calls.one.lock", "state/my.calls.two.lock"],
    );
}

#[test]
fn a_lockfile_with_another_ending_is_refused_at_its_place() {
    for name in ["state.json", "state/.lock"] {
        let env = TestEnv::with(&["a"]);
        env.write("bluejay.yaml", &format!("lockfile: {name}\n"));
        env.run(&["validate"])
            .code(1)
            .says("must end in `.lock`")
            .says("bluejay.yaml:1:11");
    }
}

#[test]
fn equal_addresses_are_the_same_api() {
    let (env, api) = two_environments("");
    env.run_at(&api.url(), &["apply", "--env", "one"]).code(0);
    let spelled = env
        .read("bluejay.one.lock")
        .replace("http://127.0.0.1", "HTTP://127.000.0.1");
    env.write("bluejay.one.lock", &spelled);
    env.run_at(&api.url(), &["apply", "--env", "two"])
        .code(0)
        .says("1 created");
    check_parted(&env, &api, ["bluejay.one.lock", "bluejay.two.lock"]);
    env.run_at(&api.url(), &["apply", "--env", "one"]).code(0);
}
