//! The events of an apply.

use std::time::Duration;

use crate::plan::{Observed, Summary};
use crate::resource::key::{RemoteId, ResourceKey};

/// An operation on a resource.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[schemars(rename = "Action")]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// A create.
    Create,
    /// A change in place.
    Update,
    /// A create of a new instance.
    Replace,
    /// A delete.
    Delete,
    /// A new key for the resource.
    Move,
    /// An adoption.
    Adopt,
    /// The attachment and detachment of digital humans.
    Attach,
}

impl Operation {
    /// Returns the past participle of the operation.
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

    /// Returns the verb of the operation.
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

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The execution begins.
    Began {
        /// The summary of the plan.
        summary: Summary,
        /// The estimated number of requests of the apply.
        requests: usize,
        /// The largest number of requests per minute; `None` without a limit.
        rate: Option<u32>,
    },
    /// An operation was executed and recorded.
    Finished {
        /// The key.
        key: ResourceKey,
        /// The operation.
        operation: Operation,
        /// The id of the resource.
        id: RemoteId,
    },
    /// An operation was not executed, or its effect is unknown.
    Failed {
        /// The key.
        key: ResourceKey,
        /// The operation.
        operation: Operation,
        /// The reason.
        reason: String,
    },
    /// The answer to a create was lost. The create is decided later.
    Unknown {
        /// The key.
        key: ResourceKey,
        /// The reason.
        reason: String,
    },
    /// Open creates are decided by repeated listings.
    Settling {
        /// The number of open creates.
        open: usize,
        /// The longest time until all are decided.
        at_most: Duration,
    },
    /// An open create is decided.
    Settled {
        /// The key.
        key: ResourceKey,
        /// The created resource; `None` if the create was not executed.
        id: Option<RemoteId>,
    },
    /// A resource that the plan deletes does not exist, and counts as deleted.
    Missing {
        /// The key.
        key: ResourceKey,
        /// The id.
        id: RemoteId,
    },
    /// The API cannot list simulations, so duplicates are possible.
    CannotList {
        /// The status of the answer.
        status: u16,
    },
    /// The create of a key is undecided: a person decides.
    Undecided {
        /// The key.
        key: ResourceKey,
        /// The candidates.
        candidates: Vec<Observed>,
        /// Whether the create was sent.
        was_sent: bool,
    },
}

/// A receiver of events.
pub trait Events: Send + Sync {
    /// Receives an event. Called from several tasks. The events of one resource are in
    /// the order of time.
    fn event(&self, event: Event);
}
