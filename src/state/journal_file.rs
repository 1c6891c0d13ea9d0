//! The journal on the disk.

use std::path::{Path, PathBuf};

use super::StateError;
use super::guard::{Guard, private_folder_of};
use crate::journal::{self, Entry, Journal, write_line};
use crate::store::discover::exists;
use crate::store::exclusive::{ExclusiveFile, is_locked};
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError};

/// Where a new journal is created: `.bluejay/NAME.journal` beside the lockfile, in the
/// folder that git ignores by itself.
#[must_use]
pub fn journal_path(lockfile: &Path) -> PathBuf {
    private_folder_of(lockfile).join(name(lockfile))
}

/// Where version 1 created the journal: beside the lockfile.
#[must_use]
pub fn older_journal_path(lockfile: &Path) -> PathBuf {
    lockfile.with_file_name(name(lockfile))
}

fn name(lockfile: &Path) -> std::ffi::OsString {
    let mut name = lockfile.file_name().unwrap_or_default().to_owned();
    name.push(".journal");
    name
}

/// Where the journal is: at the older place where there is one, so that it is read and
/// finished there, else where a new one is created.
pub(super) fn place(lockfile: &Path) -> PathBuf {
    let older = older_journal_path(lockfile);
    if exists(&older) && !exists(&journal_path(lockfile)) {
        return older;
    }
    journal_path(lockfile)
}

/// The journal at the older place, where there is one at each place.
pub(super) fn second(lockfile: &Path) -> Option<PathBuf> {
    let older = older_journal_path(lockfile);
    (exists(&older) && exists(&journal_path(lockfile))).then_some(older)
}

/// Reads a journal; a missing one has no entries.
pub(super) fn read(path: &Path) -> Result<Journal, StateError> {
    let bytes = store::read_record_if_any(path)?.unwrap_or_default();
    journal::read(&bytes).map_err(|damage| StateError::Journal(path.to_owned(), damage))
}

/// Replaces a whole journal, atomically: see [`WritablePath::replace`].
pub(super) fn replace(path: &WritablePath, entries: &[Entry]) -> Result<(), StoreError> {
    path.replace(&lines(entries))
}

/// Notes in a journal that the lockfile is about to be replaced by one of this
/// checksum. Without a journal there is nothing to note. When this returns, the
/// note is on the disk.
///
/// Nothing is written behind half a line, which a failed write left.
pub(super) fn note_save(path: &WritablePath, lockfile: u32) -> Result<(), StoreError> {
    if !exists(path.as_path()) {
        return Ok(());
    }
    let mut file = ExclusiveFile::open(path)?;
    match file.last_byte()? {
        Some(b'\n') => file.append(&lines(&[Entry::Saved { lockfile }])),
        _ => Ok(()),
    }
}

/// Whether an apply has the journal of a lockfile open at this moment.
pub(super) fn is_being_written(lockfile: &Path) -> bool {
    is_locked(&journal_path(lockfile)) || is_locked(&older_journal_path(lockfile))
}

fn lines(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        write_line(entry, &mut bytes);
    }
    bytes
}

/// A journal that is open for appending.
#[derive(Debug)]
pub struct JournalWriter {
    file: ExclusiveFile,
    /// Whether an append failed: what stands at the end is unknown, so nothing
    /// more may be written behind it.
    is_broken: bool,
}

impl JournalWriter {
    /// Opens a journal behind its first `length` bytes, creating it where there
    /// is none. When this returns, its name is on the disk.
    ///
    /// The journal is locked as long as it is open, and only then is the guard
    /// checked once more: where somebody removed the guard, one of two applies at
    /// least sees the other's journal.
    pub(super) fn open(
        path: &WritablePath,
        length: usize,
        guard: &Guard,
    ) -> Result<Self, StoreError> {
        let mut file = ExclusiveFile::open(path)?;
        // A lock that keeps plans from reading the journal is not taken.
        if cfg!(unix) && !file.try_lock()? {
            let error = std::io::Error::other("another apply is writing it");
            return Err(StoreError::new("write", path.as_path(), error));
        }
        guard.check()?;
        file.cut(length as u64)?;
        Ok(Self {
            file,
            is_broken: false,
        })
    }

    /// Appends the lines of a batch. When this returns, they are on the disk.
    ///
    /// After a failure the file may hold a part of them; every later append
    /// fails too.
    pub fn append(&mut self, lines: &[u8]) -> Result<(), StoreError> {
        if self.is_broken {
            let error = std::io::Error::other("an earlier write failed");
            return Err(StoreError::new("write", self.file.path(), error));
        }
        self.tear(lines);
        let written = self.file.append(lines);
        self.is_broken = written.is_err();
        written
    }

    /// Appends one entry.
    pub(super) fn append_entry(&mut self, entry: &Entry) -> Result<(), StoreError> {
        self.append(&lines(std::slice::from_ref(entry)))
    }

    /// Writes half of the lines and ends the process, if a test asked for it.
    #[cfg(feature = "crash-points")]
    fn tear(&mut self, lines: &[u8]) {
        fail::fail_point!("journal.torn", |_| {
            let _ = self.file.append(&lines[..lines.len() / 2]);
            std::process::abort()
        });
    }

    #[cfg(not(feature = "crash-points"))]
    #[expect(clippy::unused_self, reason = "it is empty without the feature")]
    fn tear(&mut self, _: &[u8]) {}
}
