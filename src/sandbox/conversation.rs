//! The conversations of a run: one for each digital human and repetition. The metrics
//! that the simulation selects score each conversation.

use serde_json::{Value, json};

use super::simulation::{Simulation, agent_number};
use super::suite::{Record, RecordKind, Records};

/// The number of invented digital humans of a simulation without links. The API would
/// refuse a run of such a simulation.
const MADE_UP_HUMANS: i64 = 5;

/// The largest number of conversations of one run.
const MAX_CONVERSATIONS: usize = 10_000;

/// The digital humans and metrics at the beginning of a run. Later changes of the
/// simulation have no effect on the run.
#[derive(Debug, Clone)]
pub(super) struct RunSetup {
    /// The digital human of each conversation.
    pub callers: Vec<i64>,
    metrics: Vec<Value>,
}

impl RunSetup {
    /// Returns the digital humans, repetitions and metrics of a simulation.
    pub(super) fn of(simulation: &Simulation, records: &Records) -> Self {
        let humans: Vec<i64> = if simulation.digital_humans.is_empty() {
            (1..=MADE_UP_HUMANS).collect()
        } else {
            simulation.digital_humans.iter().copied().collect()
        };
        let callers = humans.into_iter().flat_map(|human| {
            let runs = repetitions(simulation, records, human);
            std::iter::repeat_n(human, runs)
        });
        Self {
            callers: callers.take(MAX_CONVERSATIONS).collect(),
            metrics: metrics(simulation, records),
        }
    }

    /// Returns the answer for the conversation at an index.
    pub(super) fn result(&self, run: u64, place: usize, stage: Stage) -> Value {
        let evaluations = match stage {
            Stage::Ended { is_good } => json!([self.evaluation(place, is_good)]),
            Stage::Queued | Stage::Running => json!([]),
        };
        let (status, duration) = match stage {
            Stage::Queued => ("QUEUED", None),
            Stage::Running => ("RUNNING", None),
            Stage::Ended { .. } => ("COMPLETED", Some(45 + place % 60)),
        };
        json!({
            "id": run * 100_000 + place as u64 + 1,
            "digital_human_id": self.callers[place],
            "status": status,
            "duration": duration,
            "evaluations": evaluations,
            "transcript_url": null,
            "audio_url": null,
        })
    }

    fn evaluation(&self, place: usize, is_good: bool) -> Value {
        let reasoning = if is_good {
            "The caller got what was asked for."
        } else {
            "The agent ended the conversation before the goal was met."
        };
        let scored = self
            .metrics
            .iter()
            .map(|metric| score_metric(metric, place, is_good));
        json!({
            "goal_success": is_good,
            "goal_reasoning": reasoning,
            "custom_metrics": scored.collect::<Vec<_>>(),
        })
    }
}

/// The state of a conversation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Queued,
    Running,
    Ended { is_good: bool },
}

/// Returns the repetitions of a digital human: of the simulation, or else of the
/// digital human.
fn repetitions(simulation: &Simulation, records: &Records, human: i64) -> usize {
    let settings = &simulation.settings;
    let own = records.get(RecordKind::DigitalHuman, &human.to_string());
    let runs = settings
        .get("runs_per_digital_human")
        .filter(|runs| !runs.is_null())
        .or_else(|| settings.get("digital_humans_settings")?.get("num_runs"))
        .and_then(Value::as_u64)
        .or_else(|| own?.get("num_runs").as_u64());
    let runs = runs.unwrap_or(1).clamp(1, 1000);
    usize::try_from(runs).unwrap_or(1)
}

/// Returns the selected metrics of a simulation; all metrics of its agent if none is
/// selected.
fn metrics(simulation: &Simulation, records: &Records) -> Vec<Value> {
    let selected = simulation.settings.get("selected_custom_metrics");
    let selected = selected.and_then(Value::as_array);
    let agent = agent_number(&simulation.agent_id);
    let of_agent = |metric: &Record| {
        let agents = metric.get("agent_ids").as_array();
        agents.is_some_and(|ids| ids.iter().any(|id| id.as_i64() == agent))
    };
    let all = records
        .all()
        .filter(|record| record.kind == RecordKind::CustomMetric);
    all.filter(|metric| of_agent(metric))
        .filter(|metric| selected.is_none_or(|ids| ids.contains(&json!(metric.id))))
        .map(|metric| {
            let parts = [
                "name",
                "response_type",
                "min_value",
                "max_value",
                "enum_options",
            ];
            let mut card: serde_json::Map<_, _> = parts
                .map(|part| (part.to_owned(), metric.get(part).clone()))
                .into_iter()
                .collect();
            card.insert("description".to_owned(), metric.get("prompt").clone());
            card.into()
        })
        .collect()
}

/// Returns a metric with its score of one conversation.
fn score_metric(metric: &Value, place: usize, is_good: bool) -> Value {
    let bound = |name: &str, otherwise| metric[name].as_f64().unwrap_or(otherwise);
    let value = match metric["response_type"].as_str() {
        Some("quantitative" | "int" | "float") => {
            let (least, most) = (bound("min_value", 0.0), bound("max_value", 10.0));
            let share = if is_good { 0.8 } else { 0.3 };
            format!("{:.1}", least + (most - least) * share)
        }
        Some("enum") => {
            let options = metric["enum_options"].as_array();
            let chosen = options.and_then(|options| options.get(place % options.len().max(1)));
            chosen
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        }
        Some("qualitative") => "The agent was clear.".to_owned(),
        Some("json") => "{}".to_owned(),
        Some("pass_fail") => if is_good { "pass" } else { "fail" }.to_owned(),
        _ => if is_good { "yes" } else { "no" }.to_owned(),
    };
    let mut scored = metric.clone();
    scored["response_value"] = value.into();
    scored["reasoning"] = if is_good {
        "Nothing in the conversation speaks against the metric."
    } else {
        "The agent did not do what the metric asks for."
    }
    .into();
    scored
}
