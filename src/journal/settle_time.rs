//! The settle time: how long the API may still execute a request whose answer was lost.
//!
//! The settle time begins when the answer is lost: a server that was silent for a minute may
//! still execute the request after that minute. A killed process does not record the loss.
//! The loss was then not later than the longest time that a request may take, and not later
//! than now.
//!
//! Elapsed time counts only as far as the monotonic clock of this process or the `Date` of
//! the answers of the API confirms it. The wall clock of this machine proves nothing.

use std::time::Duration;

use super::replay::OpenIntent;

/// The longest time between an intent and its request without a new entry. The settle time
/// is longer by this time.
pub const MAX_SEND_DELAY: Duration = Duration::from_millis(500);

/// The time since this process knows that a request is open, by the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenFor {
    /// Since this process lost the answer.
    Lost(Duration),
    /// Since this process found the request in the journal of another process.
    Found(Duration),
}

/// The times that the user can configure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettleTime {
    /// How long the API may execute a request after its answer was lost.
    pub settle: Duration,
    /// How long a request may take. After this time, the answer counts as lost.
    pub timeout: Duration,
}

impl SettleTime {
    /// Returns how long the API may still execute an open request; zero when the settle time
    /// is over. `now` is the time of the API in milliseconds since 1970, if an answer had a
    /// time.
    ///
    /// The result is never longer than the settle time from the moment at which this process
    /// found the request.
    #[must_use]
    pub fn left(&self, open: &OpenIntent, open_for: OpenFor, now: Option<u64>) -> Duration {
        let settle = self.settle + MAX_SEND_DELAY;
        let found = match open_for {
            OpenFor::Lost(since) => return settle.saturating_sub(since),
            OpenFor::Found(since) => since,
        };
        let longest = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX);
        let unanswered_at = open
            .unanswered_at
            .unwrap_or(open.at.saturating_add(longest));
        let age = now.and_then(|now| now.checked_sub(unanswered_at));
        let age = Duration::from_millis(age.unwrap_or_default());
        settle.saturating_sub(age.max(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Intent;
    use crate::resource::key::{RemoteId, ResourceKey};

    const HOUR: u64 = 3600;

    /// Checks the seconds that are left of a settle time of 30, for a request that was sent
    /// at second 1000 and may take 60.
    fn check(unanswered_at: Option<u64>, open_for: OpenFor, now: Option<u64>, expected: u64) {
        let open = OpenIntent {
            seq: 0,
            at: 1_000_000,
            unanswered_at: unanswered_at.map(|seconds| seconds * 1000),
            intent: Intent::Delete {
                key: ResourceKey::from("a"),
                simulation_id: RemoteId::simulation(1),
            },
        };
        let times = SettleTime {
            settle: Duration::from_millis(29_500),
            timeout: Duration::from_secs(60),
        };
        let left = times.left(&open, open_for, now.map(|seconds| seconds * 1000));
        assert_eq!(
            left,
            Duration::from_secs(expected),
            "{open_for:?} at {now:?}"
        );
    }

    fn found(seconds: u64) -> OpenFor {
        OpenFor::Found(Duration::from_secs(seconds))
    }

    fn lost(seconds: u64) -> OpenFor {
        OpenFor::Lost(Duration::from_secs(seconds))
    }

    #[test]
    fn counts_from_the_moment_at_which_the_answer_was_lost() {
        check(Some(1060), lost(0), Some(1060), 30);
        check(Some(1060), lost(29), Some(1089), 1);
        check(Some(1060), lost(30), Some(1090), 0);
        // Another process recovers the request.
        check(Some(1060), found(0), Some(1070), 20);
        check(Some(1060), found(5), Some(1075), 15);
        check(Some(1060), found(0), Some(1060 + HOUR), 0);
    }

    #[test]
    fn a_request_whose_process_ended_may_have_taken_its_whole_time() {
        check(None, found(0), Some(1001), 30);
        check(None, found(29), Some(1030), 1);
        check(None, found(30), Some(1031), 0);
        check(None, found(0), Some(1080), 10);
        check(None, found(0), Some(1090), 0);
    }

    #[test]
    fn time_that_no_clock_confirms_does_not_count() {
        check(Some(1060), found(0), None, 30);
        check(Some(1060), found(12), None, 18);
        check(Some(1060), found(30), None, 0);
    }

    #[test]
    fn a_wall_clock_that_was_set_has_no_effect() {
        check(None, found(0), Some(1000 - 900), 30);
        check(None, found(30), Some(1000 - 870), 0);
        check(Some(1060), found(31), Some(10), 0);
        check(Some(1060), lost(1), Some(1061 + HOUR), 29);
    }
}
