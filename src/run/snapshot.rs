//! The observed state of a run.

use std::fmt;

use super::conversation::Conversation;
use super::status::RunStatus;

/// The id that the API gave to a run. The API uses texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub String);

/// The alternate form has the noun: `run 7`. An id that has the word already stays as it
/// is: `run-7`.
impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() && !self.0.starts_with("run") {
            f.write_str("run ")?;
        }
        f.write_str(&self.0)
    }
}

/// The numbers of tests of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tests {
    /// All tests; 0 if the API shows no number.
    pub total: u32,
    /// Tests that passed.
    pub passed: u32,
    /// Tests that ended, passed or failed.
    pub completed: u32,
}

/// The observed state of a run after one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The status of the run.
    pub status: RunStatus,
    /// The tests of the run.
    pub tests: Tests,
    /// The conversations that the API showed.
    pub conversations: Vec<Conversation>,
}

impl Snapshot {
    /// Returns a state without conversations.
    #[must_use]
    pub fn of(status: RunStatus, tests: Tests) -> Self {
        Self {
            status,
            tests,
            conversations: Vec::new(),
        }
    }
}

/// A run in the list of the runs of a simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRun {
    /// The id of the run.
    pub id: RunId,
    /// When the run was queued, in microseconds since 1970; `None` if the list
    /// shows no time.
    pub created_at: Option<i64>,
    /// The state of the run, without its conversations.
    pub last: Snapshot,
}
