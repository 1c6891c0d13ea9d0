//! Finds files by the endings of their names, with a bounded number of folders.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use super::error::StoreError;

/// The greatest depth of a file below the folder.
const MAX_DEPTH: usize = 24;

/// The most folders that are searched. The largest repositories have fewer.
const MAX_FOLDERS: usize = 200_000;

/// Finds the files that match one of the patterns, sorted by path.
///
/// Follows no link. Skips hidden folders and folders that git ignores, unless the folder
/// matches a pattern. Finds files that git ignores. A folder that cannot be read counts as
/// empty. Too many folders are an error.
pub fn search(top: &Path, patterns: &[&str]) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |error: &dyn std::fmt::Display| {
        StoreError::new("search", top, std::io::Error::other(error.to_string()))
    };
    let mut overrides = OverrideBuilder::new(top);
    for pattern in patterns {
        overrides.add(pattern).map_err(|error| failed(&error))?;
    }
    let overrides = overrides.build().map_err(|error| failed(&error))?;
    let walk = WalkBuilder::new(top)
        .overrides(overrides)
        .max_depth(Some(MAX_DEPTH))
        .require_git(false)
        .build();
    let mut found = Vec::new();
    let mut folders = 0;
    for entry in walk.flatten() {
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            folders += 1;
            if folders > MAX_FOLDERS {
                let most = format!("it contains more than {MAX_FOLDERS} folders");
                return Err(failed(&most));
            }
        } else {
            found.push(entry.into_path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_ignored_files_but_not_files_in_ignored_folders() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            (".gitignore", "*.lock\nbuild/\n"),
            ("a.lock", ""),
            ("b/c/d.lock", ""),
            ("b/.bluejay/.gitignore", "*\n"),
            ("b/.bluejay/e.lock.journal", ""),
            ("b/.bluejay/other", ""),
            ("b/other.txt", ""),
            ("build/f.lock", ""),
            (".git/g.lock", ""),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let found = search(folder.path(), &["*.lock", "*.lock.journal", ".bluejay"]).unwrap();
        let below = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
        let found: Vec<_> = found.iter().map(below).collect();
        let expected = ["a.lock", "b/.bluejay/e.lock.journal", "b/c/d.lock"];
        assert_eq!(found, expected.map(PathBuf::from));
    }
}
