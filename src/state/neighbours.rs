//! The other lockfiles of the repository and their journals. The ids in these files are
//! tracked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::paths::{journal_path, older_journal_path, private_folder};
use super::{StateError, journal_file, lockfile_file};
use crate::journal::Claims;
use crate::lock::{self, ApiAddress, is_file_name_of};
use crate::resource::key::RemoteId;
use crate::store::bounds::Bounds;
use crate::store::exclusive::ExclusiveFile;
use crate::store::search::search;
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError, real_path};

/// The names of lockfiles and journals, and of the folder with journals.
const PATTERNS: [&str; 3] = ["*.lock", "*.lock.journal", ".bluejay"];

/// The longest time that another process may hold the adoption lock.
const MAX_LOCK_TIME: Duration = Duration::from_secs(60);

/// The other lockfiles that may track resources of the same API: the lockfiles of the
/// other environments of the project, and of all other projects in the git repository.
#[derive(Debug)]
pub struct Neighbours {
    base: PathBuf,
    /// The lockfile of this run.
    lockfile: PathBuf,
    bounds: Bounds,
    /// The top of the git repository; without git, the folder of the lockfiles.
    top: PathBuf,
    api: ApiAddress,
    /// The claims of the last successful read.
    last: Mutex<Claims>,
}

/// The right to record resources that were found at the API. One process in the
/// repository has this right at a time, until the value is dropped.
#[derive(Debug)]
pub struct AdoptionLock {
    #[expect(dead_code, reason = "the open file holds the lock")]
    file: ExclusiveFile,
    /// The ids that other lockfiles claim while the lock is held.
    claimed: BTreeSet<RemoteId>,
}

impl AdoptionLock {
    /// Returns whether another lockfile has a resource, so that this lockfile must not
    /// record the resource.
    #[must_use]
    pub fn is_claimed(&self, id: RemoteId) -> bool {
        self.claimed.contains(&id)
    }
}

impl Neighbours {
    /// Reads the other lockfiles of the project, whose names derive from the name of
    /// `base`. A lockfile that cannot be read is an error, because its resources would
    /// look untracked. Only [`Self::claims`] searches the rest of the repository.
    pub fn read(
        base: &Path,
        lockfile: &Path,
        bounds: &Bounds,
        api: &ApiAddress,
    ) -> Result<Self, StateError> {
        let folder = store::canonical(&store::folder_of(lockfile));
        let neighbours = Self {
            base: base.to_owned(),
            lockfile: lockfile.to_owned(),
            bounds: bounds.clone(),
            top: store::repository_top(&folder).unwrap_or(folder),
            api: api.clone(),
            last: Mutex::default(),
        };
        let claims = neighbours.of_project()?;
        neighbours.remember(&claims);
        Ok(neighbours)
    }

    /// Returns the current claims of all other lockfiles and journals of the repository.
    /// Another apply may be changing them. If they cannot be read, returns the claims of
    /// the last successful read.
    pub fn claims(&self) -> Claims {
        self.claims_now().unwrap_or_else(|_| {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            last.clone()
        })
    }

    /// Returns the current claims of all other lockfiles and journals of the repository.
    /// A failed read is an error.
    pub fn claims_now(&self) -> Result<Claims, StateError> {
        let mut claims = self.of_project()?;
        self.add_other_projects(&mut claims)?;
        self.remember(&claims);
        Ok(claims)
    }

    /// Waits for the right to record a resource that was found at the API, and reads
    /// the claims under the lock. Two lockfiles therefore never record one resource.
    ///
    /// Blocks the thread.
    pub fn adoptions(&self) -> Result<AdoptionLock, StateError> {
        let file = self.lock_adoptions()?;
        let claimed = self.claims_now()?.ids;
        Ok(AdoptionLock { file, claimed })
    }

    fn lock_adoptions(&self) -> Result<ExclusiveFile, StateError> {
        let beside = self.top.join("adoptions");
        let path = WritablePath::private(&self.bounds, &beside, "adoptions.guard")?;
        let started = Instant::now();
        loop {
            let file = ExclusiveFile::open(&path)?;
            if file.try_lock()? && file.is_in_place() {
                return Ok(file);
            }
            if started.elapsed() > MAX_LOCK_TIME {
                let error = std::io::Error::other("another apply has held it for a minute");
                return Err(StoreError::new("lock", path.as_path(), error).into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn remember(&self, claims: &Claims) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone_from(claims);
    }

    fn of_project(&self) -> Result<Claims, StateError> {
        let mut claims = Claims::default();
        for lockfile in self.lockfiles()? {
            // The journal is read first: an apply removes the journal after it wrote the
            // lockfile.
            let journals = [journal_path(&lockfile), older_journal_path(&lockfile)]
                .map(|path| journal_file::read(&path));
            let lock = lockfile_file::read(&lockfile)?;
            claims.add_lockfile(&lock, &self.api);
            for journal in journals {
                claims.add_journal(&journal?.entries, &self.api);
            }
        }
        Ok(claims)
    }

    /// Returns the other lockfiles of the project. A lockfile may be missing although its
    /// journal exists.
    fn lockfiles(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut names = store::names_in(&store::folder_of(&self.base))?;
        names.extend(store::names_in(&private_folder(&self.base))?);
        let base = self.base.file_name().unwrap_or_default().to_string_lossy();
        let mut found = Vec::new();
        for name in names {
            let name = name.to_string_lossy();
            let name = name.strip_suffix(".journal").unwrap_or(&name);
            let lockfile = real_path(&self.base.with_file_name(name));
            if is_file_name_of(&base, name) && lockfile != self.lockfile {
                found.push(lockfile);
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Adds the claims of the lockfiles and journals of other projects in the repository.
    ///
    /// A damaged file of another project is no error: the ids in its text count. The
    /// search also finds the files of this project, whose claims are known already.
    /// Journals are read before lockfiles.
    fn add_other_projects(&self, claims: &mut Claims) -> Result<(), StateError> {
        let own = store::canonical(&self.lockfile);
        let own_journals = [journal_path(&own), older_journal_path(&own)];
        let (journals, lockfiles): (Vec<_>, Vec<_>) = search(&self.top, &PATTERNS)?
            .into_iter()
            .filter(|path| *path != own && !own_journals.contains(path))
            .partition(|path| path.extension().is_some_and(|ending| ending == "journal"));
        for path in journals {
            let bytes = store::read_record_if_any(&path)?.unwrap_or_default();
            claims.add_journal(&crate::journal::read_undamaged_lines(&bytes), &self.api);
        }
        for path in lockfiles {
            let bytes = store::read_record_if_any(&path)?.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            match lock::parse_allowing_shared_ids(&text) {
                Ok(lock) => claims.add_lockfile(&lock, &self.api),
                Err(_) => claims.ids.extend(lock::ids_in_text(&text)),
            }
        }
        Ok(())
    }
}
