//! One line of the journal.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::origin::Origin;
use crate::lock::ApiAddress;
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, SimulationId, SimulationKey};

/// The version of the journal that this program writes, and the newest that it reads.
///
/// | version | what it added |
/// | --- | --- |
/// | 1 | |
/// | 2 | the origin of a run |
///
/// One file holds what several runs wrote, each in the version that its beginning
/// says. An entry of version 1 reads as one of version 2 without an origin.
pub const JOURNAL_VERSION: u64 = 2;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// A run begins to write.
    Begin {
        /// The version of the journal.
        version: u64,
        /// The API that the ids belong to.
        api: ApiAddress,
        /// The organisation that the key belongs to, where the API names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organization: Option<String>,
        /// The checksum of the lockfile on the disk: see [`super::checksum_of`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lockfile: Option<u32>,
        /// Which lockfile the run belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
    },
    /// A request is about to be sent.
    Intended {
        /// The number by which its outcome refers to it; unique in one journal.
        seq: u64,
        /// When, in milliseconds since 1970 by the API's clock, or where its answers
        /// told no time, by this machine's.
        at: u64,
        /// What the request does.
        intent: Intent,
    },
    /// A request that had to wait is about to be sent: what the API does about
    /// it, it does after this.
    Sending {
        /// The intent.
        seq: u64,
        /// When, in milliseconds since 1970 by the API's clock, or where its answers
        /// told no time, by this machine's.
        at: u64,
    },
    /// The answer to a create is lost: from now on it may come true unseen.
    Unanswered {
        /// The intent.
        seq: u64,
        /// When, in milliseconds since 1970 by the API's clock, or where its answers
        /// told no time, by this machine's.
        at: u64,
    },
    /// A create was answered with an id, or was found by looking.
    Created {
        /// The intent.
        seq: u64,
        /// The id.
        simulation_id: SimulationId,
        /// What it was seen to have, where that isn't what was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        applied: Option<Body>,
    },
    /// Any other request was answered, or was found done by looking.
    Done {
        /// The intent.
        seq: u64,
        /// What the simulation was seen to have after an update, where that
        /// isn't what was wanted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        applied: Option<Body>,
    },
    /// It surely did not happen, and will not.
    NotDone {
        /// The intent.
        seq: u64,
        /// Why, for whoever reads the journal.
        reason: String,
    },
    /// A lockfile entry was renamed; no request belongs to it.
    Moved {
        /// The old key.
        from: SimulationKey,
        /// The new key.
        to: SimulationKey,
    },
    /// The lockfile is about to be replaced by one with everything before this.
    Saved {
        /// The checksum of that lockfile: see [`super::checksum_of`].
        lockfile: u32,
    },
    /// A simulation that exists was taken over; no request belongs to it.
    Adopted {
        /// The key.
        key: SimulationKey,
        /// The id.
        simulation_id: SimulationId,
        /// The fields it has.
        applied: Body,
        /// The simulation that it takes the place of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<SimulationId>,
        /// That one was looked for and isn't there, so nothing is left of it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_gone: bool,
    },
}

/// What a request does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Intent {
    /// Create a simulation.
    Create {
        /// The key it is for.
        key: SimulationKey,
        /// The body that is sent.
        body: Body,
        /// The simulation that it takes the place of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<SimulationId>,
        /// That one was looked for and isn't there, so nothing is left of it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_gone: bool,
        /// Untracked simulations of the same agent and name that were there
        /// before, so can't be this one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        known: Vec<SimulationId>,
    },
    /// Change fields.
    Update {
        /// The key it is for.
        key: SimulationKey,
        /// The simulation.
        simulation_id: SimulationId,
        /// The paths that change.
        fields: Vec<String>,
        /// All fields as they are wanted after it.
        body: Body,
    },
    /// Attach and detach digital humans. Either may be done twice.
    Attach {
        /// The key it is for.
        key: SimulationKey,
        /// The simulation.
        simulation_id: SimulationId,
        /// Those to attach.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        add: BTreeSet<DigitalHumanId>,
        /// Those to detach.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        remove: BTreeSet<DigitalHumanId>,
        /// All that the files want attached.
        humans: BTreeSet<DigitalHumanId>,
    },
    /// Delete a simulation.
    Delete {
        /// The key it is recorded under.
        key: SimulationKey,
        /// The simulation.
        simulation_id: SimulationId,
    },
}

impl Entry {
    /// The keys that it names.
    pub(super) fn keys(&self) -> impl Iterator<Item = &SimulationKey> {
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
    /// The key it is for.
    #[must_use]
    pub fn key(&self) -> &SimulationKey {
        match self {
            Self::Create { key, .. }
            | Self::Update { key, .. }
            | Self::Attach { key, .. }
            | Self::Delete { key, .. } => key,
        }
    }

    /// The key it is for, to be changed when its entry is renamed.
    pub(super) fn key_mut(&mut self) -> &mut SimulationKey {
        match self {
            Self::Create { key, .. }
            | Self::Update { key, .. }
            | Self::Attach { key, .. }
            | Self::Delete { key, .. } => key,
        }
    }
}
