//! The crash-safety argument.
//!
//! The create request of the API has no idempotency key. A create whose answer is lost
//! must not be sent again, because a second create makes a second resource. The create
//! must not be given up either, because the first resource would stay untracked. An
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
//! | after the intent, before the answer | an open intent | reads the API: records an identical resource, or finds none until the settle time is over and records that the create was not executed |
//! | after the answer, before the outcome is durable | an open intent, perhaps an incomplete line | reads the API and records the resource |
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
//! # How a create is found whose answer was lost
//!
//! Each kind has its own listing, and its own properties that stand for a name:
//! [`identity`](crate::resource::identity()). A candidate is listed, is in no lockfile and in
//! no journal, did not exist before the intent, and has the same identity. The candidate is
//! the created resource if its content is equal too.
//!
//! | kind | listing | identity | equal candidates |
//! | --- | --- | --- | --- |
//! | simulation | of its agent | the name | creates of one body share them; more candidates than creates need a decision |
//! | digital human | of all | the title, else the name | as above; with `ownership: marker` the marker is part of the content, so no two are equal |
//! | custom metric | of all | the name | as above |
//! | schedule | of all | the simulation, the times and the time zone | interchangeable: nothing distinguishes them, so each create gets one |
//!
//! A create that refers to other resources is sent when their ids are known. The intent
//! contains these ids, so a recovery compares ids, not keys.
//!
//! Many digital humans are created with one request. Each has an intent of its own, and all
//! of these intents are durable before the request. A lost or incomplete answer leaves an
//! open intent for each item, and each is decided by itself, as above. An answer that names
//! the error of an item closes the intent of that item as not executed; the item is then
//! sent alone. An answer in another order is matched by content, and an item that fits
//! several answers stays open.
//!
//! # The order of stages
//!
//! A plan with other kinds is executed in stages: what is referred to is created first and
//! deleted last, and a stage begins when every create of the stage before is decided. A
//! crash between two stages therefore leaves no request whose references are unknown: the
//! next run plans what is left, with the ids of the journal.
//!
//! Deletes come after all creates, updates and attachments. The old instance of a replace is
//! still referred to until what refers to the old instance has the new id. If a run ends in
//! between, both instances exist, the lockfile records both, and what refers to the old
//! instance still works. Only the old instance of a schedule is deleted at once, because
//! nothing refers to schedules.
//!
//! # Other requests
//!
//! An open update and an open attachment of digital humans are sent again: by the plan, or
//! before the plan if no file declares the key. They set values, so sending them twice has
//! the same effect. An open delete is decided by reading the resource. None of these
//! makes a second resource. Only [`presence()`] proves that a resource does not exist.
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
