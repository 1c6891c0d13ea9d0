//! The only way to write: every file that is opened for writing is a [`WritablePath`].
//!
//! Git commits symbolic links, so whoever writes a pull request chooses where they
//! lead. A file that the program writes by itself is never opened through a link and
//! never lies outside of the repository, whatever is committed there.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::bounds::Bounds;
use super::{Attempt as _, StoreError, atomic};

/// The name of the tool's own folder, which git ignores by itself.
const PRIVATE_FOLDER: &str = ".bluejay";

/// A path that may be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritablePath {
    path: PathBuf,
    /// Whether a link of this name is followed.
    follows_links: bool,
}

impl WritablePath {
    /// A path in the repository. Fails for a path that leads out of `bounds`, into
    /// git's own folder, or that is a link itself.
    ///
    /// Folders above may be links, as long as they lead to a place within the bounds;
    /// they need not exist yet.
    pub fn within(bounds: &Bounds, path: &Path) -> Result<Self, StoreError> {
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let is_within = real_folder(folder).is_some_and(|folder| bounds.hold_folder(&folder));
        let problem = match path.file_name() {
            Some(name) if is_within && name != ".git" => None,
            _ => Some("it is outside of the repository, or a link leads there"),
        };
        problem.map_or(Ok(()), refused).attempt("write", path)?;
        check_no_link(path).attempt("write", path)?;
        Ok(Self {
            path: path.to_owned(),
            follows_links: false,
        })
    }

    /// A path that the user named on the command line, or the CI in the environment:
    /// links are followed, and the path may be a device or a pipe.
    #[must_use]
    pub fn named(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            follows_links: true,
        }
    }

    /// A file in the tool's own folder beside `lockfile`. The folder and the
    /// `.gitignore` in it are created where they are missing.
    ///
    /// Fails where the folder or the file is a link, or the lockfile itself leads out of
    /// `bounds`.
    pub fn private(bounds: &Bounds, lockfile: &Path, name: &str) -> Result<Self, StoreError> {
        Self::within(bounds, &super::real_path(lockfile))?;
        let folder = Self::within(bounds, &lockfile.with_file_name(PRIVATE_FOLDER))?;
        folder.create_folder()?;
        folder.below(".gitignore")?.create_new("*\n")?;
        folder.below(name)
    }

    /// A file in this folder.
    pub fn below(&self, name: &str) -> Result<Self, StoreError> {
        self.sibling(self.path.join(name))
    }

    /// The file with this ending added to its name.
    pub fn with_ending(&self, ending: &str) -> Result<Self, StoreError> {
        let mut name = self.path.clone().into_os_string();
        name.push(ending);
        self.sibling(name.into())
    }

    /// Another file in a folder that was checked.
    fn sibling(&self, path: PathBuf) -> Result<Self, StoreError> {
        if !self.follows_links {
            check_no_link(&path).attempt("write", &path)?;
        }
        Ok(Self {
            path,
            follows_links: self.follows_links,
        })
    }

    /// The path.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.path
    }

    /// Opens the file for reading and writing anywhere in it, and creates it where it
    /// is missing, readable for this user alone. What is there stays.
    ///
    /// The file is not opened for appending: Windows refuses to cut such a file.
    pub fn open(&self) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.open_with(options)
    }

    /// Creates a folder and those above it; a folder that exists is fine. When this
    /// returns, their names are on the disk.
    pub fn create_folder(&self) -> Result<(), StoreError> {
        create_folders(&self.path)
    }

    /// Creates the folders above this path, likewise.
    pub fn create_parent(&self) -> Result<(), StoreError> {
        create_folders(self.path.parent().unwrap_or_else(|| Path::new("")))
    }

    /// Creates a file with this text and the folders above it, unless there is
    /// something of this name. Returns whether it created the file.
    ///
    /// What is there stays as it is, a link that leads nowhere too, and also when
    /// another process creates it at this moment. After a crash at any moment the file
    /// is whole or missing; a hidden draft may be left beside it, which the next call
    /// replaces. When this returns, the file and its name are on the disk.
    pub fn create_new(&self, text: &str) -> Result<bool, StoreError> {
        if self.path.symlink_metadata().is_ok() {
            return Ok(false);
        }
        self.create_parent()?;
        let draft = self.draft();
        let created = write_draft(&draft, text).and_then(|()| publish(&draft, &self.path));
        // The draft is another name of the new file now, or of no use.
        let _ = std::fs::remove_file(&draft);
        match created {
            Ok(()) => {
                super::crash_point!("file.published");
                atomic::sync_folder_of(&self.path)?;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error).attempt("write", &self.path),
        }
    }

    /// Where a file is written before it gets its name.
    fn draft(&self) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!(".{name}.draft"))
    }

    /// Replaces the content: see [`atomic::replace`]. A link of this name is replaced
    /// too.
    pub fn replace(&self, bytes: &[u8]) -> Result<(), StoreError> {
        atomic::replace(&self.path, bytes)
    }

    /// The same with what `write` writes. What else that does is done before the new
    /// content takes the place of the old one.
    pub(crate) fn replace_with(
        &self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), StoreError> {
        atomic::replace_with(&self.path, |file| write(file))
    }

    /// Replaces the text, unless the file holds it already. Returns whether it wrote.
    pub fn replace_if_different(&self, text: &str) -> Result<bool, StoreError> {
        if super::holds(&self.path, text) {
            return Ok(false);
        }
        self.replace(text.as_bytes())?;
        Ok(true)
    }

    /// Appends a text. The file is created where it is missing. A crash may leave a
    /// part of the text.
    pub fn append(&self, text: &str) -> Result<(), StoreError> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        let written = self.open_with(options);
        written
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .attempt("write", &self.path)
    }

    /// Begins a file that is written piece by piece; one that exists is emptied. A
    /// crash may leave a part of what was written.
    pub fn begin(&self) -> Result<impl Write + Send + 'static, StoreError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let file = self.open_with(options).attempt("write", &self.path)?;
        Ok(BufWriter::new(file))
    }

    /// Writes a text, whatever was there. A crash may leave a part of the text.
    pub fn write(&self, text: &str) -> Result<(), StoreError> {
        let mut file = self.begin()?;
        let written = file.write_all(text.as_bytes());
        written
            .and_then(|()| file.flush())
            .attempt("write", &self.path)
    }

    /// Removes the file, or the link of this name. When this returns, it is gone from
    /// the disk; that it was missing is no error.
    pub fn remove(&self) -> Result<(), StoreError> {
        match std::fs::remove_file(&self.path) {
            Ok(()) => atomic::sync_folder_of(&self.path),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).attempt("remove", &self.path),
        }
    }

    fn open_with(&self, mut options: OpenOptions) -> std::io::Result<File> {
        if !self.follows_links {
            check_no_link(&self.path)?;
            // Nor one that is made at this moment.
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW);
        }
        options.open(&self.path)
    }
}

fn create_folders(folder: &Path) -> Result<(), StoreError> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        create_folders(above)?;
    }
    match std::fs::create_dir(folder) {
        // Another process may have been faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        created => created.attempt("create", folder)?,
    }
    atomic::sync_folder_of(folder)
}

fn write_draft(draft: &Path, text: &str) -> std::io::Result<()> {
    if let Err(error) = std::fs::remove_file(draft)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = File::create_new(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Gives a draft its name, unless that is taken.
fn publish(draft: &Path, path: &Path) -> std::io::Result<()> {
    super::crash_point!("file.drafted");
    match std::fs::hard_link(draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            // A file system without hard links.
            if path.symlink_metadata().is_ok() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            std::fs::rename(draft, path)
        }
        linked => linked,
    }
}

fn check_no_link(path: &Path) -> std::io::Result<()> {
    if path.is_symlink() {
        return refused("it is a symbolic link, which is never followed to write");
    }
    Ok(())
}

fn refused(reason: &str) -> std::io::Result<()> {
    Err(std::io::Error::other(reason))
}

/// A folder with all links and dots resolved, as far as it exists. `None` where a `..`
/// follows what is missing.
pub(super) fn real_folder(folder: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(folder.join(".")).ok()?;
    let mut missing = Vec::new();
    let mut there = absolute.as_path();
    loop {
        if let Ok(real) = there.canonicalize() {
            let missing = missing.iter().rev();
            return Some(missing.fold(real, |real, name| real.join(name)));
        }
        missing.push(there.file_name()?);
        there = there.parent()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        folder: tempfile::TempDir,
        bounds: Bounds,
    }

    impl Scene {
        /// A repository beside a folder that is none of it.
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            for name in ["repository/.git", "repository/inner", "outside"] {
                std::fs::create_dir_all(folder.path().join(name)).unwrap();
            }
            let bounds = Bounds::around(&[&folder.path().join("repository/inner")]);
            Self { folder, bounds }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn within(&self, name: &str) -> Result<WritablePath, StoreError> {
            WritablePath::within(&self.bounds, &self.path(name))
        }
    }

    #[test]
    fn paths_outside_of_the_repository_are_refused() {
        let scene = Scene::new();
        for (name, is_within) in [
            ("repository/a", true),
            ("repository/new/folder/a", true),
            ("repository/inner/../a", true),
            ("repository/.hidden/a", true),
            ("outside/a", false),
            ("repository/../outside/a", false),
            ("repository/missing/../../outside/a", false),
            ("repository/.git", false),
            ("repository/.git/config", false),
            ("repository/..", false),
        ] {
            assert_eq!(scene.within(name).is_ok(), is_within, "{name}");
        }
        let nothing = Bounds::around(&[Path::new("missing/../..")]);
        assert!(WritablePath::within(&nothing, Path::new("a")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_opened_for_writing() {
        use std::os::unix::fs::symlink;
        let scene = Scene::new();
        std::fs::write(scene.path("outside/victim"), "safe").unwrap();
        symlink(scene.path("outside"), scene.path("repository/out")).unwrap();
        assert!(scene.within("repository/out/a").is_err());
        let link = scene.path("repository/link");
        symlink(scene.path("outside/victim"), &link).unwrap();
        assert!(scene.within("repository/link").is_err());
        // A link that is made after the check.
        std::fs::remove_file(&link).unwrap();
        let path = scene.within("repository/link").unwrap();
        symlink(scene.path("outside/victim"), &link).unwrap();
        assert!(path.open().is_err());
        assert!(path.append("x").is_err());
        assert!(path.write("x").is_err());
        assert!(!path.create_new("x").unwrap());
        path.replace(b"x").unwrap();
        assert!(!link.is_symlink());
        let victim = std::fs::read_to_string(scene.path("outside/victim")).unwrap();
        assert_eq!(victim, "safe");
    }

    #[test]
    fn a_new_file_is_whole_and_replaces_nothing() {
        let scene = Scene::new();
        let path = scene.within("repository/new/a.yaml").unwrap();
        // What a crash left.
        std::fs::create_dir(scene.path("repository/new")).unwrap();
        std::fs::write(path.draft(), "half of an earlier text").unwrap();
        assert!(path.create_new("text").unwrap());
        assert!(!path.draft().exists());
        assert!(!path.create_new("other").unwrap());
        let text = std::fs::read_to_string(path.as_path()).unwrap();
        assert_eq!(text, "text");
    }
}
