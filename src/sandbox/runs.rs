//! The runs of simulations. Of the runs of earlier processes, only the counts are kept:
//! such a run has ended, and has no conversations.
//!
//! This file is pure: times are arguments. Each read advances a run: the first read
//! shows `INITIALIZING`, the next two reads `RUNNING`, and later reads the end. A client
//! therefore sees every state at any speed, and equal reads give equal answers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::conversation::{RunSetup, RunStart, Stage, place_of};
use super::faults::Quirks;
use super::lag::{Lag, format_time};
use super::simulation::Simulation;

/// The number of the read that shows the end.
const LAST_READ: u32 = 4;

/// All runs, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Runs(Vec<Run>);

#[derive(Debug)]
struct Run {
    record: RunRecord,
    /// The participants; nobody for a run of an earlier process.
    setup: RunSetup,
    reads: u32,
}

/// The stored part of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunRecord {
    /// The number of the run, from 1.
    number: u64,
    simulation_id: u64,
    /// When the run was queued, in microseconds since 1970.
    created_at: i64,
    /// The number of conversations.
    tests: usize,
    /// The percentage of tests that pass.
    score: u32,
    /// The final status.
    end: String,
}

impl Runs {
    /// Returns the runs of earlier processes, as if they had ended in the meantime.
    pub(super) fn restore(records: &[RunRecord]) -> Self {
        let run = |record: &RunRecord| Run {
            record: record.clone(),
            setup: RunSetup::default(),
            reads: LAST_READ,
        };
        let mut runs: Vec<_> = records.iter().map(run).collect();
        // Two concurrent requests can be stored in another order.
        runs.sort_by_key(|run| run.record.number);
        Self(runs)
    }

    /// Begins a run. Returns its record, its id and the ids of its results.
    pub(super) fn queue(
        &mut self,
        simulation: &Simulation,
        setup: RunSetup,
        quirks: &Quirks,
        now: Timestamp,
    ) -> (RunRecord, String, Vec<u64>) {
        let record = RunRecord {
            number: self.0.len() as u64 + 1,
            simulation_id: simulation.id,
            created_at: now.as_microsecond(),
            tests: setup.callers.len(),
            score: quirks.run_score.unwrap_or(100),
            end: quirks
                .run_status
                .clone()
                .unwrap_or_else(|| "COMPLETED".to_owned()),
        };
        let run = Run {
            record: record.clone(),
            setup,
            reads: 0,
        };
        let (id, results) = (run.id(), run.setup.result_ids(record.number));
        self.0.push(run);
        (record, id, results)
    }

    /// Advances a run, and returns its simulation, the run, and its conversations.
    pub(super) fn read(&mut self, id: &str) -> Option<(u64, Value, Vec<Value>)> {
        let run = self.0.iter_mut().find(|run| run.id() == id)?;
        run.reads = (run.reads + 1).min(LAST_READ);
        Some((run.record.simulation_id, run.shown(), run.results()))
    }

    /// Returns the simulation of a result, and the result.
    pub(super) fn result(&self, id: u64) -> Option<(u64, Value)> {
        let (run, place) = self.find(id)?;
        Some((run.record.simulation_id, run.results().swap_remove(place)))
    }

    /// Returns the simulation and the transcript of an ended conversation.
    pub(super) fn transcript(&self, id: u64) -> Option<(u64, Vec<Value>)> {
        let (run, place) = self.find(id)?;
        let (_, ended) = run.progress();
        let transcript = run.setup.callers[place].transcript(place < run.good());
        (place < ended).then_some((run.record.simulation_id, transcript))
    }

    /// Returns the run of a result, and the index of its conversation.
    fn find(&self, result: u64) -> Option<(&Run, usize)> {
        let (number, place) = place_of(result)?;
        let run = self.0.iter().find(|run| run.record.number == number)?;
        (place < run.setup.callers.len()).then_some((run, place))
    }

    /// Returns the runs of a simulation, the oldest first. A lagging list omits the
    /// newest runs of all simulations.
    pub(super) fn list(&self, simulation_id: u64, lag: Option<Lag>, now: Timestamp) -> Vec<Value> {
        let last = self.0.len() as u64;
        let is_visible = |run: &&Run| match lag {
            None => true,
            Some(Lag::Creates(count)) => run.record.number + count <= last,
            Some(Lag::Age(age)) => run.at() <= now.checked_sub(age).unwrap_or(Timestamp::MIN),
        };
        self.0
            .iter()
            .filter(|run| run.record.simulation_id == simulation_id)
            .filter(is_visible)
            .map(Run::shown)
            .collect()
    }
}

impl Run {
    fn id(&self) -> String {
        format!("run-{}", self.record.number)
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.record.created_at).unwrap_or_default()
    }

    /// Returns the status and the number of ended conversations.
    fn progress(&self) -> (&str, usize) {
        let tests = self.record.tests;
        let (step, last) = (self.reads.saturating_sub(1), LAST_READ - 1);
        match self.reads {
            0 | 1 => ("INITIALIZING", 0),
            2..LAST_READ => ("RUNNING", tests * step as usize / last as usize),
            _ if self.record.end == "COMPLETED" => (&self.record.end, tests),
            _ => (&self.record.end, tests / 2),
        }
    }

    /// Returns the number of conversations that pass. These conversations end first.
    fn good(&self) -> usize {
        self.record.tests * self.record.score as usize / 100
    }

    fn results(&self) -> Vec<Value> {
        let (status, ended) = self.progress();
        let start = RunStart {
            number: self.record.number,
            at: self.at(),
        };
        let stage = |place| match place < ended {
            true => Stage::Ended {
                is_good: place < self.good(),
            },
            false if status == "RUNNING" && place < ended + 5 => Stage::Running,
            false => Stage::Queued,
        };
        (0..self.setup.callers.len())
            .map(|place| self.setup.result(&start, place, stage(place)))
            .collect()
    }

    fn shown(&self) -> Value {
        let (status, completed) = self.progress();
        let passed = self.good().min(completed);
        json!({
            "id": self.id(),
            "simulation_id": self.record.simulation_id.to_string(),
            "experiment_id": self.record.simulation_id,
            "status": status,
            "summary": null,
            "total_tests": self.record.tests,
            "tests_passed": passed,
            "tests_failed": completed - passed,
            "tests_completed": completed,
            "tests_incompleted": self.record.tests - completed,
            "created_at": format_time(self.at()),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::Map;

    use super::*;
    use crate::sandbox::suite::Records;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap_or_default()
    }

    fn simulation(id: u64, fields: &Value) -> Simulation {
        let fields = fields.as_object().cloned().unwrap_or_else(Map::new);
        Simulation::new(id, &fields, format_time(at(0)))
    }

    fn queue(runs: &mut Runs, simulation: &Simulation, quirks: &Quirks, now: Timestamp) -> String {
        let setup = RunSetup::of(simulation, &Records::default(), None);
        runs.queue(simulation, setup, quirks, now).1
    }

    fn reads(quirks: &Quirks, count: usize) -> Vec<(String, u64, u64)> {
        let mut runs = Runs::default();
        let settings = json!({"digital_humans_settings": {"num_runs": 2}});
        let mut simulation = simulation(7, &settings);
        simulation.digital_humans.extend(1..=5);
        let id = queue(&mut runs, &simulation, quirks, at(0));
        let read = |_| {
            let (_, shown, results) = runs.read(&id).unwrap();
            assert_eq!(results.len(), 10);
            let count = |name: &str| shown[name].as_u64().unwrap();
            let status = shown["status"].as_str().unwrap().to_owned();
            (status, count("tests_completed"), count("tests_passed"))
        };
        (0..count).map(read).collect()
    }

    #[test]
    fn every_read_advances_a_run() {
        let quirks = Quirks {
            run_score: Some(70),
            ..Quirks::default()
        };
        let expected = [
            ("INITIALIZING", 0, 0),
            ("RUNNING", 3, 3),
            ("RUNNING", 6, 6),
            ("COMPLETED", 10, 7),
            ("COMPLETED", 10, 7),
        ];
        let expected = expected.map(|(status, done, passed)| (status.to_owned(), done, passed));
        assert_eq!(reads(&quirks, 5), expected);
    }

    #[test]
    fn a_fault_sets_the_score_and_the_end_of_a_run() {
        let quirks = Quirks {
            run_status: Some("ARCHIVED".to_owned()),
            ..Quirks::default()
        };
        let last = reads(&quirks, 4).pop();
        assert_eq!(last, Some(("ARCHIVED".to_owned(), 5, 5)));
    }

    #[test]
    fn a_run_without_digital_humans_is_empty() {
        let mut runs = Runs::default();
        let id = queue(
            &mut runs,
            &simulation(7, &json!({})),
            &Quirks::default(),
            at(0),
        );
        let last = (0..4).filter_map(|_| runs.read(&id)).last();
        let (_, shown, results) = last.unwrap();
        assert_eq!(
            (&shown["status"], &shown["total_tests"]),
            (&json!("COMPLETED"), &json!(0))
        );
        assert_eq!(results, Vec::<Value>::new());
    }

    #[test]
    fn the_counts_of_runs_of_earlier_processes_are_kept() {
        let mut runs = Runs::default();
        let mut simulation = simulation(7, &json!({}));
        simulation.digital_humans.extend(1..=4);
        let setup = RunSetup::of(&simulation, &Records::default(), None);
        let quirks = Quirks {
            run_score: Some(75),
            ..Quirks::default()
        };
        let (record, ..) = runs.queue(&simulation, setup, &quirks, at(0));
        let mut restored = Runs::restore(&[record]);
        let (_, shown, results) = restored.read("run-1").unwrap();
        assert_eq!(shown["status"], "COMPLETED");
        assert_eq!(
            (&shown["tests_passed"], &shown["total_tests"]),
            (&json!(3), &json!(4))
        );
        assert_eq!(results, Vec::<Value>::new());
        assert_eq!(queue(&mut restored, &simulation, &quirks, at(1)), "run-2");
    }

    #[test]
    fn a_list_has_the_runs_of_one_simulation_and_may_lag() {
        let mut runs = Runs::default();
        let (one, other) = (simulation(1, &json!({})), simulation(2, &json!({})));
        queue(&mut runs, &one, &Quirks::default(), at(0));
        queue(&mut runs, &other, &Quirks::default(), at(0));
        queue(&mut runs, &one, &Quirks::default(), at(9));
        let ids = |lag| -> Vec<Value> {
            let listed = runs.list(1, lag, at(10));
            listed.iter().map(|run| run["id"].clone()).collect()
        };
        assert_eq!(ids(None), ["run-1", "run-3"]);
        assert_eq!(ids(Some(Lag::Creates(1))), ["run-1"]);
        let age = Lag::Age(SignedDuration::from_secs(5));
        assert_eq!(ids(Some(age)), ["run-1"]);
        assert!(runs.list(3, None, at(10)).is_empty());
    }
}
