//! An index of keys by id.

use std::collections::HashMap;

use crate::lock::Lockfile;
use crate::resource::key::{RemoteId, ResourceKey};

/// The keys of a lockfile by id, updated after each entry. Without this index, ten thousand
/// creates would search the lockfile ten thousand times.
///
/// The index may have deleted ids, so every result is checked against the lockfile.
#[derive(Debug, Default)]
pub struct Owners(HashMap<RemoteId, ResourceKey>);

impl Owners {
    /// Returns the index of a lockfile.
    #[must_use]
    pub fn of(lock: &Lockfile) -> Self {
        Self(lock.ids().map(|(id, key)| (id, key.clone())).collect())
    }

    /// Returns the key that has an id.
    pub(super) fn owner<'a>(&'a self, id: RemoteId, lock: &Lockfile) -> Option<&'a ResourceKey> {
        let key = self.0.get(&id)?;
        let locked = lock.resources.get(key)?;
        (locked.id == id || locked.replaced.contains(&id)).then_some(key)
    }

    /// Adds the current ids of a key.
    pub(super) fn note(&mut self, key: &ResourceKey, lock: &Lockfile) {
        if let Some(locked) = lock.resources.get(key) {
            let ids = locked.replaced.iter().chain([&locked.id]);
            self.0.extend(ids.map(|id| (*id, key.clone())));
        }
    }
}
