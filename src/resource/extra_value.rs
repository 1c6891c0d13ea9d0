//! Normalises the values of fields that the schema does not contain.

use std::borrow::Cow;

use serde_json::Value;

/// The largest whole number that a float represents exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Normalises a value: `5.0` becomes 5, and nulls inside maps are dropped.
#[must_use]
pub fn normalize_extra(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Number(number) => match number.as_f64().and_then(whole) {
            Some(whole) if number.is_f64() => Cow::Owned(whole.into()),
            _ => Cow::Borrowed(value),
        },
        Value::Array(items) => Cow::Owned(
            items
                .iter()
                .map(|item| normalize_extra(item).into_owned())
                .collect(),
        ),
        Value::Object(fields) => {
            let given = fields.iter().filter(|(_, value)| !value.is_null());
            let fields =
                given.map(|(name, value)| (name.clone(), normalize_extra(value).into_owned()));
            Cow::Owned(Value::Object(fields.collect()))
        }
        _ => Cow::Borrowed(value),
    }
}

// The number is whole and in range, so the cast is exact.
#[allow(clippy::cast_possible_truncation)]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_and_nulls_have_one_spelling() {
        let odd = json!({"a": 5.0, "b": [1.5, -2.0, null], "c": null, "d": 1e300});
        assert_eq!(
            *normalize_extra(&odd),
            json!({"a": 5, "b": [1.5, -2, null], "d": 1e300})
        );
    }
}
