//! The simulations of the sandbox, in memory.
//!
//! This file is pure: times are arguments. Each change is an [`Operation`], which can be
//! logged first and replayed later. A create, read, update or delete costs the logarithm
//! of the number of simulations.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::lag::{Lag, format_time};
use super::runs::RunRecord;
use super::simulation::{Simulation, agent_number};
use super::suite::{Record, RecordKind, Records};

/// A change of the state. Replaying all operations rebuilds the state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Operation {
    /// Stores a simulation, in place of its older version.
    Put(Box<Simulation>),
    /// Deletes the simulation of this id, and its schedules.
    Delete(u64),
    /// Stores a record, in place of its older version.
    PutRecord(Box<Record>),
    /// Deletes the record of this id.
    DeleteRecord(RecordKind, String),
    /// Stores a run.
    AddRun(Box<RunRecord>),
}

/// All simulations, by id and by agent.
#[derive(Debug, Default)]
pub(super) struct State {
    simulations: BTreeMap<u64, Arc<Simulation>>,
    by_agent: HashMap<String, BTreeSet<u64>>,
    last_id: u64,
    records: Records,
    runs: Vec<RunRecord>,
}

impl State {
    /// Returns the state of a snapshot. `last_id` is the highest id ever given out.
    pub(super) fn restore(simulations: Vec<Simulation>, last_id: u64) -> Self {
        let mut state = Self {
            last_id,
            ..Self::default()
        };
        for simulation in simulations {
            state.apply(Operation::Put(Box::new(simulation)));
        }
        state
    }

    /// Returns the simulation that a create with these checked fields would store.
    /// The id is free until the simulation is stored.
    pub(super) fn created(&self, fields: &Map<String, Value>, now: Timestamp) -> Simulation {
        Simulation::new(self.last_id + 1, fields, format_time(now))
    }

    /// Executes an operation. Deleting an unknown id changes nothing.
    pub(super) fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Put(simulation) => {
                let id = simulation.id;
                self.last_id = self.last_id.max(id);
                self.by_agent
                    .entry(agent_key(&simulation.agent_id))
                    .or_default()
                    .insert(id);
                self.simulations.insert(id, Arc::from(simulation));
            }
            Operation::Delete(id) => {
                let Some(simulation) = self.simulations.remove(&id) else {
                    return;
                };
                let key = agent_key(&simulation.agent_id);
                if let Some(ids) = self.by_agent.get_mut(&key) {
                    ids.remove(&id);
                    if ids.is_empty() {
                        self.by_agent.remove(&key);
                    }
                }
                self.delete_schedules_of(id);
            }
            Operation::PutRecord(record) => self.records.put(*record),
            Operation::DeleteRecord(kind, id) => self.records.remove(kind, &id),
            Operation::AddRun(run) => self.runs.push(*run),
        }
    }

    fn delete_schedules_of(&mut self, simulation_id: u64) {
        let simulation_id = simulation_id.to_string();
        let of_it: Vec<_> = self
            .records
            .all()
            .filter(|record| record.kind == RecordKind::Schedule)
            .filter(|record| record.get("simulation_id") == simulation_id.as_str())
            .map(|record| record.id.clone())
            .collect();
        for id in of_it {
            self.records.remove(RecordKind::Schedule, &id);
        }
    }

    /// Returns the digital humans, metrics and schedules.
    pub(super) fn records(&self) -> &Records {
        &self.records
    }

    /// Returns all runs, the oldest first.
    pub(super) fn runs(&self) -> &[RunRecord] {
        &self.runs
    }

    /// Returns the same state with these records and runs.
    pub(super) fn with(mut self, records: Records, runs: Vec<RunRecord>) -> Self {
        (self.records, self.runs) = (records, runs);
        self
    }

    pub(super) fn get(&self, id: u64) -> Option<&Arc<Simulation>> {
        self.simulations.get(&id)
    }

    /// Returns the highest id ever given out. No id is given out twice.
    pub(super) fn last_id(&self) -> u64 {
        self.last_id
    }

    /// Returns every simulation, the oldest first.
    pub(super) fn list_all(&self) -> impl Iterator<Item = &Simulation> {
        self.simulations.values().map(AsRef::as_ref)
    }

    /// Returns the entries of a list, the oldest first: of all agents or of one agent.
    pub(super) fn list(
        &self,
        agent: Option<&str>,
        lag: Option<Lag>,
        now: Timestamp,
    ) -> Vec<Arc<Simulation>> {
        let is_visible = |simulation: &&Arc<Simulation>| match lag {
            None => true,
            Some(Lag::Creates(count)) => simulation.id + count <= self.last_id,
            Some(Lag::Age(age)) => {
                let newest = now.checked_sub(age).unwrap_or(Timestamp::MIN);
                simulation.created_at <= format_time(newest)
            }
        };
        match agent {
            None => self
                .simulations
                .values()
                .filter(is_visible)
                .cloned()
                .collect(),
            Some(agent) => self
                .by_agent
                .get(&agent_key(agent))
                .into_iter()
                .flatten()
                .filter_map(|id| self.simulations.get(id))
                .filter(is_visible)
                .cloned()
                .collect(),
        }
    }
}

/// Normalises the id of an agent: `42` and `042` are one agent, as for an API that
/// stores integers.
fn agent_key(agent_id: &str) -> String {
    agent_number(agent_id).map_or_else(|| agent_id.to_owned(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap_or_default()
    }

    fn create(state: &mut State, agent: &str, second: i64) -> u64 {
        let mut fields = Map::new();
        fields.insert("agent_id".to_owned(), json!(agent));
        let simulation = state.created(&fields, at(second));
        let id = simulation.id;
        state.apply(Operation::Put(Box::new(simulation)));
        id
    }

    fn check_ids(state: &State, agent: Option<&str>, lag: Option<Lag>, expected: &[u64]) {
        let listed = state.list(agent, lag, at(10));
        let ids: Vec<u64> = listed.iter().map(|simulation| simulation.id).collect();
        assert_eq!(ids, expected);
    }

    #[test]
    fn lists_reflect_creates_and_deletes() {
        let mut state = State::default();
        let first = create(&mut state, "42", 0);
        let other = create(&mut state, "7", 0);
        let second = create(&mut state, "042", 0);
        check_ids(&state, Some("42"), None, &[first, second]);
        check_ids(&state, None, None, &[first, other, second]);
        state.apply(Operation::Delete(first));
        state.apply(Operation::Delete(first));
        check_ids(&state, Some("42"), None, &[second]);
        check_ids(&state, Some("unknown"), None, &[]);
    }

    #[test]
    fn ids_are_never_reused() {
        let mut state = State::default();
        let id = create(&mut state, "42", 0);
        state.apply(Operation::Delete(id));
        assert!(create(&mut state, "42", 0) > id);
        let restored = State::restore(Vec::new(), state.last_id());
        assert!(restored.created(&Map::new(), at(0)).id > id + 1);
    }

    #[test]
    fn a_lagging_list_omits_new_simulations() {
        let mut state = State::default();
        let old = create(&mut state, "42", 0);
        let newer = create(&mut state, "42", 7);
        let newest = create(&mut state, "42", 9);
        let age = |seconds| Some(Lag::Age(SignedDuration::from_secs(seconds)));
        check_ids(&state, Some("42"), age(5), &[old]);
        check_ids(&state, None, age(2), &[old, newer]);
        check_ids(&state, None, age(0), &[old, newer, newest]);
        check_ids(&state, Some("42"), Some(Lag::Creates(1)), &[old, newer]);
        check_ids(&state, Some("42"), Some(Lag::Creates(5)), &[]);
    }
}
