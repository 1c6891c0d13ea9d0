//! The gate that decides whether a run passes.

use super::history::{COMPARED_RUNS, History, MaxDrop};
use super::outcome::Outcome;
use super::score::{MinScore, Score};
use super::status::RunStatus;
use super::verdict::{Reason, Verdict};

/// The conditions under which a run passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The lowest score that passes.
    pub min_score: MinScore,
    /// How far the score may be below the mean of the earlier runs; `None` if the earlier
    /// runs do not matter.
    pub max_drop: Option<MaxDrop>,
}

impl Gate {
    /// Returns the verdict on the outcome of a run. A run without tests never passes.
    /// `history` has the runs before; `None` means that the API could not list them.
    #[must_use]
    pub fn judge(self, outcome: &Outcome, history: Option<&History>) -> Verdict {
        let reason = match outcome {
            Outcome::Ended { last, .. } => match &last.status {
                RunStatus::Completed => match Score::of(last.tests) {
                    Some(score) if !score.reaches(self.min_score) => {
                        Reason::Below(score, self.min_score)
                    }
                    Some(score) => match self.regression(score, history) {
                        Some(reason) => reason,
                        None => return Verdict::Passed(score),
                    },
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

    /// Returns the reason why a score fails in comparison with the earlier runs. A
    /// simulation without earlier runs has no regression.
    fn regression(self, score: Score, history: Option<&History>) -> Option<Reason> {
        let most = self.max_drop?;
        let Some(history) = history else {
            return Some(Reason::NotCompared);
        };
        let mean = history.mean(COMPARED_RUNS)?;
        let is_regression = mean.is_above(score, most);
        is_regression.then_some(Reason::Regressed { score, mean, most })
    }
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::{ListedRun, RunId, Snapshot, Tests};
    use super::*;

    fn tests(passed: u32, total: u32) -> Tests {
        Tests {
            total,
            passed,
            completed: total,
        }
    }

    fn gate(min_score: &str, max_drop: Option<&str>) -> Gate {
        Gate {
            min_score: min_score.parse().unwrap(),
            max_drop: max_drop.map(|points| points.parse().unwrap()),
        }
    }

    fn ended(status: &str, tests: Tests) -> Outcome {
        Outcome::Ended {
            run: RunId("7".to_owned()),
            last: Snapshot::of(RunStatus::read(status), tests),
        }
    }

    fn judge(status: &str, passed: u32, total: u32) -> Verdict {
        gate("80", None).judge(&ended(status, tests(passed, total)), None)
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
        let empty = ended("COMPLETED", Tests::default());
        assert!(!gate("0", None).judge(&empty, None).is_passed());
    }

    #[test]
    fn a_score_far_below_the_mean_of_the_earlier_runs_fails() {
        let earlier = ListedRun {
            id: RunId("6".to_owned()),
            created_at: None,
            last: Snapshot::of(RunStatus::Completed, tests(10, 10)),
        };
        let (history, none) = (History::of(&[earlier]), History::default());
        let strict = gate("50", Some("10"));
        let word = |passed, history| {
            let outcome = ended("COMPLETED", tests(passed, 10));
            strict.judge(&outcome, history).word()
        };
        assert_eq!(word(9, Some(&history)), "passed");
        assert_eq!(word(8, Some(&history)), "regression");
        assert_eq!(word(4, Some(&history)), "below_min_score");
        assert_eq!(word(8, Some(&none)), "passed");
        assert_eq!(word(8, None), "not_compared");
    }
}
