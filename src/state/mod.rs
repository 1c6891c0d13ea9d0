//! The durable record of which resource belongs to which key.
//!
//! The state of one environment is a lockfile, a journal and a guard. [`StateFiles`]
//! contains all access to these files: it reads a [`Snapshot`], begins a run, saves, and
//! finds the other lockfiles. `journal` and `lock` define the values, and `store` accesses
//! the disk. This module knows neither the API nor the desired state. Another place for
//! the state would be a second implementation of the same methods.
//!
//! # Invariant
//!
//! *Every id that the API ever gave us is in the journal or in the lockfile.* The
//! invariant follows from the order of writes. Each write is durable before the next
//! begins:
//!
//! 1. [`StateFiles::take_guard`] excludes every other writer.
//! 2. [`StateFiles::begin`] appends the beginning to the journal. The lines of an earlier
//!    run stay; only an incomplete last line is removed.
//! 3. [`JournalWriter::append`] appends the intent before the request is sent, and the
//!    outcome with its id after the answer. After a failed append, nothing is appended.
//! 4. [`StateFiles::save`] atomically replaces the lockfile with a lockfile that has every
//!    outcome. After that, it removes the journal, or atomically replaces the journal with
//!    the open intents.
//!
//! An id enters the journal in step 3 and leaves the journal in step 4, after the lockfile
//! has the id. After a crash between any two steps, the id is in at least one of the two
//! files. `journal` states how the next run treats each case.

mod error;
mod files;
mod guard;
mod journal_file;
mod lockfile_file;
mod neighbours;
mod paths;
mod snapshot;

pub use error::StateError;
pub use files::StateFiles;
pub use guard::{Guard, GuardResult};
pub use journal_file::JournalWriter;
pub use lockfile_file::write as write_lockfile;
pub use neighbours::{AdoptionLock, Neighbours};
pub use paths::{journal_path, older_journal_path};
pub use snapshot::{Parts, Snapshot};
