//! The runs as one JSON document.

use schemars::JsonSchema;
use serde::Serialize;

use super::score;
use crate::error::Exit;
use crate::report::json::{self, FORMAT_VERSION};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::run::{Gate, Judged, Outcome, Score, Verdict};

/// The output of `bluejayctl run --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl run --format json")]
pub struct Document<'a> {
    /// The exit code of the process.
    exit_code: u8,
    /// The version of this format.
    format_version: &'static str,
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
    /// The key.
    key: &'a ResourceKey,
    /// The reason why the run did not pass.
    reason: Option<String>,
    /// `passed`, or the kind of the reason.
    result: &'static str,
    /// The id of the run, where one was queued.
    #[serde(rename = "run_id")]
    id: Option<&'a str>,
    /// The score in percent, rounded down to a tenth; null without a result.
    score: Option<f64>,
    /// The id of the simulation.
    simulation_id: RemoteId,
    /// The last status that the API showed.
    status: Option<&'a str>,
    /// How many tests passed.
    tests_passed: Option<u32>,
    /// How many tests there are.
    total_tests: Option<u32>,
}

/// Returns all runs, the gate, and the exit code.
#[must_use]
pub fn json(judged: &[Judged], gate: Gate, exit: Exit) -> String {
    let passed = judged.iter().filter(|judged| judged.verdict.is_passed());
    let passed = passed.count();
    json::text(&Document {
        exit_code: exit.code(),
        format_version: FORMAT_VERSION,
        min_score: gate.min_score.percent(),
        passed: passed == judged.len(),
        runs: judged.iter().map(Run::of).collect(),
        summary: Summary {
            failed: judged.len() - passed,
            passed,
        },
    })
}

impl<'a> Run<'a> {
    fn of(judged: &'a Judged) -> Self {
        let last = judged.outcome.last();
        let candidates: &[_] = match &judged.outcome {
            Outcome::Undecided { candidates, .. } => candidates,
            _ => &[],
        };
        Self {
            candidates: candidates.iter().map(|run| run.0.as_str()).collect(),
            key: &judged.key,
            reason: match &judged.verdict {
                Verdict::Passed(_) => None,
                Verdict::Failed(reason) => Some(reason.to_string()),
            },
            result: judged.verdict.word(),
            id: judged.outcome.run().map(|run| run.0.as_str()),
            score: score(judged).map(Score::percent),
            simulation_id: judged.simulation_id,
            status: last.map(|last| last.status.as_str()),
            tests_passed: last.map(|last| last.tests.passed),
            total_tests: last.map(|last| last.tests.total),
        }
    }
}
