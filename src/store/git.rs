//! What git's own files say about a repository. No git is run.

use std::path::{Path, PathBuf};

/// The default branch of the repository that a folder is in, as far as git's files
/// know it; the folder's links are resolved.
///
/// The order is: the default branch of the remote `origin`, then `main` or `master`
/// where one of them is the branch that is checked out or exists, then the branch that
/// is checked out. `None` outside of a repository and where the name of the branch
/// needs quotes in YAML or in an expression.
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
    is_plain(&branch).then_some(branch)
}

/// The folder of git's files for the work tree that a folder is in. In a linked work
/// tree, `.git` is a file that names it.
fn git_folder(real: &Path) -> Option<PathBuf> {
    let dot_git = super::discover::repository_top(real)?.join(".git");
    if dot_git.is_dir() {
        return Some(dot_git);
    }
    let text = super::read_text(&dot_git).ok()?;
    let named = text.strip_prefix("gitdir:")?.trim();
    Some(dot_git.with_file_name("").join(named))
}

/// The folder with the branches, which linked work trees share.
fn common_folder(folder: &Path) -> PathBuf {
    match super::read_text(&folder.join("commondir")) {
        Ok(named) => folder.join(named.trim()),
        Err(_) => folder.to_owned(),
    }
}

/// The name behind `prefix` that a symbolic reference points to.
fn symbolic(path: &Path, prefix: &str) -> Option<String> {
    let text = super::read_text(path).ok()?;
    let target = text.strip_prefix("ref:")?.trim();
    target.strip_prefix(prefix).map(str::to_owned)
}

fn has_branch(common: &Path, name: &str) -> bool {
    let names = [
        format!("refs/heads/{name}"),
        format!("refs/remotes/origin/{name}"),
    ];
    let packed = super::read_text(&common.join("packed-refs")).unwrap_or_default();
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

/// Whether a name means the same in YAML, in an expression of a workflow, and in git.
fn is_plain(branch: &str) -> bool {
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

    /// The default branch of a repository with these files of git.
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
    fn the_default_branch_is_that_of_the_remote_or_the_usual_one() {
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
        // On a branch for a change.
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
