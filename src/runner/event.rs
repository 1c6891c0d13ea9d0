//! The events of running simulations.

use crate::resource::key::ResourceKey;
use crate::run::{Judged, RunId, Snapshot};

/// An event of running simulations.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A run was queued.
    Queued {
        /// The key of its simulation.
        key: &'a ResourceKey,
        /// The id of the run.
        run: &'a RunId,
    },
    /// The answer to a queue request was lost. The runs of the simulation are listed.
    AnswerLost {
        /// The key of the simulation.
        key: &'a ResourceKey,
        /// The cause of the loss.
        reason: &'a str,
    },
    /// A run was read.
    Read {
        /// The key of its simulation.
        key: &'a ResourceKey,
        /// The observed state.
        snapshot: &'a Snapshot,
    },
    /// A read of a run failed and is repeated.
    NotRead {
        /// The key of its simulation.
        key: &'a ResourceKey,
        /// The cause.
        reason: &'a str,
    },
    /// The outcome of a run is known.
    Judged {
        /// Outcome and verdict.
        judged: &'a Judged,
    },
}

/// A receiver of events.
pub trait Events: Sync {
    /// Receives an event.
    fn event(&self, event: Event<'_>);
}
