//! The lockfile at the beginning of a run.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::lock::{self, Lockfile};

/// The lockfile at the beginning of a run. Recorded since version 2 of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The SHA-256 of the text of the lockfile; of an empty text without a lockfile.
    pub sha256: String,
    /// The path of the lockfile on its machine.
    pub place: String,
}

impl Origin {
    /// Returns the origin of a run with a lockfile at a path.
    #[must_use]
    pub fn of(lock: &Lockfile, place: String) -> Self {
        let sha256 = Sha256::digest(lock::render(lock).unwrap_or_default());
        let sha256 = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { sha256, place }
    }
}
