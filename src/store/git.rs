//! Facts about a git repository, read from its files. The program `git` is not run.

use std::path::{Path, PathBuf};

use super::path::repository_top;
use super::read::read_text;

/// Returns the default branch of the repository that contains a folder. The links of the
/// folder have to be resolved.
///
/// The candidates are, in this order: the default branch of the remote `origin`; `main` or
/// `master`, if it is checked out; `main` or `master`, if it exists; the branch that is
/// checked out. `None` outside of a repository, or if the name of the branch needs quotes
/// in YAML or in an expression.
#[must_use]
pub fn default_branch(real: &Path) -> Option<String> {
    let folder = git_folder(real)?;
    let common = common_folder(&folder);
    let of_remote = symbolic(
        &common.join("refs/remotes/origin/HEAD"),
        "refs/remotes/origin/",
    );
    let current = symbolic(&folder.join("HEAD"), "refs/heads/");
    let usual = || {
        let is_current = |name: &&str| current.as_deref() == Some(*name);
        let exists = |name: &&str| has_branch(&common, name);
        let names = ["main", "master"];
        let found = names.into_iter().find(is_current);
        found.or_else(|| names.into_iter().find(exists))
    };
    let branch = of_remote
        .or_else(|| usual().map(str::to_owned))
        .or(current.clone())?;
    needs_no_quotes(&branch).then_some(branch)
}

/// Returns the folder with the git files of the work tree. In a linked work tree, `.git`
/// is a file that names this folder.
fn git_folder(real: &Path) -> Option<PathBuf> {
    let dot_git = repository_top(real)?.join(".git");
    if dot_git.is_dir() {
        return Some(dot_git);
    }
    let text = read_text(&dot_git).ok()?;
    let named = text.strip_prefix("gitdir:")?.trim();
    Some(dot_git.with_file_name("").join(named))
}

/// Returns the folder with the branches, which linked work trees share.
fn common_folder(folder: &Path) -> PathBuf {
    match read_text(&folder.join("commondir")) {
        Ok(named) => folder.join(named.trim()),
        Err(_) => folder.to_owned(),
    }
}

/// Returns the target of a symbolic reference, without `prefix`.
fn symbolic(path: &Path, prefix: &str) -> Option<String> {
    let text = read_text(path).ok()?;
    let target = text.strip_prefix("ref:")?.trim();
    target.strip_prefix(prefix).map(str::to_owned)
}

fn has_branch(common: &Path, name: &str) -> bool {
    let names = [
        format!("refs/heads/{name}"),
        format!("refs/remotes/origin/{name}"),
    ];
    let packed = read_text(&common.join("packed-refs")).unwrap_or_default();
    let is_packed = |name: &String| {
        let mut lines = packed.lines();
        lines.any(|line| {
            line.split_once(' ')
                .is_some_and(|(_, packed)| packed == name)
        })
    };
    names
        .iter()
        .any(|name| common.join(name).is_file() || is_packed(name))
}

/// Returns whether a name needs no quotes in YAML and in an expression of a workflow.
fn needs_no_quotes(branch: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let mut characters = branch.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !WORDS.contains(&branch.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the default branch of a repository with these git files.
    #[track_caller]
    fn check(files: &[(&str, &str)], expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let work = folder.path().join("work");
        std::fs::create_dir_all(&work).unwrap();
        assert_eq!(default_branch(&work).as_deref(), expected, "{files:?}");
    }

    #[test]
    fn the_default_branch_is_that_of_the_remote_or_main_or_master() {
        let head = |name| (".git/HEAD", name);
        let id = "0123456789012345678901234567890123456789";
        check(&[head("ref: refs/heads/master\n")], Some("master"));
        check(&[head("ref: refs/heads/trunk\n")], Some("trunk"));
        let remote = (
            ".git/refs/remotes/origin/HEAD",
            "ref: refs/remotes/origin/release/next\n",
        );
        check(
            &[head("ref: refs/heads/main\n"), remote],
            Some("release/next"),
        );
        // A topic branch is checked out.
        let change = head("ref: refs/heads/add-tests\n");
        check(&[change, (".git/refs/heads/master", id)], Some("master"));
        let packed = format!("# pack-refs\n{id} refs/remotes/origin/master\n");
        check(&[change, (".git/packed-refs", &packed)], Some("master"));
        check(&[head(id)], None);
        check(&[], None);
        for odd in ["no", "1.0", "a'b", "${{x}}"] {
            let text = format!("ref: refs/heads/{odd}\n");
            check(&[(".git/HEAD", &text)], None);
        }
    }

    #[test]
    fn a_linked_work_tree_has_the_branches_of_its_repository() {
        let files = [
            ("work/.git", "gitdir: ../all/.git/worktrees/linked\n"),
            ("all/.git/worktrees/linked/HEAD", "ref: refs/heads/fix\n"),
            ("all/.git/worktrees/linked/commondir", "../..\n"),
            ("all/.git/refs/heads/master", ""),
        ];
        check(&files, Some("master"));
    }
}
