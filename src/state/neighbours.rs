//! The other lockfiles of a project, with their journals: what they name is
//! theirs.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::journal_file::{self, journal_path};
use super::{StateError, lockfile_file};
use crate::journal::Claims;
use crate::lock::{ApiAddress, is_file_name_of};
use crate::store::{self, StoreError, real_path};

/// The other lockfiles of a project: another environment's, for the same API.
#[derive(Debug)]
pub struct Neighbours {
    base: PathBuf,
    own: PathBuf,
    api: ApiAddress,
    last: Mutex<Claims>,
}

impl Neighbours {
    /// Reads them: all but `own` that are named after `base`, the project's first.
    ///
    /// One that can't be read is an error: what it names would look like nobody's.
    pub fn read(base: &Path, own: &Path, api: &ApiAddress) -> Result<Self, StateError> {
        let neighbours = Self {
            base: base.to_owned(),
            own: own.to_owned(),
            api: api.clone(),
            last: Mutex::default(),
        };
        neighbours.read_again()?;
        Ok(neighbours)
    }

    /// What they claim now: another apply may be at work on one of them. If they
    /// can't be read any more, what they claimed last.
    pub fn claims(&self) -> Claims {
        self.read_again().unwrap_or_else(|_| {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            last.clone()
        })
    }

    fn read_again(&self) -> Result<Claims, StateError> {
        let mut claims = Claims::default();
        for lockfile in self.lockfiles()? {
            // The journal first: it is removed once the lockfile holds all of it.
            let journal = journal_file::read(&journal_path(&lockfile))?;
            let lock = lockfile_file::read(&lockfile)?;
            claims.add(&lock, &journal.entries, &self.api);
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone_from(&claims);
        Ok(claims)
    }

    /// Those that are there, and those of which there is only a journal yet.
    fn lockfiles(&self) -> Result<Vec<PathBuf>, StoreError> {
        let folder = match self.base.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let base = self.base.file_name().unwrap_or_default().to_string_lossy();
        let mut found = Vec::new();
        for name in store::names_in(folder)? {
            let name = name.to_string_lossy();
            let name = name.strip_suffix(".journal").unwrap_or(&name);
            let lockfile = real_path(&self.base.with_file_name(name));
            if is_file_name_of(&base, name) && lockfile != self.own {
                found.push(lockfile);
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }
}
