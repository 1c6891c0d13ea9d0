//! The answers of git about a project.

use std::path::Path;

use crate::doctor::{FileStatus, GitFacts, Repository, Tracking, setup};
use crate::store;
use crate::store::git_program::Git;
use crate::store::ignored::IgnoringLine;

/// A name in the private folder, for the question whether git ignores the folder.
const PRIVATE_FILE: &str = ".bluejay/journal";

/// Asks git about the repository of a lockfile.
pub(super) fn repository(lockfile: &Path) -> Repository {
    let folder = store::canonical(&store::folder_of(lockfile));
    if store::repository_top(&folder).is_none() {
        return Repository::None;
    }
    let name = lockfile.file_name().unwrap_or_default().to_string_lossy();
    match facts(&folder, &name) {
        Ok(facts) => Repository::Git(facts),
        Err(reason) => Repository::Unknown(reason),
    }
}

fn facts(folder: &Path, name: &str) -> Result<GitFacts, String> {
    let git = Git::in_folder(folder);
    let status = [
        "--literal-pathspecs",
        "status",
        "--porcelain",
        "--ignored",
        "--untracked-files=all",
        "--",
        name,
    ];
    let status = git.ask(&status)?;
    let merge = git.ask(&["check-attr", "-z", "merge", "--", name])?;
    let driver = format!("merge.{}.driver", setup::DRIVER_NAME);
    let driver = git.ask(&["config", "--get", &driver])?;
    Ok(GitFacts {
        lockfile: FileStatus {
            tracking: Tracking::of_status(&status.text),
            ignored_by: ignoring(&git, name)?,
        },
        has_merge_attribute: merge.text.split('\0').nth(2) == Some(setup::DRIVER_NAME),
        has_merge_driver: driver.is_success && !driver.text.trim().is_empty(),
        shows_private_folder: store::exists(&folder.join(setup::PRIVATE_FOLDER))
            && ignoring(&git, PRIVATE_FILE)?.is_none(),
    })
}

/// Returns the line that makes git ignore a file. Git also knows ignored folders and tracked
/// files.
fn ignoring(git: &Git, name: &str) -> Result<Option<String>, String> {
    let answer = git.ask(&["check-ignore", "--verbose", "--", name])?;
    let line = IgnoringLine::of_git(&answer.text).filter(|_| answer.is_success);
    Ok(line.map(|line| line.to_string()))
}
