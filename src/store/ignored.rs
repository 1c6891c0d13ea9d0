//! The line of a `.gitignore` that ignores a file. The program `git` is not run.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::GitignoreBuilder;

use super::path::{canonical, repository_top};

/// A line that ignores a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoringLine {
    /// The `.gitignore` that contains the line.
    pub file: PathBuf,
    /// The line.
    pub line: String,
}

/// Returns the line of a `.gitignore` in the repository that ignores a file. `None`
/// outside of a repository, or if no line or a `!` line decides. A line that ignores a
/// whole folder above the file does not count.
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
    fn the_nearest_deciding_line_is_found() -> std::io::Result<()> {
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
