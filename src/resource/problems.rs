//! Checks the rules between the fields of a document, which a JSON Schema can't express.

use std::fmt::Display;

use serde_json::{Map, Value};

use super::field::Shape;
use super::field::{Constant, Field, ValueType};
use super::kind::Kind;
use super::rule::{Breach, Rule, When};

/// A broken rule of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The place, as a JSON Pointer: `/scripted_responses/2/occurrence_n`. The pointer
    /// leads to the map that lacks a field if nothing else is wrong.
    pub pointer: String,
    /// Whether the document can be applied anyway.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
}

/// Whether a document with a problem can be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The API refuses the document.
    Error,
    /// The API may refuse the document.
    Warning,
}

/// Returns the problems of the fields of a document, in the order of the rules and the
/// fields. Values of a wrong type are skipped, because the schema reports them.
#[must_use]
pub fn problems(kind: Kind, document: &Map<String, Value>) -> Vec<FieldProblem> {
    let level = Level {
        fields: kind.fields(),
        given: document,
        pointer: String::new(),
    };
    let mut problems = Vec::new();
    level.check(kind.table().rules, &mut problems);
    problems
}

/// A map of known fields at a place of a document.
struct Level<'a> {
    fields: &'static [Field],
    given: &'a Map<String, Value>,
    pointer: String,
}

impl<'a> Level<'a> {
    fn check(&self, rules: &[Rule], problems: &mut Vec<FieldProblem>) {
        problems.extend(rules.iter().filter_map(|rule| self.breach(*rule)));
        for field in self.fields {
            if let Some(value) = self.value(field.name) {
                problems.extend(self.two_names(field));
                problems.extend(self.unknown_value(field, value));
                self.check_inside(field, value, problems);
            }
        }
    }

    /// Returns the value of a field; `None` if the field is absent or null.
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.given.get(name).filter(|value| !value.is_null())
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    fn pointer_to(&self, name: impl Display) -> String {
        format!("{}/{name}", self.pointer)
    }

    fn error(&self, pointer: String, message: String, help: String) -> FieldProblem {
        FieldProblem {
            pointer,
            severity: Severity::Error,
            message,
            help,
        }
    }

    fn breach(&self, rule: Rule) -> Option<FieldProblem> {
        match rule {
            Rule::Needed { field, when } => self.missing(field, when),
            Rule::Only { field, when } => self.misplaced(field, when),
            Rule::Less(field, limit) => self.not_less(field, limit),
            Rule::ExactlyOne(names) => self.not_one(names),
            Rule::Check(check) => check(self.given).map(|breach| {
                let Breach {
                    pointer,
                    message,
                    help,
                } = breach;
                self.error(format!("{}{pointer}", self.pointer), message, help)
            }),
        }
    }

    /// Returns the text of a field, or the documented default of an absent field.
    fn text_or_default(&self, name: &str) -> Option<&'a str> {
        match (self.value(name), self.field(name)?.documented_default()) {
            (Some(value), _) => value.as_str(),
            (None, Some(Constant::Text(default))) => Some(default),
            _ => None,
        }
    }

    /// Returns the current value of the field that decides, if the rule holds.
    fn holds(&self, when: When) -> Option<&'a str> {
        self.text_or_default(when.field)
            .filter(|value| when.is.contains(value))
    }

    fn is_given(&self, name: &str) -> bool {
        let mut names = self
            .fields
            .iter()
            .filter(|field| field.name == name || field.alias_of == Some(name));
        names.any(|field| self.value(field.name).is_some())
    }

    fn missing(&self, name: &str, when: When) -> Option<FieldProblem> {
        let value = self.holds(when).filter(|_| !self.is_given(name))?;
        let pointer = match self.value(when.field) {
            Some(_) => self.pointer_to(when.field),
            None => self.pointer.clone(),
        };
        let example = self.field(name).filter(|field| field.example.is_some());
        let example = example.map_or_else(|| format!("{name}:"), Field::written_example);
        Some(self.error(
            pointer,
            format!("`{name}` is missing: `{}: {value}` needs it", when.field),
            format!("add `{example}`"),
        ))
    }

    fn misplaced(&self, name: &str, when: When) -> Option<FieldProblem> {
        self.value(name)?;
        let value = self.text_or_default(when.field)?;
        let is_known = self
            .field(when.field)
            .is_some_and(|field| field.accepts(&value.into()));
        (is_known && !when.is.contains(&value)).then(|| {
            self.error(
                self.pointer_to(name),
                format!("`{name}` has no meaning with `{}: {value}`", when.field),
                format!("remove `{name}`, or write `{}: {}`", when.field, when.is[0]),
            )
        })
    }

    fn not_less(&self, name: &str, limit: &str) -> Option<FieldProblem> {
        let (value, most) = (self.value(name)?, self.value(limit)?);
        (value.as_f64()? >= most.as_f64()?).then(|| {
            self.error(
                self.pointer_to(name),
                format!("`{name}` must be less than `{limit}`, found {value} and {most}"),
                "lower the one or raise the other".to_owned(),
            )
        })
    }

    fn not_one(&self, names: &[&str]) -> Option<FieldProblem> {
        let given: Vec<_> = names
            .iter()
            .filter(|name| self.value(name).is_some())
            .collect();
        let quoted = |names: &[String], word: &str| names.join(word);
        match given[..] {
            [_] => None,
            [] => {
                let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                Some(self.error(
                    self.pointer.clone(),
                    format!("{} is missing", quoted(&names, " or ")),
                    format!("add one of {}", quoted(&names, ", ")),
                ))
            }
            [.., last] => {
                let names: Vec<_> = given.iter().map(|name| format!("`{name}`")).collect();
                Some(self.error(
                    self.pointer_to(last),
                    format!("{} exclude each other", quoted(&names, " and ")),
                    "keep the one that is meant".to_owned(),
                ))
            }
        }
    }

    /// Checks that only one name of a field is given. The message of a rule about both
    /// names replaces this one.
    fn two_names(&self, field: &Field) -> Option<FieldProblem> {
        let canonical = field.alias_of.filter(|name| self.value(name).is_some())?;
        let is_reference = field.refers_to.is_some();
        // The checks of a simulation compare both versions.
        let is_version = matches!(field.value, ValueType::Uuid);
        (!is_reference && !is_version).then(|| {
            self.error(
                self.pointer_to(field.name),
                format!(
                    "`{canonical}` and `{}` are one field under two names",
                    field.name
                ),
                format!("keep `{canonical}`"),
            )
        })
    }

    fn unknown_value(&self, field: &Field, value: &Value) -> Option<FieldProblem> {
        let ValueType::Suggested(known) = field.value else {
            return None;
        };
        let text = value.as_str().filter(|text| !known.contains(text))?;
        Some(FieldProblem {
            pointer: self.pointer_to(field.name),
            severity: Severity::Warning,
            message: format!("`{}` has the unknown value `{text}`", field.name),
            help: format!("the known values are {}", known.join(", ")),
        })
    }

    /// Checks the maps inside a value.
    fn check_inside(&self, field: &Field, value: &Value, problems: &mut Vec<FieldProblem>) {
        let pointer = self.pointer_to(field.name);
        match (field.value, value) {
            (ValueType::Record(shape) | ValueType::Recurrence(shape), Value::Object(given)) => {
                check_shape(shape, given, pointer, problems);
            }
            (ValueType::Records { of, .. }, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    if let Value::Object(given) = item {
                        check_shape(of, given, format!("{pointer}/{index}"), problems);
                    }
                }
            }
            (ValueType::Map { fields, .. }, Value::Object(given)) => {
                let level = Level {
                    fields,
                    given,
                    pointer,
                };
                level.check(&[], problems);
            }
            _ => {}
        }
    }
}

fn check_shape(
    shape: &'static Shape,
    given: &Map<String, Value>,
    pointer: String,
    problems: &mut Vec<FieldProblem>,
) {
    let level = Level {
        fields: shape.fields,
        given,
        pointer,
    };
    level.check(shape.rules, problems);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Checks the places and messages of the problems of a document.
    #[track_caller]
    fn check(kind: Kind, document: Value, expected: &[(&str, &str)]) {
        let found = problems(kind, document.as_object().unwrap());
        let found: Vec<_> = found
            .iter()
            .map(|problem| (problem.pointer.as_str(), problem.message.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn callers_need_something_to_say() {
        let kind = Kind::DigitalHuman;
        let missing = ("", "`intent` is missing: the caller has nothing to say");
        check(kind, json!({}), &[missing]);
        check(kind, json!({"intent": " "}), &[missing]);
        check(kind, json!({"journey_steps": []}), &[missing]);
        for fields in [
            json!({"intent": "x"}),
            json!({"original_transcript": "x"}),
            json!({"formatted_transcript": [{"role": "USER", "utterance": "x"}]}),
            json!({"journey_steps": [{"step": 1}, {"step": 2}]}),
            json!({"enriched_playback": [{}]}),
            json!({"tag": "workflow"}),
        ] {
            check(kind, fields, &[]);
        }
    }

    #[test]
    fn voicemails_need_their_words() {
        let kind = Kind::DigitalHuman;
        check(
            kind,
            json!({"tag": "voicemail-custom"}),
            &[(
                "/tag",
                "`tag: voicemail-custom` needs `message: TEXT` in `speaks_first_config`",
            )],
        );
        check(
            kind,
            json!({"tag": "voicemail-ai-generated", "speaks_first_config": {"speaks_first": true}}),
            &[(
                "/speaks_first_config",
                "`tag: voicemail-ai-generated` needs `mode: ai_generated` in `speaks_first_config`",
            )],
        );
        let config = json!({"speaks_first": true, "mode": "ai_generated"});
        check(
            kind,
            json!({"tag": "voicemail-ai-generated", "speaks_first_config": config}),
            &[],
        );
    }

    #[test]
    fn maps_inside_a_digital_human_have_rules() {
        check(
            Kind::DigitalHuman,
            json!({
                "intent": "x",
                "background_noise": "custom",
                "accent": "klingon",
                "patience": 2,
                "endpointing_delay": 2,
                "interruptions": {"type": "low", "contextual_prompt": "x"},
                "scripted_responses": [
                    {"response_type": "silence", "occurrence_mode": "always"},
                    {"response_type": "dtmf", "occurrence_mode": "first_n"},
                ],
                "journey_steps": [{"step": 1}, {"step": 3}],
            }),
            &[
                (
                    "/background_noise",
                    "`custom_background_noise_url` is missing: `background_noise: custom` needs it",
                ),
                (
                    "/journey_steps/1/step",
                    "step 3 stands where step 2 is expected",
                ),
                ("/accent", "`accent` has the unknown value `klingon`"),
                (
                    "/patience",
                    "`endpointing_delay` and `patience` are one field under two names",
                ),
                (
                    "/interruptions/contextual_prompt",
                    "`contextual_prompt` has no meaning with `type: low`",
                ),
                (
                    "/scripted_responses/1/response_type",
                    "`response_value` is missing: `response_type: dtmf` needs it",
                ),
                (
                    "/scripted_responses/1/occurrence_mode",
                    "`occurrence_n` is missing: `occurrence_mode: first_n` needs it",
                ),
            ],
        );
    }

    #[test]
    fn only_unknown_suggested_values_are_warnings() {
        let document = json!({"intent": "x", "language": "xx", "background_noise": "custom"});
        let found = problems(Kind::DigitalHuman, document.as_object().unwrap());
        let severities: Vec<_> = found.iter().map(|problem| problem.severity).collect();
        assert_eq!(severities, [Severity::Error, Severity::Warning]);
    }

    #[test]
    fn a_response_type_decides_what_a_metric_needs() {
        let kind = Kind::CustomMetric;
        let with = |response_type: &str, more: Value| {
            let mut fields = json!({"response_type": response_type, "prompt": "x"});
            let fields = fields.as_object_mut().unwrap();
            fields.extend(more.as_object().cloned().unwrap());
            Value::Object(fields.clone())
        };
        check(
            kind,
            with("quantitative", json!({"min_value": 0})),
            &[(
                "/response_type",
                "`max_value` is missing: `response_type: quantitative` needs it",
            )],
        );
        check(
            kind,
            with("quantitative", json!({"min_value": 5, "max_value": 5.0})),
            &[(
                "/min_value",
                "`min_value` must be less than `max_value`, found 5 and 5.0",
            )],
        );
        check(
            kind,
            with("enum", json!({})),
            &[(
                "/response_type",
                "`enum_options` is missing: `response_type: enum` needs it",
            )],
        );
        check(
            kind,
            with("json", json!({})),
            &[(
                "/response_type",
                "`json_schema` is missing: `response_type: json` needs it",
            )],
        );
        check(kind, with("pass_fail", json!({})), &[]);
    }

    #[test]
    fn only_a_judge_needs_a_prompt() {
        let kind = Kind::CustomMetric;
        check(
            kind,
            json!({}),
            &[("", "`prompt` is missing: `metric_type: llm_judge` needs it")],
        );
        check(kind, json!({"description": "x"}), &[]);
        check(kind, json!({"metric_type": "composite"}), &[]);
        check(
            kind,
            json!({"prompt": "x", "description": "x"}),
            &[(
                "/description",
                "`prompt` and `description` are one field under two names",
            )],
        );
    }

    #[test]
    fn a_schedule_names_one_simulation() {
        let kind = Kind::Schedule;
        check(
            kind,
            json!({}),
            &[("", "`simulation` or `simulation_id` is missing")],
        );
        check(
            kind,
            json!({"simulation": "a", "simulation_id": "1"}),
            &[(
                "/simulation_id",
                "`simulation` and `simulation_id` exclude each other",
            )],
        );
    }

    #[test]
    fn a_frequency_decides_what_a_schedule_needs() {
        let check = |schedule: Value, expected: &[(&str, &str)]| {
            check(
                Kind::Schedule,
                json!({"simulation": "a", "schedule": schedule}),
                expected,
            );
        };
        check(
            json!({"frequency": "weekly", "day_of_month": 3, "time": "12:00"}),
            &[
                (
                    "/schedule/frequency",
                    "`day_of_week` is missing: `frequency: weekly` needs it",
                ),
                (
                    "/schedule/day_of_month",
                    "`day_of_month` has no meaning with `frequency: weekly`",
                ),
            ],
        );
        check(
            json!({"frequency": "daily", "time": "12:00", "window": {}}),
            &[(
                "/schedule/window",
                "`window` has no meaning with `frequency: daily`",
            )],
        );
        check(
            json!({"frequency": "every_n_hours", "interval": 24, "window": {"days": ["monday"]}}),
            &[(
                "/schedule/interval",
                "`interval` must be between 1 and 23 hours, found 24",
            )],
        );
        check(
            json!({"frequency": "cron", "expression": "0 9 * *"}),
            &[(
                "/schedule/expression",
                "a cron expression has five fields, found 4",
            )],
        );
        check(json!({"frequency": "sometimes", "time": "12:00"}), &[]);
    }

    #[test]
    fn a_simulation_is_checked_elsewhere() {
        let versions = json!({"prompt_id": "a", "agent_version_id": "b"});
        check(Kind::Simulation, versions, &[]);
    }
}
