//! The lockfile on the disk.

use std::fmt;
use std::path::{Path, PathBuf};

use super::StoreError;
use crate::journal::Damage;
use crate::lock::{self, FormatError, Lockfile};

/// Why a lockfile could not be read.
#[derive(Debug)]
pub enum LockReadError {
    /// The disk.
    Store(StoreError),
    /// Its text.
    Format(PathBuf, FormatError),
    /// The text of a neighbour's journal.
    Journal(PathBuf, Damage),
}

impl fmt::Display for LockReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Format(path, _) => write!(f, "could not use the lockfile `{}`", path.display()),
            Self::Journal(path, _) => write!(f, "could not use the journal `{}`", path.display()),
        }
    }
}

impl std::error::Error for LockReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Format(_, error) => Some(error),
            Self::Journal(_, damage) => Some(damage),
        }
    }
}

/// Reads the text of a lockfile; `None` where there is no file.
pub fn read_text(path: &Path) -> Result<Option<String>, StoreError> {
    match super::read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a lockfile. A missing file is a lockfile with nothing in it; a damaged
/// one is an error, never that.
pub fn read(path: &Path) -> Result<Lockfile, LockReadError> {
    read_with(path, lock::parse)
}

/// Reads a lockfile for mending it: one id under two keys is let through.
pub fn read_for_mending(path: &Path) -> Result<Lockfile, LockReadError> {
    read_with(path, lock::parse_allowing_shared_ids)
}

fn read_with(
    path: &Path,
    parse: fn(&str) -> Result<Lockfile, FormatError>,
) -> Result<Lockfile, LockReadError> {
    match read_text(path).map_err(LockReadError::Store)? {
        None => Ok(Lockfile::default()),
        Some(text) => parse(&text).map_err(|error| LockReadError::Format(path.to_owned(), error)),
    }
}

/// Writes a lockfile, unless the file holds this text already. Returns
/// whether it wrote. See [`super::atomic::replace`] for what holds after a crash.
pub fn write(path: &Path, lockfile: &Lockfile) -> Result<bool, StoreError> {
    match lock::render(lockfile) {
        Some(text) => super::replace_if_different(path, &text),
        None => Ok(false),
    }
}
