//! Tests of tracked simulations: one lockfile in the repository tracks a simulation, and
//! only the lockfile that created a simulation deletes it.

#[cfg(target_os = "linux")]
use bluejayctl::lock::ApiAddress;
#[cfg(target_os = "linux")]
use bluejayctl::state::StateFiles;
#[cfg(target_os = "linux")]
use bluejayctl::store::bounds::Bounds;
use serde_json::json;

use super::api::TestApi;
#[cfg(target_os = "linux")]
use super::env::until;
use super::env::{Running, TestEnv};
use super::lockfile::{begin, intended};

/// A git repository with two projects that declare the same simulation.
fn two_projects() -> (TestEnv, TestApi) {
    let env = TestEnv::new();
    std::fs::create_dir(env.path(".git")).unwrap();
    for project in ["a", "b"] {
        let path = format!("{project}/simulations/front.yaml");
        env.write(&path, "agent_id: \"42\"\nname: Front\n");
    }
    (env, TestApi::start())
}

/// Returns a simulation that an apply adopted.
fn adopted() -> (TestEnv, TestApi, u64) {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let id = api.create(json!({"agent_id": "42", "name": "a"}));
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("1 adopted")
        .says("somebody else may manage it");
    (env, api, id)
}

#[test]
fn two_projects_of_a_repository_create_separate_simulations() {
    let (env, api) = two_projects();
    for project in ["a", "b"] {
        env.run_at(&api.url(), &["-C", project, "apply"])
            .code(0)
            .says("1 created");
    }
    assert_eq!(api.alive().len(), 2);
    std::fs::remove_file(env.path("b/simulations/front.yaml")).unwrap();
    env.write(
        "b/simulations/other.yaml",
        "agent_id: \"42\"\nname: Other\n",
    );
    env.run_at(&api.url(), &["-C", "b", "apply", "--prune"])
        .code(0);
    env.run_at(&api.url(), &["-C", "a", "plan", "--refresh"])
        .code(0)
        .says("No changes");
}

#[test]
fn an_id_in_the_journal_of_another_project_is_tracked() {
    let (env, api) = two_projects();
    let mut command = env.command(&["-C", "a", "apply"]);
    command
        .env("BLUEJAY_API_URL", api.url())
        .env("FAILPOINTS", "lockfile.before=return");
    Running::start(&mut command).end();
    if env.exists("a/bluejay.lock") {
        // Without the crash points, the apply completed.
        return;
    }
    env.run_at(&api.url(), &["-C", "b", "apply"])
        .code(0)
        .says("1 created");
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn ids_in_a_damaged_lockfile_of_another_project_count_as_tracked() {
    let (env, api) = two_projects();
    env.run_at(&api.url(), &["-C", "a", "apply"]).code(0);
    let text = env.read("a/bluejay.lock");
    env.write("a/bluejay.lock", &format!("<<<<<<< HEAD\n{text}"));
    env.run_at(&api.url(), &["-C", "b", "apply"])
        .code(0)
        .says("1 created");
}

#[test]
fn an_id_that_another_lockfile_tracks_is_not_deleted() {
    let (env, api) = two_projects();
    env.run_at(&api.url(), &["-C", "a", "apply"]).code(0);
    std::fs::copy(env.path("a/bluejay.lock"), env.path("b/bluejay.lock")).unwrap();
    std::fs::remove_file(env.path("b/simulations/front.yaml")).unwrap();
    for (verb, code) in [
        (&["plan", "--prune"][..], 0),
        (&["apply", "--prune"], 1),
        (&["destroy", "--yes"], 1),
    ] {
        let run = env.run_at(&api.url(), &[&["-C", "b"], verb].concat());
        run.code(code)
            .says("is tracked by another lockfile of this repository too")
            .says("state rm front");
    }
    assert_eq!(api.alive().len(), 1);
}

#[test]
fn an_adopted_simulation_is_deleted_only_with_force() {
    let (env, api, id) = adopted();
    let entry = &env.lockfile().unwrap()["simulations"]["a"];
    assert_eq!(entry["adopted"], json!([id]));
    env.run_at(&api.url(), &["drift"])
        .code(0)
        .says("these simulations were adopted, so somebody else may manage them: `a`");
    env.run_at(&api.url(), &["destroy", "--yes"])
        .code(1)
        .says("was adopted and not created");
    env.undeclare("a");
    for (verb, code) in [("plan", 0), ("apply", 1)] {
        env.run_at(&api.url(), &[verb, "--prune"])
            .code(code)
            .says(&format!(
                "simulation {id} of `a` was adopted and not created"
            ))
            .says("state rm a");
    }
    assert_eq!(api.alive().len(), 1);
    env.run_at(&api.url(), &["apply", "--prune", "--force"])
        .code(0)
        .says("1 deleted");
    assert!(api.alive().is_empty());
}

#[test]
fn the_old_instance_of_an_adopted_simulation_is_deleted_only_with_force() {
    let (env, api, id) = adopted();
    env.simulation("a", "always_on: true");
    env.run_at(&api.url(), &["apply", "--prune"])
        .code(1)
        .says("was adopted and not created");
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("1 replaced");
    let entry = &env.lockfile().unwrap()["simulations"]["a"];
    assert_eq!(entry["adopted"], json!([id]));
    env.run_at(&api.url(), &["apply", "--prune"])
        .code(1)
        .says(&format!("simulation {id} of `a` was adopted"));
    env.run_at(&api.url(), &["apply", "--prune", "--force"])
        .code(0);
    let entry = &env.lockfile().unwrap()["simulations"]["a"];
    assert!(entry.get("adopted").is_none(), "{entry}");
    env.run_at(&api.url(), &["destroy", "--yes"]).code(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_simulation_that_another_environment_adopts_first_is_not_adopted() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write("bluejay.yaml", "environments: { one: {}, two: {} }\n");
    let id = api.create(json!({"agent_id": "42", "name": "a"}));
    let (base, own) = (env.path("bluejay.lock"), env.path("bluejay.one.lock"));
    let neighbours = StateFiles::new(&base, &own, &Bounds::around(&[&env.path(".")]))
        .neighbours(&ApiAddress::new(&api.url()))
        .unwrap();
    let adoptions = neighbours.adoptions().unwrap();
    let two = env.spawn_at(&api.url(), &["apply", "--env", "two"]);
    until("it has found the simulation", || {
        two.has_open("adoptions.guard")
    });
    let entry = json!({"applied": {"agent_id": "42", "name": "a"}, "simulation_id": id});
    let lockfile = json!({"api": api.url(), "simulations": {"a": entry}, "version": 1});
    env.write("bluejay.one.lock", &lockfile.to_string());
    drop(adoptions);
    two.end()
        .code(1)
        .says("another lockfile of this repository adopted the simulation first");
    assert!(!env.exists("bluejay.two.lock"));
    env.run_at(&api.url(), &["apply", "--env", "two"])
        .code(0)
        .says("1 created");
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn a_newer_journal_with_unknown_fields_is_not_damaged() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let json = r#"{"entry":"begin","version":9,"of_the_future":[1]}"#;
    let newer = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
    env.write(".bluejay/bluejay.lock.journal", &newer);
    for verb in ["plan", "apply"] {
        env.run_at(&api.url(), &[verb])
            .code(1)
            .says("the journal has version 9, and this program knows up to 3")
            .says("the journal is not damaged: use the version of bluejayctl that wrote it")
            .never_says("is damaged")
            .never_says("mv ");
    }
    assert_eq!(env.read(".bluejay/bluejay.lock.journal"), newer);
}

#[cfg(target_os = "linux")]
#[test]
fn recovery_does_not_record_an_id_that_another_environment_recorded_first() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write("bluejay.yaml", "environments: { one: {}, two: {} }\n");
    let id = api.create(json!({"agent_id": "42", "name": "a"}));
    let journal = begin(&api.url()) + &intended(0, "a", 1);
    env.write(".bluejay/bluejay.two.lock.journal", &journal);
    let (base, own) = (env.path("bluejay.lock"), env.path("bluejay.one.lock"));
    let neighbours = StateFiles::new(&base, &own, &Bounds::around(&[&env.path(".")]))
        .neighbours(&ApiAddress::new(&api.url()))
        .unwrap();
    let adoptions = neighbours.adoptions().unwrap();
    let two = env.spawn_at(&api.url(), &["apply", "--env", "two"]);
    until("it has found the simulation", || {
        two.has_open("adoptions.guard")
    });
    let entry = json!({"applied": {"agent_id": "42", "name": "a"}, "simulation_id": id});
    let lockfile = json!({"api": api.url(), "simulations": {"a": entry}, "version": 1});
    env.write("bluejay.one.lock", &lockfile.to_string());
    drop(adoptions);
    two.end().code(0).says("1 created");
    let lockfile: serde_json::Value = serde_json::from_str(&env.read("bluejay.two.lock")).unwrap();
    assert_ne!(lockfile["simulations"]["a"]["simulation_id"], json!(id));
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn state_resolve_refuses_an_id_that_another_lockfile_tracks() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write("bluejay.yaml", "environments: { one: {}, two: {} }\n");
    env.run_at(&api.url(), &["apply", "--env", "one"]).code(0);
    let id = api.alive().into_keys().next().unwrap().to_string();
    let journal = begin(&api.url()) + &intended(0, "a", 1);
    env.write(".bluejay/bluejay.two.lock.journal", &journal);
    let resolve = ["state", "resolve", "a", &id, "--env", "two"];
    env.run_at(&api.url(), &resolve)
        .code(1)
        .says("is tracked by another lockfile of this repository");
    assert!(!env.exists("bluejay.two.lock"));
}

#[test]
fn other_lockfiles_are_searched_only_for_a_plan_with_deletes() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    // The search stops at an unreadable lockfile of the project.
    env.write("bluejay.one.lock", "{");
    env.run_at(&api.url(), &["plan", "--prune"])
        .code(0)
        .says("No changes");
    env.undeclare("b");
    env.run_at(&api.url(), &["plan", "--prune"])
        .code(1)
        .says("bluejay.one.lock");
}
