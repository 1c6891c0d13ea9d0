//! What each outcome does to the lockfile.

use std::collections::BTreeSet;

use super::replay::{HistoryError, Replay};
use crate::lock::LockedSimulation;
use crate::spec::body::Body;
use crate::spec::key::{DigitalHumanId, SimulationId, SimulationKey};

impl Replay {
    pub(super) fn created(
        &mut self,
        key: SimulationKey,
        id: SimulationId,
        body: Body,
        replaces: Option<SimulationId>,
    ) -> Result<(), HistoryError> {
        let Some(locked) = self.lock.simulations.get_mut(&key) else {
            let mut locked = LockedSimulation::new(id, body);
            locked.replaced.extend(replaces);
            self.lock.simulations.insert(key, locked);
            return Ok(());
        };
        if locked.simulation_id == id || locked.replaced.contains(&id) {
            return Ok(());
        }
        if replaces != Some(locked.simulation_id) {
            return Err(HistoryError::TwoIds {
                key,
                locked: locked.simulation_id,
                created: id,
            });
        }
        let old = locked.simulation_id;
        locked.replaced.push(old);
        locked.simulation_id = id;
        locked.applied = body;
        locked.digital_humans.clear();
        self.drop_open_updates(old);
        Ok(())
    }

    /// One that the key has already was found to have other fields than recorded.
    pub(super) fn adopted(
        &mut self,
        key: SimulationKey,
        id: SimulationId,
        applied: Body,
        replaces: Option<SimulationId>,
    ) -> Result<(), HistoryError> {
        match self.lock.simulations.get_mut(&key) {
            Some(locked) if locked.simulation_id == id => {
                locked.applied = applied;
                Ok(())
            }
            _ => self.created(key, id, applied, replaces),
        }
    }

    pub(super) fn updated(&mut self, key: SimulationKey, id: SimulationId, body: Body) {
        match self.lock.simulations.get_mut(&key) {
            Some(locked) if locked.simulation_id == id => locked.applied = body,
            Some(_) => {}
            None => {
                let locked = LockedSimulation::new(id, body);
                self.lock.simulations.insert(key, locked);
            }
        }
    }

    pub(super) fn attached(
        &mut self,
        key: &SimulationKey,
        id: SimulationId,
        humans: BTreeSet<DigitalHumanId>,
    ) {
        if let Some(locked) = self.lock.simulations.get_mut(key)
            && locked.simulation_id == id
        {
            locked.digital_humans = humans;
        }
    }

    /// Takes an id away. Where a replace left others behind, the key stays with
    /// the newest of them until they are deleted too. What fields that one has
    /// nobody recorded, so none are: the next plan takes it for another one.
    pub(super) fn deleted(&mut self, key: &SimulationKey, id: SimulationId) {
        self.drop_open_updates(id);
        let Some(locked) = self.lock.simulations.get_mut(key) else {
            return;
        };
        locked.replaced.retain(|replaced| *replaced != id);
        if locked.simulation_id == id {
            match locked.replaced.pop() {
                Some(left) => {
                    locked.simulation_id = left;
                    locked.applied = Body::default();
                    locked.digital_humans.clear();
                }
                None => drop(self.lock.simulations.remove(key)),
            }
        }
    }

    /// Renames an entry, and with it what is open about its simulation.
    pub(super) fn moved(&mut self, from: &SimulationKey, to: &SimulationKey) {
        let simulations = &mut self.lock.simulations;
        match (simulations.get(from), simulations.get(to)) {
            (Some(_), None) => {
                if let Some(locked) = simulations.remove(from) {
                    simulations.insert(to.clone(), locked);
                }
            }
            // The lockfile holds the move; an entry before it brought this back.
            (Some(old), Some(new)) if old.simulation_id == new.simulation_id => {
                simulations.remove(from);
            }
            _ => {}
        }
        for open in self.open.values_mut() {
            if open.intent.key() == from {
                *open.intent.key_mut() = to.clone();
            }
        }
    }
}
