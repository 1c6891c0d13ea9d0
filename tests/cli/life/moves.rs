//! Tests of chains of moves in one commit.

use crate::api::TestApi;
use crate::env::TestEnv;

/// `a` becomes `b`, `b` becomes `c`, and `c` becomes `d`; each keeps its name.
fn shifted() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::with(&["a", "b", "c"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    env.undeclare("a");
    for (old, new) in [("a", "b"), ("b", "c"), ("c", "d")] {
        env.simulation(new, &format!("name: {old}\nmoved_from: {old}"));
    }
    (env, api)
}

#[test]
fn a_chain_of_moves_renames_entries_without_a_request() {
    let (env, api) = shifted();
    let (before, writes) = (env.ids(), api.write_count());
    env.run_at(&api.url(), &["apply"]).code(0);
    let after = env.ids();
    assert_eq!(after.len(), 3);
    for (old, new) in [("a", "b"), ("b", "c"), ("c", "d")] {
        assert_eq!(after[new], before[old], "{old} is {new}");
    }
    assert_eq!(api.write_count(), writes);
    // `moved_from` may stay in the files after the move.
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
    assert_eq!(env.ids(), after);
}

#[test]
fn a_target_in_a_chain_of_moves_needs_the_moves_before_it() {
    let (env, api) = shifted();
    let plan = env.run_at(&api.url(), &["plan", "--target", "b"]);
    insta::assert_snapshot!(plan.code(0).stderr, @r"
    refused: `b` can't move from `a` before the entry `b` moves to `c`, which is not among the targets
    help: target both: `bluejayctl apply --target b --target c`
    ");
    env.run_at(&api.url(), &["apply", "--target", "c", "--target", "d"])
        .code(0);
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(env.ids().into_keys().collect::<Vec<_>>(), ["b", "c", "d"]);
    assert_eq!(api.alive().len(), 3);
}

#[test]
fn simulations_of_a_lost_runner_are_adopted_after_a_chain_of_moves() {
    let (env, api) = shifted();
    // The second of three simulations is also replaced.
    env.simulation("c", "name: b\nagent_id: \"43\"\nmoved_from: b");
    let old_lockfile = env.read("bluejay.lock");
    env.run_at(&api.url(), &["apply"]).code(0);
    let (ids, alive) = (env.ids(), api.alive());
    env.write("bluejay.lock", &old_lockfile);
    env.run_at(&api.url(), &["apply", "--refresh"])
        .code(0)
        .says("1 adopted");
    assert_eq!((env.ids(), api.alive()), (ids, alive));
}

#[test]
fn moves_from_an_unmoved_key_and_swaps_are_refused() {
    let env = TestEnv::with(&["a"]);
    env.simulation("b", "moved_from: a");
    env.run(&["validate"])
        .code(1)
        .says("a file still declares it");
    env.simulation("a", "moved_from: b");
    env.run(&["validate"]).code(1).says("bluejayctl state mv");
}
