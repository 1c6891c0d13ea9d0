//! The journal on the disk.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::guard::Guard;
use super::{Attempt as _, StoreError, atomic, full_disk_point, is_at};
use crate::journal::{Entry, write_line};

/// The journal's file: the lockfile's name with `.journal` behind it.
#[must_use]
pub fn journal_path(lockfile: &Path) -> PathBuf {
    let mut name = lockfile.file_name().unwrap_or_default().to_owned();
    name.push(".journal");
    lockfile.with_file_name(name)
}

/// Reads a journal's bytes; `None` where there is none.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match super::read_record(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).attempt("read", path),
    }
}

/// Replaces a whole journal, atomically: see [`atomic::replace`].
pub fn replace(path: &Path, entries: &[Entry]) -> Result<(), StoreError> {
    let mut bytes = Vec::new();
    for entry in entries {
        write_line(entry, &mut bytes);
    }
    atomic::replace(path, &bytes)
}

/// Notes in a journal that the lockfile is about to be replaced by one of this checksum.
/// Without a journal there is nothing to note. When this returns, it is on the disk.
///
/// Nothing is written behind half a line, which a failed write left.
pub fn note_save(path: &Path, lockfile: u32) -> Result<(), StoreError> {
    if !ends_in_whole_line(path).attempt("read", path)? {
        return Ok(());
    }
    let mut line = Vec::new();
    write_line(&Entry::Saved { lockfile }, &mut line);
    let append = || -> std::io::Result<()> {
        full_disk_point!("disk.journal");
        let mut file = OpenOptions::new().append(true).open(path)?;
        file.write_all(&line)?;
        file.sync_data()
    };
    append().attempt("write", path)
}

/// Whether there is a journal, and no half line at its end.
fn ends_in_whole_line(path: &Path) -> std::io::Result<bool> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    let mut last = [0];
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Removes a journal. When this returns, it is gone from the disk.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Ok(()) => atomic::sync_folder_of(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).attempt("remove", path),
    }
}

/// Whether an apply has a journal open at this moment.
pub(super) fn is_being_written(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| is_locked(&file))
}

/// Whether somebody else has the lock of a journal; if not, it is ours now.
///
/// Only where a lock keeps nobody from reading (not on Windows): plans read it.
fn is_locked(file: &File) -> bool {
    cfg!(unix) && matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// A journal that is open for appending.
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    file: File,
    /// Whether an append failed: what stands at the end is unknown, so nothing
    /// more may be written behind it.
    is_broken: bool,
}

impl JournalFile {
    /// Opens a journal behind its first `length` bytes, creating it where there
    /// is none. When this returns, its name is on the disk.
    ///
    /// It is locked as long as it is open, and only then is the guard looked at
    /// once more: where somebody removed that, one of two applies at least sees
    /// the other's.
    pub fn open(path: &Path, length: usize, guard: &Guard) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).attempt("open", path)?;
        if is_locked(&file) {
            let error = std::io::Error::other("another apply is writing it");
            return Err(error).attempt("write", path);
        }
        guard.check()?;
        file.set_len(length as u64).attempt("cut", path)?;
        file.sync_all().attempt("sync", path)?;
        atomic::sync_folder_of(path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            is_broken: false,
        })
    }

    /// Appends lines. When this returns, they are on the disk.
    ///
    /// After a failure the file may hold a part of them; every later append
    /// fails too.
    pub fn append(&mut self, lines: &[u8]) -> Result<(), StoreError> {
        if self.is_broken {
            let error = std::io::Error::other("an earlier write failed");
            return Err(error).attempt("write", &self.path);
        }
        let written = self.write(lines);
        self.is_broken = written.is_err();
        written.attempt("write", &self.path)
    }

    fn write(&mut self, lines: &[u8]) -> std::io::Result<()> {
        full_disk_point!("disk.journal");
        if !is_at(&self.file, &self.path) {
            return Err(std::io::Error::other("it was removed while it was written"));
        }
        self.file.write_all(lines)?;
        self.file.sync_data()
    }
}
