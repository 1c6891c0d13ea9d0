//! One rule: its selection of requests, its schedule and its fault.

use std::time::Duration;

use super::super::lag::Lag;

/// One fault and its selection of requests. [`super::Faults`] describes the text form.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    pub(super) fault: Fault,
    pub(super) when: Schedule,
    pub(super) matching: RequestFilter,
}

/// The kinds of faults.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// A pause before the request is executed.
    Latency(Span),
    /// A pause between the execution and the answer.
    SlowAnswer(Span),
    LostBefore,
    LostAfter,
    /// Answered with the status, or not at all; executed later.
    LateCommit(Span, Option<u16>),
    ErrorBefore(u16),
    ErrorAfter(u16),
    Garbage,
    Truncated,
    Throttle(u16, RetryStyle),
    Redirect(u16, String),
    StaleList(Lag),
    WrongMinutes,
    KeepNulls,
    BulkErrors(u64),
    BulkReversed,
    RunScore(u32),
    RunStatus(String),
}

/// The form of `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum RetryStyle {
    Seconds,
    Date,
    None,
}

/// A duration, or a range of durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub shortest: Duration,
    pub longest: Duration,
}

/// The requests that a rule counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RequestFilter {
    /// The method in capitals; `None` for any method.
    pub method: Option<String>,
    /// A part of the path; empty for any path.
    pub path: String,
}

/// The counted requests into which a rule injects its fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Schedule {
    /// The number of requests to skip.
    pub after: u64,
    /// Of the remaining requests, inject into each N-th; never 0.
    pub every: u64,
    /// The largest number of injections.
    pub times: Option<u64>,
    /// The probability of an injection, 0 to 1.
    pub chance: f64,
    /// After the first injection, inject into every request for this time, then count
    /// from the start.
    pub lasting: Option<Duration>,
}

/// The counters of a rule.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counters {
    count: u64,
    strikes: u64,
    until: Option<Duration>,
}

impl Span {
    /// Returns the duration at a fraction of the range, from 0 to 1.
    pub(super) fn at(self, fraction: f64) -> Duration {
        let width = self.longest.saturating_sub(self.shortest);
        self.shortest + width.mul_f64(fraction.clamp(0.0, 1.0))
    }
}

impl RequestFilter {
    pub(super) fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method) && path.contains(&self.path)
    }
}

impl Schedule {
    /// Counts a matching request, and returns whether to inject the fault. `now` is the
    /// time since the start. `random` is at least 0 and below 1.
    pub(super) fn strikes(&self, seen: &mut Counters, now: Duration, random: f64) -> bool {
        if let Some(until) = seen.until {
            if now < until {
                return true;
            }
            seen.until = None;
            seen.count = 0;
        }
        seen.count += 1;
        let is_due = seen.count > self.after
            && (seen.count - self.after).is_multiple_of(self.every.max(1))
            && self.times.is_none_or(|times| seen.strikes < times)
            && random < self.chance;
        if is_due {
            seen.strikes += 1;
            seen.until = self.lasting.map(|lasting| now.saturating_add(lasting));
        }
        is_due
    }
}

impl Counters {
    /// Returns how long the rule injects into every request.
    pub(super) fn remaining(&self, now: Duration) -> Option<Duration> {
        Some(self.until?.saturating_sub(now))
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            after: 0,
            every: 1,
            times: None,
            chance: 1.0,
            lasting: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns which of twelve requests, one every 100 ms, get the fault.
    fn check(when: Schedule, expected: &str) {
        let mut seen = Counters::default();
        let struck: String = (0..12)
            .map(|n| {
                let now = Duration::from_millis(n * 100);
                let strikes = when.strikes(&mut seen, now, 0.5);
                if strikes { 'x' } else { '.' }
            })
            .collect();
        assert_eq!(struck, expected, "{when:?}");
    }

    #[test]
    fn rules_inject_faults_on_schedule() {
        let always = Schedule::default();
        let lasting = Some(Duration::from_millis(300));
        check(always, "xxxxxxxxxxxx");
        check(Schedule { every: 3, ..always }, "..x..x..x..x");
        check(Schedule { after: 4, ..always }, "....xxxxxxxx");
        check(
            Schedule {
                after: 1,
                every: 2,
                times: Some(3),
                ..always
            },
            "..x.x.x.....",
        );
        check(
            Schedule {
                chance: 0.5,
                ..always
            },
            "............",
        );
        check(
            Schedule {
                chance: 0.6,
                ..always
            },
            "xxxxxxxxxxxx",
        );
        check(
            Schedule {
                after: 2,
                lasting,
                ..always
            },
            "..xxx..xxx..",
        );
        check(
            Schedule {
                after: 2,
                lasting,
                times: Some(1),
                ..always
            },
            "..xxx.......",
        );
    }

    #[test]
    fn methods_and_parts_of_paths_match() {
        let matching = |method: Option<&str>, path: &str| RequestFilter {
            method: method.map(str::to_owned),
            path: path.to_owned(),
        };
        for (rule, expected) in [
            (matching(None, ""), true),
            (matching(Some("POST"), "create"), true),
            (matching(Some("GET"), "create"), false),
            (matching(None, "get-"), false),
        ] {
            assert_eq!(rule.matches("POST", "/v1/create-simulation"), expected);
        }
    }
}
