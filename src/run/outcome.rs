//! What became of a wish to run a simulation.

use super::snapshot::{RunId, Snapshot};
use super::verdict::Verdict;
use crate::resource::key::{SimulationId, SimulationKey};

/// What became of a wish to run a simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The run ended; this is what it showed last.
    Ended {
        /// Its id.
        run: RunId,
        /// What it showed last.
        last: Snapshot,
    },
    /// It was still going on when the time was over.
    TimedOut {
        /// Its id.
        run: RunId,
        /// What it showed last, if it was ever read.
        last: Option<Snapshot>,
    },
    /// It was still going on when a signal ended the wait.
    Interrupted {
        /// Its id.
        run: RunId,
        /// What it showed last, if it was ever read.
        last: Option<Snapshot>,
    },
    /// It was queued, and can't be read.
    Unreadable {
        /// Its id.
        run: RunId,
        /// Why.
        reason: String,
    },
    /// It was surely not queued.
    NotQueued {
        /// Why.
        reason: String,
    },
    /// It may have been queued: no answer came, and looking didn't tell.
    Undecided {
        /// Why there is no answer, and what looking found.
        reason: String,
        /// Runs of which one may be it.
        candidates: Vec<RunId>,
    },
}

/// A chosen simulation and what the gate says about its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its key.
    pub key: SimulationKey,
    /// Its id.
    pub simulation_id: SimulationId,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether that will do.
    pub verdict: Verdict,
}

impl Outcome {
    /// The run, where there surely is one.
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

    /// What it showed last.
    #[must_use]
    pub fn last(&self) -> Option<&Snapshot> {
        match self {
            Self::Ended { last, .. } => Some(last),
            Self::TimedOut { last, .. } | Self::Interrupted { last, .. } => last.as_ref(),
            _ => None,
        }
    }

    /// Whether the API surely has no run of it.
    #[must_use]
    pub fn is_not_queued(&self) -> bool {
        matches!(self, Self::NotQueued { .. })
    }
}
