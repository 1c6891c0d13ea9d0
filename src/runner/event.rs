//! What is told while runs go on.

use crate::resource::key::SimulationKey;
use crate::run::{Judged, RunId, Snapshot};

/// Something worth telling.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A run was queued.
    Queued {
        /// The key of its simulation.
        key: &'a SimulationKey,
        /// Its id.
        run: &'a RunId,
    },
    /// No answer came to a queue request: the runs of the simulation are looked at.
    Looking {
        /// The key of the simulation.
        key: &'a SimulationKey,
        /// Why there is no answer.
        reason: &'a str,
    },
    /// A run was read.
    Read {
        /// The key of its simulation.
        key: &'a SimulationKey,
        /// What it shows.
        snapshot: &'a Snapshot,
    },
    /// A run could not be read this time.
    NotRead {
        /// The key of its simulation.
        key: &'a SimulationKey,
        /// Why.
        reason: &'a str,
    },
    /// It is over, one way or the other.
    Judged {
        /// What became of it.
        judged: &'a Judged,
    },
}

/// Who is told.
pub trait Events: Sync {
    /// Takes note of something.
    fn event(&self, event: Event<'_>);
}
