//! What the API shows of a run.

use std::fmt;

use super::status::RunStatus;

/// The id of a run at the API: a text, since it is one there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many tests of a run there are, and how many came how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tests {
    /// All of them; 0 where the API doesn't say.
    pub total: u32,
    /// Those that passed.
    pub passed: u32,
    /// Those that have ended, passed or not.
    pub completed: u32,
}

/// A run as one read shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// How far it is.
    pub status: RunStatus,
    /// Its tests.
    pub tests: Tests,
}

/// A run in the list of a simulation's runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRun {
    /// Its id.
    pub id: RunId,
    /// When it was queued, in microseconds since 1970; `None` where the list
    /// doesn't say.
    pub created_at: Option<i64>,
}
