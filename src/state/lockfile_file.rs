//! The lockfile as a file.

use std::path::Path;

use super::StateError;
use crate::journal::checksum;
use crate::lock::{self, Lockfile, LockfileText};
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError};

/// Reads the text of a lockfile; `None` if there is no file.
pub(super) fn read_text(path: &Path) -> Result<Option<String>, StoreError> {
    match store::read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a lockfile. A missing file is a lockfile without resources. A damaged file is an
/// error.
pub(super) fn read(path: &Path) -> Result<Lockfile, StateError> {
    let read = skim(path)?.read(|_| None);
    read.map_err(|error| StateError::Lockfile(path.to_owned(), error))
}

/// Reads a lockfile, and accepts one id under two keys, so that a command can repair the
/// lockfile.
pub(super) fn read_for_repair(path: &Path) -> Result<Lockfile, StateError> {
    let read = skim(path)?.read_allowing_shared_ids(|_| None);
    read.map_err(|error| StateError::Lockfile(path.to_owned(), error))
}

/// Reads a lockfile without its applied fields. A missing file is a lockfile without
/// resources.
pub(super) fn skim(path: &Path) -> Result<LockfileText<'static>, StateError> {
    let text = read_text(path).map_err(StateError::Store)?;
    let skimmed = text.map_or_else(|| Ok(LockfileText::default()), LockfileText::skim);
    skimmed.map_err(|error| StateError::Lockfile(path.to_owned(), error))
}

/// Writes a lockfile, unless the file has its text already. Returns whether the file was
/// written. See [`WritablePath::replace`] for what holds after a crash.
pub fn write(path: &WritablePath, lockfile: &Lockfile) -> Result<bool, StoreError> {
    save(path, lockfile, |_| ())
}

/// Writes a lockfile like [`write()`]. Calls `before` with the checksum of the text before
/// the file is replaced.
pub(super) fn save(
    path: &WritablePath,
    lockfile: &Lockfile,
    before: impl FnOnce(u32),
) -> Result<bool, StoreError> {
    let Some(text) = lock::render(lockfile) else {
        return Ok(false);
    };
    before(checksum(&text));
    path.replace_if_different(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{ApiAddress, LockedResource};
    use crate::resource::key::{RemoteId, ResourceKey};

    fn lockfile(count: u64) -> Lockfile {
        let entry = |id| {
            let key = ResourceKey::from(format!("key {id}").as_str());
            (
                key,
                LockedResource::new(
                    RemoteId::simulation(id),
                    crate::resource::body::Body::default(),
                ),
            )
        };
        Lockfile {
            api: Some(ApiAddress::new("https://api.example")),
            resources: (1..=count).map(entry).collect(),
            ..Lockfile::default()
        }
    }

    /// Checks whether saving the lockfile leaves a file with this text unchanged.
    fn check(lockfile: &Lockfile, text: &str, expected: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bluejay.lock");
        std::fs::write(&path, text).unwrap();
        let mut noted = None;
        let named = WritablePath::named(&path);
        let has_written = save(&named, lockfile, |checksum| noted = Some(checksum)).unwrap();
        assert_eq!(has_written, !expected, "{text:?}");
        let rendered = lock::render(lockfile).unwrap();
        assert_eq!(noted, Some(checksum(&rendered)));
        assert_eq!(read(&path).unwrap(), *lockfile);
    }

    #[test]
    fn an_unchanged_lockfile_is_not_written() {
        for lockfile in [lockfile(0), lockfile(2), lockfile(3000)] {
            let text = lock::render(&lockfile).unwrap();
            check(&lockfile, &text, true);
            check(&lockfile, &text.replace('\n', "\r\n"), true);
            check(&lockfile, &text.replace('\n', "\r\r\n"), false);
            check(&lockfile, &text.replace('\n', "\r"), false);
            check(&lockfile, &text.replacen('\n', " \n", 1), false);
            check(&lockfile, text.trim_end(), false);
            check(&lockfile, &(text.clone() + "\n"), false);
            check(
                &lockfile,
                &text.replace("api.example", "other.example"),
                false,
            );
            check(&lockfile, "", false);
        }
    }
}
