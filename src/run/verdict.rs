//! The verdict of the gate on a run.

use std::fmt;

use super::history::{MaxDrop, MeanScore};
use super::score::{MinScore, Score};

/// The verdict of the gate on a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The run passed with this score.
    Passed(Score),
    /// The run failed.
    Failed(Reason),
}

/// The reason why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The score is below the lowest score that passes.
    Below(Score, MinScore),
    /// The score is too far below the mean of the earlier runs.
    Regressed {
        /// The score.
        score: Score,
        /// The mean of the earlier runs.
        mean: MeanScore,
        /// How far the score may be below the mean.
        most: MaxDrop,
    },
    /// The earlier runs could not be listed, so the score was not compared with them.
    NotCompared,
    /// The run has no tests.
    NoTests,
    /// The run ended without completing; the word of the API.
    Ended(String),
    /// The run had not ended at the deadline.
    TimedOut,
    /// A signal ended the wait.
    Interrupted,
    /// The run can't be read; the cause.
    Unreadable(String),
    /// The run was not queued; the cause.
    NotQueued(String),
    /// The answer was lost, and no run was found; the cause.
    Undecided(String),
}

impl Verdict {
    /// Returns whether the run passed.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        matches!(self, Self::Passed(_))
    }

    /// Returns the verdict in one word, for programs.
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
            Self::Regressed { .. } => "regression",
            Self::NotCompared => "not_compared",
            Self::NoTests => "no_tests",
            Self::Ended(_) => "bad_end",
            Self::TimedOut => "timed_out",
            Self::Interrupted => "interrupted",
            Self::Unreadable(_) => "unreadable",
            Self::NotQueued(_) => "not_queued",
            Self::Undecided(_) => "undecided",
        }
    }

    /// Returns whether the run measured the simulation. Otherwise the run itself
    /// failed.
    #[must_use]
    pub fn is_result(&self) -> bool {
        matches!(self, Self::Below(..) | Self::Regressed { .. })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Below(_, least) => write!(f, "below {least}"),
            Self::Regressed { mean, most, .. } => write!(
                f,
                "more than {most} points below {mean}, the mean of {}",
                match mean.runs {
                    1 => "the last run".to_owned(),
                    runs => format!("the last {runs} runs"),
                }
            ),
            Self::NotCompared => {
                f.write_str("the earlier runs can't be listed, so a regression is not excluded")
            }
            Self::NoTests => f.write_str("the run has no tests"),
            Self::Ended(status) if status.is_empty() => f.write_str("ended without a status"),
            Self::Ended(status) => write!(f, "ended as {status}"),
            Self::TimedOut => f.write_str("not ended before the timeout; the run continues"),
            Self::Interrupted => f.write_str("interrupted; the run continues"),
            Self::Unreadable(reason) => write!(f, "the results can't be read: {reason}"),
            Self::NotQueued(reason) => write!(f, "not queued: {reason}"),
            Self::Undecided(reason) => write!(f, "unknown whether the run was queued: {reason}"),
        }
    }
}
