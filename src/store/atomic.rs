//! The atomic replacement of a file.

use std::io::{BufWriter, Write};
use std::path::Path;

use atomic_write_file::AtomicWriteFile;

use super::crash::full_disk_point;
use super::error::{StoreError, WithPath as _};
use super::path::folder_of;

/// Replaces the content of a file.
///
/// After a crash at any point, the file has the old content or the new content. When
/// this function returns, the new content and its name are on the disk.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    replace_with(path, |file| file.write_all(bytes))
}

/// Replaces the content of a file like [`replace`], with the pieces that `write` makes.
pub(super) fn replace_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), StoreError> {
    let replace = || -> std::io::Result<()> {
        full_disk_point!("disk.lockfile");
        let mut file = BufWriter::new(AtomicWriteFile::open(path)?);
        write(&mut file)?;
        file.into_inner()?.commit()
    };
    replace().attempt("write", path)
}

/// Syncs the folder of a file, so that a created or removed name is durable.
///
/// Does nothing on Windows, where folders cannot be synced and names are durable.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    let folder = folder_of(path);
    if cfg!(unix) {
        std::fs::File::open(&folder)
            .and_then(|folder| folder.sync_all())
            .attempt("sync the folder", &folder)?;
    }
    Ok(())
}
