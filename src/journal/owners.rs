//! An index of keys by id.

use std::collections::HashMap;

use crate::lock::Lockfile;
use crate::resource::key::{SimulationId, SimulationKey};

/// The keys of a lockfile by id, updated after each entry. Without this index, ten thousand
/// creates would search the lockfile ten thousand times.
///
/// The index may have deleted ids, so every result is checked against the lockfile.
#[derive(Debug, Default)]
pub struct Owners(HashMap<SimulationId, SimulationKey>);

impl Owners {
    /// Returns the index of a lockfile.
    #[must_use]
    pub fn of(lock: &Lockfile) -> Self {
        Self(lock.ids().map(|(id, key)| (id, key.clone())).collect())
    }

    /// Returns the key that has an id.
    pub(super) fn owner<'a>(
        &'a self,
        id: SimulationId,
        lock: &Lockfile,
    ) -> Option<&'a SimulationKey> {
        let key = self.0.get(&id)?;
        let locked = lock.simulations.get(key)?;
        (locked.simulation_id == id || locked.replaced.contains(&id)).then_some(key)
    }

    /// Adds the current ids of a key.
    pub(super) fn note(&mut self, key: &SimulationKey, lock: &Lockfile) {
        if let Some(locked) = lock.simulations.get(key) {
            let ids = locked.replaced.iter().chain([&locked.simulation_id]);
            self.0.extend(ids.map(|id| (*id, key.clone())));
        }
    }
}
