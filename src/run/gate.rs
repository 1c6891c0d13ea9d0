//! The gate that decides whether a run passes.

use super::outcome::Outcome;
use super::score::{MinScore, Score};
use super::status::RunStatus;
use super::verdict::{Reason, Verdict};

/// The conditions under which a run passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The lowest score that passes.
    pub min_score: MinScore,
}

impl Gate {
    /// Returns the verdict on the outcome of a run. A run without tests never passes.
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
    fn a_required_score_of_zero_needs_tests() {
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
