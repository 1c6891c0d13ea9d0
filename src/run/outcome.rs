//! The outcome of a request to run a simulation.

use std::time::Duration;

use super::history::History;
use super::snapshot::{RunId, Snapshot};
use super::verdict::Verdict;
use crate::resource::key::{RemoteId, ResourceKey};

/// The outcome of a request to run a simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The run ended.
    Ended {
        /// The id of the run.
        run: RunId,
        /// The last observed state.
        last: Snapshot,
    },
    /// The run had not ended when the deadline passed.
    TimedOut {
        /// The id of the run.
        run: RunId,
        /// The last observed state; `None` if no read succeeded.
        last: Option<Snapshot>,
    },
    /// The run had not ended when a signal ended the wait.
    Interrupted {
        /// The id of the run.
        run: RunId,
        /// The last observed state; `None` if no read succeeded.
        last: Option<Snapshot>,
    },
    /// The run was queued and can't be read.
    Unreadable {
        /// The id of the run.
        run: RunId,
        /// The cause.
        reason: String,
    },
    /// The run was certainly not queued.
    NotQueued {
        /// The cause.
        reason: String,
    },
    /// The answer was lost, and the list of runs did not decide whether a run was queued.
    Undecided {
        /// The cause of the lost answer, and what the list showed.
        reason: String,
        /// The runs that the request may have started.
        candidates: Vec<RunId>,
    },
}

/// A simulation with the outcome and the verdict of its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The key of the simulation.
    pub key: ResourceKey,
    /// The id of the simulation.
    pub simulation_id: RemoteId,
    /// The outcome of the run.
    pub outcome: Outcome,
    /// The verdict of the gate.
    pub verdict: Verdict,
    /// The runs before this run; `None` if the API could not list them.
    pub history: Option<History>,
    /// The time from before the request to the outcome.
    pub took: Duration,
}

impl Outcome {
    /// Returns the id of the run; `None` if no run certainly exists.
    #[must_use]
    pub fn run(&self) -> Option<&RunId> {
        match self {
            Self::Ended { run, .. }
            | Self::TimedOut { run, .. }
            | Self::Interrupted { run, .. }
            | Self::Unreadable { run, .. } => Some(run),
            Self::NotQueued { .. } | Self::Undecided { .. } => None,
        }
    }

    /// Returns the last observed state of the run.
    #[must_use]
    pub fn last(&self) -> Option<&Snapshot> {
        match self {
            Self::Ended { last, .. } => Some(last),
            Self::TimedOut { last, .. } | Self::Interrupted { last, .. } => last.as_ref(),
            _ => None,
        }
    }

    /// Returns whether the API certainly has no run.
    #[must_use]
    pub fn is_not_queued(&self) -> bool {
        matches!(self, Self::NotQueued { .. })
    }
}
