//! The crash-safety argument.
//!
//! The API's create has no idempotency key: a create whose answer is lost can
//! neither be repeated blindly (two simulations) nor be given up (one that
//! nobody knows). So apply writes down what it is about to do, and what came of
//! it, in a file beside the lockfile.
//!
//! # Order of writes
//!
//! For each change: *intended* is made durable, then the request is sent, then
//! the *outcome* is made durable; only then does it count. When all is done,
//! the journal notes the checksum of the lockfile that it adds up to, the
//! lockfile is replaced atomically, and only after that the journal is removed.
//! Durable means written and synced to the disk; one sync serves all the changes
//! that wait for it.
//!
//! A request can wait long for its turn, while the API throttles, so one that
//! waited is journaled once more right before it is sent. A create whose answer is
//! lost is journaled too: its settle time counts from that moment, or, where the
//! process ended, from the longest that the request can have taken.
//!
//! # Invariant
//!
//! *Every id that the API ever gave us is in the journal or in the lockfile*,
//! and every create that the API may have made without telling us is in the
//! journal as an open intent.
//!
//! # What each crash point leaves
//!
//! | cut off | left behind | the next run |
//! | --- | --- | --- |
//! | before the intent is durable | at most half a line | drops the half line; nothing was sent |
//! | after the intent, before the answer | an open intent | looks: found and the same, it is recorded; not found for the settle time, it was not made |
//! | after the answer, before the outcome is durable | an open intent, perhaps half a line | the same, and it finds the simulation |
//! | after the outcome, before the lockfile | a whole journal | replays it onto the lockfile |
//! | after the lockfile, before the journal is gone | both | knows the lockfile by its checksum, and takes nothing from the journal but what is open |
//!
//! Replaying is a fold ([`Replay::apply`]) that refuses a history no run could
//! have written, and then leaves everything as it was: an outcome that doesn't fit
//! (a second id for a key, an id of another key) leaves its intent open. A journal can hold what several runs did, when one after the
//! other was cut off: a key that was created, renamed and created anew. Folded
//! onto a lockfile that is past all that, it would bring old entries back; hence
//! the checksum in the last row. Where that is missing (the disk was full), folding
//! what the lockfile already holds still changes nothing as long as the journal is
//! one run's. A lockfile that came by `git pull` meanwhile is known by the checksum
//! of the one that the run began with, which it isn't either: where it names all
//! ids of the journal, it holds it; else the journal is folded onto it, and an id
//! that another one took the place of is kept as replaced.
//!
//! An open update is sent again (it sets fields, so twice is as good as once), and
//! so is an open attaching of digital humans: by the plan, or for a key that no file
//! declares any more, before it;
//! an open delete is looked up by its id. Neither can make a second simulation. That a
//! simulation does not exist is proved by [`presence()`] alone.
//!
//! This module is pure: it knows texts and values. `store` has the file, `apply`
//! sends and looks.

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
pub use entry::{Entry, Intent, JOURNAL_VERSION};
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
