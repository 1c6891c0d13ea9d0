//! The lockfile on the disk.

use std::io::{BufRead, BufReader};
use std::path::Path;

use super::StateError;
use crate::journal::{Checksum, checksum_of};
use crate::lock::{self, FormatError, Lockfile};
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError};

/// Reads the text of a lockfile; `None` where there is no file.
pub(super) fn read_text(path: &Path) -> Result<Option<String>, StoreError> {
    match store::read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a lockfile. A missing file is a lockfile with nothing in it; a damaged
/// one is an error, never that.
pub(super) fn read(path: &Path) -> Result<Lockfile, StateError> {
    read_with(path, lock::parse)
}

/// Reads a lockfile for mending it: one id under two keys is let through.
pub(super) fn read_for_mending(path: &Path) -> Result<Lockfile, StateError> {
    read_with(path, lock::parse_allowing_shared_ids)
}

fn read_with(
    path: &Path,
    parse: fn(&str) -> Result<Lockfile, FormatError>,
) -> Result<Lockfile, StateError> {
    match read_text(path).map_err(StateError::Store)? {
        None => Ok(Lockfile::default()),
        Some(text) => parse(&text).map_err(|error| StateError::Lockfile(path.to_owned(), error)),
    }
}

/// Writes a lockfile, unless the file holds its text already. Returns whether it
/// wrote. See [`WritablePath::replace`] for what holds after a crash.
pub fn write(path: &WritablePath, lockfile: &Lockfile) -> Result<bool, StoreError> {
    save(path, lockfile, |_| ())
}

/// The same, with something to be done right before: it is given the checksum of the
/// text.
pub(super) fn save(
    path: &WritablePath,
    lockfile: &Lockfile,
    before: impl FnOnce(u32),
) -> Result<bool, StoreError> {
    if lockfile.api.is_none() {
        return Ok(false);
    }
    if holds(path.as_path(), lockfile) {
        before(checksum_of(lockfile));
        return Ok(false);
    }
    path.replace_with(|file| {
        let mut checksum = Checksum::default();
        for piece in lock::pieces(lockfile) {
            file.write_all(piece.as_bytes())?;
            checksum.add(&piece);
        }
        before(checksum.finish());
        Ok(())
    })?;
    Ok(true)
}

/// Whether a file holds the text of a lockfile, in whatever line ends git checked
/// it out. Reads only as far as they are the same.
fn holds(path: &Path, lockfile: &Lockfile) -> bool {
    let Ok(file) = store::open(path) else {
        return false;
    };
    let mut file = BufReader::with_capacity(1 << 16, file);
    lock::pieces(lockfile).all(|piece| goes_on_with(&mut file, piece.as_bytes()))
        && file.fill_buf().is_ok_and(<[u8]>::is_empty)
}

/// Whether this is what is read next.
fn goes_on_with(file: &mut impl BufRead, mut piece: &[u8]) -> bool {
    while !piece.is_empty() {
        let Ok(there) = file.fill_buf() else {
            return false;
        };
        let pairs = there.iter().zip(piece);
        let same = pairs.take_while(|(there, wanted)| there == wanted).count();
        file.consume(same);
        piece = &piece[same..];
        if same == 0 && !(piece[0] == b'\n' && skips_return(file)) {
            return false;
        }
    }
    true
}

/// Skips the first half of a line end that has two.
fn skips_return(file: &mut impl BufRead) -> bool {
    if next(file) != Some(b'\r') {
        return false;
    }
    file.consume(1);
    next(file) == Some(b'\n')
}

fn next(file: &mut impl BufRead) -> Option<u8> {
    file.fill_buf().ok()?.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{ApiAddress, LockedSimulation};
    use crate::resource::key::{SimulationId, SimulationKey};

    fn lockfile(count: u64) -> Lockfile {
        let entry = |id| {
            let key = SimulationKey::from(format!("key {id}").as_str());
            (
                key,
                LockedSimulation::new(SimulationId(id), crate::resource::body::Body::default()),
            )
        };
        Lockfile {
            api: Some(ApiAddress::new("https://api.example")),
            simulations: (1..=count).map(entry).collect(),
            ..Lockfile::default()
        }
    }

    /// Whether a file with this text is taken for one that holds the lockfile.
    fn check(lockfile: &Lockfile, text: &str, expected: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bluejay.lock");
        std::fs::write(&path, text).unwrap();
        assert_eq!(holds(&path, lockfile), expected, "{text:?}");
        let mut noted = None;
        let named = WritablePath::named(&path);
        let has_written = save(&named, lockfile, |checksum| noted = Some(checksum)).unwrap();
        assert_eq!(has_written, !expected);
        assert_eq!(noted, Some(checksum_of(lockfile)));
        assert_eq!(read(&path).unwrap(), *lockfile);
    }

    #[test]
    fn only_what_differs_is_written() {
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
