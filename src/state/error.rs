//! Why recorded state can't be used.

use std::fmt;
use std::path::PathBuf;

use crate::journal::{Damage, HistoryError};
use crate::lock::FormatError;
use crate::store::StoreError;

/// Why recorded state can't be read or written.
#[derive(Debug)]
pub enum StateError {
    /// The disk failed.
    Store(StoreError),
    /// A file holds no lockfile that this program can read.
    Lockfile(PathBuf, FormatError),
    /// A journal is damaged.
    Journal(PathBuf, Damage),
    /// A journal doesn't follow from its lockfile.
    History(PathBuf, HistoryError),
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
                "could not join the journal `{}` to the lockfile",
                path.display()
            ),
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
        }
    }
}

impl From<StoreError> for StateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
