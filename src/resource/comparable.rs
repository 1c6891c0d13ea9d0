//! The canonical spelling of values.

use serde_json::{Map, Value};

use super::body::normalized_name;
use super::cron;
use super::extra_value::normalize_extra;
use super::field::{Field, ItemType, ValueType};
use super::field::{Order, Shape};
use super::schedule::WINDOW;
use super::spelling;
use super::text::{canonical, same_value};

/// Returns whether a value means the same as an absent field.
pub(super) fn is_unset(field: &Field, value: &Value) -> bool {
    match (field.value, value) {
        (ValueType::Name, Value::String(name)) => normalized_name(name).is_none(),
        (
            ValueType::Set {
                is_unset_when_empty,
                ..
            },
            Value::Array(items),
        ) => is_unset_when_empty && is_without_items(field, items),
        (
            ValueType::Texts | ValueType::Records { .. } | ValueType::FreeMaps,
            Value::Array(items),
        ) => items.is_empty(),
        _ => false,
    }
}

fn is_without_items(field: &Field, items: &[Value]) -> bool {
    items.iter().all(|item| is_of_server(field, item))
}

fn is_of_server(field: &Field, item: &Value) -> bool {
    field.server_item.is_some_and(|added| item == added)
}

/// Returns whether an observed value is null or empty.
pub(super) fn is_empty(field: &Field, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => canonical(text).is_empty(),
        Value::Array(items) => is_without_items(field, items),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// Returns whether two values of a field have the same meaning.
#[must_use]
pub fn is_alike(field: Option<&Field>, one: &Value, other: &Value) -> bool {
    same_value(&comparable(field, one), &comparable(field, other))
}

/// Returns a value in the canonical spelling in which values of its field are compared.
///
/// A list whose order depends on another field keeps its order: see [`unordered`].
#[must_use]
pub fn comparable(field: Option<&Field>, value: &Value) -> Value {
    let Some(field) = field else {
        return normalize_extra(value).into_owned();
    };
    match (field.value, value) {
        (ValueType::Name, Value::String(name)) => normalized_name(name).unwrap_or_default().into(),
        (ValueType::AgentId, Value::String(id)) => spelling::agent_id(id).into(),
        (ValueType::AgentId, Value::Number(id)) => id.to_string().into(),
        (ValueType::Uuid, Value::String(id)) => spelling::uuid(id).into(),
        (ValueType::Lines, Value::String(text)) => lines(text).into(),
        (ValueType::Set { of, .. }, Value::Array(items)) => {
            let of_user = items.iter().filter(|item| !is_of_server(field, item));
            set(of, of_user)
        }
        (ValueType::Record(shape), Value::Object(fields)) => record(shape, fields),
        (ValueType::Records { of, order }, Value::Array(items)) => {
            let items = items.iter().map(|item| match item {
                Value::Object(fields) => record(of, fields),
                item => normalize_extra(item).into_owned(),
            });
            let items = Value::Array(items.collect());
            match order {
                Order::Lost => unordered(&items),
                Order::Kept | Order::KeptIf(_) => items,
            }
        }
        (ValueType::Recurrence(shape), Value::Object(schedule)) => recurrence(shape, schedule),
        (ValueType::Recurrence(_), Value::String(expression)) => cron::canonical(expression).into(),
        _ => normalize_extra(value).into_owned(),
    }
}

/// Returns the items of a set in canonical spelling, sorted, without duplicates.
fn set<'a>(of: ItemType, items: impl Iterator<Item = &'a Value>) -> Value {
    let mut items: Vec<_> = items
        .map(|item| match (of, item) {
            (ItemType::Uuid, Value::String(text)) => Value::String(spelling::uuid(text)),
            (_, other) => other.clone(),
        })
        .collect();
    items.sort_by_key(ToString::to_string);
    items.dedup();
    Value::Array(items)
}

/// Returns the lines of a text without blank lines, bullets, numbers of a list and
/// surrounding white space.
fn lines(text: &str) -> String {
    let folded = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines = folded.lines().map(|line| without_bullet(line.trim()));
    // A bullet alone has no text.
    let lines = lines.filter(|line| !line.is_empty() && *line != "-" && *line != "*");
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns an item of a list without its bullets and its number: `1. ` or `1) `.
fn without_bullet(mut line: &str) -> &str {
    while let Some(bare) = after_bullet(line).or_else(|| after_number(line)) {
        line = bare.trim_start();
    }
    line
}

fn after_bullet(line: &str) -> Option<&str> {
    let mut bullets = ["- ", "* ", "\u{2022}"].iter();
    bullets.find_map(|bullet| line.strip_prefix(bullet))
}

fn after_number(line: &str) -> Option<&str> {
    let item = line.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = line.len() - item.len();
    let text = item.strip_prefix(". ").or_else(|| item.strip_prefix(") "));
    text.filter(|_| (1..=2).contains(&digits))
}

/// Returns the fields of a record that differ from an absent field, in canonical
/// spelling.
fn record(shape: &Shape, fields: &Map<String, Value>) -> Value {
    let given = fields.iter().filter(|(_, value)| !value.is_null());
    let comparable = given.filter_map(|(name, value)| {
        let field = shape.field(name);
        let value = comparable(field, value);
        let is_absent = field.is_some_and(|field| {
            let default = field.documented_default();
            is_unset(field, &value)
                || default.is_some_and(|default| default.is(&value))
                || (matches!(field.default, super::field::Default::Empty)
                    && is_empty(field, &value))
        });
        (!is_absent).then(|| (name.clone(), value))
    });
    Value::Object(comparable.collect())
}

/// Returns a list in an order that depends only on the items.
pub(super) fn unordered(items: &Value) -> Value {
    let mut sorted = items.as_array().cloned().unwrap_or_default();
    sorted.sort_by_cached_key(|item| canonical_texts(item).to_string());
    Value::Array(sorted)
}

fn canonical_texts(value: &Value) -> Value {
    match value {
        Value::String(text) => canonical(text).into(),
        Value::Array(items) => items.iter().map(canonical_texts).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(name, value)| (name.clone(), canonical_texts(value)))
                .collect()
        }
        other => other.clone(),
    }
}

/// Returns the cron expression of a schedule. A schedule with a window is a map of the
/// expression and the window. A schedule that has no expression stays as it is.
fn recurrence(shape: &Shape, schedule: &Map<String, Value>) -> Value {
    let canonical = record(shape, schedule);
    let Some(expression) = cron::compile(schedule) else {
        return canonical;
    };
    match canonical.get(WINDOW) {
        Some(window) => {
            let members = [
                (cron::EXPRESSION.to_owned(), expression.into()),
                (WINDOW.to_owned(), window.clone()),
            ];
            Value::Object(members.into_iter().collect())
        }
        None => expression.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn criteria_compare_line_by_line() {
        let expected = "The agent stays polite.\nThe refund is booked.\n2 - 1 = 1";
        for text in [
            "The agent stays polite.\nThe refund is booked.\n2 - 1 = 1",
            "- The agent stays polite.\n- The refund is booked.\n- 2 - 1 = 1\n",
            "1. The agent stays polite.\n 2) The refund is booked.\n- 10. 2 - 1 = 1",
            "\n\n* The agent stays polite.\r\n  \u{2022} The refund is booked.  \n\n-\n-  2 - 1 = 1\n\n",
        ] {
            assert_eq!(lines(text), expected);
            assert_eq!(lines(&lines(text)), expected);
        }
        assert_eq!(lines(" \n- \n"), "");
        for text in ["-5 degrees", "1.5 hours", "911. is called", "2024) was it"] {
            assert_eq!(lines(text), text);
        }
    }

    #[test]
    fn the_order_of_unordered_items_has_no_meaning() {
        let (one, other) = (
            json!([{"a": "x \n"}, {"a": "b"}]),
            json!([{"a": "b"}, {"a": "x"}]),
        );
        assert!(super::super::text::same_value(
            &unordered(&one),
            &unordered(&other)
        ));
    }
}
