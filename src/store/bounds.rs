//! How far symbolic links may lead.
//!
//! Git commits links, so whoever writes a pull request chooses where they lead;
//! what stands there must never end in a message of the pull request's run.

use std::path::{Component, Path, PathBuf};

use super::discover;
use super::writable::real_folder;

/// The folders that links may lead into, with all links resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The tops of the repositories or folders that are worked in.
    tops: Vec<PathBuf>,
    /// The tops, and folders found below them whose own name may be hidden.
    known: Vec<PathBuf>,
}

impl Bounds {
    /// Bounds for what these folders hold: for each the top of its git
    /// repository or, without git, the folder itself.
    #[must_use]
    pub fn around(folders: &[&Path]) -> Self {
        let tops: Vec<_> = folders.iter().filter_map(|folder| top(folder)).collect();
        Self {
            known: tops.clone(),
            tops,
        }
    }

    /// Whether a folder that is named as a whole, and with all links resolved, is
    /// within the bounds.
    pub(super) fn hold_folder(&self, real: &Path) -> bool {
        let is_git = real.components().any(|part| part.as_os_str() == ".git");
        // Where `/` is the top, as in a container, the kernel's files are below it.
        let is_kernel = ["/proc", "/sys"].iter().any(|top| real.starts_with(top));
        !is_git && !is_kernel && self.tops.iter().any(|top| real.starts_with(top))
    }

    /// Lets links lead to hidden folders above what is below this folder.
    pub(super) fn know(&mut self, real: &Path) {
        self.known.push(real.to_owned());
    }

    /// Whether a link may lead to this path, with all links resolved: within the
    /// bounds, and not into what is hidden there, such as `.git/config` or `.env`.
    pub(super) fn hold(&self, real: &Path) -> bool {
        self.hold_folder(real)
            && self.known.iter().any(|folder| {
                real.strip_prefix(folder)
                    .is_ok_and(|below| !below.components().any(is_hidden))
            })
    }
}

fn is_hidden(part: Component<'_>) -> bool {
    part.as_os_str().as_encoded_bytes().starts_with(b".")
}

/// The top of the git repository that a folder is in, or else the folder.
fn top(folder: &Path) -> Option<PathBuf> {
    let real = real_folder(folder)?;
    Some(discover::repository_top(&real).unwrap_or(real))
}
