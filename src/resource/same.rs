//! Compares an observed value with the value of a state.

use serde_json::{Map, Value};

use super::comparable::unordered;
use super::cron;
use super::field::{Constant, Field, ReadAt, ValueType};
use super::field::{Order, Shape};
use super::normalize::Normalized;
use super::text::same_value;

/// Returns whether the observed value of a field says nothing about a state: the API
/// chose the value, or wrote the value from another field of the state.
pub(super) fn is_chosen_by_api(field: &Field, state: &Normalized, wanted: Option<&Value>) -> bool {
    let mut sources = field.rewritten_from.iter();
    is_left_open(field, wanted) || sources.any(|name| state.get(name).is_some())
}

/// Returns whether a state leaves the value of a field to the API.
fn is_left_open(field: &Field, wanted: Option<&Value>) -> bool {
    let Some(open) = field.resolved else {
        return false;
    };
    match wanted {
        Some(wanted) => wanted == open,
        None => field.documented_default() == Some(Constant::Text(open)),
    }
}

/// Returns whether an observed value equals the value of a field of a state. Both are in
/// canonical spelling.
pub(super) fn is_equal(
    field: Option<&Field>,
    state: &Normalized,
    wanted: &Value,
    shown: &Value,
) -> bool {
    match field.map(|field| field.value) {
        Some(ValueType::Records {
            order: Order::KeptIf(flag),
            ..
        }) if !state.is_true(flag) => same_value(wanted, &unordered(shown)),
        Some(ValueType::Record(shape)) => is_same_record(shape, wanted, shown),
        Some(ValueType::Recurrence(_)) => expression_of(wanted) == expression_of(shown),
        _ => same_value(wanted, shown),
    }
}

/// Returns whether two records are equal. A field that the API may leave out is compared
/// only if the API shows the field.
fn is_same_record(shape: &Shape, wanted: &Value, shown: &Value) -> bool {
    let (Value::Object(wanted), Value::Object(shown)) = (wanted, shown) else {
        return same_value(wanted, shown);
    };
    let is_hidden = |name: &str| {
        let field = shape.field(name);
        field.is_some_and(|field| field.read == ReadAt::Nowhere) && !shown.contains_key(name)
    };
    let compared = wanted.iter().filter(|(name, _)| !is_hidden(name));
    let compared: Map<_, _> = compared
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    same_value(&Value::Object(compared), &Value::Object(shown.clone()))
}

/// Returns the cron expression of a schedule in canonical spelling.
fn expression_of(schedule: &Value) -> Option<&str> {
    let expression = match schedule {
        Value::Object(schedule) => schedule.get(cron::EXPRESSION)?,
        other => other,
    };
    expression.as_str()
}
