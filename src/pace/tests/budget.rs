//! One program that uses its address alone.

use std::time::Duration;

use proptest::prelude::*;

use super::server::{Counting, Server};
use crate::pace::{Budget, Turn, WINDOW};

const LIMIT: usize = 100;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Sends as many requests as the budget allows at once, and answers them. Returns their
/// number.
fn burst(budget: &mut Budget, now: Duration) -> usize {
    let mut tickets = Vec::new();
    while budget.next(now) == Turn::Now {
        tickets.push(budget.on_sent(now, 0.5));
    }
    let sent = tickets.len();
    for ticket in tickets {
        budget.on_answered(ticket, now);
    }
    sent
}

#[test]
fn a_job_within_the_budget_of_one_minute_never_waits() {
    let mut budget = Budget::per_minute(100);
    assert_eq!(burst(&mut budget, seconds(5)), 98);
    assert_eq!(budget.next(seconds(5)), Turn::At(seconds(65)));
    assert_eq!(burst(&mut budget, seconds(65)), 98);
}

#[test]
fn a_small_budget_is_one_below_its_rate_and_at_least_one() {
    assert_eq!(Budget::per_minute(20).places(), 19);
    assert_eq!(Budget::per_minute(1).places(), 1);
    assert_eq!(Budget::per_minute(0).places(), 1);
}

#[test]
fn the_time_for_a_job_counts_full_minutes() {
    let budget = Budget::per_minute(100);
    assert_eq!(budget.time_for(0), seconds(0));
    assert_eq!(budget.time_for(98), seconds(0));
    assert_eq!(budget.time_for(99), seconds(60));
    assert_eq!(budget.time_for(1000), seconds(600));
}

#[test]
fn requests_in_flight_occupy_places_until_their_answers() {
    let mut budget = Budget::per_minute(3);
    let first = budget.on_sent(seconds(0), 0.5);
    let _second = budget.on_sent(seconds(0), 0.5);
    assert_eq!(budget.next(seconds(200)), Turn::AfterAnswer);
    budget.on_answered(first, seconds(200));
    assert_eq!(budget.next(seconds(201)), Turn::At(seconds(260)));
}

#[test]
fn after_a_throttled_request_the_requests_are_spaced() {
    let mut budget = Budget::per_minute(100);
    let first = budget.on_sent(seconds(0), 0.5);
    let pause = budget.on_throttled(first, seconds(1), None, 0.5);
    assert_eq!(pause, seconds(30));
    assert_eq!(budget.next(seconds(1)), Turn::At(seconds(31)));
    let probe = budget.on_sent(seconds(31), 0.5);
    // Thirty requests per minute are one request every two seconds.
    assert_eq!(budget.next(seconds(31)), Turn::At(seconds(33)));
    budget.on_answered(probe, seconds(31));
    let _next = budget.on_sent(seconds(33), 0.5);
    assert_eq!(
        budget.next(seconds(33)),
        Turn::At(seconds(33) + WINDOW.div_f64(32.0))
    );
}

#[test]
fn the_share_grows_back_to_the_whole_budget_spaced_evenly() {
    let mut budget = Budget::per_minute(100);
    let first = budget.on_sent(seconds(0), 0.5);
    budget.on_throttled(first, seconds(0), None, 0.5);
    let mut now = seconds(100);
    for _ in 0..40 {
        let ticket = budget.on_sent(now, 0.5);
        budget.on_answered(ticket, now);
        now += seconds(10);
    }
    let _last = budget.on_sent(now, 0.5);
    assert_eq!(budget.next(now), Turn::At(now + WINDOW.div_f64(98.0)));
}

#[test]
fn a_refusal_because_of_a_smaller_budget_occupies_a_place_and_is_no_success() {
    let mut budget = Budget::per_minute(100);
    let ticket = budget.on_sent(seconds(0), 0.5);
    budget.on_throttled(ticket, seconds(0), None, 0.5);
    let mut refused = budget.clone();
    for budget in [&mut budget, &mut refused] {
        assert_eq!(budget.next(seconds(40)), Turn::Now);
    }
    let ticket = budget.on_sent(seconds(40), 0.5);
    budget.on_answered(ticket, seconds(40));
    let ticket = refused.on_sent(seconds(40), 0.5);
    refused.on_refused(ticket, seconds(40));
    let pause_of = |budget: &mut Budget| {
        let ticket = budget.on_sent(seconds(60), 0.5);
        budget.on_throttled(ticket, seconds(60), None, 0.5)
    };
    assert!(pause_of(&mut refused) > pause_of(&mut budget));
}

#[test]
fn throttled_requests_of_one_round_reduce_the_share_once() {
    let mut budget = Budget::per_minute(100);
    let tickets: Vec<_> = (0..8).map(|_| budget.on_sent(seconds(0), 0.5)).collect();
    for ticket in tickets {
        assert_eq!(
            budget.on_throttled(ticket, seconds(1), None, 0.5),
            seconds(30)
        );
    }
}

#[test]
fn the_server_can_request_a_longer_pause_but_not_a_shorter_one() {
    let mut budget = Budget::per_minute(100);
    let [first, second] = [0, 0].map(|_| budget.on_sent(seconds(0), 0.5));
    let asked = Some(seconds(90));
    assert_eq!(
        budget.on_throttled(first, seconds(1), asked, 0.5),
        seconds(90)
    );
    let asked = Some(Duration::ZERO);
    assert_eq!(
        budget.on_throttled(second, seconds(2), asked, 0.5),
        seconds(89)
    );
}

proptest! {
    /// A program that uses its address alone is never throttled, however long its requests
    /// take, and whenever the server counts them.
    #[test]
    fn a_program_that_uses_its_address_alone_is_never_throttled(
        steps in prop::collection::vec((0..3_000_u64, 0..20_000_u64, 0..=100_u64), 1..600),
        is_sliding: bool,
    ) {
        let counting = if is_sliding { Counting::SlidingWindow } else { Counting::FixedWindow };
        let mut server = Server::new(counting, LIMIT);
        let mut budget = Budget::per_minute(100);
        let mut now = Duration::ZERO;
        // The future events in order: the server counts a request, or answers a request.
        let mut later = Vec::new();
        for (pause, takes, counted_after) in steps {
            now += Duration::from_millis(pause);
            while let Turn::At(_) | Turn::AfterAnswer = turn(&mut budget, &mut later, &mut server, now) {
                now += Duration::from_millis(500);
            }
            let ticket = budget.on_sent(now, 0.5);
            let takes = Duration::from_millis(takes);
            later.push((now + takes * u32::try_from(counted_after).unwrap() / 100, None));
            later.push((now + takes, Some(ticket)));
        }
    }
}

type Later = Vec<(Duration, Option<crate::pace::Ticket>)>;

/// Executes the events that are due, and returns when the next request may be sent.
fn turn(budget: &mut Budget, later: &mut Later, server: &mut Server, now: Duration) -> Turn {
    later.sort_by_key(|(at, ticket)| (*at, ticket.is_some()));
    while later.first().is_some_and(|(at, _)| *at <= now) {
        let (at, ticket) = later.remove(0);
        match ticket {
            None => assert!(server.admits(at), "throttled at {at:?}"),
            Some(ticket) => budget.on_answered(ticket, at),
        }
    }
    budget.next(now)
}
