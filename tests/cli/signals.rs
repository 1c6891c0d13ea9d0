//! Tests of SIGINT and SIGTERM during an apply.

use super::api::TestApi;
use super::env::{KEY, TestEnv, until};
use super::said::on_terminal;

fn check_stop(signal: &str, code: i32) {
    let rules = ["latency:match=POST,delay=200ms"];
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&rules));
    for n in 0..12 {
        env.simulation(&format!("s{n:02}"), "");
    }
    let running = env.spawn_at(&api.url(), &["apply", "--parallelism", "2"]);
    until("a create is answered", || api.count("POST") > 1);
    running.signal(signal);
    let run = running.end();
    run.code(code).says("interrupted, state safe");
    let (made, recorded) = (api.alive(), env.ids());
    assert!((1..12).contains(&made.len()), "{run}");
    // The requests in flight were finished, and their outcomes are recorded.
    assert_eq!(
        made.keys()
            .copied()
            .collect::<std::collections::BTreeSet<_>>(),
        recorded.values().copied().collect()
    );
    assert!(!env.has_journal());
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(api.alive().len(), 12);
    assert_eq!(api.count("POST"), 12);
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn sigint_finishes_requests_in_flight() {
    check_stop("INT", 130);
}

#[test]
fn sigterm_finishes_requests_in_flight() {
    check_stop("TERM", 143);
}

#[test]
fn a_second_signal_exits_at_once_and_loses_no_id() {
    let rules = ["slow-answer:match=POST,delay=15s,times=1"];
    let (env, api) = (TestEnv::with(&["a"]), TestApi::with_faults(&rules));
    let mut running = env.spawn_at(&api.url(), &["apply"]);
    until("the create is made", || {
        env.journal().0.len() > 1 && api.alive().len() == 1
    });
    running.signal("INT");
    // The second signal counts only after the first was received.
    until("the program ends", || {
        running.signal("TERM");
        running.is_over()
    });
    running.end().code(143);
    assert!(env.has_journal());
    env.run_at(&api.url(), &["apply", "--settle", "20s"])
        .code(0);
    let alive: Vec<_> = api.alive().into_keys().collect();
    assert_eq!(alive, [env.ids()["a"]]);
}

#[test]
fn a_signal_ends_the_wait_for_a_lookup() {
    // The create was not executed, so the apply would wait for the settle time.
    let rules = ["lost-before:match=POST"];
    let (env, api) = (TestEnv::with(&["a"]), TestApi::with_faults(&rules));
    let running = env.spawn_at(&api.url(), &["apply", "--settle", "1h"]);
    until("it looks", || api.count("GET") > 2);
    running.signal("INT");
    running.end().code(130);
    assert!(env.has_journal());
    assert_eq!(api.count("POST") + api.alive().len(), 1);
    // A signal ends the wait of the next apply, which tells once what is open.
    let gets = api.count("GET");
    let running = env.spawn_at(&api.url(), &["apply", "--settle", "1h"]);
    until("it looks again", || api.count("GET") > gets + 2);
    running.signal("INT");
    let run = running.end();
    run.code(130)
        .says("executed: the apply ended before the answer");
    assert_eq!(
        run.stderr.matches("error: could not create `a`").count(),
        1,
        "{run}"
    );
    // An apply on a terminal shows for how long it waits.
    let program = env!("CARGO_BIN_EXE_bluejayctl");
    let apply = format!("{program} apply --yes --settle 3s --api-url {}", api.url());
    let terminal = [("TERM", "xterm"), ("BLUEJAY_API_KEY", KEY)];
    let shown = on_terminal(&apply, b"", &env, &terminal);
    assert!(
        shown.contains("settling requests without an answer: "),
        "{shown}"
    );
}

#[test]
fn a_signal_during_the_lookup_reports_no_failure() {
    let rules = ["latency:match=GET:by-agent,delay=500ms"];
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&rules));
    for n in 0..6 {
        env.simulation(&format!("s{n}"), &format!("agent_id: \"{n}\""));
    }
    let running = env.spawn_at(&api.url(), &["apply", "--parallelism", "1"]);
    until("a list is asked for", || api.request_count() > 1);
    running.signal("INT");
    let run = running.end();
    run.code(130)
        .says("Apply interrupted, state safe: 6 not started.")
        .says("not started: create s0\n")
        .says("not started: create s5\n")
        .never_says("failed")
        .never_says("could not");
    assert_eq!(api.count("POST"), 0);
}

#[test]
fn a_signal_ends_a_read_at_once_and_is_reported_once() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let slow = TestApi::with_faults(&["latency:delay=1h"]);
    let lockfile = env.read("bluejay.lock").replace(&api.url(), &slow.url());
    env.write("bluejay.lock", &lockfile);
    let commands: [&[&str]; 3] = [&["drift"], &["plan", "--refresh"], &["import", "--all"]];
    for command in commands {
        let before = slow.request_count();
        let running = env.spawn_at(&slow.url(), command);
        until("it asks", || slow.request_count() > before);
        running.signal("INT");
        let run = running.end();
        run.code(130);
        assert_eq!(
            run.stderr, "interrupted: nothing was changed\n",
            "{command:?}"
        );
    }
}
