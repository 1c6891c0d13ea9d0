//! Tests of the organisation: the key of another organisation changes nothing.

use serde_json::json;
use wiremock::ResponseTemplate;

use crate::api::{CREATE, FakeApi, LIST, TestApi, created, failed, listed};
use crate::env::TestEnv;

const INTEGRATIONS: &str = "/v1/integrations";

fn named(organization: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"organization_id": organization}))
}

#[test]
fn the_organisation_is_recorded_and_another_is_refused() {
    let env = TestEnv::with(&["a"]);
    {
        let api = FakeApi::start();
        api.on("POST", CREATE, 1, created(7))
            .always("GET", LIST, listed(&[]))
            .always("GET", INTEGRATIONS, named("org-1"));
        env.run_at(&api.url(), &["apply"]).code(0);
    }
    let lockfile = env.lockfile().unwrap();
    assert_eq!(lockfile["organization"], "org-1");
    let bytes = env.read("bluejay.lock");
    env.simulation("a", "description: new");
    // The same address with another key.
    let api = FakeApi::start();
    api.always("GET", INTEGRATIONS, named("org-2"));
    let at = lockfile["api"].as_str().unwrap();
    env.write("bluejay.lock", &bytes.replace(at, &api.url()));
    for args in [&["apply"][..], &["plan", "--refresh"], &["drift"], &["run"]] {
        let run = env.run_at(&api.url(), args);
        run.code(1)
            .says("organisation org-1")
            .says("organisation org-2");
    }
    let requests = api.requests();
    assert!(
        requests
            .iter()
            .all(|request| request.url.path() == INTEGRATIONS)
    );
}

#[test]
fn if_no_simulation_is_visible_nothing_is_created_again() {
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), FakeApi::start());
    api.always("POST", CREATE, Numbered::default())
        .always("GET", LIST, listed(&[]));
    env.run_at(&api.url(), &["apply"]).code(0);
    for id in 1..=3 {
        let path = format!("/v1/simulation/{id}");
        api.always("GET", &path, failed(404, "Simulation not found"));
    }
    let run = env.run_at(&api.url(), &["apply", "--refresh"]);
    run.code(1).says("another organisation").says("--force");
    assert_eq!(api.bodies("POST").len(), 3);
    let run = env.run_at(&api.url(), &["apply", "--refresh", "--force"]);
    run.code(0).says("3 created");
}

/// Answers creates with the ids 1, 2, 3 and so on.
#[derive(Default)]
struct Numbered(std::sync::atomic::AtomicU64);

impl wiremock::Respond for Numbered {
    fn respond(&self, _: &wiremock::Request) -> ResponseTemplate {
        created(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1)
    }
}

#[test]
fn the_sandbox_has_an_organisation() {
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    for id in env.ids().into_values() {
        api.ask("DELETE", &format!("/v1/simulation/{id}"), None);
    }
    // The organisation is known, so the missing simulations were deleted.
    let run = env.run_at(&api.url(), &["apply", "--refresh"]);
    run.code(0).says("3 created");
}

/// Returns an API that created these simulations and now shows only the visible ones.
fn blind(keys: &[&str], visible: &[u64]) -> (TestEnv, FakeApi) {
    let (env, api) = (TestEnv::with(keys), FakeApi::start());
    api.always("POST", CREATE, Numbered::default())
        .always("GET", LIST, listed(&[]));
    env.run_at(&api.url(), &["apply"]).code(0);
    for id in env.ids().into_values() {
        let path = format!("/v1/simulation/{id}");
        let shown = json!({"id": id, "name": "x", "agent_id": null});
        let answer = if visible.contains(&id) {
            ResponseTemplate::new(200).set_body_json(shown)
        } else {
            failed(404, "Simulation not found")
        };
        api.always("GET", &path, answer);
    }
    (env, api)
}

#[test]
fn a_missing_target_is_judged_by_the_other_simulations() {
    let (env, api) = blind(&["a", "b", "c", "d", "e"], &[]);
    let args = ["apply", "--refresh", "--target", "a"];
    let run = env.run_at(&api.url(), &args);
    run.code(1).says("another organisation").says("--force");
    assert_eq!(api.bodies("POST").len(), 5);

    let (env, api) = blind(&["a", "b"], &[2]);
    let gone = if env.ids()["a"] == 2 { "b" } else { "a" };
    let run = env.run_at(&api.url(), &["apply", "--refresh", "--target", gone]);
    run.code(0).says("1 created");
}

#[test]
fn two_invisible_simulations_stop_the_apply() {
    let (env, api) = blind(&["a", "b"], &[]);
    let run = env.run_at(&api.url(), &["apply", "--refresh"]);
    run.code(1).says("none of the 2 simulations");
    assert_eq!(api.bodies("POST").len(), 2);
}

#[test]
fn a_single_missing_simulation_is_created_again_with_a_warning() {
    let (env, api) = blind(&["a"], &[]);
    let run = env.run_at(&api.url(), &["apply", "--refresh"]);
    run.code(0)
        .says("1 created")
        .says("this API key can't see simulation 1 of `a`")
        .says("another organisation");
}

#[test]
fn drift_without_a_visible_simulation_suggests_no_refresh() {
    let (env, api) = blind(&["a", "b"], &[]);
    env.run_at(&api.url(), &["drift"])
        .code(2)
        .says("none of the 2 simulations can be seen with this key")
        .says("use the key of the organisation that they belong to")
        .never_says("puts it right");
}

/// A lockfile with simulation 1 and without an organisation, and a second declared
/// simulation.
fn unnamed_lockfile() -> (TestEnv, FakeApi) {
    let (env, api) = blind(&["a"], &[]);
    assert!(!env.read("bluejay.lock").contains("organization"));
    env.simulation("b", "");
    api.always("GET", INTEGRATIONS, named("org-1"));
    (env, api)
}

#[test]
fn a_lockfile_gains_the_organisation_of_a_key_that_sees_its_simulations() {
    let (env, api) = unnamed_lockfile();
    let shown = json!({"id": 1, "name": "x", "agent_id": null});
    let shown = ResponseTemplate::new(200).set_body_json(shown);
    api.first("GET", "/v1/simulation/1", shown);
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(env.lockfile().unwrap()["organization"], "org-1");
    // The proof is not repeated.
    env.simulation("c", "");
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(env.lockfile().unwrap()["organization"], "org-1");
}

#[test]
fn a_key_that_sees_nothing_of_a_lockfile_gives_it_no_organisation() {
    let (env, api) = unnamed_lockfile();
    env.run_at(&api.url(), &["apply"]).code(0).says("1 created");
    assert_eq!(env.lockfile().unwrap().get("organization"), None);
}

#[test]
fn an_apply_without_changes_does_not_ask_for_the_organisation() {
    let (env, api) = blind(&["a"], &[1]);
    api.on("GET", INTEGRATIONS, 0, named("org-1"));
    let bytes = env.read("bluejay.lock");
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(env.read("bluejay.lock"), bytes);
}

#[test]
fn an_import_records_no_organisation_for_ids_that_the_key_cannot_see() {
    let (env, api) = unnamed_lockfile();
    let shown = json!({"id": 9, "name": "b", "agent_id": 42});
    let shown = ResponseTemplate::new(200).set_body_json(shown);
    api.always("GET", "/v1/simulation/9", shown);
    env.run_at(&api.url(), &["import", "new", "9"]).code(0);
    assert_eq!(env.lockfile().unwrap().get("organization"), None);
}

#[test]
fn what_the_run_itself_made_does_not_show_the_organisation_of_the_rest() {
    let (env, api) = blind(&["a", "b"], &[3]);
    api.always("DELETE", "/v1/simulation/1", failed(404, "not found"))
        .always("DELETE", "/v1/simulation/2", failed(404, "not found"))
        .always(
            "GET",
            "/v1/simulation/3",
            ResponseTemplate::new(200)
                .set_body_json(json!({"id": 3, "name": "z", "agent_id": null})),
        );
    env.remove("simulations/a.yaml");
    env.remove("simulations/b.yaml");
    env.simulation("z", "");
    let run = env.run_at(&api.url(), &["apply", "--prune"]);
    run.code(3)
        .says("1 created, 2 failed")
        .says("another organisation");
    assert_eq!(env.ids().len(), 3, "no id is lost");
}

#[test]
fn a_delete_that_succeeds_shows_the_organisation_of_one_that_is_gone() {
    let (env, api) = blind(&["a", "b"], &[]);
    let gone = ResponseTemplate::new(200).set_body_json(json!({"message": "deleted"}));
    api.always("DELETE", "/v1/simulation/1", gone).always(
        "DELETE",
        "/v1/simulation/2",
        failed(404, "not found"),
    );
    let run = env.run_at(&api.url(), &["destroy", "--yes"]);
    run.code(0).says("2 deleted");
    assert!(env.ids().is_empty());
}

#[test]
fn a_rejected_key_costs_one_request_and_queues_no_run() {
    let (env, _) = blind(&["a", "b"], &[]);
    let at = env.lockfile().unwrap()["api"].as_str().unwrap().to_owned();
    let api = FakeApi::start();
    let bytes = env.read("bluejay.lock").replace(&at, &api.url());
    env.write("bluejay.lock", &bytes);
    env.simulation("a", "description: new");
    api.always("GET", INTEGRATIONS, failed(401, "Invalid API key"));
    let commands = [
        &["run"][..],
        &["apply"],
        &["drift"],
        &["plan", "--refresh"],
        &["import", "new", "9"],
    ];
    for args in commands {
        env.run_at(&api.url(), args)
            .code(1)
            .says("check `BLUEJAY_API_KEY`");
    }
    assert_eq!(api.requests().len(), commands.len());
    assert_eq!(env.read("bluejay.lock"), bytes);
}
