//! Tests of the example policy over the JSON of a plan, evaluated by OPA or, without OPA, by
//! the Rego interpreter of the Python package `regopy`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::api::TestApi;
use super::env::TestEnv;
use crate::tools::{output, skip};

const QUERY: &str = "data.main.deny";

const INTERPRETER: &str = "
import json, regopy, sys
rego = regopy.Interpreter()
rego.add_module('plan', open(sys.argv[1]).read())
rego.set_input(json.load(open(sys.argv[2])))
print(json.dumps(json.loads(str(rego.query(sys.argv[3])))['expressions'][0]))
";

fn policy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy/plan.rego")
}

/// Returns what the policy denies in a plan, sorted; `None` if no interpreter is here.
fn denied(plan: &Path) -> Option<Vec<String>> {
    let mut opa = Command::new("opa");
    opa.args(["eval", "--format", "raw", QUERY, "--data"])
        .arg(policy())
        .arg("--input")
        .arg(plan);
    let mut python = Command::new("python3");
    python
        .args(["-c", INTERPRETER])
        .args([&policy(), plan])
        .arg(QUERY);
    let Some(answer) = output(&mut opa).or_else(|| output(&mut python)) else {
        skip("opa, or python3 with regopy");
        return None;
    };
    let mut denied: Vec<String> = serde_json::from_str(&answer).unwrap();
    denied.sort();
    Some(denied)
}

/// Returns a project whose environments have a protected simulation `a`, and `b` and `c`.
fn applied(environment: &str) -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::with(&["b", "c"]), TestApi::start());
    env.write(
        "bluejay.yaml",
        "environments: { production: {}, staging: {} }\n",
    );
    env.simulation("a", "protect: true");
    env.run_at(&api.url(), &["apply", "--env", environment])
        .code(0);
    (env, api)
}

/// Plans with these options into a file, and returns what the policy denies.
fn denied_in(env: &TestEnv, api: &TestApi, options: &[&str]) -> Option<Vec<String>> {
    let plan = ["plan", "--json-into", "plan.json"];
    env.run_at(&api.url(), &[&plan, options].concat());
    denied(&env.path("plan.json"))
}

#[test]
fn deletes_replaces_and_lifted_protection_are_denied_in_production() {
    for (environment, expected) in [
        (
            "production",
            &[
                "b would be deleted in production",
                "c would be replaced in production",
                "the protection of a would be lifted in production",
            ][..],
        ),
        ("staging", &[]),
    ] {
        let (env, api) = applied(environment);
        let prune = ["--env", environment, "--prune"];
        let Some(before) = denied_in(&env, &api, &prune) else {
            return;
        };
        assert_eq!(before, [""; 0], "nothing changes");
        env.simulation("a", "");
        env.undeclare("b");
        env.simulation("c", "agent_id: \"43\"");
        assert_eq!(denied_in(&env, &api, &prune).unwrap(), expected);
    }
}

#[test]
fn a_plan_that_apply_would_refuse_and_an_unknown_format_are_denied() {
    let (env, api) = applied("staging");
    env.undeclare("a");
    let Some(refused) = denied_in(&env, &api, &["--env", "staging", "--prune"]) else {
        return;
    };
    assert_eq!(refused, ["apply would refuse this plan"]);
    let newer = env.read("plan.json").replace("\"1.0\"", "\"2.0\"");
    env.write("newer.json", &newer);
    let unknown = "format_version 2.0: this policy reads version 1";
    let expected = ["apply would refuse this plan", unknown];
    assert_eq!(denied(&env.path("newer.json")).unwrap(), expected);
    env.write("other.json", "{}");
    let unknown = "this is no plan of bluejayctl: format_version is missing";
    let expected = ["apply would refuse this plan", unknown];
    assert_eq!(denied(&env.path("other.json")).unwrap(), expected);
}
