//! The conversations in the answer to a read of a run.
//!
//! Every field is optional: a missing or unexpected field is left out, and never fails the
//! read of the run.

use std::time::Duration;

use serde_json::Value;

use super::text;
use crate::resource::Kind;
use crate::resource::key::{PlainId, RemoteId};
use crate::run::{Conversation, ConversationOutcome, MetricScore};

/// Returns the conversations in the answer to a read of a run.
#[must_use]
pub fn conversations(answer: &Value) -> Vec<Conversation> {
    let results = answer.get("simulation_results").and_then(Value::as_array);
    let results = results.into_iter().flatten();
    results.filter_map(conversation).collect()
}

fn conversation(result: &Value) -> Option<Conversation> {
    let id = text(result.get("id"))?;
    // The last evaluation counts: a conversation can be evaluated several times.
    let evaluations = result.get("evaluations").and_then(Value::as_array);
    let evaluation = evaluations
        .and_then(|all| all.last())
        .unwrap_or(&Value::Null);
    let digital_human = result.get("digital_human_id");
    let goal = evaluation.get("goal_success").and_then(Value::as_bool);
    let status = text(result.get("status"));
    let scored = [evaluation, result].into_iter().map(metrics);
    Some(Conversation {
        id,
        digital_human: digital_human
            .and_then(|id| PlainId::of_value(Kind::DigitalHuman, id))
            .map(|id| RemoteId::of(Kind::DigitalHuman, id)),
        outcome: ConversationOutcome::read(status.as_deref(), goal),
        reason: text(evaluation.get("goal_reasoning")),
        summary: text(evaluation.get("call_summary")),
        duration: result
            .get("duration")
            .and_then(Value::as_u64)
            .map(Duration::from_millis),
        metrics: scored
            .into_iter()
            .find(|all| !all.is_empty())
            .unwrap_or_default(),
    })
}

/// Returns the scores in `custom_metrics`: a list, or an object by name.
fn metrics(owner: &Value) -> Vec<MetricScore> {
    match owner.get("custom_metrics") {
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|metric| score(text(metric.get("name"))?, metric))
            .collect(),
        Some(Value::Object(map)) => map
            .iter()
            .filter_map(|(name, metric)| score(name.clone(), metric))
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns a score: the value alone, or an object with the value and its reason.
fn score(name: String, metric: &Value) -> Option<MetricScore> {
    let value = match metric {
        Value::Object(metric) => metric.get("response_value")?,
        value => value,
    };
    let value = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    Some(MetricScore {
        name,
        value,
        reason: text(metric.get("reasoning")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_conversation_has_its_judgement_and_its_scores() {
        let answer = json!({"simulation_results": [{
            "id": 100_001, "digital_human_id": "7", "status": "COMPLETED", "duration": 61_500,
            "evaluations": [{"goal_success": true}, {
                "goal_success": false, "goal_reasoning": "no refund", "call_summary": "short",
                "custom_metrics": [
                    {"name": "Tone", "response_value": "pass", "reasoning": "polite"},
                    {"name": "Turns", "response_value": 4}, {"response_value": "x"}, null,
                ],
            }],
        }]});
        let tone = MetricScore {
            name: "Tone".to_owned(),
            value: "pass".to_owned(),
            reason: Some("polite".to_owned()),
        };
        let turns = MetricScore {
            name: "Turns".to_owned(),
            value: "4".to_owned(),
            reason: None,
        };
        let expected = Conversation {
            id: "100001".to_owned(),
            digital_human: Some(RemoteId::of(Kind::DigitalHuman, PlainId::Number(7))),
            outcome: ConversationOutcome::Failed,
            reason: Some("no refund".to_owned()),
            summary: Some("short".to_owned()),
            duration: Some(Duration::from_millis(61_500)),
            metrics: vec![tone, turns],
        };
        assert_eq!(conversations(&answer), [expected]);
    }

    #[test]
    fn unexpected_fields_are_left_out() {
        for odd in [
            json!({}),
            json!([]),
            json!({"simulation_results": {}}),
            json!(null),
        ] {
            assert_eq!(conversations(&odd), [], "{odd}");
        }
        let answer = json!({"simulation_results": [
            7, {"id": null},
            {"id": "a", "digital_human_id": -1, "duration": "long", "evaluations": {},
             "custom_metrics": {"Tone": "pass", "Turns": {"response_value": false}, "x": null}},
        ]});
        let found = conversations(&answer);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].outcome, ConversationOutcome::NotJudged);
        assert_eq!((found[0].digital_human, found[0].duration), (None, None));
        let scores = found[0].metrics.iter();
        let scores: Vec<_> = scores
            .map(|metric| (&*metric.name, &*metric.value))
            .collect();
        assert_eq!(scores, [("Tone", "pass"), ("Turns", "false")]);
    }
}
