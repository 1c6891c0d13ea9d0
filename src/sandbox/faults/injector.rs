//! Decides the faults of each request. The same rules, seed, requests and times give the
//! same faults.

use std::time::Duration;

use super::rule::{Counters, Fault, FaultRule, RetryStyle};
use super::{Faults, Quirks};

/// The faults of one request. By default, there are no faults.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::sandbox) struct Script {
    /// The pause before the request is executed.
    pub delay: Duration,
    /// The pause between the execution and the answer.
    pub answer_delay: Duration,
    pub quirks: Quirks,
    pub fate: Fate,
}

/// The effect of faults on a request and its answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::sandbox) enum Fate {
    /// Executed and answered.
    #[default]
    Normal,
    /// Not executed, no answer.
    LostBefore,
    /// Not executed, answered with a status.
    Refused {
        status: u16,
        retry_after: Option<(RetryStyle, Duration)>,
        location: Option<String>,
    },
    /// Executed after a delay; answered at once with a status, or not at all.
    Late {
        delay: Duration,
        status: Option<u16>,
    },
    /// Executed, no answer.
    LostAfter,
    /// Executed, answered with a status.
    FailedAfter(u16),
    /// Executed, answered with 200 and a body that is not JSON.
    Garbage,
    /// Executed; the answer ends halfway.
    Truncated,
}

/// The rules with their counters.
#[derive(Debug)]
pub(in crate::sandbox) struct Injector {
    rules: Vec<(FaultRule, Counters)>,
    random: u64,
}

impl Injector {
    pub(in crate::sandbox) fn new(faults: Faults) -> Self {
        let rules = faults.rules.into_iter();
        Self {
            rules: rules.map(|rule| (rule, Counters::default())).collect(),
            random: faults.seed,
        }
    }

    /// Returns the faults of the next request. `now` is the time since the start.
    ///
    /// Delays add up. If several rules decide the fate, the first rule wins. Every
    /// matching rule counts the request.
    pub(in crate::sandbox) fn decide(&mut self, method: &str, path: &str, now: Duration) -> Script {
        let mut script = Script::default();
        for (rule, seen) in &mut self.rules {
            if !rule.matching.matches(method, path) {
                continue;
            }
            if rule.when.strikes(seen, now, next(&mut self.random)) {
                let fraction = next(&mut self.random);
                script.add(&rule.fault, fraction, seen.remaining(now));
            }
        }
        script
    }
}

impl Script {
    fn add(&mut self, fault: &Fault, fraction: f64, remaining: Option<Duration>) {
        let fate = match fault {
            Fault::Latency(span) => {
                self.delay += span.at(fraction);
                return;
            }
            Fault::SlowAnswer(span) => {
                self.answer_delay += span.at(fraction);
                return;
            }
            Fault::StaleList(lag) => {
                self.quirks.lag = Some(*lag);
                return;
            }
            Fault::WrongMinutes => {
                self.quirks.wrong_minutes = true;
                return;
            }
            Fault::KeepNulls => {
                self.quirks.keep_nulls = true;
                return;
            }
            Fault::BulkErrors(items) => {
                self.quirks.failing_items = Some(*items);
                return;
            }
            Fault::BulkReversed => {
                self.quirks.is_reversed = true;
                return;
            }
            Fault::RunScore(score) => {
                self.quirks.run_score = Some(*score);
                return;
            }
            Fault::RunStatus(status) => {
                self.quirks.run_status = Some(status.clone());
                return;
            }
            Fault::LostBefore => Fate::LostBefore,
            Fault::LostAfter => Fate::LostAfter,
            Fault::LateCommit(span, status) => Fate::Late {
                delay: span.at(fraction),
                status: *status,
            },
            Fault::ErrorBefore(status) => refused(*status),
            Fault::ErrorAfter(status) => Fate::FailedAfter(*status),
            Fault::Garbage => Fate::Garbage,
            Fault::Truncated => Fate::Truncated,
            Fault::Throttle(status, style) => Fate::Refused {
                status: *status,
                retry_after: Some((*style, remaining.unwrap_or(Duration::from_secs(1)))),
                location: None,
            },
            Fault::Redirect(status, to) => Fate::Refused {
                status: *status,
                retry_after: None,
                location: Some(to.clone()),
            },
        };
        if self.fate == Fate::Normal {
            self.fate = fate;
        }
    }
}

fn refused(status: u16) -> Fate {
    Fate::Refused {
        status,
        retry_after: None,
        location: None,
    }
}

/// Returns the next number of a fixed sequence (`SplitMix64`), at least 0 and below 1.
fn next(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    // A float represents the upper bits exactly.
    let upper = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default();
    f64::from(upper) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(flags: &[&str], seed: u64, requests: usize) -> Vec<Fate> {
        let rules = flags.iter().map(|flag| flag.parse().unwrap()).collect();
        let mut injector = Injector::new(Faults { rules, seed });
        (0..requests)
            .map(|_| injector.decide("POST", "/v1/create-simulation", Duration::ZERO))
            .map(|script| script.fate)
            .collect()
    }

    #[test]
    fn the_first_rule_decides_and_all_rules_count() {
        assert_eq!(
            fates(&["lost-after:every=2", "garbage:every=3"], 0, 6),
            [
                Fate::Normal,
                Fate::LostAfter,
                Fate::Garbage,
                Fate::LostAfter,
                Fate::Normal,
                Fate::LostAfter,
            ]
        );
        assert_eq!(fates(&["lost-after:match=GET"], 0, 1), [Fate::Normal]);
    }

    #[test]
    fn chance_follows_the_seed() {
        let flags = ["lost-before:chance=0.3"];
        let struck = fates(&flags, 7, 1000);
        assert_eq!(struck, fates(&flags, 7, 1000));
        assert_ne!(struck, fates(&flags, 8, 1000));
        let count = struck.iter().filter(|fate| **fate != Fate::Normal).count();
        assert!((250..350).contains(&count), "{count}");
    }

    #[test]
    fn latencies_are_added_and_stay_within_their_ranges() {
        let rules = ["latency:delay=10ms", "latency:delay=5ms..50ms"];
        let rules = rules.iter().map(|flag| flag.parse().unwrap()).collect();
        let mut injector = Injector::new(Faults { rules, seed: 1 });
        for _ in 0..100 {
            let delay = injector.decide("GET", "/", Duration::ZERO).delay;
            let range = Duration::from_millis(15)..=Duration::from_millis(60);
            assert!(range.contains(&delay), "{delay:?}");
        }
    }

    #[test]
    fn a_throttle_answers_with_its_remaining_time() {
        let rules = vec!["throttle:after=1,for=3s".parse().unwrap()];
        let mut injector = Injector::new(Faults { rules, seed: 1 });
        let mut at = |second| {
            let now = Duration::from_secs(second);
            match injector.decide("GET", "/", now).fate {
                Fate::Refused {
                    status: 429,
                    retry_after,
                    ..
                } => retry_after.map(|(_, after)| after.as_secs()),
                _ => None,
            }
        };
        let told = [at(0), at(1), at(3), at(4), at(5)];
        assert_eq!(told, [None, Some(3), Some(1), None, Some(3)]);
    }
}
