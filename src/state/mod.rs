//! Recorded state: which simulations belong to which keys, durably.
//!
//! The state of one environment is a lockfile, a journal and a guard. [`StateFiles`]
//! is the only way to them: it reads a [`Snapshot`], begins a run, saves, and says
//! what lies beside. `journal` and `lock` are the values, `store` is the disk; this
//! module knows neither the API nor what is declared. Another place to keep state
//! becomes a second implementation of the same methods.
//!
//! # Invariant
//!
//! *Every id that the API ever gave us is in the journal or in the lockfile.* It
//! follows from the order of writes, each durable before the next begins:
//!
//! 1. [`StateFiles::take_guard`] keeps every other writer out.
//! 2. [`StateFiles::begin`] appends the beginning to the journal. Lines of an earlier
//!    run stay before it; only half a last line is cut.
//! 3. [`JournalWriter::append`] appends the intent before its request is sent, and the
//!    outcome with its id after the answer. After a failed append nothing is appended.
//! 4. [`StateFiles::save`] replaces the lockfile atomically by one that holds every
//!    outcome, and only then removes the journal, or replaces it atomically by what is
//!    open.
//!
//! So an id enters the journal in step 3 and leaves it in step 4, after the lockfile
//! got it. A crash between any two of these leaves the id in one or both;
//! `journal` says what the next run makes of each.

mod error;
mod files;
mod guard;
mod journal_file;
mod lockfile_file;
mod neighbours;
mod snapshot;

pub use error::StateError;
pub use files::StateFiles;
pub use guard::{Guard, Taken};
pub use journal_file::{JournalWriter, journal_path, older_journal_path};
pub use lockfile_file::write as write_lockfile;
pub use neighbours::{AdoptionLock, Neighbours};
pub use snapshot::{Parts, Snapshot};
