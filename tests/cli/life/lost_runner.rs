//! Tests of a CI runner that is lost after an apply and before the commit of the lockfile.
//! The next runner begins with the old lockfile.

use crate::api::TestApi;
use crate::env::TestEnv;

/// The apply of the lost runner, and what remains of the simulation before it.
struct Loss {
    what: &'static str,
    change: fn(&TestEnv, &TestApi),
    key: &'static str,
    replaced: &'static [u64],
    /// The applies that have to find the simulations of the lost runner.
    applies: &'static [&'static [&'static str]],
}

const LOOKING: &[&str] = &["apply", "--refresh"];
const PLAIN: &[&str] = &["apply"];

const LOSSES: [Loss; 4] = [
    Loss {
        what: "gone",
        change: |_, api| delete(api, 1),
        key: "a",
        replaced: &[],
        applies: &[LOOKING],
    },
    Loss {
        what: "replaced",
        change: |env, _| env.simulation("a", "agent_id: \"43\""),
        key: "a",
        replaced: &[1],
        applies: &[LOOKING, PLAIN],
    },
    Loss {
        what: "renamed and gone",
        change: |env, api| {
            delete(api, 1);
            env.undeclare("a");
            env.simulation("b", "name: a\nmoved_from: a");
        },
        key: "b",
        replaced: &[],
        applies: &[LOOKING],
    },
    Loss {
        what: "renamed and replaced",
        change: |env, _| {
            env.undeclare("a");
            env.simulation("b", "name: a\nagent_id: \"43\"\nmoved_from: a");
        },
        key: "b",
        replaced: &[1],
        applies: &[LOOKING, PLAIN],
    },
];

#[test]
fn a_simulation_adopted_by_name_can_be_replaced_in_the_same_apply() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), PLAIN).code(0);
    delete(&api, 1);
    let other = serde_json::json!({"agent_id": "42", "name": "a", "always_on": true});
    let found = api.create(other);
    env.run_at(&api.url(), &["apply", "--refresh", "--adopt", "name"])
        .code(0)
        .says("replaced a");
    assert_eq!(env.ids()["a"], found + 1);
    assert!(env.replaced("a").contains(&found));
    env.run_at(&api.url(), LOOKING).code(0).says("No changes");
}

fn delete(api: &TestApi, id: u64) {
    api.ask("DELETE", &format!("/v1/simulation/{id}"), None);
}

#[test]
fn simulations_of_a_lost_runner_are_adopted_and_not_created_again() {
    for loss in LOSSES {
        let (env, api) = (TestEnv::with(&["a", "other"]), TestApi::start());
        env.run_at(&api.url(), &["apply", "--parallelism", "1"])
            .code(0);
        let before = env.read("bluejay.lock");
        (loss.change)(&env, &api);
        env.run_at(&api.url(), LOOKING).code(0);
        let (made, creates) = (env.ids()[loss.key], api.count("POST"));
        for apply in loss.applies {
            env.write("bluejay.lock", &before);
            let run = env.run_at(&api.url(), apply);
            run.code(0).says("1 adopted").never_says("created");
            let what = format!("{}: {apply:?}: {run}", loss.what);
            assert_eq!(api.count("POST"), creates, "{what}");
            assert_eq!(env.ids()[loss.key], made, "{what}");
            assert_eq!(env.ids().len(), 2, "{what}");
            assert_eq!(env.replaced(loss.key), loss.replaced, "{what}");
            env.run_at(&api.url(), LOOKING).code(0).says("No changes");
        }
    }
}
