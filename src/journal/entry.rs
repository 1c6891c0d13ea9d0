//! The entries of the journal.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::origin::Origin;
use crate::lock::ApiAddress;
use crate::resource::Kind;
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};

/// The newest version of the journal that this program reads and writes.
///
/// | version | addition |
/// | --- | --- |
/// | 1 | |
/// | 2 | the origin of a run |
/// | 3 | resources of every kind |
///
/// A file may contain several runs, each with the version in its beginning. An entry of
/// version 1 is read as an entry of version 2 without an origin.
pub const JOURNAL_VERSION: u64 = 3;

/// Returns the lowest version of the journal that can record changes of these resources:
/// older programs can read the journal of a repository with simulations alone.
pub fn version_for<'a>(keys: impl IntoIterator<Item = &'a ResourceKey>) -> u64 {
    let mut keys = keys.into_iter();
    if keys.all(|key| key.kind() == Kind::Simulation) {
        2
    } else {
        JOURNAL_VERSION
    }
}

/// An entry of the journal: one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// A run begins.
    Begin {
        /// The version of the journal.
        version: u64,
        /// The API that the ids belong to.
        api: ApiAddress,
        /// The organisation of the API key, if the API shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organization: Option<String>,
        /// The checksum of the lockfile on the disk: see [`super::checksum_of`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lockfile: Option<u32>,
        /// The lockfile of the run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
    },
    /// A request is about to be sent.
    Intended {
        /// The number of the intent, unique in one journal. The outcome refers to it.
        seq: u64,
        /// The time in milliseconds since 1970 by the clock of the API; by the clock of
        /// this machine if no answer had a time.
        at: u64,
        /// The effect of the request.
        intent: Intent,
    },
    /// A request that waited is about to be sent. The API cannot have executed the request
    /// before.
    Sending {
        /// The number of the intent.
        seq: u64,
        /// The time in milliseconds since 1970 by the clock of the API; by the clock of
        /// this machine if no answer had a time.
        at: u64,
    },
    /// The answer to a create was lost. The API may still execute the create.
    Unanswered {
        /// The number of the intent.
        seq: u64,
        /// The time in milliseconds since 1970 by the clock of the API; by the clock of
        /// this machine if no answer had a time.
        at: u64,
    },
    /// A create was executed, according to its answer or to the recovery.
    Created {
        /// The number of the intent.
        seq: u64,
        /// The id.
        simulation_id: RemoteId,
        /// The observed fields, if they differ from the sent fields.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        applied: Option<Body>,
    },
    /// Another request was executed, according to its answer or to the recovery.
    Done {
        /// The number of the intent.
        seq: u64,
        /// The observed fields after an update, if they differ from the desired fields.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        applied: Option<Body>,
    },
    /// The request was not executed, and will not be executed.
    NotDone {
        /// The number of the intent.
        seq: u64,
        /// The reason, for people who read the journal.
        reason: String,
    },
    /// A key was renamed. No request was sent.
    Moved {
        /// The old key.
        from: ResourceKey,
        /// The new key.
        to: ResourceKey,
    },
    /// The lockfile is about to be replaced with all entries before this entry.
    Saved {
        /// The checksum of the new lockfile: see [`super::checksum_of`].
        lockfile: u32,
    },
    /// An existing resource was adopted. No request was sent.
    Adopted {
        /// The key.
        key: ResourceKey,
        /// The id.
        simulation_id: RemoteId,
        /// The fields of the resource.
        applied: Body,
        /// The id of the replaced resource.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<RemoteId>,
        /// Whether the replaced resource no longer exists, so that there is no old
        /// instance.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_gone: bool,
    },
}

/// The effect of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Intent {
    /// Create a resource.
    Create {
        /// The key.
        key: ResourceKey,
        /// The body of the request.
        body: Body,
        /// The id of the replaced resource.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<RemoteId>,
        /// Whether the replaced resource no longer exists, so that there is no old
        /// instance.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_gone: bool,
        /// Untracked resources of the same scope that existed before the create.
        #[serde(default, rename = "known", skip_serializing_if = "Vec::is_empty")]
        existing: Vec<RemoteId>,
    },
    /// Change fields.
    Update {
        /// The key.
        key: ResourceKey,
        /// The id of the resource.
        simulation_id: RemoteId,
        /// The paths that change.
        fields: Vec<String>,
        /// The desired fields after the update.
        body: Body,
    },
    /// Attach and detach digital humans. Sending both twice has the same effect.
    Attach {
        /// The key.
        key: ResourceKey,
        /// The id of the resource.
        simulation_id: RemoteId,
        /// The digital humans to attach.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        add: BTreeSet<DigitalHumanId>,
        /// The digital humans to detach.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        remove: BTreeSet<DigitalHumanId>,
        /// All declared digital humans.
        humans: BTreeSet<DigitalHumanId>,
    },
    /// Delete a resource.
    Delete {
        /// The key.
        key: ResourceKey,
        /// The id of the resource.
        simulation_id: RemoteId,
    },
}

impl Entry {
    /// Returns the keys of the entry.
    pub(super) fn keys(&self) -> impl Iterator<Item = &ResourceKey> {
        let (first, second) = match self {
            Self::Intended { intent, .. } => (Some(intent.key()), None),
            Self::Adopted { key, .. } => (Some(key), None),
            Self::Moved { from, to } => (Some(from), Some(to)),
            _ => (None, None),
        };
        first.into_iter().chain(second)
    }
}

impl Intent {
    /// Returns the key of the resource.
    #[must_use]
    pub fn key(&self) -> &ResourceKey {
        match self {
            Self::Create { key, .. }
            | Self::Update { key, .. }
            | Self::Attach { key, .. }
            | Self::Delete { key, .. } => key,
        }
    }

    /// Returns the key of the resource, to rename it.
    pub(super) fn key_mut(&mut self) -> &mut ResourceKey {
        match self {
            Self::Create { key, .. }
            | Self::Update { key, .. }
            | Self::Attach { key, .. }
            | Self::Delete { key, .. } => key,
        }
    }
}
