//! Tests of `ownership: marker`: a marker at the API shows which project manages a
//! simulation.

use serde_json::{Value, json};

use super::api::TestApi;
use super::env::TestEnv;

/// Returns the project file of a project with markers.
fn marking(project: &str) -> String {
    format!("project: {project}\nownership: marker\nenvironments: {{ staging: {{}} }}\n")
}

/// Returns a project with markers that declares `a`.
fn clinic() -> (TestEnv, TestApi) {
    let env = TestEnv::with(&["a"]);
    env.write("bluejay.yaml", &marking("clinic"));
    (env, TestApi::start())
}

/// Returns the marker that the API shows.
fn marker(api: &TestApi, id: u64) -> Value {
    api.get(id)["bluejay_as_code_id"].clone()
}

fn only_id(api: &TestApi) -> u64 {
    let alive = api.alive();
    assert_eq!(alive.len(), 1, "{alive:?}");
    *alive.keys().next().unwrap()
}

#[test]
fn the_update_after_a_create_sets_and_records_the_marker() {
    let (env, api) = clinic();
    env.run_at(&api.url(), &["apply"]).code(0).says("1 created");
    let marker = marker(&api, only_id(&api));
    let entry = &env.lockfile().unwrap()["simulations"]["a"];
    assert_eq!(entry["applied"]["ownership_marker"], marker);
    assert!(marker.is_string());
    assert_eq!(api.count("PUT"), 1);
    env.run_at(&api.url(), &["plan", "--refresh", "--detailed-exitcode"])
        .code(0)
        .says("No changes");
    env.run_at(&api.url(), &["drift"]).code(0);
}

#[test]
fn without_ownership_no_marker_is_sent_or_recorded() {
    let (env, api) = clinic();
    env.write("bluejay.yaml", "project: clinic\n");
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(marker(&api, only_id(&api)), Value::Null);
    assert_eq!(api.count("PUT"), 0);
    assert!(!env.read("bluejay.lock").contains("marker"));
}

#[test]
fn after_a_lost_lockfile_a_simulation_with_the_marker_counts_as_created() {
    let (env, api) = clinic();
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = only_id(&api);
    // The server normalises names, and a person edits the simulation.
    let path = format!("/v1/simulation/{id}");
    api.ask(
        "PUT",
        &path,
        Some(json!({"name": "A", "description": "by hand"})),
    );
    env.remove("bluejay.lock");
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .never_says("somebody else may manage");
    assert_eq!(only_id(&api), id);
    assert_eq!(api.get(id)["name"], "a");
    let entry = &env.lockfile().unwrap()["simulations"]["a"];
    assert!(entry.get("adopted").is_none(), "{entry}");
    env.run_at(&api.url(), &["destroy", "--yes"]).code(0);
    assert!(api.alive().is_empty());
}

#[test]
fn a_simulation_with_the_marker_of_another_project_is_not_adopted() {
    let (env, api) = clinic();
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = only_id(&api);
    env.remove("bluejay.lock");
    env.write("bluejay.yaml", &marking("other"));
    let writes = api.write_count();
    for adopt in ["identical", "name"] {
        env.run_at(&api.url(), &["apply", "--adopt", adopt])
            .code(1)
            .says("has the marker of another project")
            .says("--adopt never")
            .never_says("bluejayctl import");
    }
    env.run_at(&api.url(), &["import", "a", &id.to_string()])
        .code(1)
        .says("has the marker of another project");
    assert_eq!(api.write_count(), writes);
    assert!(!env.exists("bluejay.lock"));
    env.run_at(&api.url(), &["apply", "--adopt", "never"])
        .code(0)
        .says("1 created");
    assert_eq!(api.alive().len(), 2);
}

#[test]
fn a_simulation_with_the_marker_of_another_project_is_neither_updated_nor_deleted() {
    let (env, api) = clinic();
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = only_id(&api);
    let before = api.get(id);
    // The situation after copying the folder with its lockfile.
    env.write("bluejay.yaml", &marking("other"));
    env.simulation("a", "description: other");
    let writes = api.write_count();
    env.run_at(&api.url(), &["apply"])
        .code(1)
        .says(&format!(
            "simulation {id} has the marker of another project"
        ))
        .says("state rm a");
    env.run_at(&api.url(), &["destroy", "--yes"])
        .code(1)
        .says("has the marker of another project");
    assert_eq!(api.write_count(), writes);
    assert_eq!(api.get(id), before);
    // The project was renamed.
    env.run_at(&api.url(), &["apply", "--force"])
        .code(0)
        .says("1 updated");
    assert_ne!(marker(&api, id), before["bluejay_as_code_id"]);
}

#[test]
fn a_crash_between_the_create_and_the_marker_is_completed() {
    for point in ["create.recorded", "intent.before", "update.answered"] {
        let (env, api) = clinic();
        let mut command = env.command(&["apply"]);
        command.env("BLUEJAY_API_URL", api.url());
        // The second intent belongs to the update.
        let rule = match point {
            "intent.before" => "intent.before=1*off->return".to_owned(),
            point => format!("{point}=return"),
        };
        command.env("FAILPOINTS", rule);
        super::env::Running::start(&mut command).end();
        env.run_at(&api.url(), &["apply"]).code(0);
        let id = only_id(&api);
        let entry = &env.lockfile().unwrap()["simulations"]["a"];
        assert_eq!(
            entry["applied"]["ownership_marker"],
            marker(&api, id),
            "{point}"
        );
        assert!(entry.get("adopted").is_none(), "{point}: {entry}");
    }
}

#[test]
fn the_marker_follows_the_key() {
    let (env, api) = clinic();
    env.run_at(&api.url(), &["apply"]).code(0);
    let (id, first) = (only_id(&api), marker(&api, only_id(&api)));
    std::fs::rename(
        env.path("simulations/a.yaml"),
        env.path("simulations/b.yaml"),
    )
    .unwrap();
    env.run_at(&api.url(), &["apply"]).code(0).says("1 updated");
    assert_eq!(only_id(&api), id);
    assert_ne!(marker(&api, id), first);
    let entry = &env.lockfile().unwrap()["simulations"]["b"];
    assert_eq!(entry["applied"]["ownership_marker"], marker(&api, id));
}

#[test]
fn after_a_lost_lockfile_moved_from_is_recognised_by_the_marker() {
    let (env, api) = clinic();
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = only_id(&api);
    env.remove("bluejay.lock");
    env.undeclare("a");
    env.write(
        "simulations/b.yaml",
        "agent_id: \"42\"\nname: a\nmoved_from: a\n",
    );
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(env.ids()["b"], id);
    assert_eq!(only_id(&api), id);
}

#[test]
fn environments_have_different_markers() {
    let (env, api) = clinic();
    env.run_at(&api.url(), &["apply"]).code(0);
    env.run_at(&api.url(), &["apply", "-e", "staging"])
        .code(0)
        .says("1 created");
    let markers: Vec<_> = api.alive().keys().map(|id| marker(&api, *id)).collect();
    assert_ne!(markers[0], markers[1]);
}

#[test]
fn the_next_apply_marks_an_imported_simulation() {
    let (env, api) = clinic();
    let id = api.create(json!({"agent_id": "42", "name": "b"}));
    env.run_at(&api.url(), &["import", "b", &id.to_string()])
        .code(0);
    let entry = &env.lockfile().unwrap()["simulations"]["b"];
    assert_eq!(entry["adopted"], json!([id]));
    assert!(entry["applied"].get("ownership_marker").is_none());
    env.run_at(&api.url(), &["apply", "--target", "b"])
        .code(0)
        .says("1 updated");
    assert!(marker(&api, id).is_string());
}

#[test]
fn a_marker_in_extra_and_a_missing_project_are_errors_at_their_places() {
    let (env, _) = clinic();
    let id = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    env.simulation("a", &format!("extra:\n  bluejay_as_code_id: {id}"));
    env.run(&["validate"])
        .code(1)
        .says("`bluejay_as_code_id` is set by `ownership: marker`")
        .says("simulations/a.yaml:4:3");
    env.write("bluejay.yaml", "ownership: marker\n");
    env.run(&["validate"])
        .code(1)
        .says("`ownership` needs the name of the project")
        .says("bluejay.yaml:1:12");
    env.write("bluejay.yaml", "project: clinic\n");
    env.run(&["validate"]).code(0);
}

#[test]
fn after_a_lost_lockfile_a_digital_human_with_the_marker_counts_as_created() {
    let env = TestEnv::new();
    env.write("bluejay.yaml", &marking("clinic"));
    let caller = "kind: digital_human\nkey: ann\nname: Ann\ntest_name: Books\nintent: book\n";
    env.write("simulations/ann.yaml", caller);
    let api = TestApi::start();
    env.run_at(&api.url(), &["apply"]).code(0);
    let ids = env.resources();
    let path = format!("/v1/update-digital-human/{}", ids["digital_human:ann"]);
    for edit in [
        json!({}),
        json!({"intent": "by hand"}),
        json!({"test_name": "Another title"}),
    ] {
        api.ask("PUT", &path, Some(edit));
        env.remove("bluejay.lock");
        env.run_at(&api.url(), &["apply"])
            .code(0)
            .never_says("somebody else may manage");
        assert_eq!(env.resources(), ids);
        let lockfile = env.lockfile().unwrap();
        let entry = &lockfile["resources"]["digital_human"]["ann"];
        assert!(entry.get("adopted").is_none(), "{entry}");
        assert!(entry["applied"]["ownership_marker"].is_string(), "{entry}");
        env.run_at(&api.url(), &["plan", "--refresh"])
            .code(0)
            .says("No changes");
    }
    env.run_at(&api.url(), &["destroy", "--yes"]).code(0);
    assert!(api.resources().is_empty());
}
