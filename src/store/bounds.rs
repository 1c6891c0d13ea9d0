//! The folders that symbolic links may lead into.
//!
//! Git commits links, so the author of a pull request chooses their targets. The content
//! of a file outside of the repository must not appear in a message.

use std::path::{Component, Path, PathBuf};

use super::path::{is_git_name, real_folder, repository_top};

/// The folders that links may lead into, with all links resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The tops of the repositories or folders of the project.
    tops: Vec<PathBuf>,
    /// The tops, and folders below them that the project names. Only below these
    /// folders is a hidden name refused.
    named: Vec<PathBuf>,
}

impl Bounds {
    /// Returns bounds around folders: for each folder the top of its git repository or,
    /// without git, the folder itself.
    #[must_use]
    pub fn around(folders: &[&Path]) -> Self {
        let tops: Vec<_> = folders.iter().filter_map(|folder| top(folder)).collect();
        Self {
            named: tops.clone(),
            tops,
        }
    }

    /// Returns whether a folder is within the bounds. Its links have to be resolved.
    pub(super) fn contain_folder(&self, real: &Path) -> bool {
        let is_git = real.components().any(|part| is_git_name(part.as_os_str()));
        // In a container, `/` may be the top, and the files of the kernel are below `/`.
        let is_kernel = ["/proc", "/sys"].iter().any(|top| real.starts_with(top));
        !is_git && !is_kernel && self.tops.iter().any(|top| real.starts_with(top))
    }

    /// Adds a folder that the project names: links may lead below this folder, even if a
    /// folder above it is hidden.
    pub(super) fn add_named(&mut self, real: &Path) {
        self.named.push(real.to_owned());
    }

    /// Returns whether a link may lead to a path, with all links resolved: the path is
    /// within the bounds and not hidden, such as `.git/config` or `.env`.
    pub(super) fn contain(&self, real: &Path) -> bool {
        self.contain_folder(real)
            && self.named.iter().any(|folder| {
                real.strip_prefix(folder)
                    .is_ok_and(|below| !below.components().any(is_hidden))
            })
    }
}

fn is_hidden(part: Component<'_>) -> bool {
    part.as_os_str().as_encoded_bytes().starts_with(b".")
}

/// Returns the top of the git repository that contains a folder; without git, the folder.
fn top(folder: &Path) -> Option<PathBuf> {
    let real = real_folder(folder)?;
    Some(repository_top(&real).unwrap_or(real))
}
