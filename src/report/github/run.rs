//! The outputs of a step that ran simulations.

use serde_json::{Map, Value, json};

use super::outputs::output;
use crate::run::{Judged, Outcome, Score};

/// Returns the numbers of passed and failed runs, and the scores by key as JSON: `null`
/// for a run without a score.
#[must_use]
pub fn run(judged: &[Judged]) -> String {
    let passed = judged.iter().filter(|judged| judged.verdict.is_passed());
    let passed = passed.count();
    let scores: Map<_, _> = judged
        .iter()
        .map(|judged| (judged.key.to_string(), score(judged)))
        .collect();
    [
        ("passed", passed.to_string()),
        ("failed", (judged.len() - passed).to_string()),
        ("scores", Value::Object(scores).to_string()),
    ]
    .iter()
    .map(|(name, value)| output(name, value))
    .collect()
}

fn score(judged: &Judged) -> Value {
    let score = match &judged.outcome {
        Outcome::Ended { last, .. } => Score::of(last.tests),
        _ => None,
    };
    json!(score.map(Score::percent))
}
