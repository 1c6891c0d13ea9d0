//! Tests of the commands that messages suggest: run literally, they cause no loss and no
//! duplicate.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::api::TestApi;
use super::env::{Run, TestEnv};

/// A situation in which a command suggests other commands.
struct Situation {
    name: &'static str,
    /// Creates the situation, and returns the run of the command.
    run: fn(&TestEnv, &TestApi) -> Run,
    /// The number of simulations after each suggestion and an apply.
    alive: &'static [usize],
}

const SITUATIONS: &[Situation] = &[
    Situation {
        name: "an untracked simulation has the agent and name of a create",
        run: |env, api| {
            env.simulation("a", "description: wanted");
            api.create(json!({"agent_id": "42", "name": "a", "description": "other"}));
            env.run_at(&api.url(), &["apply"])
        },
        // The suggestions are: import, adopt by name, and create another simulation.
        alive: &[1, 1, 2],
    },
    Situation {
        name: "a simulation that is gone",
        run: |env, api| {
            env.simulation("a", "");
            env.simulation("b", "");
            env.run_at(&api.url(), &["apply"]).code(0);
            let gone = env.ids()["a"];
            api.ask("DELETE", &format!("/v1/simulation/{gone}"), None);
            env.simulation("a", "description: new");
            env.run_at(&api.url(), &["apply"])
        },
        alive: &[2],
    },
    Situation {
        name: "a part of a chain of renames",
        run: |env, api| {
            chain(env, api);
            env.run_at(&api.url(), &["apply", "--target", "b"])
        },
        alive: &[2],
    },
    Situation {
        name: "a key that is imported a second time",
        run: |env, api| {
            env.simulation("a", "");
            env.run_at(&api.url(), &["apply"]).code(0);
            let id = api.create(json!({"agent_id": "42", "name": "z"}));
            env.run_at(&api.url(), &["import", "a", &id.to_string()])
        },
        // The declared simulation moves back to its key, because its content is equal.
        alive: &[2],
    },
    Situation {
        name: "a saved plan that is stale",
        run: |env, api| {
            env.simulation("a", "");
            env.run_at(&api.url(), &["plan", "--out", "p.json"]).code(0);
            env.simulation("b", "");
            env.run_at(&api.url(), &["apply", "p.json"])
        },
        alive: &[2],
    },
    Situation {
        name: "a saved plan whose create is there already",
        run: |env, api| {
            env.simulation("a", "");
            env.run_at(&api.url(), &["plan", "--out", "p.json"]).code(0);
            api.create(json!({"agent_id": "42", "name": "a"}));
            env.run_at(&api.url(), &["apply", "p.json"])
        },
        // The suggestions are: plan with a refresh, and create another simulation.
        alive: &[1, 2],
    },
    Situation {
        name: "a protected simulation that is pruned",
        run: |env, api| {
            env.simulation("a", "protect: true");
            env.simulation("b", "");
            env.run_at(&api.url(), &["apply"]).code(0);
            env.undeclare("a");
            env.run_at(&api.url(), &["apply", "--prune"])
        },
        alive: &[2],
    },
    Situation {
        name: "a run of what was never applied",
        run: |env, api| {
            env.simulation("a", "");
            env.run_at(&api.url(), &["run"])
        },
        alive: &[1],
    },
    Situation {
        name: "a key in the place of a saved plan",
        run: |env, api| {
            env.simulation("a", "");
            env.run_at(&api.url(), &["apply", "a"])
        },
        alive: &[1],
    },
    Situation {
        name: "a target that is unknown",
        run: |env, api| {
            env.simulation("a", "");
            env.run_at(&api.url(), &["apply", "--target", "zzzzzz"])
        },
        alive: &[1],
    },
];

/// Applies `a` and `b`, then renames `b` to `c` and `a` to `b`.
fn chain(env: &TestEnv, api: &TestApi) {
    env.simulation("a", "name: first");
    env.simulation("b", "name: second");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.undeclare("a");
    env.simulation("b", "name: first\nmoved_from: a");
    env.simulation("c", "name: second\nmoved_from: b");
}

/// Returns the commands between backticks.
fn suggestions(run: &Run) -> Vec<String> {
    let quoted = run.stderr.split('`').skip(1).step_by(2);
    let commands = quoted.filter(|text| text.starts_with("bluejayctl "));
    commands.map(str::to_owned).collect()
}

fn in_shell(env: &TestEnv, api: &TestApi, command: &str) {
    let program = Path::new(env!("CARGO_BIN_EXE_bluejayctl"));
    let folder = program.parent().unwrap().display();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(env.path(""))
        .env_clear()
        .env("PATH", format!("{folder}:/usr/bin:/bin"))
        .env("BLUEJAY_API_KEY", super::env::KEY)
        .env("BLUEJAY_API_URL", api.url());
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_ne!(output.status.code(), Some(127), "{command}: {said}");
    assert!(!said.contains("Usage:"), "{command}: {said}");
}

#[test]
fn suggested_commands_cause_no_loss_and_no_duplicate() {
    for situation in SITUATIONS {
        let (env, api) = (TestEnv::new(), TestApi::start());
        let found = suggestions(&(situation.run)(&env, &api));
        let name = situation.name;
        assert_eq!(found.len(), situation.alive.len(), "{name}: {found:?}");
        for (number, alive) in situation.alive.iter().enumerate() {
            let (env, api) = (TestEnv::new(), TestApi::start());
            let before = (situation.run)(&env, &api);
            let command = &suggestions(&before)[number];
            let there = api.alive();
            in_shell(&env, &api, command);
            let last = env.run_at(&api.url(), &["apply"]);
            last.code(0);
            let now = api.alive();
            assert_eq!(now.len(), *alive, "{name}: {command}\n{last}");
            let is_lost = |id| !now.contains_key(id);
            assert!(!there.keys().any(is_lost), "{name}: {command}\n{last}");
            let ids = env.ids();
            let distinct: BTreeSet<_> = ids.values().collect();
            assert_eq!(distinct.len(), ids.len(), "{name}: {command}");
        }
    }
}
