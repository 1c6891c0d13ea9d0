//! Files that one process at a time writes, under a lock of the operating system.
//!
//! The lock belongs to the open file: the operating system releases it when the
//! process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::atomic::sync_folder_of;
use super::writable::WritablePath;
use super::{Attempt as _, StoreError, full_disk_point, is_at};

/// An open file that can be locked.
///
/// It is opened for reading and writing, and never for appending: Windows cuts no
/// file that is open for appending.
#[derive(Debug)]
pub struct ExclusiveFile {
    path: PathBuf,
    file: File,
}

impl ExclusiveFile {
    /// Opens a file, which is created where it is missing. Its content stays.
    pub fn open(path: &WritablePath) -> Result<Self, StoreError> {
        let file = path.open();
        let path = path.as_path().to_owned();
        Ok(Self {
            file: file.attempt("open", &path)?,
            path,
        })
    }

    /// The path it was opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock. Returns whether it was free.
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

    /// Whether the path still names this file: nobody removed or replaced it.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path)
    }

    /// Reads the whole text. Where another process holds the lock, Windows refuses.
    pub fn read_text(&mut self) -> Result<String, StoreError> {
        let mut text = String::new();
        let read = self.file.rewind();
        read.and_then(|()| self.file.read_to_string(&mut text))
            .attempt("read", &self.path)?;
        Ok(text)
    }

    /// Replaces the text. A crash may leave a part of it.
    pub fn write_text(&mut self, text: &str) -> Result<(), StoreError> {
        let mut write = || -> std::io::Result<()> {
            self.file.set_len(0)?;
            self.file.rewind()?;
            self.file.write_all(text.as_bytes())
        };
        write().attempt("write", &self.path)
    }

    /// Keeps the first `length` bytes; what is appended follows them. When this
    /// returns, the file and its name are on the disk.
    pub fn cut(&mut self, length: u64) -> Result<(), StoreError> {
        let mut cut = || -> std::io::Result<()> {
            self.file.set_len(length)?;
            self.file.seek(SeekFrom::Start(length))?;
            self.file.sync_all()
        };
        cut().attempt("cut", &self.path)?;
        sync_folder_of(&self.path)
    }

    /// The last byte; `None` of an empty file.
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

    /// Appends bytes. When this returns, they are on the disk.
    ///
    /// Refuses a file that is no longer in place. After a failure the file may hold
    /// a part of the bytes.
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

/// Whether another process holds the lock of a file.
///
/// Known only where a lock keeps nobody from reading: not on Windows.
#[must_use]
pub fn is_locked(path: &Path) -> bool {
    let is_locked = |file: File| matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    cfg!(unix) && File::open(path).is_ok_and(is_locked)
}
