//! Writes to files: every file that is opened for writing is a [`WritablePath`].
//!
//! Git commits symbolic links, so the author of a pull request chooses their targets.
//! Without a path from the user, the program therefore writes through no link and to no
//! file outside of the repository.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::atomic;
use super::bounds::Bounds;
use super::crash::crash_point;
use super::error::{StoreError, WithPath as _};
use super::path::{is_git_name, real_folder, real_path};
use super::read::{holds, read_bytes_or_empty};

/// The name of the private folder. A `.gitignore` in the folder keeps it out of git.
const PRIVATE_FOLDER: &str = ".bluejay";

/// A path that may be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritablePath {
    path: PathBuf,
    /// Whether a link at this path is followed.
    follows_links: bool,
}

impl WritablePath {
    /// Returns a path in the repository. Fails if the path leads out of `bounds` or into
    /// the folder `.git`, or if the path is a link.
    ///
    /// A folder above the path may be missing. It may also be a link, if the target is
    /// within the bounds.
    pub fn within(bounds: &Bounds, path: &Path) -> Result<Self, StoreError> {
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let is_within = real_folder(folder).is_some_and(|folder| bounds.contain_folder(&folder));
        let problem = match path.file_name() {
            Some(name) if is_within && !is_git_name(name) => None,
            _ => Some("it is outside of the repository, or a link leads there"),
        };
        problem.map_or(Ok(()), refused).attempt("write", path)?;
        check_no_link(path).attempt("write", path)?;
        Ok(Self {
            path: path.to_owned(),
            follows_links: false,
        })
    }

    /// Returns a path that the user gave on the command line, or the CI system in the
    /// environment. Links are followed, and the path may be a device or a pipe.
    #[must_use]
    pub fn named(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            follows_links: true,
        }
    }

    /// Returns a file in the private folder beside `lockfile`. Creates the folder and its
    /// `.gitignore` if they are missing.
    ///
    /// Fails if the folder or the file is a link, or if the lockfile lies outside of
    /// `bounds`.
    pub fn private(bounds: &Bounds, lockfile: &Path, name: &str) -> Result<Self, StoreError> {
        Self::within(bounds, &real_path(lockfile))?;
        let folder = Self::within(bounds, &lockfile.with_file_name(PRIVATE_FOLDER))?;
        folder.create_folder()?;
        folder.below(".gitignore")?.create_new("*\n")?;
        folder.below(name)
    }

    /// Returns a file in this folder.
    pub fn below(&self, name: &str) -> Result<Self, StoreError> {
        self.sibling(self.path.join(name))
    }

    /// Returns the path with an ending added to the file name.
    pub fn with_ending(&self, ending: &str) -> Result<Self, StoreError> {
        let mut name = self.path.clone().into_os_string();
        name.push(ending);
        self.sibling(name.into())
    }

    /// Returns another path in a checked folder.
    fn sibling(&self, path: PathBuf) -> Result<Self, StoreError> {
        if !self.follows_links {
            check_no_link(&path).attempt("write", &path)?;
        }
        Ok(Self {
            path,
            follows_links: self.follows_links,
        })
    }

    /// Returns the path.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.path
    }

    /// Opens the file for reading and writing at any position. A missing file is created,
    /// readable only for this user. The content of an existing file stays.
    ///
    /// The file is not opened for appending, because Windows cannot truncate such a file.
    pub fn open(&self) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.open_with(options)
    }

    /// Creates the folder of this path and the folders above. An existing folder is no
    /// error. When this function returns, the names of the folders are on the disk.
    pub fn create_folder(&self) -> Result<(), StoreError> {
        create_folders(&self.path)
    }

    /// Creates the folders above this path, like [`Self::create_folder`].
    pub fn create_parent(&self) -> Result<(), StoreError> {
        create_folders(self.path.parent().unwrap_or_else(|| Path::new("")))
    }

    /// Creates a file with this text, and the folders above, unless the path exists.
    /// Returns whether the file was created.
    ///
    /// An existing file or link is never changed, even if another process creates it at
    /// the same time. After a crash at any point, the file is complete or missing. A
    /// crash may leave a hidden draft beside the file; the next call replaces the draft.
    /// When this function returns, the file and its name are on the disk.
    pub fn create_new(&self, text: &str) -> Result<bool, StoreError> {
        if self.path.symlink_metadata().is_ok() {
            return Ok(false);
        }
        self.create_parent()?;
        let draft = self.draft();
        let created = write_draft(&draft, text).and_then(|()| publish(&draft, &self.path));
        // If the draft is complete, it is now only a second name of the file.
        let _ = std::fs::remove_file(&draft);
        match created {
            Ok(()) => {
                crash_point!("file.published");
                atomic::sync_folder_of(&self.path)?;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error).attempt("write", &self.path),
        }
    }

    /// Returns the path of the draft, to which the file is written first.
    fn draft(&self) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!(".{name}.draft"))
    }

    /// Replaces the content atomically: see `atomic::replace`. A link at this path is
    /// replaced, not followed.
    pub fn replace(&self, bytes: &[u8]) -> Result<(), StoreError> {
        atomic::replace(&self.path, bytes)
    }

    /// Replaces the content like [`Self::replace`], unless the content is no longer
    /// `before`. Returns whether the file was replaced.
    ///
    /// The comparison is the last step before the replacement. A program that writes between
    /// the two is not noticed.
    pub fn replace_unchanged(&self, before: &[u8], after: &[u8]) -> Result<bool, StoreError> {
        if read_bytes_or_empty(&self.path)? != before {
            return Ok(false);
        }
        self.replace(after)?;
        Ok(true)
    }

    /// Replaces the text, unless the file has this text. Returns whether the file was
    /// written. A device or a pipe that the user named is written to; the function neither
    /// reads nor replaces such a file.
    pub fn replace_if_different(&self, text: &str) -> Result<bool, StoreError> {
        if self.is_device() {
            self.write(text)?;
            return Ok(true);
        }
        if holds(&self.path, text) {
            return Ok(false);
        }
        self.replace(text.as_bytes())?;
        Ok(true)
    }

    /// Replaces the content of the file with the pieces that `write` makes. A device or a
    /// pipe that the user named is written to.
    pub fn replace_with(
        &self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), StoreError> {
        if self.is_device() {
            self.write_with(write)
        } else {
            atomic::replace_with(&self.path, write)
        }
    }

    fn is_device(&self) -> bool {
        let found = std::fs::metadata(&self.path);
        self.follows_links && found.is_ok_and(|found| !found.is_file() && !found.is_dir())
    }

    /// Appends a text, and creates a missing file. After a crash, the file may have a part
    /// of the text.
    pub fn append(&self, text: &str) -> Result<(), StoreError> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        let written = self.open_with(options);
        written
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .attempt("write", &self.path)
    }

    /// Opens the file for writing in pieces, and truncates an existing file. After a
    /// crash, the file may have a part of the text.
    pub fn begin(&self) -> Result<impl Write + Send + 'static, StoreError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let file = self.open_with(options).attempt("write", &self.path)?;
        Ok(BufWriter::new(file))
    }

    /// Overwrites the file with a text. After a crash, the file may have a part of the
    /// text.
    pub fn write(&self, text: &str) -> Result<(), StoreError> {
        self.write_with(|file| file.write_all(text.as_bytes()))
    }

    /// Overwrites the file like [`Self::write`], in the pieces that `write` makes.
    pub fn write_with(
        &self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), StoreError> {
        let mut file = self.begin()?;
        write(&mut file)
            .and_then(|()| file.flush())
            .attempt("write", &self.path)
    }

    /// Removes the file or the link. A missing file is no error. When this function
    /// returns, the name is gone from the disk.
    pub fn remove(&self) -> Result<(), StoreError> {
        match std::fs::remove_file(&self.path) {
            Ok(()) => atomic::sync_folder_of(&self.path),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).attempt("remove", &self.path),
        }
    }

    #[cfg_attr(not(unix), allow(unused_mut))]
    fn open_with(&self, mut options: OpenOptions) -> std::io::Result<File> {
        if !self.follows_links {
            check_no_link(&self.path)?;
            // The flag also refuses a link that appears after the check.
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
        // Another process created the folder.
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

/// Gives the draft the name of the file, unless the name exists.
fn publish(draft: &Path, path: &Path) -> std::io::Result<()> {
    crash_point!("file.drafted");
    match std::fs::hard_link(draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            // The file system has no hard links.
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        folder: tempfile::TempDir,
        bounds: Bounds,
    }

    impl Scene {
        /// Creates a repository, and a folder beside it that does not belong to it.
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
            ("repository/.Git/config", false),
            ("repository/inner/.GIT", false),
            ("repository/..", false),
        ] {
            assert_eq!(scene.within(name).is_ok(), is_within, "{name}");
        }
        // Windows removes `..` from a path without reading the folders.
        if cfg!(unix) {
            let nothing = Bounds::around(&[Path::new("missing/../..")]);
            assert!(WritablePath::within(&nothing, Path::new("a")).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_never_opened_for_writing() {
        use std::os::unix::fs::symlink;
        let scene = Scene::new();
        std::fs::write(scene.path("outside/victim"), "safe").unwrap();
        symlink(scene.path("outside"), scene.path("repository/out")).unwrap();
        assert!(scene.within("repository/out/a").is_err());
        let link = scene.path("repository/link");
        symlink(scene.path("outside/victim"), &link).unwrap();
        assert!(scene.within("repository/link").is_err());
        // The link appears after the check.
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
    fn a_new_file_is_complete_and_replaces_no_file() {
        let scene = Scene::new();
        let path = scene.within("repository/new/a.yaml").unwrap();
        // A crash left a draft.
        std::fs::create_dir(scene.path("repository/new")).unwrap();
        std::fs::write(path.draft(), "half of an earlier text").unwrap();
        assert!(path.create_new("text").unwrap());
        assert!(!path.draft().exists());
        assert!(!path.create_new("other").unwrap());
        let text = std::fs::read_to_string(path.as_path()).unwrap();
        assert_eq!(text, "text");
    }

    #[test]
    fn a_file_that_changed_is_not_replaced() {
        let scene = Scene::new();
        let path = scene.within("repository/a.yaml").unwrap();
        std::fs::write(path.as_path(), "read").unwrap();
        assert!(path.replace_unchanged(b"read", b"new").unwrap());
        assert!(!path.replace_unchanged(b"read", b"other").unwrap());
        let text = std::fs::read_to_string(path.as_path()).unwrap();
        assert_eq!(text, "new");
        std::fs::remove_file(path.as_path()).unwrap();
        assert!(!path.replace_unchanged(b"new", b"other").unwrap());
        assert!(!path.as_path().exists());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_named_device_is_neither_read_nor_replaced() {
        use std::os::unix::fs::FileTypeExt as _;
        // The device is endless, and full when it is written to.
        let device = Path::new("/dev/full");
        let written = WritablePath::named(device).replace_if_different("text");
        assert!(written.is_err());
        let kind = std::fs::metadata(device).unwrap().file_type();
        assert!(kind.is_char_device());
    }
}
