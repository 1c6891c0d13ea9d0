//! The disk: the only user of `std::fs`.
//!
//! Every write goes through a [`writable::WritablePath`], which says what each write
//! promises after a crash.

mod atomic;
pub mod bounds;
mod crash;
pub mod discover;
pub mod exclusive;
pub mod git;
pub mod ignored;
pub mod limits;
pub mod search;
pub mod writable;

pub(crate) use crash::crash_point;

use std::fmt;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// A failure of the disk: what was attempted, on which file.
#[derive(Debug)]
pub struct StoreError {
    attempt: &'static str,
    path: PathBuf,
    source: std::io::Error,
}

impl StoreError {
    /// A failed attempt such as `read`, on a path.
    #[must_use]
    pub fn new(attempt: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self {
            attempt,
            path: path.to_owned(),
            source,
        }
    }

    /// The kind of the failure.
    #[must_use]
    pub fn kind(&self) -> std::io::ErrorKind {
        self.source.kind()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {} `{}`", self.attempt, self.path.display())
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Reads a text file that a program wrote: a regular one of bounded size.
pub fn read_text(path: &Path) -> Result<String, StoreError> {
    let read = read_record(path).and_then(utf8);
    read.attempt("read", path)
}

/// Reads the bytes of a lockfile or a journal; `None` where there is none.
pub fn read_record_if_any(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match read_record(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).attempt("read", path),
    }
}

/// The folder that a file is in.
#[must_use]
pub fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The names in a folder, in no order; none where there is no folder.
pub fn names_in(folder: &Path) -> Result<Vec<std::ffi::OsString>, StoreError> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.attempt("list", folder)?,
    };
    entries
        .map(|entry| Ok(entry.attempt("list", folder)?.file_name()))
        .collect()
}

/// The most bytes of a lockfile, a journal or a saved plan: a hundred times what
/// ten thousand simulations take.
const MAX_RECORD_BYTES: u64 = 256 * 1024 * 1024;

/// Reads a lockfile, a journal or a saved plan: a regular file of bounded size.
/// Git commits links too, and one to a device never ends.
fn read_record(path: &Path) -> std::io::Result<Vec<u8>> {
    // Looked at before it is opened: to open a pipe would wait for its writer.
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    if metadata.len() <= MAX_RECORD_BYTES {
        let file = std::fs::File::open(path)?;
        bytes.reserve(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        // It may grow while it is read.
        file.take(MAX_RECORD_BYTES + 1).read_to_end(&mut bytes)?;
    }
    if metadata.len().max(bytes.len() as u64) > MAX_RECORD_BYTES {
        let most = MAX_RECORD_BYTES / (1024 * 1024);
        let message = format!("it is larger than {most} MiB, so nothing of ours");
        return Err(std::io::Error::other(message));
    }
    Ok(bytes)
}

/// Bytes as text; an error names the line that is none.
fn utf8(bytes: Vec<u8>) -> std::io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        let message = format!("it is not UTF-8, from line {line}; restore it from git");
        std::io::Error::new(ErrorKind::InvalidData, message)
    })
}

/// Where a file is that may be a link: what is written beside it has to lie
/// beside the file itself, so that two links to it mean the same.
///
/// A link that leads nowhere yet is followed too; other paths stay as they are.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    const LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = std::fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

/// Whether a regular file can be read by every user of this machine.
#[must_use]
pub fn is_readable_by_all(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path)
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o004 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Whether an open file is still the one of this name, and not removed or
/// replaced. Where files have no identity (Windows), an open one can't be removed.
fn is_at(file: &std::fs::File, path: &Path) -> bool {
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

/// Whether a file holds this text, in whatever line ends git checked it out.
#[must_use]
pub fn holds(path: &Path, text: &str) -> bool {
    let Ok(current) = std::fs::read(path) else {
        return false;
    };
    // More bytes only mean more line ends; a large file isn't copied to know that.
    let is_same = || {
        current.len() > text.len()
            && String::from_utf8_lossy(&current).replace("\r\n", "\n") == text
    };
    current == text.as_bytes() || is_same()
}

/// Opens a file for reading.
pub fn open(path: &Path) -> Result<impl std::io::Read, StoreError> {
    std::fs::File::open(path).attempt("read", path)
}

/// How many bytes a file has; none where it is missing.
pub fn size(path: &Path) -> Result<u64, StoreError> {
    match std::fs::metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(StoreError::new("read", path, error)),
    }
}

/// Reads a file that may be missing: empty then.
pub fn read_bytes_or_empty(path: &Path) -> Result<Vec<u8>, StoreError> {
    match std::fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.attempt("read", path),
    }
}

/// Fails here as a full disk does, if a test asked for it by name.
///
/// Without the feature `crash-points` this is nothing at all.
macro_rules! full_disk_point {
    ($name:literal) => {
        #[cfg(feature = "crash-points")]
        fail::fail_point!($name, |_| Err(std::io::ErrorKind::StorageFull.into()));
    };
}

pub(crate) use full_disk_point;

/// Lets the result of an attempt on a path be named in one word.
pub(crate) trait Attempt<T> {
    fn attempt(self, attempt: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T> Attempt<T> for std::io::Result<T> {
    fn attempt(self, attempt: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::new(attempt, path, source))
    }
}
