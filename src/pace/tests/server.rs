//! A simulated server with a request limit, and a random number generator that gives the
//! same numbers on every machine.

use std::collections::VecDeque;
use std::time::Duration;

use crate::pace::WINDOW;

/// How a server counts requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// The requests since the last full minute.
    FixedWindow,
    /// The requests of the last sixty seconds.
    SlidingWindow,
}

/// A server with a limit of requests per minute.
pub(super) struct Server {
    counting: Counting,
    limit: usize,
    admitted: VecDeque<Duration>,
}

impl Server {
    pub(super) fn new(counting: Counting, limit: usize) -> Self {
        Self {
            counting,
            limit,
            admitted: VecDeque::new(),
        }
    }

    /// Returns whether a request that arrives now is admitted. Otherwise the request is
    /// throttled.
    pub(super) fn admits(&mut self, now: Duration) -> bool {
        let minute = |time: Duration| time.as_secs() / WINDOW.as_secs();
        let counting = self.counting;
        let is_counted = |at: &Duration| match counting {
            Counting::FixedWindow => minute(*at) == minute(now),
            Counting::SlidingWindow => *at + WINDOW > now,
        };
        while self.admitted.front().is_some_and(|at| !is_counted(at)) {
            self.admitted.pop_front();
        }
        let is_admitted = self.admitted.len() < self.limit;
        if is_admitted {
            self.admitted.push_back(now);
        }
        is_admitted
    }
}

/// The generator xorshift64*.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Returns a number from 0 to 1.
    pub(super) fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40;
        f64::from(u32::try_from(bits).unwrap_or(0)) / f64::from(1_u32 << 24)
    }

    /// Returns a duration from `least` to `most` seconds.
    pub(super) fn seconds(&mut self, least: f64, most: f64) -> Duration {
        Duration::from_secs_f64(least + (most - least) * self.unit())
    }
}
