//! What the gate says about a run.

use std::fmt;

use super::score::{MinScore, Score};

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
            Self::NoTests => f.write_str("it ran no tests"),
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
