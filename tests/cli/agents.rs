//! Tests of agents that files name by external id or by name.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::api::{CREATE, FakeApi, TestApi, created, failed, listed};
use super::env::{KEY, Run, TestEnv};

const ALL: &str = "/v1/all-agents";
const DESK: &str = "/v1/agent-by-external-id/desk";

/// A password in every answer with agents.
const PASSWORD: &str = "hunter2";

fn agent(id: u64, external_id: &str, name: &str) -> Value {
    json!({
        "id": id,
        "external_agent_id": external_id,
        "name": name,
        "sip_password": "hunter2-sip",
        "websocket_password": "hunter2-websocket",
        "code": "hunter2",
    })
}

fn agents(rows: &[Value]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(rows)
}

fn one(row: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(row)
}

/// Returns a repository with a simulation of this agent.
fn of_agent(agent: &str) -> TestEnv {
    let env = TestEnv::new();
    declare(&env, "a", agent);
    env
}

fn declare(env: &TestEnv, key: &str, agent: &str) {
    let text = format!("agent: {agent}\nname: {key}\n");
    env.write(&format!("simulations/{key}.yaml"), &text);
}

/// Runs a command with the most detailed log, and checks that no output and no file contains
/// a password.
#[track_caller]
fn run_at(env: &TestEnv, url: &str, args: &[&str]) -> Run {
    let args: Vec<_> = args.iter().copied().chain(["-vvv"]).collect();
    let run = env.run_at(url, &args);
    run.never_says(PASSWORD);
    for file in env.files() {
        let bytes = std::fs::read(&file).unwrap();
        let mut windows = bytes.windows(PASSWORD.len());
        let is_found = windows.any(|window| window == PASSWORD.as_bytes());
        assert!(!is_found, "a password is in {}", file.display());
    }
    run
}

#[test]
fn an_agent_is_looked_up_once_and_pinned() {
    for (selector, pin) in [
        ("{external_id: clinic}", "external_id:clinic"),
        ("{name: Clinic front desk}", "name:Clinic front desk"),
    ] {
        let (env, api) = (of_agent(selector), TestApi::start());
        run_at(&env, &api.url(), &["plan"]).code(0).says("4201");
        assert!(env.lockfile().is_none());
        run_at(&env, &api.url(), &["apply"]).code(0);
        let lockfile = env.lockfile().unwrap();
        assert_eq!(lockfile["agents"], json!({ pin: "4201" }));
        assert_eq!(lockfile["version"], 2);
        let simulation = &lockfile["resources"]["simulation"]["a"];
        assert_eq!(simulation["applied"]["agent_id"], "4201");
        let id = simulation["id"].as_u64().unwrap();
        assert_eq!(api.get(id)["agent_id"], 4201);

        let count = api.request_count();
        let offline = env.run_at(&api.url(), &["plan", "--detailed-exitcode"]);
        offline.code(0).never_says("pin");
        env.run_at(&api.url(), &["apply"]).code(0);
        assert_eq!(
            api.request_count(),
            count,
            "a pinned agent needs no request"
        );
        for args in [
            &["plan", "--refresh"][..],
            &["apply", "--refresh"],
            &["drift"],
        ] {
            run_at(&env, &api.url(), args).code(0);
        }
        assert_eq!(env.lockfile().unwrap(), lockfile);
    }
}

#[test]
fn a_pin_lasts_as_long_as_a_file_needs_it() {
    let (env, api) = (of_agent("{external_id: clinic}"), TestApi::start());
    declare(&env, "b", "{name: Law firm intake}");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.write("simulations/b.yaml", "agent_id: 4203\nname: b\n");
    let plan = env.run_at(&api.url(), &["plan", "--detailed-exitcode"]);
    plan.code(0);
    env.run_at(&api.url(), &["apply"]).code(0);
    let pins = env.lockfile().unwrap()["agents"].clone();
    assert_eq!(pins, json!({"external_id:clinic": "4201"}));
    env.write("simulations/a.yaml", "agent_id: 4201\nname: a\n");
    env.run_at(&api.url(), &["apply"]).code(0);
    let lockfile = env.lockfile().unwrap();
    assert_eq!(
        (&lockfile["version"], lockfile.get("agents")),
        (&json!(1), None)
    );
}

#[test]
fn destroy_keeps_the_pins_that_are_left() {
    let (env, api) = (of_agent("{external_id: clinic}"), TestApi::start());
    declare(&env, "b", "{external_id: clinic}");
    env.run_at(&api.url(), &["apply"]).code(0);
    let one = ["destroy", "--yes", "--target", "b"];
    env.run_at(&api.url(), &one).code(0);
    let pins = env.lockfile().unwrap()["agents"].clone();
    assert_eq!(pins, json!({"external_id:clinic": "4201"}));
    env.run_at(&api.url(), &["destroy", "--yes"]).code(0);
    assert_eq!(env.lockfile().unwrap().get("agents"), None);
}

#[test]
fn an_agent_of_the_defaults_serves_every_simulation() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(
        "bluejay.yaml",
        "defaults:\n  agent: {external_id: retailer}\n",
    );
    env.write("simulations/a.yaml", "name: a\n");
    env.write("simulations/b.yaml", "name: b\nagent_id: 4203\n");
    declare(&env, "c", "{name: Law firm intake}");
    env.run_at(&api.url(), &["apply"]).code(0);
    let lockfile = env.lockfile().unwrap();
    let simulations = &lockfile["resources"]["simulation"];
    let ids = ["a", "b", "c"].map(|key| simulations[key]["applied"]["agent_id"].clone());
    assert_eq!(ids, ["4202", "4203", "4203"]);

    env.write(
        "bluejay.yaml",
        "defaults:\n  agent: {external_id: retailr}\n",
    );
    let run = env.run_at(&api.url(), &["plan"]);
    run.code(1)
        .says("no agent has the external id `retailr`")
        .says("bluejay.yaml:2:24")
        .says("did you mean `retailer`?");
}

#[test]
fn an_agent_that_is_not_one_agent_is_an_error_at_its_place() {
    let all = [
        agent(42, "desk", "Front desk"),
        agent(7, "x", "Twin"),
        agent(101, "y", "Twin"),
    ];
    for (selector, said) in [
        ("{name: Twin}", "2 agents have the name `Twin`: 7, 101"),
        ("{name: Front dsk}", "did you mean `Front desk`?"),
        (
            "{external_id: unlike}",
            "the external ids `desk`, `x` and `y`",
        ),
    ] {
        for command in ["plan", "apply"] {
            let (env, api) = (of_agent(selector), FakeApi::start());
            api.on("GET", ALL, 1, agents(&all));
            api.always(
                "GET",
                "/v1/agent-by-external-id/unlike",
                failed(404, "hunter2"),
            );
            let run = run_at(&env, &api.url(), &[command]);
            run.code(1).says(said).says("simulations/a.yaml:1:");
            assert!(env.lockfile().is_none());
        }
    }
}

#[test]
fn json_shows_the_mistake_too() {
    let (env, api) = (of_agent("{external_id: clinc}"), TestApi::start());
    let run = env.run_at(&api.url(), &["plan", "--format", "json"]);
    let found = &run.code(1).json()["diagnostics"][0];
    assert_eq!(found["code"], "unresolved-agent");
    assert_eq!(found["range"]["start"]["line"], 1);
    let run = env.run_at(&api.url(), &["apply", "--format", "json"]);
    run.code(1).says("unresolved-agent");
}

#[test]
fn a_plan_without_a_key_names_the_way_out() {
    let env = of_agent("{external_id: clinic}");
    let mut command = env.command(&["plan"]);
    command.env_remove("BLUEJAY_API_KEY");
    let run = Run::of(command);
    run.code(1)
        .says("could not look up the agent with the external id `clinic`: no API key")
        .says("simulations/a.yaml:1:22")
        .says("commit that lockfile")
        .says("BLUEJAY_API_KEY");
    let mut command = env.command(&["validate"]);
    command.env_remove("BLUEJAY_API_KEY");
    Run::of(command).code(0);
}

/// Returns a repository whose lockfile pins agent 42.
fn pinned(selector: &str, lookup: &str) -> TestEnv {
    let (env, api) = (of_agent(selector), FakeApi::start());
    api.always(
        "GET",
        DESK,
        one(&json!({"agent": agent(42, "desk", "Desk")})),
    );
    api.always("GET", ALL, agents(&[agent(42, "desk", "Desk")]));
    api.always("GET", "/v1/get-simulations-by-agent/42", listed(&[]));
    api.on("POST", CREATE, 1, created(7));
    run_at(&env, &api.url(), &["apply", "--settle", "100ms"]).code(0);
    let lookups = api.requests();
    let count = lookups.iter().filter(|r| r.url.path() == lookup).count();
    assert_eq!(count, 1);
    // Another server has another address.
    let text = env.read("bluejay.lock").replace(&api.url(), "URL");
    env.write("bluejay.lock", &text);
    env
}

/// Replaces the address in the lockfile.
fn point(env: &TestEnv, url: &str) {
    let text = env.read("bluejay.lock").replace("URL", url);
    env.write("bluejay.lock", &text);
}

#[test]
fn a_refresh_never_replaces_a_pin() {
    let moved = "the external id `desk` leads to agent 43 now";
    for (selector, now, said) in [
        ("{external_id: desk}", Some(43), moved),
        (
            "{external_id: desk}",
            None,
            "no agent has the external id `desk` any more",
        ),
        (
            "{name: Desk}",
            None,
            "no agent has the name `Desk` any more",
        ),
    ] {
        let is_name = selector.contains("name");
        let env = pinned(selector, if is_name { ALL } else { DESK });
        let api = FakeApi::start();
        point(&env, &api.url());
        let lockfile = env.read("bluejay.lock");
        match now {
            Some(id) => api.always("GET", DESK, one(&agent(id, "desk", "Desk"))),
            None => api.always("GET", DESK, failed(404, "hunter2")),
        };
        api.always("GET", ALL, agents(&[agent(1, "other", "Other")]));
        env.run_at(&api.url(), &["plan"]).code(0);
        assert!(api.requests().is_empty(), "a plan is offline");
        for command in ["plan", "apply"] {
            let run = run_at(&env, &api.url(), &[command, "--refresh"]);
            run.code(1).says(said).says("write `agent_id: \"42\"`");
        }
        assert_eq!(env.read("bluejay.lock"), lockfile);
        assert!(api.bodies("POST").is_empty());
    }
}

#[test]
fn a_saved_plan_needs_no_pin() {
    let (env, api) = (of_agent("{external_id: clinic}"), TestApi::start());
    env.run_at(&api.url(), &["plan", "--out", "p"]).code(0);
    env.run_at(&api.url(), &["apply", "p"]).code(0);
    assert_eq!(
        env.lockfile().unwrap()["agents"]["external_id:clinic"],
        "4201"
    );
}

#[test]
fn import_finds_the_file_of_a_named_agent() {
    let (env, api) = (of_agent("{external_id: clinic}"), TestApi::start());
    let id = api.create(json!({"agent_id": "4201", "name": "a"}));
    let run = run_at(&env, &api.url(), &["import", "--agent", "4201"]);
    run.code(0).says("declared in simulations/a.yaml");
    run_at(&env, &api.url(), &["apply"]).code(0);
    assert_eq!(api.alive().len(), 1);
    assert!(api.alive().contains_key(&id));
}

#[test]
fn no_failed_answer_shows_a_password() {
    let secret = agent(42, "desk", "Desk");
    let torn = ResponseTemplate::new(200).set_body_string("[{\"sip_password\": \"hunter2\", ");
    let odd = json!([{"id": {"sip_password": "hunter2"}}]);
    let mut answers = vec![torn, one(&odd), one(&json!(["hunter2"]))];
    for status in [400, 401, 402, 403, 404, 422, 500] {
        let body = json!({"detail": secret, "message": "hunter2", "code": "hunter2",
            "errors": [{"loc": ["body", "x"], "msg": "hunter2"}]});
        answers.push(ResponseTemplate::new(status).set_body_json(body));
    }
    for answer in answers {
        let (env, api) = (of_agent("{name: Desk}"), FakeApi::start());
        api.always("GET", ALL, answer);
        let run = run_at(&env, &api.url(), &["plan", "--log-format", "json"]);
        run.code(1)
            .says("could not look up the agent with the name `Desk`");
    }
}

#[test]
fn the_key_in_an_answer_is_not_shown() {
    let (env, api) = (of_agent("{name: Desk}"), FakeApi::start());
    api.always("GET", ALL, agents(&[agent(42, KEY, "Desk")]));
    let run = run_at(&env, &api.url(), &["plan"]);
    run.code(1).never_says(KEY);
}
