//! Files that one process at a time writes, under a lock of the operating system.
//!
//! The lock belongs to the open file. The operating system releases the lock when the
//! process ends, even after a crash.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::atomic::sync_folder_of;
use super::crash::full_disk_point;
use super::error::{StoreError, WithPath as _};
use super::writable::WritablePath;

/// An open file that can be locked.
///
/// The file is not opened for appending, because Windows cannot truncate such a file.
#[derive(Debug)]
pub struct ExclusiveFile {
    path: PathBuf,
    file: File,
}

impl ExclusiveFile {
    /// Opens a file, or creates a missing file. The content of an existing file stays.
    pub fn open(path: &WritablePath) -> Result<Self, StoreError> {
        let file = path.open();
        let path = path.as_path().to_owned();
        Ok(Self {
            file: file.attempt("open", &path)?,
            path,
        })
    }

    /// Returns the path with which the file was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tries to take the lock. Returns whether this process has the lock.
    pub fn try_lock(&self) -> Result<bool, StoreError> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error).attempt("lock", &self.path),
        }
    }

    /// Releases the lock.
    pub fn unlock(&self) -> Result<(), StoreError> {
        self.file.unlock().attempt("unlock", &self.path)
    }

    /// Returns whether the path still names this file, so that the file was neither
    /// removed nor replaced.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path)
    }

    /// Reads the whole text. On Windows, the read fails if another process has the lock.
    pub fn read_text(&mut self) -> Result<String, StoreError> {
        let mut text = String::new();
        let read = self.file.rewind();
        read.and_then(|()| self.file.read_to_string(&mut text))
            .attempt("read", &self.path)?;
        Ok(text)
    }

    /// Replaces the text. After a crash, the file may have a part of the text.
    pub fn write_text(&mut self, text: &str) -> Result<(), StoreError> {
        let mut write = || -> std::io::Result<()> {
            self.file.set_len(0)?;
            self.file.rewind()?;
            self.file.write_all(text.as_bytes())
        };
        write().attempt("write", &self.path)
    }

    /// Truncates the file to `length` bytes. When this function returns, the file and its
    /// name are on the disk.
    pub fn truncate(&mut self, length: u64) -> Result<(), StoreError> {
        let mut truncate = || -> std::io::Result<()> {
            self.file.set_len(length)?;
            self.file.seek(SeekFrom::Start(length))?;
            self.file.sync_all()
        };
        truncate().attempt("truncate", &self.path)?;
        sync_folder_of(&self.path)
    }

    /// Returns the last byte; `None` for an empty file.
    pub fn last_byte(&mut self) -> Result<Option<u8>, StoreError> {
        let mut read = || -> std::io::Result<Option<u8>> {
            if self.file.metadata()?.len() == 0 {
                return Ok(None);
            }
            let mut last = [0];
            self.file.seek(SeekFrom::End(-1))?;
            self.file.read_exact(&mut last)?;
            Ok(Some(last[0]))
        };
        read().attempt("read", &self.path)
    }

    /// Appends bytes. When this function returns, the bytes are on the disk.
    ///
    /// Fails if the path no longer names this file. After a failure, the file may have a
    /// part of the bytes.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let mut append = || -> std::io::Result<()> {
            full_disk_point!("disk.journal");
            if !is_at(&self.file, &self.path) {
                return Err(std::io::Error::other("it was removed while it was written"));
            }
            self.file.seek(SeekFrom::End(0))?;
            self.file.write_all(bytes)?;
            self.file.sync_data()
        };
        append().attempt("write", &self.path)
    }
}

/// Returns whether another process has the lock of a file. Always false on Windows, where
/// a lock also prevents reading.
#[must_use]
pub fn is_locked(path: &Path) -> bool {
    let is_locked = |file: File| matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    cfg!(unix) && File::open(path).is_ok_and(is_locked)
}

/// Returns whether a path still names an open file. Always true on Windows, where an open
/// file cannot be removed.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let identity = |found: std::fs::Metadata| (found.dev(), found.ino());
        let (open, named) = (file.metadata(), std::fs::metadata(path));
        open.is_ok_and(|open| named.is_ok_and(|named| identity(open) == identity(named)))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}
