//! Keys that make room for each other, in one commit.

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
fn a_shift_renames_entries_and_sends_nothing() {
    let (env, api) = shifted();
    let (before, writes) = (env.ids(), api.write_count());
    env.run_at(&api.url(), &["apply"]).code(0);
    let after = env.ids();
    assert_eq!(after.len(), 3);
    for (old, new) in [("a", "b"), ("b", "c"), ("c", "d")] {
        assert_eq!(after[new], before[old], "{old} is {new}");
    }
    assert_eq!(api.write_count(), writes);
    // The lines may stay.
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
    assert_eq!(env.ids(), after);
}

#[test]
fn a_part_of_a_shift_needs_what_makes_room_for_it() {
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
fn what_was_made_by_a_lost_runner_is_found_after_a_shift_too() {
    let (env, api) = shifted();
    // The second of three is replaced as well.
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
fn keys_that_stay_or_change_places_are_refused() {
    let env = TestEnv::with(&["a"]);
    env.simulation("b", "moved_from: a");
    env.run(&["validate"]).code(1).says("it still exists");
    env.simulation("a", "moved_from: b");
    env.run(&["validate"]).code(1).says("bluejayctl state mv");
}
