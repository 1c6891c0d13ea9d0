//! The line that makes git ignore a file: of a `.gitignore`, of `.git/info/exclude`, or of
//! the user's `core.excludesFile`. The program `git` is not run.

use std::fmt;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{GitignoreBuilder, gitconfig_excludes_path};

use super::path::{canonical, repository_top};

/// A line that ignores a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoringLine {
    /// The file that contains the line.
    pub file: PathBuf,
    /// The line.
    pub line: String,
}

impl IgnoringLine {
    /// Reads an answer of `git check-ignore --verbose`: `.gitignore:3:*.lock`, a tab, and the
    /// path.
    #[must_use]
    pub fn of_git(answer: &str) -> Option<Self> {
        let place = answer.split('\t').next()?;
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let mut colons = place.match_indices(':').map(|(at, _)| at);
        // A path may contain a colon.
        let (file, line) = colons.find_map(|at| {
            let (number, line) = place[at + 1..].split_once(':')?;
            (!number.is_empty() && is_number(number)).then_some((&place[..at], line))
        })?;
        Some(Self {
            file: PathBuf::from(file),
            line: line.to_owned(),
        })
    }
}

impl fmt::Display for IgnoringLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the line `{}` of `{}`", self.line, self.file.display())
    }
}

/// Returns the line that makes git ignore a file of the repository. Returns `None` outside of
/// a repository, and if no line ignores the file or a `!` line includes it. A line that
/// ignores a whole folder above the file does not count.
#[must_use]
pub fn ignoring_line(file: &Path) -> Option<IgnoringLine> {
    let name = file.file_name()?;
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = canonical(folder.unwrap_or(Path::new(".")));
    let top = repository_top(&folder)?;
    let file = folder.join(name);
    let folders = folder.ancestors().take_while(|it| it.starts_with(&top));
    for folder in folders {
        match decision(folder, folder.join(".gitignore"), &file) {
            Decision::None => {}
            Decision::Kept => return None,
            Decision::Ignored(line) => return Some(line),
        }
    }
    let of_clone = top.join(".git/info/exclude");
    let of_user = gitconfig_excludes_path();
    for path in [Some(of_clone), of_user].into_iter().flatten() {
        match decision(&top, path, &file) {
            Decision::None => {}
            Decision::Kept => return None,
            Decision::Ignored(line) => return Some(line),
        }
    }
    None
}

/// The decision of a file of patterns about another file.
enum Decision {
    None,
    Kept,
    Ignored(IgnoringLine),
}

/// Returns the decision of the patterns in `path`, which are relative to `folder`, about a
/// file.
fn decision(folder: &Path, path: PathBuf, file: &Path) -> Decision {
    let mut builder = GitignoreBuilder::new(folder);
    builder.add(&path);
    let Ok(lines) = builder.build() else {
        return Decision::None;
    };
    match lines.matched(file, false) {
        Match::None => Decision::None,
        Match::Whitelist(_) => Decision::Kept,
        Match::Ignore(line) => Decision::Ignored(IgnoringLine {
            line: line.original().to_owned(),
            file: path,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_git_names_the_line() {
        let shown = |answer| IgnoringLine::of_git(answer).map(|line| line.to_string());
        assert_eq!(
            shown("C:/x/.gitignore:12:*:3:.lock\tbluejay.lock\n").as_deref(),
            Some("the line `*:3:.lock` of `C:/x/.gitignore`")
        );
        assert_eq!(shown("::\tbluejay.lock\n"), None);
    }

    #[test]
    fn finds_the_line_that_decides_about_a_file() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let top = std::fs::canonicalize(folder.path())?;
        let project = top.join("tests/voice");
        std::fs::create_dir_all(&project)?;
        let lockfile = project.join("bluejay.lock");
        std::fs::write(top.join(".gitignore"), "target\n*.lock\n")?;
        assert_eq!(ignoring_line(&lockfile), None, "outside of a repository");
        std::fs::create_dir(top.join(".git"))?;
        let line = IgnoringLine {
            file: top.join(".gitignore"),
            line: "*.lock".to_owned(),
        };
        assert_eq!(ignoring_line(&lockfile), Some(line));
        assert_eq!(ignoring_line(&project.join("bluejay.yaml")), None);
        std::fs::write(project.join(".gitignore"), "!bluejay.lock\n")?;
        assert_eq!(ignoring_line(&lockfile), None);
        std::fs::remove_file(project.join(".gitignore"))?;
        std::fs::remove_file(top.join(".gitignore"))?;
        let exclude = top.join(".git/info/exclude");
        std::fs::create_dir(top.join(".git/info"))?;
        std::fs::write(&exclude, "bluejay*\n")?;
        let found = ignoring_line(&lockfile).map(|line| line.file);
        assert_eq!(found, Some(exclude), "of the clone");
        Ok(())
    }
}
