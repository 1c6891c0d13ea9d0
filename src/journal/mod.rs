//! The crash-safety argument.
//!
//! The create request of the API has no idempotency key. A create whose answer is lost
//! must not be sent again, because a second create makes a second simulation. The create
//! must not be given up either, because the first simulation would stay untracked. An
//! apply therefore records every intent and every outcome in a journal beside the
//! lockfile.
//!
//! # Order of writes
//!
//! For each change, the intent is made durable, the request is sent, and the outcome is
//! made durable. A change counts after that. At the end of the run, the journal records
//! the checksum of the new lockfile, the lockfile is replaced atomically, and the journal
//! is removed. Durable means written and synced to the disk. Concurrent changes share a
//! sync.
//!
//! A request may wait for a long time while the API throttles. A create that waited is
//! therefore recorded again directly before it is sent. The loss of an answer to a create
//! is recorded too. The settle time begins at the loss. If the process ended before, the
//! settle time begins after the longest time that the request may take.
//!
//! # Invariant
//!
//! *Every id that the API ever gave us is in the journal or in the lockfile*,
//! and every create that the API may have made without telling us is in the
//! journal as an open intent.
//!
//! # What each crash point leaves
//!
//! | crash | files | next run |
//! | --- | --- | --- |
//! | before the intent is durable | at most an incomplete line | ignores the incomplete line; no request was sent |
//! | after the intent, before the answer | an open intent | reads the API: records an identical simulation, or finds none until the settle time is over and records that the create was not executed |
//! | after the answer, before the outcome is durable | an open intent, perhaps an incomplete line | reads the API and records the simulation |
//! | after the outcome, before the lockfile | a complete journal | folds the journal onto the lockfile |
//! | after the lockfile, before the journal is removed | both files | recognises the lockfile by its checksum, and folds only the open intents |
//!
//! [`Replay::apply`] folds one entry. The fold refuses a history that no run could have
//! written, and then leaves the state unchanged. If an outcome is refused, its intent stays
//! open. Examples are a second id for a key, and an id of another key.
//!
//! A journal may contain several interrupted runs, for example a key that was created,
//! renamed and created again. Folded onto a later lockfile, such a journal would restore
//! old entries. The checksum in the last row prevents this. If the checksum is missing,
//! because the disk was full, folding entries that the lockfile has changes nothing, as
//! long as the journal contains one run.
//!
//! A lockfile from `git pull` has neither the checksum at the beginning of the run nor the
//! checksum at its end. If such a lockfile has all ids of the journal, the journal counts
//! as folded. Otherwise the journal is folded onto the lockfile. If both have an id for a
//! key, the id of the journal becomes an old instance.
//!
//! An open update and an open attachment of digital humans are sent again: by the plan, or
//! before the plan if no file declares the key. They set values, so sending them twice has
//! the same effect. An open delete is decided by reading the simulation. None of these
//! makes a second simulation. Only [`presence()`] proves that a simulation does not exist.
//!
//! This module is pure: it has functions of texts and values. `state` reads and writes the
//! file, and `apply` sends the requests.

mod check;
mod claims;
mod entry;
mod error;
mod fold;
mod foreign;
mod origin;
mod owners;
mod presence;
mod recovery;
mod replay;
mod resume;
mod settle_time;
#[cfg(test)]
mod tests;
mod text;

pub use claims::Claims;
pub use entry::{Entry, Intent, JOURNAL_VERSION, version_for};
pub use error::HistoryError;
pub use foreign::{Foreign, check_origin};
pub use origin::Origin;
pub use owners::Owners;
pub use presence::{ListingSays, Observation, Presence, ReadSays, presence};
pub use recovery::{
    Found, OpenCreate, Verdict, absent_unless_renamed, candidates, renamed_candidates, verdicts,
};
pub use replay::{OpenIntent, Replay};
pub use settle_time::{MAX_SEND_DELAY, OpenFor, SettleTime};
pub use text::{Damage, Journal, checksum, checksum_of, read, read_undamaged_lines, write_line};
