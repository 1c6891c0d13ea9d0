//! Runs as one JSON document.

use serde_json::{Value, json};

use super::score;
use crate::error::Exit;
use crate::run::{Gate, Judged, Outcome, Verdict};
use crate::visible;

/// All runs, the gate, and how the command ends.
#[must_use]
pub fn json(judged: &[Judged], gate: Gate, exit: Exit) -> String {
    let runs: Vec<_> = judged.iter().map(run).collect();
    let passed = judged.iter().filter(|judged| judged.verdict.is_passed());
    let passed = passed.count();
    let document = json!({
        "format_version": "1.0",
        "min_score": gate.min_score.percent(),
        "passed": passed == judged.len(),
        "exit_code": exit.code(),
        "runs": runs,
        "summary": { "passed": passed, "failed": judged.len() - passed },
    });
    visible::json(&format!("{document:#}\n"))
}

fn run(judged: &Judged) -> Value {
    let last = judged.outcome.last();
    let reason = match &judged.verdict {
        Verdict::Passed(_) => None,
        Verdict::Failed(reason) => Some(reason.to_string()),
    };
    let candidates: &[_] = match &judged.outcome {
        Outcome::Undecided { candidates, .. } => candidates,
        _ => &[],
    };
    let candidates: Vec<_> = candidates.iter().map(|run| &run.0).collect();
    json!({
        "key": judged.key,
        "simulation_id": judged.simulation_id,
        "run_id": judged.outcome.run().map(|run| &run.0),
        "candidates": candidates,
        "status": last.map(|last| last.status.as_str()),
        "tests_passed": last.map(|last| last.tests.passed),
        "total_tests": last.map(|last| last.tests.total),
        "score": score(judged).map(crate::run::Score::percent),
        "result": judged.verdict.word(),
        "reason": reason,
    })
}
