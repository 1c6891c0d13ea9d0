//! The lockfile that a run began with.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::lock::{self, Lockfile};

/// The lockfile that a run began with. Recorded from version 2 of the journal on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The SHA-256 of the lockfile's text; that of no text where there is none.
    pub sha256: String,
    /// Where the lockfile lies on its machine.
    pub place: String,
}

impl Origin {
    /// The origin of a run on a lockfile at a place.
    #[must_use]
    pub fn of(lock: &Lockfile, place: String) -> Self {
        let mut digest = Sha256::new();
        for piece in lock::pieces(lock) {
            digest.update(piece.as_bytes());
        }
        let sha256 = digest.finalize();
        let sha256 = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { sha256, place }
    }
}
