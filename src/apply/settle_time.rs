//! How long a request without an answer may still come true.
//!
//! The settle time counts from the moment at which the fate of the request became
//! unknown: a server that lets a client wait for a minute may still commit after
//! that minute. A process that ended told nobody when that was. It was not later
//! than the time that a request may take, and not later than now.

use std::time::Duration;

use super::ledger::{FRESH, now};
use super::{ApplyOptions, Context};
use crate::journal::OpenIntent;

/// For how long this process has known that a request is open, by a clock that
/// nobody sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It lost the answer itself.
    Ours(Duration),
    /// It found it in the journal of another process.
    Found(Duration),
}

impl Context<'_> {
    /// How long an open request may still come true; zero when it is settled.
    pub(super) fn time_left(&self, open: &OpenIntent) -> Duration {
        left(open, self.ledger.known_for(open.seq), now(), &self.options)
    }
}

/// Never longer than the settle time since this process knows of it, so that a
/// clock that was set back makes nobody wait for hours.
fn left(open: &OpenIntent, known: Known, now: u64, options: &ApplyOptions) -> Duration {
    let settle = options.settle + FRESH;
    let found = match known {
        Known::Ours(since) => return settle.saturating_sub(since),
        Known::Found(since) => since,
    };
    let longest = u64::try_from(options.timeout.as_millis()).unwrap_or(u64::MAX);
    let unanswered_at = open
        .unanswered_at
        .unwrap_or(open.at.saturating_add(longest));
    let by_clock = match now.checked_sub(unanswered_at) {
        Some(age) => settle.saturating_sub(Duration::from_millis(age)),
        None => settle,
    };
    by_clock.min(settle.saturating_sub(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Intent;
    use crate::plan::Adopt;
    use crate::resource::key::{SimulationId, SimulationKey};

    const HOUR: u64 = 3600;

    /// Seconds that are left of 30, of a request that was sent at second 1000
    /// and may take 60.
    fn check(unanswered_at: Option<u64>, known: Known, now: u64, expected: u64) {
        let open = OpenIntent {
            seq: 0,
            at: 1_000_000,
            unanswered_at: unanswered_at.map(|seconds| seconds * 1000),
            intent: Intent::Delete {
                key: SimulationKey::from("a"),
                simulation_id: SimulationId(1),
            },
        };
        let options = ApplyOptions {
            adopt: Adopt::Identical,
            settle: Duration::from_millis(29_500),
            timeout: Duration::from_secs(60),
            parallelism: 1,
            trusts_absence: true,
        };
        let left = left(&open, known, now * 1000, &options);
        assert_eq!(left, Duration::from_secs(expected), "{known:?} at {now}");
    }

    fn found(seconds: u64) -> Known {
        Known::Found(Duration::from_secs(seconds))
    }

    fn ours(seconds: u64) -> Known {
        Known::Ours(Duration::from_secs(seconds))
    }

    #[test]
    fn counts_from_the_moment_at_which_the_answer_was_lost() {
        check(Some(1060), ours(0), 1060, 30);
        check(Some(1060), ours(29), 1089, 1);
        check(Some(1060), ours(30), 1090, 0);
        // Another process goes on after it.
        check(Some(1060), found(0), 1070, 20);
        check(Some(1060), found(5), 1075, 15);
        check(Some(1060), found(0), 1060 + HOUR, 0);
    }

    #[test]
    fn a_request_whose_process_ended_may_have_taken_its_whole_time() {
        check(None, found(0), 1001, 30);
        check(None, found(29), 1030, 1);
        check(None, found(30), 1031, 0);
        check(None, found(0), 1080, 10);
        check(None, found(0), 1090, 0);
    }

    #[test]
    fn a_clock_that_was_set_makes_nobody_wait_for_hours_or_give_up_at_once() {
        check(None, found(0), 1000 - 900, 30);
        check(None, found(30), 1000 - 870, 0);
        check(Some(1060), found(31), 10, 0);
        // Set forward while this process waits for what it lost itself.
        check(Some(1060), ours(1), 1061 + HOUR, 29);
    }
}
