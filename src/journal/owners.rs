//! Which key has an id, without a search through the lockfile.

use std::collections::HashMap;

use crate::lock::Lockfile;
use crate::resource::key::{SimulationId, SimulationKey};

/// The keys of a lockfile by id, kept up with one entry after the other: asked for
/// each of ten thousand creates, the lockfile would be gone through ten thousand times.
///
/// An id that was deleted since may still stand here, so the lockfile has the last word.
#[derive(Debug, Default)]
pub struct Owners(HashMap<SimulationId, SimulationKey>);

impl Owners {
    /// The owners of what a lockfile names.
    #[must_use]
    pub fn of(lock: &Lockfile) -> Self {
        Self(lock.ids().map(|(id, key)| (id, key.clone())).collect())
    }

    /// Whose an id is.
    pub(super) fn owner<'a>(
        &'a self,
        id: SimulationId,
        lock: &Lockfile,
    ) -> Option<&'a SimulationKey> {
        let key = self.0.get(&id)?;
        let locked = lock.simulations.get(key)?;
        (locked.simulation_id == id || locked.replaced.contains(&id)).then_some(key)
    }

    /// Takes note of what a key has by now.
    pub(super) fn note(&mut self, key: &SimulationKey, lock: &Lockfile) {
        if let Some(locked) = lock.simulations.get(key) {
            let ids = locked.replaced.iter().chain([&locked.simulation_id]);
            self.0.extend(ids.map(|id| (*id, key.clone())));
        }
    }
}
