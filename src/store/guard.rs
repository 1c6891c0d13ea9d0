//! One apply at a time on one lockfile.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::journal_file::{self, journal_path};
use super::{Attempt as _, StoreError, is_at};

/// Holds the right to change a lockfile until it is dropped.
///
/// The lock is the kernel's: it is gone when the process is, however that ends.
/// The file stays, since removing it would let two processes lock two files of
/// one name. Where somebody removes it all the same, the journal is the second
/// lock: see [`super::journal_file::JournalFile::open`].
#[derive(Debug)]
pub struct Guard {
    file: File,
    path: PathBuf,
    /// Whether somebody else had it first: what was read before is old.
    pub has_waited: bool,
}

impl Guard {
    /// Fails where its file was removed, so that somebody else may have another.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if is_at(&self.file, &self.path) {
            return Ok(());
        }
        let removed = std::io::Error::other("it was removed while this program held it");
        Err(removed).attempt("keep", &self.path)
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

/// The guard's file: `.bluejay/NAME.guard` beside the lockfile.
#[must_use]
pub fn guard_path(lockfile: &Path) -> PathBuf {
    let name = lockfile.file_name().unwrap_or_default().to_string_lossy();
    lockfile
        .with_file_name(".bluejay")
        .join(format!("{name}.guard"))
}

/// Tries to take the guard of a lockfile, again and again for `patience`.
///
/// A journal that somebody writes is as good as a guard that somebody holds: the
/// guard's folder is the tool's own, and people remove it.
///
/// `on_wait` is called once, with what the holder wrote, when it has to wait.
/// Blocks the thread.
pub fn take(
    lockfile: &Path,
    patience: Duration,
    on_wait: impl FnOnce(&str),
) -> Result<Taken, StoreError> {
    let path = guard_path(lockfile);
    let mut file = open(&path)?;
    let started = Instant::now();
    let mut on_wait = Some(on_wait);
    loop {
        let holder = match file.try_lock() {
            // Removed between being opened and being locked.
            Ok(()) if !is_at(&file, &path) => {
                file = open(&path)?;
                continue;
            }
            Ok(()) if journal_file::is_being_written(&journal_path(lockfile)) => {
                // Given back, so that a third one hears the same.
                file.unlock().attempt("unlock", &path)?;
                "an apply whose guard was removed".to_owned()
            }
            Ok(()) => {
                introduce(&mut file).attempt("write", &path)?;
                let has_waited = on_wait.is_none();
                return Ok(Taken::Ours(Guard {
                    file,
                    path,
                    has_waited,
                }));
            }
            Err(TryLockError::WouldBlock) => read_holder(&mut file),
            Err(TryLockError::Error(error)) => return Err(error).attempt("lock", &path),
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

fn open(path: &Path) -> Result<File, StoreError> {
    if let Some(folder) = path.parent() {
        create_private_folder(folder)?;
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .attempt("open", path)
}

/// Creates the tool's own folder, which git ignores by itself.
pub fn create_private_folder(folder: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(folder).attempt("create", folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        std::fs::write(&ignore, "*\n").attempt("write", &ignore)?;
    }
    Ok(())
}

/// Writes who holds the guard, for the message to whoever has to wait.
fn introduce(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    let host = std::env::var("HOSTNAME").unwrap_or_default();
    let at = if host.is_empty() { "" } else { " on " };
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
    writeln!(
        file,
        "process {}{at}{host}, since {now}",
        std::process::id()
    )
}

fn read_holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    match read {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "another process".to_owned(),
    }
}
