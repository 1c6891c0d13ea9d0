//! The errors of state.

use std::fmt;
use std::path::PathBuf;

use crate::journal::{Damage, Foreign, HistoryError};
use crate::lock::{FormatError, Merge3Conflict};
use crate::store::StoreError;

/// The reason why state cannot be read or written.
#[derive(Debug)]
pub enum StateError {
    /// The disk failed.
    Store(StoreError),
    /// A file is not a lockfile that this program can read.
    Lockfile(PathBuf, FormatError),
    /// A journal is damaged.
    Journal(PathBuf, Damage),
    /// No run could have written a journal onto its lockfile.
    History(PathBuf, HistoryError),
    /// A journal belongs to another lockfile.
    Foreign(PathBuf, Foreign),
    /// Each of the two paths has a journal.
    TwoJournals {
        /// The journal at the path of new journals.
        path: PathBuf,
        /// The journal at the path of version 1.
        other: PathBuf,
    },
    /// The lockfile has changed since it was read, and cannot be merged.
    Changed(PathBuf, Vec<Merge3Conflict>),
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Lockfile(path, _) => {
                write!(f, "could not use the lockfile `{}`", path.display())
            }
            Self::Journal(path, _) => write!(f, "could not use the journal `{}`", path.display()),
            Self::History(path, _) => write!(
                f,
                "could not combine the journal `{}` with the lockfile",
                path.display()
            ),
            Self::Foreign(path, _) => write!(
                f,
                "the journal `{}` does not belong to the lockfile",
                path.display()
            ),
            Self::TwoJournals { path, other } => write!(
                f,
                "there are two journals of one lockfile: `{}` and `{}`",
                path.display(),
                other.display()
            ),
            Self::Changed(path, conflicts) => {
                let said: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "the lockfile `{}` has changed during the apply and cannot be merged: {}",
                    path.display(),
                    said.join("; ")
                )
            }
        }
    }
}

impl std::error::Error for StateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Lockfile(_, error) => Some(error),
            Self::Journal(_, damage) => Some(damage),
            Self::History(_, error) => Some(error),
            Self::Foreign(_, foreign) => Some(foreign),
            Self::TwoJournals { .. } | Self::Changed(..) => None,
        }
    }
}

impl From<StoreError> for StateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
