//! The disk: the only user of `std::fs`.
//!
//! What each write promises after a crash stands at the function that does it.

pub mod atomic;
pub mod discover;
pub mod guard;
pub mod journal_file;
pub mod lock_store;

use std::fmt;
use std::path::{Path, PathBuf};

/// A failure of the disk: what was attempted, on which file.
#[derive(Debug)]
pub struct StoreError {
    attempt: &'static str,
    path: PathBuf,
    source: std::io::Error,
}

impl StoreError {
    /// A failed attempt such as `read`, on a path.
    #[must_use]
    pub fn new(attempt: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self {
            attempt,
            path: path.to_owned(),
            source,
        }
    }

    /// The kind of the failure.
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

/// Reads a text file.
pub fn read_text(path: &Path) -> Result<String, StoreError> {
    std::fs::read_to_string(path).attempt("read", path)
}

/// Creates a folder and those above it; one that exists is fine.
pub fn create_folder(path: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(path).attempt("create", path)
}

/// Replaces a text file, unless it holds this text already. Returns whether it
/// wrote. See [`atomic::replace`].
pub fn replace_if_different(path: &Path, text: &str) -> Result<bool, StoreError> {
    if std::fs::read(path).is_ok_and(|current| current == text.as_bytes()) {
        return Ok(false);
    }
    atomic::replace(path, text.as_bytes())?;
    Ok(true)
}

/// Fails here as a full disk does, if a test asked for it by name.
///
/// Without the feature `crash-points` this is nothing at all.
macro_rules! full_disk_point {
    ($name:literal) => {
        #[cfg(feature = "crash-points")]
        fail::fail_point!($name, |_| Err(std::io::ErrorKind::StorageFull.into()));
    };
}

pub(crate) use full_disk_point;

/// Lets the result of an attempt on a path be named in one word.
pub(crate) trait Attempt<T> {
    fn attempt(self, attempt: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T> Attempt<T> for std::io::Result<T> {
    fn attempt(self, attempt: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::new(attempt, path, source))
    }
}
