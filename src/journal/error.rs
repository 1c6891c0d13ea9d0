//! The reasons why an entry is refused.

use std::fmt;

use super::entry::JOURNAL_VERSION;
use crate::lock::ApiAddress;
use crate::resource::key::{RemoteId, ResourceKey};

/// A history that no run could have written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryError {
    /// An outcome without an open intent, or of the wrong kind.
    Stray {
        /// The number in the outcome.
        seq: u64,
    },
    /// Two intents have one number.
    Repeated {
        /// The number.
        seq: u64,
    },
    /// The journal has an unsupported version.
    Version {
        /// The version of the journal.
        found: u64,
    },
    /// The journal and the lockfile belong to different API addresses.
    Address {
        /// The address in the journal.
        journal: ApiAddress,
        /// The address in the lockfile.
        lockfile: ApiAddress,
    },
    /// The journal and the lockfile belong to different organisations.
    Organization {
        /// The organisation in the journal.
        journal: String,
        /// The organisation in the lockfile.
        lockfile: String,
    },
    /// The API gave a key the id of another key.
    Owned {
        /// The id.
        id: RemoteId,
        /// The key that has the id.
        owner: ResourceKey,
    },
    /// The lockfile and the journal have different ids for one key.
    TwoIds {
        /// The key.
        key: ResourceKey,
        /// The id in the lockfile.
        locked: RemoteId,
        /// The id in the journal.
        created: RemoteId,
    },
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stray { seq } => write!(f, "the outcome {seq} has no open intent"),
            Self::Repeated { seq } => write!(f, "the intent {seq} is recorded twice"),
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
                write!(f, "{id:#} belongs to `{owner}` already")
            }
            Self::TwoIds {
                key,
                locked,
                created,
            } => write!(
                f,
                "`{key}` is {locked:#} in the lockfile, and an interrupted apply created \
                 {created:#} for it"
            ),
        }
    }
}

impl std::error::Error for HistoryError {}
