//! Failures of the disk.

use std::fmt;
use std::path::{Path, PathBuf};

/// A failure of the disk: the attempt, the path and the cause.
#[derive(Debug)]
pub struct StoreError {
    attempt: &'static str,
    path: PathBuf,
    source: std::io::Error,
}

impl StoreError {
    /// Returns the error of a failed attempt, such as `read`, on a path.
    #[must_use]
    pub fn new(attempt: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self {
            attempt,
            path: path.to_owned(),
            source,
        }
    }

    /// Returns the kind of the cause.
    #[must_use]
    pub fn kind(&self) -> std::io::ErrorKind {
        self.source.kind()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {} `{}`", self.attempt, self.path.display())
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Adds the attempt and the path to an error of the operating system.
pub(crate) trait WithPath<T> {
    /// Turns an error into a [`StoreError`] of this attempt on this path.
    fn attempt(self, attempt: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T> WithPath<T> for std::io::Result<T> {
    fn attempt(self, attempt: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::new(attempt, path, source))
    }
}
