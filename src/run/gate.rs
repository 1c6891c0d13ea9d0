//! Whether a run is good enough.

use std::fmt;

use super::outcome::Outcome;
use super::score::{MinScore, Score};
use super::status::RunStatus;

/// What a run has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The least score.
    pub min_score: MinScore,
}

/// What the gate says about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It will do.
    Passed(Score),
    /// It won't.
    Failed(Reason),
}

/// Why a run won't do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It scored less than it has to.
    Below(Score, MinScore),
    /// It ran no test at all.
    NoTests,
    /// It ended otherwise than it should; the API's word for that.
    Ended(String),
    /// It was not over in time.
    TimedOut,
    /// A signal ended the wait.
    Interrupted,
    /// It can't be read.
    Unreadable(String),
    /// It was not queued.
    NotQueued(String),
    /// Nobody knows whether it was queued.
    Undecided(String),
}

impl Gate {
    /// Judges what became of a run. One without tests never passes.
    #[must_use]
    pub fn judge(self, outcome: &Outcome) -> Verdict {
        let reason = match outcome {
            Outcome::Ended { last, .. } => match &last.status {
                RunStatus::Completed => match Score::of(last.tests) {
                    Some(score) if score.reaches(self.min_score) => return Verdict::Passed(score),
                    Some(score) => Reason::Below(score, self.min_score),
                    None => Reason::NoTests,
                },
                status => Reason::Ended(status.to_string()),
            },
            Outcome::TimedOut { .. } => Reason::TimedOut,
            Outcome::Interrupted { .. } => Reason::Interrupted,
            Outcome::Unreadable { reason, .. } => Reason::Unreadable(reason.clone()),
            Outcome::NotQueued { reason } => Reason::NotQueued(reason.clone()),
            Outcome::Undecided { reason, .. } => Reason::Undecided(reason.clone()),
        };
        Verdict::Failed(reason)
    }
}

impl Verdict {
    /// Whether it will do.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        matches!(self, Self::Passed(_))
    }

    /// The verdict in one word, for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed(_) => "passed",
            Self::Failed(reason) => reason.word(),
        }
    }
}

impl Reason {
    fn word(&self) -> &'static str {
        match self {
            Self::Below(..) => "below_min_score",
            Self::NoTests => "no_tests",
            Self::Ended(_) => "bad_end",
            Self::TimedOut => "timed_out",
            Self::Interrupted => "interrupted",
            Self::Unreadable(_) => "unreadable",
            Self::NotQueued(_) => "not_queued",
            Self::Undecided(_) => "undecided",
        }
    }

    /// Whether the run told something about the simulation; otherwise it is the
    /// run itself that failed.
    #[must_use]
    pub fn is_result(&self) -> bool {
        matches!(self, Self::Below(..))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Below(_, least) => write!(f, "below {least}"),
            Self::NoTests => f.write_str("the API counts no tests of it"),
            Self::Ended(status) if status.is_empty() => f.write_str("ended without a status"),
            Self::Ended(status) => write!(f, "ended as {status}"),
            Self::TimedOut => f.write_str("not over in time; it goes on"),
            Self::Interrupted => f.write_str("interrupted; it goes on"),
            Self::Unreadable(reason) => write!(f, "its results can't be read: {reason}"),
            Self::NotQueued(reason) => write!(f, "not queued: {reason}"),
            Self::Undecided(reason) => write!(f, "not known whether it was queued: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::{RunId, Snapshot, Tests};
    use super::*;

    fn judge(status: &str, passed: u32, total: u32) -> Verdict {
        let gate = Gate {
            min_score: "80".parse().unwrap(),
        };
        let tests = Tests {
            total,
            passed,
            completed: total,
        };
        gate.judge(&Outcome::Ended {
            run: RunId("7".to_owned()),
            last: Snapshot {
                status: RunStatus::read(status),
                tests,
            },
        })
    }

    #[test]
    fn only_a_completed_run_with_tests_and_score_passes() {
        assert_eq!(judge("COMPLETED", 8, 10).word(), "passed");
        assert_eq!(judge("COMPLETED", 7, 10).word(), "below_min_score");
        assert_eq!(judge("COMPLETED", 0, 0).word(), "no_tests");
        assert_eq!(judge("INCOMPLETE", 10, 10).word(), "bad_end");
        assert_eq!(judge("INSUFFICIENT_FUNDS", 0, 0).word(), "bad_end");
        assert_eq!(judge("ARCHIVED", 10, 10).word(), "bad_end");
    }

    #[test]
    fn even_a_bound_of_zero_needs_tests() {
        let gate = Gate {
            min_score: "0".parse().unwrap(),
        };
        let last = Snapshot {
            status: RunStatus::Completed,
            tests: Tests::default(),
        };
        let run = RunId("7".to_owned());
        assert!(!gate.judge(&Outcome::Ended { run, last }).is_passed());
    }
}
