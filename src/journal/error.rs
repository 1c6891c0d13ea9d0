//! Why an entry does not follow from those before it.

use std::fmt;

use super::entry::JOURNAL_VERSION;
use crate::lock::ApiAddress;
use crate::resource::key::{SimulationId, SimulationKey};

/// A history that no run could have written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryError {
    /// An outcome without its intent, or of the wrong kind.
    Stray {
        /// The number that the outcome names.
        seq: u64,
    },
    /// Two intents of one number.
    Repeated {
        /// The number.
        seq: u64,
    },
    /// A journal of another version.
    Version {
        /// The version it says it has.
        found: u64,
    },
    /// A journal of another API than the lockfile.
    Address {
        /// The journal's.
        journal: ApiAddress,
        /// The lockfile's.
        lockfile: ApiAddress,
    },
    /// A journal of another organisation than the lockfile.
    Organization {
        /// The journal's.
        journal: String,
        /// The lockfile's.
        lockfile: String,
    },
    /// The API gave a key an id that belongs to another one.
    Owned {
        /// The id.
        id: SimulationId,
        /// Whose it is.
        owner: SimulationKey,
    },
    /// The lockfile names another id for a key that the journal created.
    TwoIds {
        /// The key.
        key: SimulationKey,
        /// The id in the lockfile.
        locked: SimulationId,
        /// The id in the journal.
        created: SimulationId,
    },
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stray { seq } => write!(f, "the outcome of step {seq} has no intent"),
            Self::Repeated { seq } => write!(f, "step {seq} was intended twice"),
            Self::Version { found } => write!(
                f,
                "the journal has version {found}, and this program knows up to {JOURNAL_VERSION}"
            ),
            Self::Address { journal, lockfile } => write!(
                f,
                "the journal belongs to {journal}, the lockfile to {lockfile}"
            ),
            Self::Organization { journal, lockfile } => write!(
                f,
                "the journal belongs to organisation {journal}, the lockfile to {lockfile}"
            ),
            Self::Owned { id, owner } => {
                write!(f, "simulation {id} belongs to `{owner}` already")
            }
            Self::TwoIds {
                key,
                locked,
                created,
            } => write!(
                f,
                "`{key}` is simulation {locked} in the lockfile, and an apply that was cut off \
                 created simulation {created} for it"
            ),
        }
    }
}

impl std::error::Error for HistoryError {}
