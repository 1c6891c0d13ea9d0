//! A CI runner applied and was lost before it could commit the lockfile: the next
//! one begins with the lockfile from before.

use crate::api::TestApi;
use crate::env::TestEnv;

/// What the lost runner did, and what is left of the simulation before.
struct Loss {
    what: &'static str,
    change: fn(&TestEnv, &TestApi),
    key: &'static str,
    replaced: &'static [u64],
    /// The applies that have to find what it made.
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

fn delete(api: &TestApi, id: u64) {
    api.ask("DELETE", &format!("/v1/simulation/{id}"), None);
}

#[test]
fn what_it_made_is_found_and_not_made_again() {
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
