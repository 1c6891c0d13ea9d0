//! The folder of the program's own files, `.bluejay/`.

use std::path::Path;

use super::{Attempt as _, StoreError};

/// Creates the folder, which git ignores by itself.
pub fn create_private_folder(folder: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(folder).attempt("create", folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        std::fs::write(&ignore, "*\n").attempt("write", &ignore)?;
    }
    Ok(())
}
