//! Reads files that programs wrote.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use super::error::{StoreError, WithPath as _};

/// The most bytes of a lockfile, a journal or a saved plan: a hundred times the bytes of
/// ten thousand simulations.
const MAX_RECORD_BYTES: u64 = 256 * 1024 * 1024;

/// Reads a text file: a regular file of bounded size.
pub fn read_text(path: &Path) -> Result<String, StoreError> {
    let read = read_record(path).and_then(utf8);
    read.attempt("read", path)
}

/// Reads the bytes of a lockfile or a journal; `None` if there is no file.
pub fn read_record_if_any(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match read_record(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).attempt("read", path),
    }
}

/// Reads a file; a missing file is empty.
pub fn read_bytes_or_empty(path: &Path) -> Result<Vec<u8>, StoreError> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.attempt("read", path),
    }
}

/// Returns the number of bytes of a file; a missing file has none.
pub fn size(path: &Path) -> Result<u64, StoreError> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(StoreError::new("read", path, error)),
    }
}

/// Returns the names in a folder, in no order; a missing folder has none.
pub fn names_in(folder: &Path) -> Result<Vec<OsString>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.attempt("list", folder)?,
    };
    entries
        .map(|entry| Ok(entry.attempt("list", folder)?.file_name()))
        .collect()
}

/// Returns whether a file has this text. Git may have checked the file out with CRLF line
/// endings.
#[must_use]
pub fn holds(path: &Path, text: &str) -> bool {
    let Ok(current) = fs::read(path) else {
        return false;
    };
    // A text with CRLF line endings is longer, so other files are not copied.
    let is_same = || {
        current.len() > text.len()
            && String::from_utf8_lossy(&current).replace("\r\n", "\n") == text
    };
    current == text.as_bytes() || is_same()
}

/// Returns whether every user of this machine can read a regular file.
#[must_use]
pub fn is_readable_by_all(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path)
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o004 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Reads a regular file of bounded size. Git also commits links, and a link may lead to a
/// device that never ends.
fn read_record(path: &Path) -> io::Result<Vec<u8>> {
    // The type is checked before the file is opened: opening a pipe waits for its writer.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    if metadata.len() <= MAX_RECORD_BYTES {
        let file = File::open(path)?;
        bytes.reserve(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        // The file may grow during the read.
        file.take(MAX_RECORD_BYTES + 1).read_to_end(&mut bytes)?;
    }
    if metadata.len().max(bytes.len() as u64) > MAX_RECORD_BYTES {
        let most = MAX_RECORD_BYTES / (1024 * 1024);
        let message = format!("it is larger than {most} MiB, so bluejayctl did not write it");
        return Err(io::Error::other(message));
    }
    Ok(bytes)
}

/// Returns bytes as text. The error names the first line that is not UTF-8.
fn utf8(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        let message = format!("it is not UTF-8, from line {line}; restore it from git");
        io::Error::new(ErrorKind::InvalidData, message)
    })
}
