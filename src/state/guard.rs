//! The guard: the process lock that permits one apply at a time per lockfile.

use std::path::Path;
use std::time::{Duration, Instant};

use super::paths::{journal_path, older_journal_path};
use crate::store::bounds::Bounds;
use crate::store::exclusive::{ExclusiveFile, is_locked};
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError};

/// The right to change a lockfile. The right ends when the value is dropped.
///
/// The operating system releases the lock when the process ends, even after a crash. The
/// guard file stays: if it were removed, two processes could lock two files of one name.
/// If a user removes the file, the lock of the journal keeps two applies apart: see
/// `JournalWriter::open`.
#[derive(Debug)]
pub struct Guard {
    file: ExclusiveFile,
    /// Whether another process held the guard before. The files that were read earlier may
    /// have changed.
    pub has_waited: bool,
}

impl Guard {
    /// Fails if the guard file was removed, because another process may hold a new guard.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.file.is_in_place() {
            return Ok(());
        }
        let removed = std::io::Error::other("it was removed while this program held it");
        Err(StoreError::new("keep", self.file.path(), removed))
    }
}

/// The result of an attempt to take the guard.
#[derive(Debug)]
pub enum GuardResult {
    /// This process holds the guard.
    Taken(Guard),
    /// Another process holds the guard; its description.
    Held(String),
}

/// Tries to take the guard of a lockfile until the time `patience` is over.
///
/// A locked journal counts as a held guard, because a user may have removed the folder of
/// the guard.
///
/// Calls `on_wait` once with the description of the holder, if the guard is held. Blocks
/// the thread.
pub(super) fn take(
    lockfile: &Path,
    bounds: &Bounds,
    patience: Duration,
    on_wait: impl FnOnce(&str),
) -> Result<GuardResult, StoreError> {
    let mut file = open(lockfile, bounds)?;
    let started = Instant::now();
    let mut on_wait = Some(on_wait);
    loop {
        let holder = if file.try_lock()? {
            // The file was removed after it was opened and before it was locked.
            if !file.is_in_place() {
                file = open(lockfile, bounds)?;
                continue;
            }
            if !is_journal_locked(lockfile) {
                file.write_text(&own_description())?;
                remove_unfinished(lockfile, bounds)?;
                let has_waited = on_wait.is_none();
                return Ok(GuardResult::Taken(Guard { file, has_waited }));
            }
            // A third process must find the same state.
            file.unlock()?;
            "an apply whose guard was removed".to_owned()
        } else {
            holder_description(&mut file)
        };
        if started.elapsed() >= patience {
            return Ok(GuardResult::Held(holder));
        }
        if let Some(on_wait) = on_wait.take() {
            on_wait(&holder);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Returns whether an apply has the journal of a lockfile open.
pub(super) fn is_journal_locked(lockfile: &Path) -> bool {
    is_locked(&journal_path(lockfile)) || is_locked(&older_journal_path(lockfile))
}

/// Removes the temporary files that interrupted writes left beside the lockfile. The
/// holder of the guard is the only writer. The crate `atomic-write-file` chooses the names.
fn remove_unfinished(lockfile: &Path, bounds: &Bounds) -> Result<(), StoreError> {
    let name = lockfile.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    let folder = store::folder_of(lockfile);
    for found in store::names_in(&folder)? {
        let random = found.to_str().and_then(|found| found.strip_prefix(&prefix));
        let is_random =
            |text: &str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if random.is_some_and(is_random) {
            WritablePath::within(bounds, &folder.join(&found))?.remove()?;
        }
    }
    Ok(())
}

/// Opens the guard file: `.bluejay/NAME.guard` beside the lockfile.
fn open(lockfile: &Path, bounds: &Bounds) -> Result<ExclusiveFile, StoreError> {
    let name = lockfile.file_name().unwrap_or_default().to_string_lossy();
    let path = WritablePath::private(bounds, lockfile, &format!("{name}.guard"))?;
    ExclusiveFile::open(&path)
}

/// Returns the description of this process, for the messages of waiting processes.
fn own_description() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_default();
    let at = if host.is_empty() { "" } else { " on " };
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
    format!("process {}{at}{host}, since {now}\n", std::process::id())
}

/// Reads the description of the process that holds the guard.
fn holder_description(file: &mut ExclusiveFile) -> String {
    match file.read_text() {
        Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "another process".to_owned(),
    }
}
