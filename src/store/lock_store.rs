//! The lockfile on the disk.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{Attempt as _, StoreError};
use crate::lock::{self, ApiAddress, FormatError, Lockfile};
use crate::spec::key::SimulationId;

/// Why a lockfile could not be read.
#[derive(Debug)]
pub enum LockReadError {
    /// The disk.
    Store(StoreError),
    /// Its text.
    Format(PathBuf, FormatError),
}

impl fmt::Display for LockReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Format(path, _) => write!(f, "could not use the lockfile `{}`", path.display()),
        }
    }
}

impl std::error::Error for LockReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Format(_, error) => Some(error),
        }
    }
}

/// Reads the text of a lockfile; `None` where there is no file.
pub fn read_text(path: &Path) -> Result<Option<String>, StoreError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).attempt("read", path),
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

/// Writes a lockfile, unless the file holds these bytes already. Returns
/// whether it wrote. See [`super::atomic::replace`] for what holds after a crash.
pub fn write(path: &Path, lockfile: &Lockfile) -> Result<bool, StoreError> {
    match lock::render(lockfile) {
        Some(text) => super::replace_if_different(path, &text),
        None => Ok(false),
    }
}

/// The ids in every other lockfile beside this one: another environment's, as
/// far as it is for the same API.
///
/// A neighbour that can't be read is an error too: its ids would look like
/// nobody's.
pub fn ids_of_neighbours(
    path: &Path,
    api: &ApiAddress,
) -> Result<BTreeSet<SimulationId>, LockReadError> {
    let mut ids = BTreeSet::new();
    for neighbour in neighbours(path).map_err(LockReadError::Store)? {
        let neighbour = read(&neighbour)?;
        if neighbour.api.as_ref() == Some(api) {
            ids.extend(neighbour.ids().map(|(id, _)| id));
        }
    }
    Ok(ids)
}

/// The other files of the folder that are named like lockfiles of this project.
fn neighbours(path: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).attempt("list", folder),
    };
    // `bluejay.lock` and `bluejay.staging.lock` begin alike.
    let own = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!("{}.", own.split('.').next().unwrap_or_default());
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.attempt("list", folder)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_lockfile = name.starts_with(&prefix) && name.ends_with(".lock");
        if is_lockfile && Some(&*entry.file_name()) != path.file_name() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
