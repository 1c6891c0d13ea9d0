//! The runs as one JSON document.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::{RunReport, conversations, score};
use crate::report::json::{self, FORMAT_VERSION};
use crate::resource::key::{PlainId, RemoteId, ResourceKey};
use crate::run::{
    COMPARED_RUNS, Conversation, Judged, MaxDrop, MeanScore, MetricScore, Outcome, Score, Verdict,
};

/// The output of `bluejayctl run --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl run --format json")]
pub struct Document<'a> {
    /// The exit code of the process.
    exit_code: u8,
    /// The version of this format.
    format_version: &'static str,
    /// How many points a score may be below the mean of the last runs; null if that does not
    /// matter.
    max_drop: Option<f64>,
    /// The required score in percent.
    min_score: f64,
    /// Whether every run passed.
    passed: bool,
    /// The runs, by key.
    runs: Vec<Run<'a>>,
    /// How many runs passed and failed.
    summary: Summary,
}

/// How many runs passed and failed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RunSummary")]
struct Summary {
    /// The runs that did not pass.
    failed: usize,
    /// The runs that passed.
    passed: usize,
}

/// The run of one simulation.
#[derive(Debug, Serialize, JsonSchema)]
struct Run<'a> {
    /// The runs that the simulation may have, where the answer was lost.
    candidates: Vec<&'a str>,
    /// The conversations that were read, in the order of the API.
    conversations: Vec<ConversationEntry<'a>>,
    /// The key.
    key: &'a ResourceKey,
    /// The mean score of the last runs before this run, in percent; null if there were none,
    /// or if the API could not list them.
    mean_of_last_runs: Option<f64>,
    /// The reason why the run did not pass.
    reason: Option<String>,
    /// `passed`, or the kind of the reason.
    result: &'static str,
    /// The id of the run, where one was queued.
    #[serde(rename = "run_id")]
    id: Option<&'a str>,
    /// The score in percent, rounded down to a tenth; null without a result.
    score: Option<f64>,
    /// The time from before the request to the outcome, in seconds.
    seconds: f64,
    /// The id of the simulation.
    simulation_id: RemoteId,
    /// The last status that the API showed.
    status: Option<&'a str>,
    /// How many tests passed.
    tests_passed: Option<u32>,
    /// How many tests there are.
    total_tests: Option<u32>,
}

/// A conversation of a run.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Conversation")]
struct ConversationEntry<'a> {
    /// The key of the digital human, if the lockfile tracks the digital human.
    digital_human: Option<&'a ResourceKey>,
    /// The id of the digital human.
    digital_human_id: Option<PlainId>,
    /// The scores of the metrics.
    metrics: Vec<MetricEntry<'a>>,
    /// `passed`, `failed`, `not_judged`, `running` or `queued`.
    outcome: &'static str,
    /// The reason for the outcome.
    reason: Option<&'a str>,
    /// The id of the result.
    result_id: &'a str,
    /// The duration in seconds.
    seconds: Option<f64>,
    /// A summary of the conversation.
    summary: Option<&'a str>,
}

/// The score of a metric for a conversation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MetricScore")]
struct MetricEntry<'a> {
    /// The name of the metric.
    name: &'a str,
    /// The reason for the value.
    reason: Option<&'a str>,
    /// The value, as a text.
    value: &'a str,
}

/// Returns all runs, the gate, and the exit code.
#[must_use]
pub fn json(report: &RunReport<'_>) -> String {
    let judged = report.judged;
    let passed = judged.iter().filter(|judged| judged.verdict.is_passed());
    let passed = passed.count();
    json::text(&Document {
        exit_code: report.exit.code(),
        format_version: FORMAT_VERSION,
        max_drop: report.gate.max_drop.map(MaxDrop::points),
        min_score: report.gate.min_score.percent(),
        passed: passed == judged.len(),
        runs: judged
            .iter()
            .map(|judged| Run::of(report, judged))
            .collect(),
        summary: Summary {
            failed: judged.len() - passed,
            passed,
        },
    })
}

impl<'a> Run<'a> {
    fn of(report: &RunReport<'a>, judged: &'a Judged) -> Self {
        let last = judged.outcome.last();
        let candidates: &[_] = match &judged.outcome {
            Outcome::Undecided { candidates, .. } => candidates,
            _ => &[],
        };
        Self {
            candidates: candidates.iter().map(|run| run.0.as_str()).collect(),
            conversations: conversations(judged)
                .iter()
                .map(|conversation| ConversationEntry::of(report, conversation))
                .collect(),
            key: &judged.key,
            mean_of_last_runs: judged
                .history
                .as_ref()
                .and_then(|history| history.mean(COMPARED_RUNS))
                .map(MeanScore::percent),
            reason: match &judged.verdict {
                Verdict::Passed(_) => None,
                Verdict::Failed(reason) => Some(reason.to_string()),
            },
            result: judged.verdict.word(),
            id: judged.outcome.run().map(|run| run.0.as_str()),
            score: score(judged).map(Score::percent),
            seconds: rounded(judged.took),
            simulation_id: judged.simulation_id,
            status: last.map(|last| last.status.as_str()),
            tests_passed: last.map(|last| last.tests.passed),
            total_tests: last.map(|last| last.tests.total),
        }
    }
}

impl<'a> ConversationEntry<'a> {
    fn of(report: &RunReport<'a>, conversation: &'a Conversation) -> Self {
        let id = conversation.digital_human;
        let metric = |metric: &'a MetricScore| MetricEntry {
            name: &metric.name,
            reason: metric.reason.as_deref(),
            value: &metric.value,
        };
        Self {
            digital_human: report.callers.get(id).map(|caller| &caller.key),
            digital_human_id: id.map(RemoteId::plain),
            metrics: conversation.metrics.iter().map(metric).collect(),
            outcome: conversation.outcome.word(),
            reason: conversation.reason.as_deref(),
            result_id: &conversation.id,
            seconds: conversation.duration.map(rounded),
            summary: conversation.summary.as_deref(),
        }
    }
}

/// Returns a time in seconds, with three decimals.
fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
