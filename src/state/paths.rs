//! The paths of the files beside a lockfile.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::store::exists;

/// Returns the private folder beside a lockfile.
pub(super) fn private_folder(lockfile: &Path) -> PathBuf {
    lockfile.with_file_name(".bluejay")
}

/// Returns the path of a new journal: `.bluejay/NAME.journal` beside the lockfile. Git
/// ignores the private folder.
#[must_use]
pub fn journal_path(lockfile: &Path) -> PathBuf {
    private_folder(lockfile).join(journal_name(lockfile))
}

/// Returns the path at which version 1 created the journal: beside the lockfile.
#[must_use]
pub fn older_journal_path(lockfile: &Path) -> PathBuf {
    lockfile.with_file_name(journal_name(lockfile))
}

/// Returns the path of the journal. A journal at the older path is continued there, unless
/// a journal exists at the new path too.
pub(super) fn current_journal_path(lockfile: &Path) -> PathBuf {
    let older = older_journal_path(lockfile);
    if exists(&older) && !exists(&journal_path(lockfile)) {
        return older;
    }
    journal_path(lockfile)
}

/// Returns the older path if both paths have a journal.
pub(super) fn second_journal(lockfile: &Path) -> Option<PathBuf> {
    let older = older_journal_path(lockfile);
    (exists(&older) && exists(&journal_path(lockfile))).then_some(older)
}

fn journal_name(lockfile: &Path) -> OsString {
    let mut name = lockfile.file_name().unwrap_or_default().to_owned();
    name.push(".journal");
    name
}
