//! The guard: one apply at a time on one lockfile.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::journal_file;
use crate::store::bounds::Bounds;
use crate::store::exclusive::ExclusiveFile;
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError};

/// Holds the right to change a lockfile until it is dropped.
///
/// The lock is the kernel's: it is gone when the process is, however that ends.
/// The file stays, since removing it would let two processes lock two files of
/// one name. Where somebody removes it all the same, the journal is the second
/// lock: see [`super::JournalWriter::open`].
#[derive(Debug)]
pub struct Guard {
    file: ExclusiveFile,
    /// Whether somebody else had it first: what was read before is old.
    pub has_waited: bool,
}

impl Guard {
    /// Fails where its file was removed, so that somebody else may have another.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.file.is_in_place() {
            return Ok(());
        }
        let removed = std::io::Error::other("it was removed while this program held it");
        Err(StoreError::new("keep", self.file.path(), removed))
    }
}

/// What came of trying to take the guard.
#[derive(Debug)]
pub enum Taken {
    /// It is ours.
    Ours(Guard),
    /// Somebody else has it: what they wrote about themselves.
    Held(String),
}

/// The folder of the program's own files beside a lockfile.
pub(super) fn private_folder_of(lockfile: &Path) -> PathBuf {
    lockfile.with_file_name(".bluejay")
}

/// Tries to take the guard of a lockfile, again and again for `patience`.
///
/// A journal that somebody writes is as good as a guard that somebody holds: the
/// guard's folder is the tool's own, and people remove it.
///
/// `on_wait` is called once, with what the holder wrote, when it has to wait.
/// Blocks the thread.
pub(super) fn take(
    lockfile: &Path,
    bounds: &Bounds,
    patience: Duration,
    on_wait: impl FnOnce(&str),
) -> Result<Taken, StoreError> {
    let mut file = open(lockfile, bounds)?;
    let started = Instant::now();
    let mut on_wait = Some(on_wait);
    loop {
        let holder = if file.try_lock()? {
            // Removed between being opened and being locked.
            if !file.is_in_place() {
                file = open(lockfile, bounds)?;
                continue;
            }
            if !journal_file::is_being_written(lockfile) {
                file.write_text(&introduction())?;
                remove_unfinished(lockfile, bounds)?;
                let has_waited = on_wait.is_none();
                return Ok(Taken::Ours(Guard { file, has_waited }));
            }
            // Given back, so that a third one hears the same.
            file.unlock()?;
            "an apply whose guard was removed".to_owned()
        } else {
            holder(&mut file)
        };
        if started.elapsed() >= patience {
            return Ok(Taken::Held(holder));
        }
        if let Some(on_wait) = on_wait.take() {
            on_wait(&holder);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Removes what writes that were cut off left beside the lockfile: nobody else writes
/// it now. The names are those of the crate `atomic-write-file`.
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

/// Opens the guard's file: `.bluejay/NAME.guard` beside the lockfile.
fn open(lockfile: &Path, bounds: &Bounds) -> Result<ExclusiveFile, StoreError> {
    let name = lockfile.file_name().unwrap_or_default().to_string_lossy();
    let path = WritablePath::private(bounds, lockfile, &format!("{name}.guard"))?;
    ExclusiveFile::open(&path)
}

/// Who holds the guard, for the message to whoever has to wait.
fn introduction() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_default();
    let at = if host.is_empty() { "" } else { " on " };
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
    format!("process {}{at}{host}, since {now}\n", std::process::id())
}

fn holder(file: &mut ExclusiveFile) -> String {
    match file.read_text() {
        Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "another process".to_owned(),
    }
}
