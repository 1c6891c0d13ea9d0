//! Replacing a file so that it is either the old one or the new one.

use std::io::Write as _;
use std::path::Path;

use atomic_write_file::AtomicWriteFile;

use super::{Attempt as _, StoreError, full_disk_point};

/// Replaces a file's content.
///
/// After a crash at any moment the file is whole: the old content or the new.
/// When this returns, the new content and its name are on the disk.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    replace_with(path, |file| file.write_all(bytes))
}

/// The same with what is written to it. Whatever else that does is done before the new
/// content takes the old one's place.
pub(crate) fn replace_with(
    path: &Path,
    write: impl FnOnce(&mut AtomicWriteFile) -> std::io::Result<()>,
) -> Result<(), StoreError> {
    let replace = || -> std::io::Result<()> {
        full_disk_point!("disk.lockfile");
        let mut file = AtomicWriteFile::open(path)?;
        write(&mut file)?;
        file.commit()
    };
    replace().attempt("write", path)
}

/// Syncs the folder of a file, so that its name is on the disk or gone from it.
///
/// Where folders can't be synced (Windows), names are safe by themselves.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if cfg!(unix) {
        std::fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .attempt("sync the folder", folder)?;
    }
    Ok(())
}
