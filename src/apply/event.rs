//! What happens during an apply, for whoever shows it.

use std::time::Duration;

use crate::plan::{Observed, Summary};
use crate::resource::key::{SimulationId, SimulationKey};

/// What is done to a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "Action")]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// It is created.
    Create,
    /// It is changed in place.
    Update,
    /// It is created anew.
    Replace,
    /// It is deleted.
    Delete,
    /// Its entry is renamed.
    Move,
    /// It is taken over.
    Adopt,
    /// Its digital humans are attached and detached.
    Attach,
}

impl Operation {
    /// What was done, as a word.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Update => "updated",
            Self::Replace => "replaced",
            Self::Delete => "deleted",
            Self::Move => "moved",
            Self::Adopt => "adopted",
            Self::Attach => "attached",
        }
    }

    /// What was attempted, as a word.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Move => "move",
            Self::Adopt => "adopt",
            Self::Attach => "attach the digital humans of",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The work begins.
    Began {
        /// What the plan holds.
        summary: Summary,
    },
    /// A change was made and recorded.
    Finished {
        /// The simulation.
        key: SimulationKey,
        /// What was done.
        operation: Operation,
        /// Its id.
        id: SimulationId,
    },
    /// A change was not made, or its fate stays unknown.
    Failed {
        /// The simulation.
        key: SimulationKey,
        /// What was attempted.
        operation: Operation,
        /// Why it failed.
        reason: String,
    },
    /// The answer to a request never came; it is looked up later.
    Unknown {
        /// The simulation.
        key: SimulationKey,
        /// Why nothing is known.
        reason: String,
    },
    /// Open creates are looked up again and again.
    Settling {
        /// How many are open.
        open: usize,
        /// The longest that it can still take.
        at_most: Duration,
    },
    /// It is known what became of an open create.
    Settled {
        /// The simulation.
        key: SimulationKey,
        /// The simulation that it is; `None` when it was not made.
        id: Option<SimulationId>,
    },
    /// A simulation that was to be deleted isn't there, which counts as deleted.
    Missing {
        /// Its key.
        key: SimulationKey,
        /// Its id.
        id: SimulationId,
    },
    /// The API can't list, so duplicates can't be ruled out.
    CannotList {
        /// The status it answered.
        status: u16,
    },
    /// These simulations could be the one; a person decides.
    Undecided {
        /// The simulation.
        key: SimulationKey,
        /// Those that could be it.
        candidates: Vec<Observed>,
        /// Whether its create was sent already.
        was_sent: bool,
    },
}

/// Hears of what happens.
pub trait Events: Send + Sync {
    /// Takes note of an event. Called from many tasks, in the order of time for
    /// each simulation.
    fn event(&self, event: Event);
}
