//! Finds and reads the files that a user declares simulations in.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};
use rayon::prelude::*;

use super::bounds::Bounds;
use super::writable::WritablePath;
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
/// Follows symbolic links as far as `bounds` let it, and comes to each real folder
/// once: a link to a folder that is found anyway is passed over. Passes over hidden
/// files and folders; honours no ignore file, since what is not committed may still
/// be applied. The order does not depend on the file system.
#[must_use]
pub fn discover(folder: &Path, name: &str, bounds: &Bounds) -> Discovery {
    let mut found = Discovery::default();
    let start = canonical(folder);
    if !bounds.hold_folder(&start) {
        found.diagnostics.push(leads_out(name));
        return found;
    }
    let mut bounds = bounds.clone();
    bounds.know(&start);
    let mut walked = Vec::new();
    let mut waiting = VecDeque::from([Branch {
        real: start,
        below: PathBuf::new(),
    }]);
    while let Some(branch) = waiting.pop_front() {
        if walked.iter().any(|known| branch.real.starts_with(known)) {
            continue;
        }
        let entries = walk(&branch.real, &walked);
        let is_file = |entry: &Entry| matches!(entry.found, Ok(false));
        let (files, mut others): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_file);
        let files = files.into_par_iter();
        let below = |entry: &Entry| branch.below.join(&entry.below);
        found
            .files
            .par_extend(files.map(|entry| candidate(folder, name, &below(&entry))));
        others.sort_by(|a, b| a.path.as_os_str().cmp(b.path.as_os_str()));
        for mut entry in others {
            entry.below = branch.below.join(&entry.below);
            let branch = take(folder, name, &bounds, entry, &mut found);
            waiting.extend(branch);
        }
        walked.push(branch.real);
    }
    found.files.sort();
    found
}

/// A folder to walk through: where it is, and its path below the folder that is
/// searched.
struct Branch {
    real: PathBuf,
    below: PathBuf,
}

/// What a walk comes upon that is no plain folder.
struct Entry {
    path: PathBuf,
    below: PathBuf,
    found: Result<bool, io::Error>,
}

/// The files and links below a real folder, links not followed, except what is
/// below the folders that were walked before; and what could not be looked at.
fn walk(real: &Path, known: &[PathBuf]) -> Vec<Entry> {
    let found = Mutex::new(Vec::new());
    let known = known.to_vec();
    let walker = WalkBuilder::new(real)
        .standard_filters(false)
        .hidden(true)
        .filter_entry(move |entry| !known.iter().any(|known| entry.path() == known))
        .threads(
            std::thread::available_parallelism()
                .map_or(1, usize::from)
                .min(4),
        )
        .build_parallel();
    walker.run(|| {
        Box::new(|entry| {
            let entry = match entry {
                Ok(entry) => taken(real, &entry),
                Err(error) => failed(real, error),
            };
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.extend(entry);
            WalkState::Continue
        })
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn taken(real: &Path, entry: &DirEntry) -> Option<Entry> {
    let is_link = entry.path_is_symlink();
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    (entry.depth() > 0 && (is_link || (!is_folder && is_yaml(entry.path())))).then(|| Entry {
        path: entry.path().to_owned(),
        below: below(real, entry.path()),
        found: Ok(is_link),
    })
}

fn failed(real: &Path, error: ignore::Error) -> Option<Entry> {
    let path = innermost(None, &error).map_or_else(|| real.to_owned(), Path::to_owned);
    Some(Entry {
        below: below(real, &path),
        path,
        found: Err(error.into_io_error()?),
    })
}

/// The path that a failed walk was at.
fn innermost<'a>(path: Option<&'a Path>, error: &'a ignore::Error) -> Option<&'a Path> {
    match error {
        ignore::Error::WithPath { path, err } => innermost(Some(path), err),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            innermost(path, err)
        }
        _ => path,
    }
}

fn below(real: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(real)
        .map(Path::to_owned)
        .unwrap_or_default()
}

/// Takes a file, or tells what is wrong with an entry; a link to a folder is one
/// more branch.
fn take(
    folder: &Path,
    name: &str,
    bounds: &Bounds,
    entry: Entry,
    found: &mut Discovery,
) -> Option<Branch> {
    let shown = joined(name, &entry.below);
    let is_link = match entry.found {
        Ok(is_link) => is_link,
        Err(error) => {
            found.diagnostics.push(unreadable(&shown, &error));
            return None;
        }
    };
    if is_link {
        let real = match entry.path.canonicalize() {
            Ok(real) => real,
            Err(error) => {
                found.diagnostics.push(unreadable(&shown, &error));
                return None;
            }
        };
        let is_folder = real.is_dir();
        if !is_folder && !is_yaml(&entry.path) {
            return None;
        }
        // A link to a folder above would find everything a second time.
        if is_folder && canonical(folder).starts_with(&real) {
            return None;
        }
        if !bounds.hold(&real) {
            found.diagnostics.push(leads_out(&shown));
            return None;
        }
        if is_folder {
            return Some(Branch {
                real,
                below: entry.below,
            });
        }
    }
    found.files.push(candidate(folder, name, &entry.below));
    None
}

fn candidate(folder: &Path, name: &str, below: &Path) -> Candidate {
    Candidate {
        name: joined(name, below),
        path: folder.join(below),
        default_key: joined("", &below.with_extension("")),
    }
}

fn is_yaml(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str);
    ending.is_some_and(|ending| {
        let is = |known| ending.eq_ignore_ascii_case(known);
        is("yaml") || is("yml")
    })
}

/// What a link leads to is never shown, not even where.
fn leads_out(name: &str) -> Diagnostic {
    let place = Place::file(&SourceFile::unreadable(name));
    Diagnostic::error(
        "link-out",
        place,
        format!("`{name}` is a link that leads out of the repository or to a hidden file"),
    )
    .help(
        "it is not read: links may lead to files of the same git repository that are not hidden, \
         without git to files below the folder that is worked in; put the file there",
    )
}

/// What is wrong with a path that commands write by themselves: it lies outside of
/// `bounds`, or is a link that leads there. Whoever commits such a path would choose
/// what is written on this machine.
#[must_use]
pub fn written_outside(path: &Path, name: &str, bounds: &Bounds) -> Option<Diagnostic> {
    WritablePath::within(bounds, &super::real_path(path)).err()?;
    if path.is_symlink() {
        return Some(leads_out(name));
    }
    let place = Place::file(&SourceFile::unreadable(name));
    let problem = format!("`{name}` lies outside of the repository");
    let help = "it is not written: name a file in this git repository, without git one below the \
                folder that is worked in";
    Some(Diagnostic::error("outside", place, problem).help(help))
}

/// A path with forward slashes, below a name.
fn joined(name: &str, below: &Path) -> String {
    let mut joined = String::new();
    if !name.is_empty() && name != "." {
        joined.push_str(name.trim_end_matches('/'));
    }
    let below = below.to_string_lossy();
    if !joined.is_empty() && !below.is_empty() {
        joined.push('/');
    }
    match MAIN_SEPARATOR {
        '/' => joined.push_str(&below),
        separator => joined.push_str(&below.replace(separator, "/")),
    }
    joined
}

/// Reads the project file. Where it is a link, it leads no further than `bounds`.
pub fn read_project(
    path: &Path,
    name: &str,
    bounds: &Bounds,
) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
    match path.canonicalize() {
        Ok(real) if path.is_symlink() && !bounds.hold(&real) => Err(Box::new(leads_out(name))),
        _ => read(path, name),
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

/// The top of the git repository that a folder is in, whose links are resolved.
#[must_use]
pub fn repository_top(real: &Path) -> Option<PathBuf> {
    let mut above = real.ancestors();
    let top = above.find(|folder| folder.join(".git").exists());
    top.map(Path::to_owned)
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
            "C.YAML",
            "d.Yml",
        ] {
            std::fs::write(root.join(file), "agent_id: 1\n")?;
        }
        std::os::unix::fs::symlink(root, root.join("b/loop"))?;
        // Back to the folder above, and so to this one again.
        std::os::unix::fs::symlink(above.path(), root.join("b/above"))?;
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("dangling.yaml"))?;
        let found = discover(root, "simulations", &Bounds::around(&[above.path()]));
        let keys: Vec<_> = found
            .files
            .iter()
            .map(|file| file.default_key.as_str())
            .collect();
        assert_eq!(keys, ["C", "a", "b/c/two", "b/one", "d"]);
        assert_eq!(found.files[2].name, "simulations/b/c/two.yml");
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
