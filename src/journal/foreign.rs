//! Decides which lockfile a journal belongs to.

use std::fmt;

use super::entry::Entry;
use super::origin::Origin;
use super::resume::has_all_ids;
use super::text::checksum_of;
use crate::lock::Lockfile;

/// The error about a journal that belongs to another lockfile, or may belong to another
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The path of the other lockfile, if the journal records the path.
    pub place: Option<String>,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "it was written for another lockfile, `{place}`"),
            None => f.write_str(
                "no run of the journal began with the lockfile beside it or wrote that lockfile, \
                 and the journal has ids that the lockfile does not have",
            ),
        }
    }
}

impl std::error::Error for Foreign {}

/// Returns an error for a journal that was copied from elsewhere or committed long ago.
/// Folded onto this lockfile, such a journal would track resources of others, and restore
/// deleted entries.
///
/// A journal belongs to a lockfile if one of these conditions holds: its last run began
/// with a lockfile at this path, whatever `git pull` changed since; its last run began
/// with the same text, even if the folder was moved, unless the text is empty; or one of
/// its runs wrote the lockfile. A run of version 1 recorded no path. Such a journal
/// belongs to a lockfile with the recorded checksum, or with every id of the journal.
pub fn check_origin(entries: &[Entry], lock: &Lockfile, place: &str) -> Result<(), Foreign> {
    let begun = entries.iter().rev().find_map(|entry| match entry {
        Entry::Begin {
            origin, lockfile, ..
        } => Some((origin.as_ref(), *lockfile)),
        _ => None,
    });
    let is_empty = lock.resources.is_empty();
    let is_ours = match begun {
        None | Some((None, None)) => true,
        Some((Some(origin), _)) => {
            origin.place == place
                || (!is_empty && origin.sha256 == Origin::of(lock, String::new()).sha256)
        }
        Some((None, Some(_))) => {
            began_with(entries, lock) || (!is_empty && has_all_ids(lock, entries))
        }
    };
    if is_ours || (!is_empty && was_written_by(entries, lock)) {
        return Ok(());
    }
    let place = begun.and_then(|(origin, _)| Some(origin?.place.clone()));
    Err(Foreign { place })
}

fn began_with(entries: &[Entry], lock: &Lockfile) -> bool {
    let known = checksum_of(lock);
    entries
        .iter()
        .any(|entry| matches!(entry, Entry::Begin { lockfile: Some(begun), .. } if *begun == known))
}

fn was_written_by(entries: &[Entry], lock: &Lockfile) -> bool {
    let known = checksum_of(lock);
    entries
        .iter()
        .any(|entry| matches!(entry, Entry::Saved { lockfile } if *lockfile == known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{ApiAddress, LockedResource};
    use crate::resource::body::Body;
    use crate::resource::key::{RemoteId, ResourceKey};

    fn lock(ids: &[u64]) -> Lockfile {
        let entry = |id: &u64| {
            let key = ResourceKey::from(format!("k{id}").as_str());
            (
                key,
                LockedResource::new(RemoteId::simulation(*id), Body::default()),
            )
        };
        Lockfile {
            api: Some(ApiAddress::new("https://api.example")),
            resources: ids.iter().map(entry).collect(),
            ..Lockfile::default()
        }
    }

    fn begin(before: &Lockfile, place: Option<&str>) -> Entry {
        Entry::Begin {
            version: 1 + u64::from(place.is_some()),
            api: ApiAddress::new("https://api.example"),
            organization: None,
            lockfile: Some(checksum_of(before)),
            origin: place.map(|place| Origin::of(before, place.to_owned())),
        }
    }

    fn adopted(id: u64) -> Entry {
        Entry::Adopted {
            key: ResourceKey::from(format!("k{id}").as_str()),
            simulation_id: RemoteId::simulation(id),
            applied: Body::default(),
            replaces: None,
            is_gone: false,
        }
    }

    /// Whether a journal that began with `before` at `begun_at` and took resource 9
    /// over belongs to the lockfile `now` at `/here`.
    fn check(before: &[u64], begun_at: Option<&str>, now: &Lockfile, expected: bool) {
        let entries = [begin(&lock(before), begun_at), adopted(9)];
        let checked = check_origin(&entries, now, "/here");
        assert_eq!(
            checked.is_ok(),
            expected,
            "{before:?} {begun_at:?} {checked:?}"
        );
    }

    #[test]
    fn a_journal_belongs_to_its_place_or_its_lockfile() {
        check(&[1], Some("/here"), &lock(&[1, 2]), true);
        check(&[], Some("/here"), &Lockfile::default(), true);
        check(&[1], Some("/there"), &lock(&[1]), true);
        check(&[1], Some("/there"), &lock(&[2]), false);
        check(&[], Some("/there"), &Lockfile::default(), false);
    }

    #[test]
    fn a_journal_of_version_1_belongs_to_the_lockfile_it_began_with() {
        check(&[1], None, &lock(&[1]), true);
        check(&[1], None, &lock(&[1, 9]), true);
        check(&[1], None, &lock(&[2]), false);
        check(&[1], None, &Lockfile::default(), false);
    }

    #[test]
    fn a_journal_belongs_to_the_lockfile_it_wrote() {
        let written = lock(&[1, 9]);
        let saved = Entry::Saved {
            lockfile: checksum_of(&written),
        };
        let entries = [begin(&lock(&[1]), Some("/there")), adopted(9), saved];
        assert_eq!(check_origin(&entries, &written, "/here"), Ok(()));
        assert!(check_origin(&entries, &lock(&[3]), "/here").is_err());
    }
}
