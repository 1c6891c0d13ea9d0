//! Finds and reads the files that a user declares simulations in.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::diagnostic::{Diagnostic, Place, SourceFile};
use crate::spec::decode::{self, MAX_FILE_BYTES};

/// A file below the simulations folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Its name as shown, with forward slashes.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the folder without the ending, with forward slashes: the
    /// key of a simulation that has none.
    pub default_key: String,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The files, sorted by name.
    pub files: Vec<Candidate>,
    /// What kept parts of the folder from being looked at.
    pub diagnostics: Vec<Diagnostic>,
}

/// Finds all `*.yaml` and `*.yml` below a folder, which is shown as `name`.
///
/// Follows symbolic links, but not back to the folder or one above it; passes over hidden files and
/// folders; honours no ignore file, since what is not committed may still be
/// applied. The order does not depend on the file system.
#[must_use]
pub fn discover(folder: &Path, name: &str) -> Discovery {
    let found = Mutex::new(Discovery::default());
    let real_folder = folder.canonicalize().ok();
    let walker = WalkBuilder::new(folder)
        .standard_filters(false)
        .hidden(true)
        .follow_links(true)
        .filter_entry(move |entry| !leads_back(entry, real_folder.as_deref()))
        .threads(
            std::thread::available_parallelism()
                .map_or(1, usize::from)
                .min(4),
        )
        .build_parallel();
    walker.run(|| {
        Box::new(|entry| {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match entry {
                Ok(entry) if is_yaml_file(&entry) => {
                    found.files.extend(candidate(folder, name, &entry));
                }
                Ok(_) => {}
                Err(error) => found.diagnostics.extend(walk_problem(folder, name, &error)),
            }
            WalkState::Continue
        })
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.files.sort();
    found
}

/// Whether a link leads to a folder that holds the one being searched: all that
/// is declared there would be found a second time, under other names.
fn leads_back(entry: &DirEntry, real_folder: Option<&Path>) -> bool {
    let Some(folder) = real_folder.filter(|_| entry.depth() > 0 && entry.path_is_symlink()) else {
        return false;
    };
    let target = entry.path().canonicalize();
    target.is_ok_and(|target| folder.starts_with(target))
}

fn is_yaml_file(entry: &DirEntry) -> bool {
    let ending = entry.path().extension().and_then(OsStr::to_str);
    let is_yaml = ending.is_some_and(|ending| matches!(ending, "yaml" | "yml"));
    is_yaml && entry.file_type().is_some_and(|kind| !kind.is_dir())
}

fn candidate(folder: &Path, name: &str, entry: &DirEntry) -> Option<Candidate> {
    let below = entry.path().strip_prefix(folder).ok()?;
    let name = joined(name, below);
    let default_key = joined("", &below.with_extension(""));
    Some(Candidate {
        name,
        path: entry.path().to_owned(),
        default_key,
    })
}

/// A path with forward slashes, below a name.
fn joined(name: &str, below: &Path) -> String {
    let parts = below.iter().map(|part| part.to_string_lossy());
    let name = (!name.is_empty() && name != ".").then(|| name.trim_end_matches('/').into());
    name.into_iter().chain(parts).collect::<Vec<_>>().join("/")
}

fn walk_problem(folder: &Path, name: &str, error: &ignore::Error) -> Option<Diagnostic> {
    let (path, error) = innermost(None, error);
    let ignore::Error::Io(error) = error else {
        // A link that leads back to a folder above: all it leads to is found already.
        return None;
    };
    let below = path.and_then(|path| path.strip_prefix(folder).ok());
    let shown = below.map_or_else(|| name.to_owned(), |below| joined(name, below));
    Some(unreadable(&shown, error))
}

fn innermost<'a>(
    path: Option<&'a Path>,
    error: &'a ignore::Error,
) -> (Option<&'a Path>, &'a ignore::Error) {
    match error {
        ignore::Error::WithPath { path, err } => innermost(Some(path), err),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            innermost(path, err)
        }
        _ => (path, error),
    }
}

/// Reads a file as text that YAML may be made of. More than the bound is never read.
pub fn read(path: &Path, name: &str) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
    let bytes = match read_bounded(path) {
        Ok(Content::Whole(bytes)) => bytes,
        Ok(Content::TooLarge(length)) => return Err(Box::new(decode::too_large(name, length))),
        Ok(Content::NoFile) => {
            let place = Place::file(&SourceFile::unreadable(name));
            let problem =
                Diagnostic::error("unreadable", place, format!("`{name}` is no regular file"));
            return Err(Box::new(problem.help("move it out of this folder")));
        }
        Err(error) => return Err(Box::new(unreadable(name, &error))),
    };
    decode::decode(name, bytes)
}

enum Content {
    Whole(Vec<u8>),
    TooLarge(u64),
    NoFile,
}

fn read_bounded(path: &Path) -> io::Result<Content> {
    // Looked at before it is opened: to open a pipe would wait for its writer.
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Ok(Content::NoFile);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Ok(Content::TooLarge(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    File::open(path)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(Content::Whole(bytes))
}

fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    let place = Place::file(&SourceFile::unreadable(name));
    let problem = Diagnostic::error(
        "unreadable",
        place,
        format!("can't read `{name}`: {reason}"),
    );
    match error.kind() {
        io::ErrorKind::NotFound => {
            problem.help("the link leads nowhere, or the file was just removed")
        }
        io::ErrorKind::PermissionDenied => problem.help("make it readable for this user"),
        _ => problem,
    }
}

/// Whether there is a file or folder.
#[must_use]
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// Whether it is a folder.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// The path with links and dots resolved, or as it is where that can't be done.
#[must_use]
pub fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn survives_loops_and_keeps_the_order() -> io::Result<()> {
        let above = tempfile::tempdir()?;
        let root = &above.path().join("simulations");
        std::fs::create_dir_all(root.join("b/c"))?;
        std::fs::create_dir_all(root.join(".hidden"))?;
        for file in [
            "b/c/two.yml",
            "b/one.yaml",
            "a.yaml",
            ".hidden/no.yaml",
            "b/no.json",
        ] {
            std::fs::write(root.join(file), "agent_id: 1\n")?;
        }
        std::os::unix::fs::symlink(root, root.join("b/loop"))?;
        // Back to the folder above, and so to this one again.
        std::os::unix::fs::symlink(above.path(), root.join("b/above"))?;
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("dangling.yaml"))?;
        let found = discover(root, "simulations");
        let keys: Vec<_> = found
            .files
            .iter()
            .map(|file| file.default_key.as_str())
            .collect();
        assert_eq!(keys, ["a", "b/c/two", "b/one"]);
        assert_eq!(found.files[1].name, "simulations/b/c/two.yml");
        let problems: Vec<_> = found
            .diagnostics
            .iter()
            .map(|d| d.summary.as_str())
            .collect();
        assert_eq!(
            problems,
            ["can't read `simulations/dangling.yaml`: it does not exist"]
        );
        Ok(())
    }
}
