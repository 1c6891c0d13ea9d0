//! Tests of `apply`.

mod lost_answers;

use serde_json::json;
use wiremock::ResponseTemplate;

use super::api::{CREATE, FakeApi, LIST, TestApi, created, listed};
use super::env::{KEY, Run, TestEnv, until};

/// Returns the answer to a read of a simulation of agent 42.
fn shown(id: u64, name: &str, description: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "id": id, "agent_id": 42, "name": name, "description": description,
        "created_at": "2026-03-01T00:00:00Z", "settings": {},
    }))
}

#[test]
fn a_second_apply_changes_nothing() {
    let (env, api) = (TestEnv::with(&["a", "b", "team/c"]), TestApi::start());
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(0).says("Apply complete: 3 created.");
    assert_eq!(api.write_count(), 3);
    let ids = env.ids();
    assert_eq!(ids.keys().collect::<Vec<_>>(), ["a", "b", "team/c"]);
    let alive = api.alive();
    for (key, id) in &ids {
        assert_eq!(alive[id], *key);
    }
    assert_eq!(alive.len(), 3);
    assert!(!env.has_journal());

    let (before, requests) = (env.read("bluejay.lock"), api.request_count());
    let again = env.run_at(&api.url(), &["apply"]);
    again.code(0).says("No changes: 3 unchanged.");
    assert_eq!(env.read("bluejay.lock"), before);
    assert_eq!(
        api.request_count(),
        requests,
        "a second apply asked the API"
    );
}

#[test]
fn a_create_sends_only_the_fields_of_the_file() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation(
        "a",
        "agent_id: 42\nmax_concurrent: 5\ndescription: null\nprotect: true\n\
         digital_humans_settings:\n  num_runs: 3\nextra:\n  new_field: [1, 2]",
    );
    api.on("GET", LIST, 1, listed(&[]));
    api.on("POST", CREATE, 1, created(7));
    // The read shows that the create accepted the field that the schema does not know.
    let shown = json!({
        "id": 7, "agent_id": 42, "name": "a", "max_concurrent": 5, "new_field": [1, 2],
        "settings": {"digital_humans_settings": {"num_runs": 3}},
    });
    let shown = ResponseTemplate::new(200).set_body_json(shown);
    api.on("GET", "/v1/simulation/7", 1, shown);
    env.run_at(&api.url(), &["apply"]).code(0);
    let expected = json!({
        "agent_id": "42", "name": "a", "max_concurrent": 5, "new_field": [1, 2],
        "digital_humans_settings": {"num_runs": 3},
    });
    assert_eq!(api.bodies("POST"), std::slice::from_ref(&expected));
    let entry = json!({"applied": expected, "protect": true, "simulation_id": 7});
    assert_eq!(env.lockfile().unwrap()["simulations"]["a"], entry);
}

#[test]
fn the_sandbox_of_the_program_needs_no_key() {
    let env = TestEnv::with(&["a", "b"]);
    for said in ["Apply complete: 2 created.", "No changes: 2 unchanged."] {
        let mut command = env.command(&["apply", "--sandbox"]);
        command.env_remove("BLUEJAY_API_KEY");
        Run::of(command).code(0).says(said);
    }
    assert!(env.exists("bluejay.sandbox.lock"));
    assert!(!env.exists("bluejay.lock"));
}

#[test]
fn without_a_key_nothing_is_sent() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let mut command = env.command(&["apply", "--api-url", &api.url()]);
    command.env_remove("BLUEJAY_API_KEY");
    Run::of(command).code(1).says("BLUEJAY_API_KEY");
    assert_eq!(api.request_count(), 0);
    assert!(!env.exists("bluejay.lock"));
}

#[test]
fn a_wrong_key_costs_one_request() {
    let (env, api) = (TestEnv::with(&["a", "b", "c", "d"]), TestApi::start());
    let mut command = env.command(&["apply", "--api-url", &api.url()]);
    command.env("BLUEJAY_API_KEY", "another-key");
    let run = Run::of(command);
    run.code(1)
        .says("the API rejected the key")
        .says("BLUEJAY_API_KEY");
    run.never_says("another-key");
    assert_eq!(api.request_count(), 1);
    assert!(!env.exists("bluejay.lock"));
    assert!(!env.has_journal());
}

#[test]
fn a_refused_simulation_does_not_stop_the_others() {
    let rules = ["error-before:status=400,match=POST:create,after=1,times=1"];
    let (env, api) = (
        TestEnv::with(&["a", "b", "c"]),
        TestApi::with_faults(&rules),
    );
    let run = env.run_at(&api.url(), &["apply", "--parallelism", "1"]);
    run.code(3).says("2 created").says("1 failed");
    assert_eq!(env.ids().keys().collect::<Vec<_>>(), ["a", "c"]);
    assert!(!env.has_journal());
    env.run_at(&api.url(), &["apply"]).code(0).says("1 created");
    assert_eq!(api.alive().len(), 3);
    assert_eq!(api.count("POST"), 4);
}

#[test]
fn if_all_creates_are_refused_the_exit_code_is_1() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    let detail = json!({"detail": [{
        "loc": ["body", "name"], "msg": "Value is taken", "type": "value_error", "input": "a",
    }]});
    api.on("GET", LIST, 1, listed(&[]));
    api.on(
        "POST",
        CREATE,
        1,
        ResponseTemplate::new(422).set_body_json(detail),
    );
    env.run_at(&api.url(), &["apply"]).code(1);
    assert!(env.ids().is_empty());
    assert!(!env.has_journal());
}

#[test]
fn apply_works_with_an_api_that_only_creates() {
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), FakeApi::start());
    api.on("POST", CREATE, 3, |_: &wiremock::Request| {
        use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
        static NEXT: AtomicU64 = AtomicU64::new(100);
        created(NEXT.fetch_add(1, Relaxed))
    });
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(0);
    let expected = format!(
        "API: {}  Lockfile: bluejay.lock\nApply complete: 3 created.\n",
        api.url()
    );
    assert_eq!(run.stdout, expected);
    run.says("a duplicate of an untracked simulation can't be ruled out");
    assert_eq!(env.ids().len(), 3);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn an_invalid_simulation_stops_everything_before_the_first_request() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.simulation("b", "max_concurrent: many");
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(1).says("simulations/b.yaml");
    assert_eq!(api.request_count(), 0);
    assert!(!env.exists("bluejay.lock"));
}

#[test]
fn a_torn_lockfile_stops_everything_before_the_first_request() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write("bluejay.lock", "{\"version\": 1");
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(1).says("bluejay.lock");
    assert_eq!(api.request_count(), 0);
    assert_eq!(env.read("bluejay.lock"), "{\"version\": 1");
}

#[test]
fn an_update_sends_only_what_changes() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation(
        "a",
        "max_concurrent: 5\ndescription: first\nringing_timeout: 20",
    );
    api.on("GET", LIST, 1, listed(&[]));
    api.on("POST", CREATE, 1, created(7));
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "max_concurrent: 6\nringing_timeout: 20");
    api.on("PUT", "/v1/simulation/7", 1, shown(7, "a", ""));
    env.run_at(&api.url(), &["apply"]).code(0).says("1 updated");
    assert_eq!(
        api.bodies("PUT"),
        [json!({"max_concurrent": 6, "description": null})]
    );
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn a_replace_keeps_the_old_instance_until_prune() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let old = env.ids()["a"];
    env.simulation("a", "agent_id: \"43\"");
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("1 replaced");
    let new = env.ids()["a"];
    assert_ne!(new, old);
    assert_eq!(env.replaced("a"), [old]);
    assert_eq!(api.alive().len(), 2);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
    assert_eq!(api.count("POST"), 2);

    env.run_at(&api.url(), &["apply", "--prune"])
        .code(0)
        .says("1 deleted");
    assert_eq!(api.alive().keys().collect::<Vec<_>>(), [&new]);
    assert_eq!(env.replaced("a"), [0; 0]);
    assert_eq!(env.ids()["a"], new);
}

#[test]
fn a_replace_with_prune_deletes_the_old_instance_after_the_create() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("a", "agent_id: \"43\"");
    env.run_at(&api.url(), &["apply", "--prune"]).code(0);
    let requests = api.requests();
    let writes: Vec<_> = requests
        .iter()
        .map(|request| request.method.as_str())
        .filter(|method| *method != "GET")
        .collect();
    assert_eq!(writes, ["POST", "POST", "DELETE"]);
    assert_eq!(
        api.alive().keys().copied().collect::<Vec<_>>(),
        [env.ids()["a"]]
    );
}

#[test]
fn a_delete_needs_prune_and_an_unprotected_simulation() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.simulation("kept", "protect: true");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.undeclare("b");
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(0).says("1 orphaned");
    assert_eq!(api.alive().len(), 3);
    env.run_at(&api.url(), &["apply", "--prune"])
        .code(0)
        .says("1 deleted");
    assert_eq!(api.alive().len(), 2);
    env.undeclare("kept");
    let run = env.run_at(&api.url(), &["apply", "--prune", "--force"]);
    run.code(1).says("protected");
    assert_eq!(api.count("DELETE"), 1);
    assert!(env.ids().contains_key("kept"));
}

#[test]
fn many_deletes_need_force() {
    let env = TestEnv::new();
    let api = TestApi::start();
    for n in 0..12 {
        env.simulation(&format!("s{n:02}"), "");
    }
    env.run_at(&api.url(), &["apply"]).code(0);
    for n in 0..6 {
        env.undeclare(&format!("s{n:02}"));
    }
    env.run_at(&api.url(), &["apply", "--prune"])
        .code(1)
        .says("--force");
    assert_eq!(api.count("DELETE"), 0);
    env.run_at(&api.url(), &["apply", "--prune", "--force"])
        .code(0);
    assert_eq!(api.alive().len(), 6);
}

#[test]
fn a_move_renames_the_entry_without_a_request() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.simulation("a", "name: the one");
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"];
    env.undeclare("a");
    env.simulation("b", "name: the one");
    env.run_at(&api.url(), &["apply"]).code(0).says("1 moved");
    assert_eq!(env.ids(), [("b".to_owned(), id)].into());
    assert_eq!(api.write_count(), 1);
}

#[test]
fn events_are_lines_of_json_from_the_version_to_the_summary() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    let run = env.run_at(&api.url(), &["apply", "--format", "json"]);
    run.code(0);
    let events: Vec<serde_json::Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.first().unwrap()["type"], "version");
    let last = events.last().unwrap();
    assert_eq!(last["type"], "summary");
    assert_eq!(last["done"]["created"], 2);
    assert_eq!(last["exit_code"], 0);
    let finished = events.iter().filter(|event| event["type"] == "finished");
    assert_eq!(finished.count(), 2);
}

#[test]
fn simulations_are_adopted_after_a_lost_lockfile() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let mut expected = env.lockfile().unwrap();
    for entry in expected["simulations"]
        .as_object_mut()
        .unwrap()
        .values_mut()
    {
        entry["adopted"] = json!([entry["simulation_id"]]);
    }
    env.remove("bluejay.lock");
    env.run_at(&api.url(), &["apply"]).code(0).says("2 adopted");
    assert_eq!(env.lockfile().unwrap(), expected);
    assert_eq!(api.write_count(), 2);
}

#[test]
fn an_untracked_simulation_with_other_fields_needs_a_decision() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("a", "max_concurrent: 5");
    env.simulation("b", "");
    let other = api.create(json!({"agent_id": "42", "name": "a", "max_concurrent": 9}));
    let run = env.run_at(&api.url(), &["apply"]);
    let import = format!("bluejayctl import a {other}");
    run.code(3)
        .says(&import)
        .says("--adopt name")
        .says("--adopt never");
    assert_eq!(env.ids().keys().collect::<Vec<_>>(), ["b"]);

    // The first suggested command.
    let id = other.to_string();
    env.run_at(&api.url(), &["import", "a", &id]).code(0);
    assert_eq!(env.ids()["a"], other);
    env.run_at(&api.url(), &["apply"]).code(0).says("1 updated");
    assert_eq!(api.get(other)["max_concurrent"], 5);
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn adopt_name_updates_and_adopt_never_creates() {
    for (adopt, alive) in [("name", 1), ("never", 2)] {
        let (env, api) = (TestEnv::new(), TestApi::start());
        env.simulation("a", "max_concurrent: 5");
        let other = api.create(json!({"agent_id": "42", "name": "a", "max_concurrent": 9}));
        env.run_at(&api.url(), &["apply", "--adopt", adopt]).code(0);
        assert_eq!(api.alive().len(), alive, "{adopt}");
        assert_eq!(env.ids()["a"] == other, adopt == "name");
        assert_eq!(api.get(env.ids()["a"])["max_concurrent"], 5);
        if adopt == "never" {
            assert_eq!(api.get(other)["max_concurrent"], 9);
        }
    }
}

#[test]
fn two_concurrent_applies_exclude_each_other() {
    let rules = ["latency:match=POST,delay=300ms"];
    let (env, api) = (
        TestEnv::with(&["a", "b", "c"]),
        TestApi::with_faults(&rules),
    );
    let first = env.spawn_at(&api.url(), &["apply", "--parallelism", "1"]);
    until("the first apply sends something", || {
        api.request_count() > 0
    });
    let second = env.run_at(&api.url(), &["apply"]);
    second
        .code(1)
        .says("another apply is running on")
        .says("process")
        .says("--lock-timeout");
    let third = env.run_at(&api.url(), &["apply", "--lock-timeout", "60s"]);
    third
        .code(0)
        .says("waiting for another apply")
        .says("No changes");
    first.end().code(0).says("3 created");
    assert_eq!(api.count("POST"), 3);
    assert_eq!(api.alive().len(), 3);
}

#[test]
fn ids_of_another_environment_count_as_tracked() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    std::fs::rename(env.path("bluejay.lock"), env.path("bluejay.staging.lock")).unwrap();
    env.run_at(&api.url(), &["apply"]).code(0).says("1 created");
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn a_key_from_a_file_is_trimmed() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write("key.txt", &format!("{KEY}\n"));
    let url = api.url();
    let mut command = env.command(&["apply", "--api-url", &url, "--api-key-file", "key.txt"]);
    command.env_remove("BLUEJAY_API_KEY");
    Run::of(command).code(0);
}
