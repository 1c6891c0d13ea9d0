//! Finds the YAML files of the desired state.

use std::collections::VecDeque;
use std::fs::DirEntry;
use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use rayon::prelude::*;

use super::bounds::Bounds;
use super::path::{canonical, is_yaml};
use super::source::{leads_out, unreadable};
use crate::diagnostic::Diagnostic;

/// A file below the simulations folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The name in messages, with forward slashes.
    pub name: String,
    /// The path of the file.
    pub path: PathBuf,
    /// The path below the folder without the extension, with forward slashes: the key
    /// of a simulation that declares no key.
    pub default_key: String,
}

/// The files below a folder.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The files, sorted by name.
    pub files: Vec<Candidate>,
    /// The problems of entries that could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// Finds all `*.yaml` and `*.yml` files below a folder. Messages show the folder as
/// `name`.
///
/// Follows symbolic links within `bounds`, and walks each real folder once. Skips hidden
/// files and hidden folders. Ignores `.gitignore`, because files that are not committed
/// may be applied. The order of the files does not depend on the file system.
#[must_use]
pub fn discover(folder: &Path, name: &str, bounds: &Bounds) -> Discovery {
    let mut found = Discovery::default();
    let start = canonical(folder);
    if !bounds.contain_folder(&start) {
        found.diagnostics.push(leads_out(name));
        return found;
    }
    let mut bounds = bounds.clone();
    bounds.add_named(&start);
    let mut walked = Vec::new();
    let mut waiting = VecDeque::from([Branch {
        real: start,
        below: PathBuf::new(),
    }]);
    while let Some(branch) = waiting.pop_front() {
        if walked.iter().any(|walked| branch.real.starts_with(walked)) {
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
            let branch = add_entry(folder, name, &bounds, entry, &mut found);
            waiting.extend(branch);
        }
        walked.push(branch.real);
    }
    found.files.sort();
    found
}

/// A folder to walk.
struct Branch {
    /// The folder, with all links resolved.
    real: PathBuf,
    /// The path below the folder of the search.
    below: PathBuf,
}

/// An entry of a walk: a YAML file, a link, or an entry that could not be read.
struct Entry {
    path: PathBuf,
    below: PathBuf,
    /// Whether the entry is a link.
    found: Result<bool, io::Error>,
}

/// Returns the YAML files and links below a folder, and the entries that could not be
/// read. Follows no link. Skips the folders that were walked before.
///
/// Each level of folders is read on all cores. A walk with workers of its own would let a
/// worker without work sleep longer than the walk of a small folder takes.
fn walk(real: &Path, walked: &[PathBuf]) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut level = vec![real.to_owned()];
    while !level.is_empty() {
        let folders = level
            .into_par_iter()
            .map(|folder| read_folder(real, folder));
        let folders: Vec<Folder> = folders.collect();
        level = Vec::new();
        for folder in folders {
            found.extend(folder.entries);
            level.extend(folder.folders);
        }
        level.retain(|folder| !walked.contains(folder));
    }
    found
}

/// The content of one folder.
#[derive(Default)]
struct Folder {
    entries: Vec<Entry>,
    folders: Vec<PathBuf>,
}

fn read_folder(real: &Path, path: PathBuf) -> Folder {
    let mut folder = Folder::default();
    let failed = |path: PathBuf, error| Entry {
        below: below(real, &path),
        path,
        found: Err(error),
    };
    let entries = match std::fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) => {
            folder.entries.push(failed(path, error));
            return folder;
        }
    };
    for entry in entries {
        let kind = entry.and_then(|entry| Ok((entry.file_type()?, entry)));
        let (kind, entry) = match kind {
            Ok(found) => found,
            Err(error) => {
                folder.entries.push(failed(path.clone(), error));
                continue;
            }
        };
        if is_hidden(&entry) {
            continue;
        }
        let path = entry.path();
        if kind.is_dir() {
            folder.folders.push(path);
        } else if kind.is_symlink() || is_yaml(&path) {
            folder.entries.push(Entry {
                below: below(real, &path),
                path,
                found: Ok(kind.is_symlink()),
            });
        }
    }
    folder
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".") || has_hidden_attribute(entry)
}

#[cfg(windows)]
fn has_hidden_attribute(entry: &DirEntry) -> bool {
    use std::os::windows::fs::MetadataExt as _;
    const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
    let hidden = |it: std::fs::Metadata| it.file_attributes() & FILE_ATTRIBUTE_HIDDEN != 0;
    entry.metadata().is_ok_and(hidden)
}

#[cfg(not(windows))]
fn has_hidden_attribute(_entry: &DirEntry) -> bool {
    false
}

fn below(real: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(real)
        .map(Path::to_owned)
        .unwrap_or_default()
}

/// Adds a file to the discovery, or the problem of an entry. Returns the branch of a link
/// to a folder.
fn add_entry(
    folder: &Path,
    name: &str,
    bounds: &Bounds,
    entry: Entry,
    found: &mut Discovery,
) -> Option<Branch> {
    let shown = join_name(name, &entry.below);
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
        // A link to a folder above would find all files a second time.
        if is_folder && canonical(folder).starts_with(&real) {
            return None;
        }
        if !bounds.contain(&real) {
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
        name: join_name(name, below),
        path: folder.join(below),
        default_key: join_name("", &below.with_extension("")),
    }
}

/// Returns a path below a name, with forward slashes.
fn join_name(name: &str, below: &Path) -> String {
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

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::*;

    #[cfg(unix)]
    #[test]
    fn walks_links_in_circles_once_and_sorts_the_files() -> io::Result<()> {
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
        // A link to the folder above contains this folder again.
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
