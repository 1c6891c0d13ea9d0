//! Custom metrics and their scores of a conversation.
//!
//! A score depends on the metric, the caller and the outcome of the conversation alone.
//! The sandbox computes no formulas and reads no transcripts: a composite metric is
//! scored by its response type like any other.

use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::simulation::{Simulation, agent_number};
use super::suite::{Record, RecordKind, Records};

/// The fields of a metric in a score.
const SHOWN: [&str; 8] = [
    "name",
    "response_type",
    "min_value",
    "max_value",
    "category",
    "tags",
    "scoring_guidance",
    "enum_options",
];

/// A metric of a run.
#[derive(Debug, Clone)]
pub(super) struct Metric {
    card: Map<String, Value>,
    json_schema: Value,
}

/// Returns the selected metrics of a simulation; all metrics of its agent if none is
/// selected. A metric scores only its agents, also when a simulation selects it.
pub(super) fn metrics_of(simulation: &Simulation, records: &Records) -> Vec<Metric> {
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
        .map(Metric::of)
        .collect()
}

impl Metric {
    fn of(record: &Record) -> Self {
        let fields = SHOWN.map(|field| (field.to_owned(), record.get(field).clone()));
        let mut card: Map<_, _> = fields.into_iter().collect();
        card.insert("description".to_owned(), record.get("prompt").clone());
        Self {
            card,
            json_schema: record.get("json_schema").clone(),
        }
    }

    /// Returns the metric with its score of one conversation.
    pub(super) fn scored(&self, caller: &Caller, is_good: bool) -> Value {
        let reasoning = if is_good {
            "Nothing in the conversation speaks against the metric."
        } else {
            "The agent did not do what the metric asks for."
        };
        let mut scored = self.card.clone();
        scored.insert(
            "response_value".to_owned(),
            self.value(caller, is_good).into(),
        );
        scored.insert("reasoning".to_owned(), reasoning.into());
        scored.into()
    }

    fn value(&self, caller: &Caller, is_good: bool) -> String {
        let word = |good: &str, bad: &str| if is_good { good } else { bad }.to_owned();
        let chance = caller.number(self.card["name"].as_str().unwrap_or_default());
        match self.card["response_type"].as_str().unwrap_or_default() {
            "quantitative" | "float" => format!("{:.1}", self.number(chance, is_good)),
            "int" => format!("{:.0}", self.number(chance, is_good)),
            "enum" => {
                let options = self.card["enum_options"].as_array();
                let options = options.map(Vec::as_slice).unwrap_or_default();
                let chosen = chance % options.len().max(1) as u64;
                let chosen = usize::try_from(chosen).unwrap_or(0);
                let option = options.get(chosen).and_then(Value::as_str);
                option.unwrap_or_default().to_owned()
            }
            "qualitative" => word("The agent was clear.", "The agent was not clear."),
            "json" => self.object(is_good).to_string(),
            "boolean" => is_good.to_string(),
            "pass_fail" => word("pass", "fail"),
            _ => word("yes", "no"),
        }
    }

    /// Returns a number in the upper or lower part of the bounds.
    fn number(&self, chance: u64, is_good: bool) -> f64 {
        let bound = |name: &str, otherwise| self.card[name].as_f64().unwrap_or(otherwise);
        let (least, most) = (bound("min_value", 0.0), bound("max_value", 10.0));
        let part = f64::from(u32::try_from(chance % 21).unwrap_or(0)) / 100.0;
        let share = if is_good { 0.8 + part } else { 0.2 + part };
        least + (most - least) * share
    }

    /// Returns an object with the properties of the schema.
    fn object(&self, is_good: bool) -> Value {
        let properties = self.json_schema["properties"].as_object();
        let of_type = |schema: &Value| match schema["type"].as_str() {
            Some("boolean") => is_good.into(),
            Some("integer" | "number") => i64::from(is_good).into(),
            Some("array") => json!([]),
            Some("object") => json!({}),
            _ => Value::from(""),
        };
        let properties = properties.into_iter().flatten();
        let object: Map<_, _> = properties
            .map(|(name, schema)| (name.clone(), of_type(schema)))
            .collect();
        object.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fields: &Value, is_good: bool, expected: &str) {
        let fields = fields.as_object().cloned().unwrap_or_default();
        let record = Record {
            kind: RecordKind::CustomMetric,
            number: 1,
            id: "m".to_owned(),
            created_at: String::new(),
            fields,
        };
        let simulation = Simulation::new(1, &Map::new(), String::new());
        let caller = Caller::of(7, &simulation, &Records::default());
        let scored = Metric::of(&record).scored(&caller, is_good);
        assert_eq!(scored["response_value"], expected);
        assert!(scored["reasoning"].is_string());
    }

    #[test]
    fn each_response_type_has_its_values() {
        check(&json!({ "response_type": "pass_fail" }), true, "pass");
        check(&json!({ "response_type": "pass_fail" }), false, "fail");
        check(&json!({ "response_type": "yes_no" }), false, "no");
        check(&json!({ "response_type": "boolean" }), true, "true");
        let options = json!({ "response_type": "enum", "enum_options": ["calm"] });
        check(&options, false, "calm");
        let point = json!({ "response_type": "int", "min_value": 4, "max_value": 4 });
        check(&point, true, "4");
        let schema = json!({ "properties": {
            "booked": { "type": "boolean" }, "slots": { "type": "array" }, "why": {},
        } });
        check(
            &json!({ "response_type": "json", "json_schema": schema }),
            true,
            r#"{"booked":true,"slots":[],"why":""}"#,
        );
    }

    #[test]
    fn a_number_is_in_the_part_of_its_bounds_that_the_outcome_names() {
        let bounds = json!({ "response_type": "quantitative", "min_value": 1, "max_value": 5 });
        let record = Record {
            kind: RecordKind::CustomMetric,
            number: 1,
            id: "m".to_owned(),
            created_at: String::new(),
            fields: bounds.as_object().cloned().unwrap_or_default(),
        };
        let metric = Metric::of(&record);
        for chance in 0..100 {
            let (good, bad) = (metric.number(chance, true), metric.number(chance, false));
            assert!((4.2..=5.0).contains(&good), "{good}");
            assert!((1.8..=2.7).contains(&bad), "{bad}");
        }
    }
}
