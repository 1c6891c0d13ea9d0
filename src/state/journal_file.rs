//! The journal as a file.

use std::path::Path;

use super::StateError;
use super::guard::Guard;
use crate::journal::{self, Entry, Journal, write_line};
use crate::store::exclusive::ExclusiveFile;
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError, exists};

/// Reads a journal. A missing file is a journal without entries.
pub(super) fn read(path: &Path) -> Result<Journal, StateError> {
    let bytes = store::read_record_if_any(path)?.unwrap_or_default();
    journal::read(&bytes).map_err(|damage| StateError::Journal(path.to_owned(), damage))
}

/// Replaces the journal atomically: see [`WritablePath::replace`].
pub(super) fn replace(path: &WritablePath, entries: &[Entry]) -> Result<(), StoreError> {
    path.replace(&lines(entries))
}

/// Appends to the journal that a lockfile of this checksum is about to be written. Does
/// nothing without a journal. When this function returns, the entry is on the disk.
///
/// Appends nothing after an incomplete line, which a failed write leaves.
pub(super) fn record_save(path: &WritablePath, lockfile: u32) -> Result<(), StoreError> {
    if !exists(path.as_path()) {
        return Ok(());
    }
    let mut file = ExclusiveFile::open(path)?;
    match file.last_byte()? {
        Some(b'\n') => file.append(&lines(&[Entry::Saved { lockfile }])),
        _ => Ok(()),
    }
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
    /// Whether an append failed. The end of the file is then unknown, so every later
    /// append fails.
    is_broken: bool,
}

impl JournalWriter {
    /// Opens a journal and truncates it to its first `length` bytes, or creates a missing
    /// journal. When this function returns, the name of the journal is on the disk.
    ///
    /// The journal is locked while it is open. The guard is checked after the journal is
    /// locked: if a user removed the guard, at least one of two applies finds the journal
    /// of the other locked.
    pub(super) fn open(
        path: &WritablePath,
        length: usize,
        guard: &Guard,
    ) -> Result<Self, StoreError> {
        let mut file = ExclusiveFile::open(path)?;
        // On Windows, the lock would prevent a plan from reading the journal.
        if cfg!(unix) && !file.try_lock()? {
            let error = std::io::Error::other("another apply is writing it");
            return Err(StoreError::new("write", path.as_path(), error));
        }
        guard.check()?;
        file.truncate(length as u64)?;
        Ok(Self {
            file,
            is_broken: false,
        })
    }

    /// Appends lines. When this function returns, the lines are on the disk.
    ///
    /// After a failure, the file may have a part of the lines, and every later append
    /// fails.
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

    /// Writes half of the bytes and ends the process, if a test asked for it.
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
