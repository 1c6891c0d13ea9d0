//! The request model of create-simulation at the API: types and bounds of each field, from
//! the vendor's reference of spring 2026.
//!
//! The model is independent of `spec`, so that tests can compare the two. The API coerces
//! values: it accepts a number in quotes as a number. The model marks such coercions,
//! because the program refuses a file that needs one.

use serde_json::{Map, Value};

/// The type of a field. Every field but `agent_id` may be null.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// Any string.
    Text,
    /// Any string; never null or missing.
    Required,
    /// A UUID as a string.
    Uuid,
    /// A list of UUIDs.
    Uuids,
    Boolean,
    /// An integer with its bounds.
    Integer(Option<i64>, Option<i64>),
    /// `minutes` or `seconds`.
    Units,
    /// An object with these fields.
    Object(&'static [(&'static str, Type)]),
}

const SETTINGS: &[(&str, Type)] = &[
    ("default_name", Type::Text),
    ("default_caller_number", Type::Text),
    ("default_language", Type::Text),
    ("default_background_noise", Type::Text),
    ("first_message", Type::Text),
    ("num_runs", Type::Integer(Some(1), None)),
];

/// The request body of create-simulation.
pub const SIMULATION: &[(&str, Type)] = &[
    ("agent_id", Type::Required),
    ("name", Type::Text),
    ("description", Type::Text),
    ("prompt_id", Type::Uuid),
    ("knowledge_base_id", Type::Uuid),
    ("sequential_calling", Type::Boolean),
    ("max_concurrent", Type::Integer(Some(1), Some(500))),
    ("hangup_on_transfer", Type::Boolean),
    ("max_call_duration", Type::Integer(None, None)),
    ("max_call_duration_units", Type::Units),
    ("ringing_timeout", Type::Integer(None, None)),
    ("digital_humans_settings", Type::Object(SETTINGS)),
    ("selected_custom_metrics", Type::Uuids),
    (
        "custom_metrics_failing_threshold",
        Type::Integer(Some(0), Some(100)),
    ),
    (
        "custom_metrics_passing_threshold",
        Type::Integer(Some(0), Some(100)),
    ),
    ("always_on", Type::Boolean),
];

/// The reaction of the API to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Accepts the value unchanged.
    Takes,
    /// Ignores the value, because the field does not exist.
    Ignores,
    /// Accepts the value after a coercion: `"5"` for 5.
    Coerces,
    /// Refuses the request.
    Refuses,
}

/// A verdict for each value, by its path: `digital_humans_settings/num_runs`.
pub type Verdicts = Vec<(String, Verdict)>;

/// Judges a whole body.
pub fn judge(body: &Map<String, Value>) -> Verdicts {
    let mut verdicts = Verdicts::new();
    judge_fields(SIMULATION, body, "", &mut verdicts);
    if !body.contains_key("agent_id") {
        verdicts.push(("agent_id".to_owned(), Verdict::Refuses));
    }
    verdicts
}

fn judge_fields(
    known: &[(&str, Type)],
    fields: &Map<String, Value>,
    above: &str,
    verdicts: &mut Verdicts,
) {
    for (name, value) in fields {
        let path = format!("{above}{name}");
        let kind = known.iter().find(|(known, _)| known == name);
        match (kind, value) {
            (None, _) => verdicts.push((path, Verdict::Ignores)),
            (Some((_, Type::Object(known))), Value::Object(inner)) => {
                judge_fields(known, inner, &format!("{path}/"), verdicts);
            }
            (Some((_, Type::Uuids)), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let verdict = if item.is_null() {
                        Verdict::Refuses
                    } else {
                        judge_value(Type::Uuid, item)
                    };
                    verdicts.push((format!("{path}/{index}"), verdict));
                }
            }
            (Some((_, kind)), value) => verdicts.push((path, judge_value(*kind, value))),
        }
    }
}

fn judge_value(kind: Type, value: &Value) -> Verdict {
    let takes = |is_taken| {
        if is_taken {
            Verdict::Takes
        } else {
            Verdict::Refuses
        }
    };
    match (kind, value) {
        (Type::Required, value) => takes(value.is_string()),
        (_, Value::Null) | (Type::Boolean, Value::Bool(_)) => Verdict::Takes,
        (Type::Text, value) => takes(value.is_string()),
        (Type::Uuid, Value::String(text)) => takes(is_uuid(text)),
        (Type::Units, Value::String(text)) => takes(text == "minutes" || text == "seconds"),
        (Type::Boolean, Value::Number(number)) => {
            coerces(matches!(number.as_f64(), Some(0.0 | 1.0)))
        }
        (Type::Boolean, Value::String(text)) => coerces(is_boolean_word(text)),
        (Type::Integer(low, high), value) => integer(low, high, value),
        _ => Verdict::Refuses,
    }
}

fn coerces(can_be_read: bool) -> Verdict {
    if can_be_read {
        Verdict::Coerces
    } else {
        Verdict::Refuses
    }
}

fn integer(low: Option<i64>, high: Option<i64>, value: &Value) -> Verdict {
    let is_within =
        |number: i64| low.is_none_or(|low| number >= low) && high.is_none_or(|high| number <= high);
    match value {
        Value::Number(number) => {
            let float = number.as_f64().filter(|float| float.fract() == 0.0);
            #[expect(clippy::cast_possible_truncation, reason = "the generator stays small")]
            let whole = number.as_i64().or(float.map(|float| float as i64));
            match whole {
                Some(whole) if is_within(whole) => Verdict::Takes,
                _ => Verdict::Refuses,
            }
        }
        Value::Bool(flag) => coerces(is_within(i64::from(*flag))),
        Value::String(text) => coerces(integer_text(text).is_some_and(is_within)),
        _ => Verdict::Refuses,
    }
}

/// Parses a number in a string as the API does: `+5`, ` 5 `, `5.0`.
fn integer_text(text: &str) -> Option<i64> {
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok()
}

fn is_boolean_word(text: &str) -> bool {
    let text = text.to_lowercase();
    let words = [
        "true", "t", "yes", "y", "on", "1", "false", "f", "no", "n", "off", "0",
    ];
    words.contains(&text.as_str())
}

/// Returns whether a text is 32 hexadecimal digits, with or without the usual hyphens, in
/// braces or after `urn:uuid:`.
fn is_uuid(text: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if text.len() == 32 && is_hex(text) {
        return true;
    }
    let braced = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let inner = braced.or(text.strip_prefix("urn:uuid:")).unwrap_or(text);
    let groups: Vec<&str> = inner.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12] && groups.iter().all(|group| is_hex(group))
}
