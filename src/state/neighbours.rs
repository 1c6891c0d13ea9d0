//! The other lockfiles of a repository, with their journals: what they name is
//! theirs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::guard::private_folder_of;
use super::journal_file::{self, journal_path, older_journal_path};
use super::{StateError, lockfile_file};
use crate::journal::Claims;
use crate::lock::{self, ApiAddress, is_file_name_of};
use crate::resource::key::SimulationId;
use crate::store::bounds::Bounds;
use crate::store::exclusive::ExclusiveFile;
use crate::store::search::search;
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError, discover, real_path};

/// The names of lockfiles, of journals, and of the folder that journals lie in.
const PATTERNS: [&str; 3] = ["*.lock", "*.lock.journal", ".bluejay"];

/// How long another process may take to record what it adopts.
const PATIENCE: Duration = Duration::from_secs(60);

/// The other lockfiles that may track simulations of the same API: those of other
/// environments of the project, and those of all other projects in the git repository.
#[derive(Debug)]
pub struct Neighbours {
    base: PathBuf,
    own: PathBuf,
    bounds: Bounds,
    /// The top of the git repository; without git, the folder of the lockfiles.
    top: PathBuf,
    api: ApiAddress,
    last: Mutex<Claims>,
}

/// The right to record simulations that were found at the API, until it is dropped: one
/// process at a time in the whole repository.
#[derive(Debug)]
pub struct AdoptionLock {
    #[expect(dead_code, reason = "the open file holds the lock")]
    file: ExclusiveFile,
    /// The ids that other lockfiles claim while the lock is held.
    claimed: BTreeSet<SimulationId>,
}

impl AdoptionLock {
    /// Whether another lockfile recorded a simulation, so that it can't be recorded here.
    #[must_use]
    pub fn is_claimed(&self, id: SimulationId) -> bool {
        self.claimed.contains(&id)
    }
}

impl Neighbours {
    /// Reads the lockfiles of the project: all but `own` that are named after `base`,
    /// the project's first. One that can't be read is an error: what it names would
    /// look untracked. The rest of the repository is searched only by [`Self::claims`].
    pub fn read(
        base: &Path,
        own: &Path,
        bounds: &Bounds,
        api: &ApiAddress,
    ) -> Result<Self, StateError> {
        let folder = discover::canonical(&store::folder_of(own));
        let neighbours = Self {
            base: base.to_owned(),
            own: own.to_owned(),
            bounds: bounds.clone(),
            top: discover::repository_top(&folder).unwrap_or(folder),
            api: api.clone(),
            last: Mutex::default(),
        };
        let claims = neighbours.of_project()?;
        neighbours.remember(&claims);
        Ok(neighbours)
    }

    /// What all lockfiles and journals of the repository claim now: another apply may
    /// be at work on one of them. If they can't be read any more, what they claimed last.
    pub fn claims(&self) -> Claims {
        self.claims_now().unwrap_or_else(|_| {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            last.clone()
        })
    }

    /// Returns the same; a failure is an error.
    pub fn claims_now(&self) -> Result<Claims, StateError> {
        let mut claims = self.of_project()?;
        self.add_others(&mut claims)?;
        self.remember(&claims);
        Ok(claims)
    }

    /// Waits for the right to record a simulation that was found at the API, and reads
    /// the claims under the lock: two lockfiles never record one simulation.
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
            if started.elapsed() > PATIENCE {
                let error = std::io::Error::other("another apply holds it for a minute");
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
            // The journal first: it is removed once the lockfile holds all of it.
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

    /// Those that are there, and those of which there is only a journal yet.
    fn lockfiles(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut names = store::names_in(&store::folder_of(&self.base))?;
        names.extend(store::names_in(&private_folder_of(&self.base))?);
        let base = self.base.file_name().unwrap_or_default().to_string_lossy();
        let mut found = Vec::new();
        for name in names {
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

    /// Adds what the lockfiles and journals elsewhere in the repository claim.
    ///
    /// They are other projects' files, and a damaged one stops nobody here: the ids
    /// that stand in its text count all the same. The search comes upon the project's
    /// own neighbours too, which claim nothing new. Journals are read first.
    fn add_others(&self, claims: &mut Claims) -> Result<(), StateError> {
        let own = discover::canonical(&self.own);
        let own_journals = [journal_path(&own), older_journal_path(&own)];
        let (journals, lockfiles): (Vec<_>, Vec<_>) = search(&self.top, &PATTERNS)?
            .into_iter()
            .filter(|path| *path != own && !own_journals.contains(path))
            .partition(|path| path.extension().is_some_and(|ending| ending == "journal"));
        for path in journals {
            let bytes = store::read_record_if_any(&path)?.unwrap_or_default();
            claims.add_journal(&crate::journal::read_whole_lines(&bytes), &self.api);
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
