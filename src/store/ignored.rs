//! Which line of a `.gitignore` keeps a file out of git. No git is run.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::GitignoreBuilder;

use super::discover::{canonical, repository_top};

/// A line that keeps a file out of git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoringLine {
    /// The `.gitignore` that has the line.
    pub file: PathBuf,
    /// The line.
    pub line: String,
}

/// The line of a `.gitignore` of the repository that keeps a file out of git.
/// `None` outside of a repository, and where no line or a `!` line decides. A
/// line that ignores a whole folder around the file doesn't count.
#[must_use]
pub fn ignoring_line(file: &Path) -> Option<IgnoringLine> {
    let name = file.file_name()?;
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = canonical(folder.unwrap_or(Path::new(".")));
    let top = repository_top(&folder)?;
    let file = folder.join(name);
    let folders = folder.ancestors().take_while(|it| it.starts_with(&top));
    for folder in folders {
        let path = folder.join(".gitignore");
        let mut builder = GitignoreBuilder::new(folder);
        builder.add(&path);
        let Ok(lines) = builder.build() else { continue };
        match lines.matched(&file, false) {
            Match::None => {}
            Match::Whitelist(_) => return None,
            Match::Ignore(line) => {
                return Some(IgnoringLine {
                    file: path,
                    line: line.original().to_owned(),
                });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_line_that_decides_counts() -> std::io::Result<()> {
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
        Ok(())
    }
}
