//! Checks that an entry may follow the entries before it. The checks change nothing, so
//! that a refused entry is not partly folded.

use super::entry::{Entry, Intent, JOURNAL_VERSION};
use super::error::HistoryError;
use super::owners::Owners;
use super::replay::Replay;
use crate::lock::ApiAddress;
use crate::resource::key::{RemoteId, ResourceKey};

impl Replay {
    /// Checks an entry, either a new one or one of a journal that is read.
    pub(super) fn check(&self, entry: &Entry) -> Result<(), HistoryError> {
        match entry {
            Entry::Begin {
                version,
                api,
                organization,
                ..
            } => self.check_begin(*version, api, organization.as_deref()),
            Entry::Intended { seq, .. } if *seq < self.next_seq => {
                Err(HistoryError::Repeated { seq: *seq })
            }
            Entry::Intended { .. } | Entry::Moved { .. } | Entry::Saved { .. } => Ok(()),
            Entry::Sending { seq, .. }
            | Entry::Unanswered { seq, .. }
            | Entry::NotDone { seq, .. } => self.open_intent(*seq).map(drop),
            Entry::Created {
                seq, simulation_id, ..
            } => match self.open_intent(*seq)? {
                Intent::Create { key, replaces, .. } => {
                    self.check_id(key, *simulation_id, *replaces)
                }
                _ => Err(HistoryError::Stray { seq: *seq }),
            },
            Entry::Done { seq, .. } => match self.open_intent(*seq)? {
                Intent::Create { .. } => Err(HistoryError::Stray { seq: *seq }),
                _ => Ok(()),
            },
            Entry::Adopted {
                key,
                simulation_id,
                replaces,
                ..
            } => self.check_id(key, *simulation_id, *replaces),
        }
    }

    /// Checks that each id belongs to one key after a new entry.
    ///
    /// Entries of a journal that is read are not checked: folded onto a later lockfile, such
    /// an entry may temporarily restore an id under an older key.
    pub(super) fn check_owner(&self, entry: &Entry, owners: &Owners) -> Result<(), HistoryError> {
        let (Entry::Created { simulation_id, .. } | Entry::Adopted { simulation_id, .. }) = entry
        else {
            return Ok(());
        };
        let id = *simulation_id;
        match owners.owner(id, &self.lock) {
            Some(owner) if Some(owner) != self.receiver(entry) => Err(HistoryError::Owned {
                id,
                owner: owner.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn check_begin(
        &self,
        version: u64,
        api: &ApiAddress,
        organization: Option<&str>,
    ) -> Result<(), HistoryError> {
        if !(1..=JOURNAL_VERSION).contains(&version) {
            return Err(HistoryError::Version { found: version });
        }
        if let Some(lockfile) = self.lock.api.as_ref().filter(|lockfile| *lockfile != api) {
            return Err(HistoryError::Address {
                journal: api.clone(),
                lockfile: lockfile.clone(),
            });
        }
        match (organization, &self.lock.organization) {
            (Some(journal), Some(lockfile)) if journal != lockfile => {
                Err(HistoryError::Organization {
                    journal: journal.to_owned(),
                    lockfile: lockfile.clone(),
                })
            }
            _ => Ok(()),
        }
    }

    fn open_intent(&self, seq: u64) -> Result<&Intent, HistoryError> {
        let open = self.open.get(&seq).ok_or(HistoryError::Stray { seq })?;
        Ok(&open.intent)
    }

    fn check_id(
        &self,
        key: &ResourceKey,
        id: RemoteId,
        replaces: Option<RemoteId>,
    ) -> Result<(), HistoryError> {
        match self.lock.resources.get(key) {
            Some(locked)
                if locked.id != id
                    && !locked.replaced.contains(&id)
                    && replaces != Some(locked.id) =>
            {
                Err(HistoryError::TwoIds {
                    key: key.clone(),
                    locked: locked.id,
                    created: id,
                })
            }
            _ => Ok(()),
        }
    }
}
