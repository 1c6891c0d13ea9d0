//! The conversations of a run: one for each digital human and repetition. The metrics
//! that the simulation selects score each conversation.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::caller::Caller;
use super::lag::format_time;
use super::metric_score::{Metric, metrics_of};
use super::simulation::Simulation;
use super::suite::Records;

/// The largest number of conversations of one run.
const MAX_CONVERSATIONS: usize = 10_000;

/// The number of ids that are reserved for the results of each run.
const RESULTS_OF_A_RUN: u64 = 100_000;

/// The participants at the beginning of a run. Later changes of the simulation, its digital
/// humans and its metrics have no effect on the run.
#[derive(Debug, Clone, Default)]
pub(super) struct RunSetup {
    /// The digital human of each conversation.
    pub callers: Vec<Caller>,
    metrics: Vec<Metric>,
}

impl RunSetup {
    /// Returns the digital humans, repetitions and metrics of a simulation. `chosen`
    /// restricts the run to these digital humans.
    pub(super) fn of(simulation: &Simulation, records: &Records, chosen: Option<&[i64]>) -> Self {
        let attached = simulation.digital_humans.iter();
        let is_chosen = |id: &&i64| chosen.is_none_or(|chosen| chosen.contains(id));
        let callers = attached.filter(is_chosen).flat_map(|id| {
            let caller = Caller::of(*id, simulation, records);
            let runs = repetitions(simulation, caller.num_runs);
            std::iter::repeat_n(caller, runs)
        });
        Self {
            callers: callers.take(MAX_CONVERSATIONS).collect(),
            metrics: metrics_of(simulation, records),
        }
    }

    /// Returns the ids of the results of a run.
    pub(super) fn result_ids(&self, run: u64) -> Vec<u64> {
        (0..self.callers.len())
            .map(|place| result_id(run, place))
            .collect()
    }

    /// Returns the answer for the conversation at an index.
    pub(super) fn result(&self, run: &RunStart, place: usize, stage: Stage) -> Value {
        let caller = &self.callers[place];
        let id = result_id(run.number, place);
        let mut result = json!({
            "id": id,
            "digital_human_id": caller.id,
            "result": null,
            "duration": null,
            "start_time": null,
            "end_time": null,
            "custom_metrics": null,
            "status": "QUEUED",
            "events": null,
            "transcript_url": null,
            "audio_url": null,
            "evaluations": [],
            "tool_calls": null,
        });
        let after = |seconds| format_time(run.at.checked_add(seconds).unwrap_or(run.at));
        if !matches!(stage, Stage::Queued) {
            result["status"] = "RUNNING".into();
            result["start_time"] = after(SignedDuration::from_secs(1)).into();
        }
        if let Stage::Ended { is_good } = stage {
            let seconds = caller.seconds(place);
            let scores = self.metrics.iter();
            let scores: Vec<_> = scores
                .map(|metric| metric.scored(caller, is_good))
                .collect();
            let end = after(SignedDuration::from_secs(1 + seconds));
            result["status"] = "COMPLETED".into();
            result["duration"] = (seconds * 1000).into();
            result["end_time"] = end.clone().into();
            result["transcript_url"] = transcript_path(id).into();
            result["evaluations"] = json!([{
                "id": format!("evaluation-{id}"),
                "created_at": end,
                "hallucination": false,
                "hallucination_reasoning": null,
                "redundancy": !is_good,
                "redundancy_reasoning": null,
                "agent_speak_percentage": 50.0,
                "avg_agent_latency": 0.8,
                "num_turns": caller.transcript(is_good).len(),
                "call_summary": caller.summary(is_good),
                "goal_success": is_good,
                "goal_reasoning": caller.goal_reasoning(is_good),
                "custom_metrics": scores,
            }]);
            result["custom_metrics"] = result["evaluations"][0]["custom_metrics"].clone();
        }
        result
    }
}

/// The number and the time of the beginning of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunStart {
    /// The number of the run, from 1.
    pub number: u64,
    pub at: Timestamp,
}

/// The state of a conversation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Queued,
    Running,
    Ended { is_good: bool },
}

fn result_id(run: u64, place: usize) -> u64 {
    run * RESULTS_OF_A_RUN + place as u64 + 1
}

/// Returns the run of a result and the index of its conversation.
pub(super) fn place_of(result: u64) -> Option<(u64, usize)> {
    let place = (result % RESULTS_OF_A_RUN).checked_sub(1)?;
    Some((result / RESULTS_OF_A_RUN, usize::try_from(place).ok()?))
}

/// Returns the path of a transcript at the sandbox.
pub(super) fn transcript_path(result: u64) -> String {
    format!("/transcripts/{result}")
}

/// Returns the repetitions of a digital human: those of the simulation, or else those of
/// the digital human.
fn repetitions(simulation: &Simulation, own: Option<u64>) -> usize {
    let settings = &simulation.settings;
    let runs = settings
        .get("runs_per_digital_human")
        .filter(|runs| !runs.is_null())
        .or_else(|| settings.get("digital_humans_settings")?.get("num_runs"))
        .and_then(Value::as_u64)
        .or(own);
    let runs = runs.unwrap_or(1).clamp(1, 1000);
    usize::try_from(runs).unwrap_or(1)
}
