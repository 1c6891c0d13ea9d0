//! A digital human in a conversation: what it says, and how its goal is judged.
//!
//! Everything here depends on the fields of the digital human alone, so equal runs have
//! equal transcripts, reasons and durations.

use serde_json::{Value, json};

use super::simulation::Simulation;
use super::suite::{RecordKind, Records};

/// A digital human of a run.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub id: i64,
    /// The number of runs of the digital human itself.
    pub num_runs: Option<u64>,
    name: String,
    intent: String,
    criteria: Vec<String>,
    opening: Option<String>,
}

impl Caller {
    /// Returns the attached digital human with this id. If the sandbox does not have the
    /// digital human, only its id is known.
    pub(super) fn of(id: i64, simulation: &Simulation, records: &Records) -> Self {
        let record = records.get(RecordKind::DigitalHuman, &id.to_string());
        let field = |name| record.map_or(&Value::Null, |record| record.get(name));
        let text = |name| field(name).as_str().unwrap_or_default().trim();
        let settings = simulation.settings.get("digital_humans_settings");
        let first_message = settings
            .and_then(|settings| settings["first_message"].as_str())
            .filter(|message| *message != "ai_generated");
        let own_message = field("speaks_first_config")["message"].as_str();
        Self {
            id,
            num_runs: field("num_runs").as_u64(),
            name: match text("name") {
                "" => format!("Digital human {id}"),
                name => name.to_owned(),
            },
            intent: text("intent").to_owned(),
            criteria: lines(text("success_criteria")),
            opening: own_message.or(first_message).map(str::to_owned),
        }
    }

    /// Returns a number that depends on the caller and on `of` alone.
    pub(super) fn number(&self, of: &str) -> u64 {
        crc32fast::hash(format!("{}\n{}\n{of}", self.name, self.intent).as_bytes()).into()
    }

    /// Returns the duration of a conversation.
    pub(super) fn seconds(&self, place: usize) -> i64 {
        let later = i64::try_from(place % 10).unwrap_or_default();
        45 + (self.number("duration") % 60).cast_signed() + later
    }

    /// Returns the turns of a conversation, in the form of `formatted_transcript`.
    pub(super) fn transcript(&self, is_good: bool) -> Vec<Value> {
        let name = &self.name;
        let opening = self.opening.clone().unwrap_or_else(|| match self.goal() {
            "" => format!("Hello, this is {name}."),
            goal => format!("Hello, this is {name}. It is about this: {goal}"),
        });
        let (answer, end) = if is_good {
            (
                "Of course. I have done that for you.",
                "Thank you, that is all.",
            )
        } else {
            (
                "I am sorry, I can't help you with that.",
                "Then I have to call again.",
            )
        };
        let turn = |role: &str, utterance: &str| json!({ "role": role, "utterance": utterance });
        vec![
            turn("agent", "Hello, how can I help you?"),
            turn("user", &opening),
            turn("agent", answer),
            turn("user", end),
        ]
    }

    /// Returns one sentence about a conversation.
    pub(super) fn summary(&self, is_good: bool) -> String {
        let end = if is_good { "reached" } else { "did not reach" };
        format!("{} {end} the goal of the call.", self.name)
    }

    /// Returns the reason for the judgement of the goal.
    pub(super) fn goal_reasoning(&self, is_good: bool) -> String {
        match (is_good, self.criteria.len()) {
            (true, 0) => "The caller got what was asked for.".to_owned(),
            (true, 1) => format!("The criterion is met: {}", self.criteria[0]),
            (true, count) => format!("All {count} criteria are met."),
            (false, 0) => "The agent ended the conversation before the goal was met.".to_owned(),
            (false, count) => {
                let missed = usize::try_from(self.number("missed")).unwrap_or(0) % count;
                format!("A criterion is not met: {}", self.criteria[missed])
            }
        }
    }

    /// Returns the first line of the intent.
    fn goal(&self) -> &str {
        self.intent.lines().next().unwrap_or_default().trim()
    }
}

/// Returns the criteria: one a line, without the bullets.
fn lines(criteria: &str) -> Vec<String> {
    let lines = criteria
        .lines()
        .map(|line| line.trim_start_matches(['-', '*', ' ']).trim());
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(criteria: &str) -> Caller {
        Caller {
            id: 7,
            num_runs: None,
            name: "Ada".to_owned(),
            intent: "You want a refund.\nYou are angry.".to_owned(),
            criteria: lines(criteria),
            opening: None,
        }
    }

    #[test]
    fn a_reason_names_a_criterion() {
        for (criteria, is_good, expected) in [
            ("", true, "The caller got what was asked for."),
            ("- Polite\n", true, "The criterion is met: Polite"),
            ("- Polite\n\n* Booked\n", true, "All 2 criteria are met."),
            ("Polite", false, "A criterion is not met: Polite"),
        ] {
            assert_eq!(caller(criteria).goal_reasoning(is_good), expected);
        }
    }

    #[test]
    fn a_caller_begins_with_the_intent_or_with_its_own_message() {
        let said = |caller: &Caller| caller.transcript(true)[1]["utterance"].clone();
        let mut ada = caller("");
        let expected = "Hello, this is Ada. It is about this: You want a refund.";
        assert_eq!(said(&ada), expected);
        ada.opening = Some("My money, please.".to_owned());
        assert_eq!(said(&ada), "My money, please.");
    }
}
