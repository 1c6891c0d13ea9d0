//! Questions about paths: links, folders and repositories. Nothing is read or written.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The most links that [`real_path`] follows.
const MAX_LINKS: usize = 40;

/// Returns whether a file or a folder of this path exists.
#[must_use]
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// Returns whether a folder of this path exists.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Returns whether a folder of a path below `top`, or the path itself, is a symbolic link.
#[must_use]
pub fn has_link(top: &Path, path: &Path) -> bool {
    let mut below = path.ancestors().take_while(|part| *part != top);
    path.starts_with(top) && below.any(Path::is_symlink)
}

/// Returns the path with all links and dots resolved; the path itself if it cannot be
/// resolved.
#[must_use]
pub fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Returns whether a path has the extension of a YAML file.
pub(super) fn is_yaml(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str);
    ending.is_some_and(|ending| {
        ["yaml", "yml"]
            .iter()
            .any(|name| ending.eq_ignore_ascii_case(name))
    })
}

/// Returns the folder of a file.
#[must_use]
pub fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Returns the path of the file that a link leads to; the path itself if it is not a
/// link. A link to a missing file is followed too.
///
/// The files beside a lockfile lie beside the real lockfile, so that two links to one
/// lockfile share them.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = std::fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

/// Returns a folder with all links and dots resolved. Missing folders at the end of the
/// path stay as they are. `None` if a `..` follows a missing folder.
pub(super) fn real_folder(folder: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(folder.join(".")).ok()?;
    let mut missing = Vec::new();
    let mut existing = absolute.as_path();
    loop {
        if let Ok(real) = existing.canonicalize() {
            let missing = missing.iter().rev();
            return Some(missing.fold(real, |real, name| real.join(name)));
        }
        missing.push(existing.file_name()?);
        existing = existing.parent()?;
    }
}

/// Returns whether git keeps its own files under this name. Windows and macOS ignore case by
/// default.
pub(super) fn is_git_name(name: &OsStr) -> bool {
    name.eq_ignore_ascii_case(".git")
}

/// Returns the top of the git repository that contains a folder. The links of the folder
/// have to be resolved.
#[must_use]
pub fn repository_top(real: &Path) -> Option<PathBuf> {
    let mut above = real.ancestors();
    let top = above.find(|folder| folder.join(".git").exists());
    top.map(Path::to_owned)
}
