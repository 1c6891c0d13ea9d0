//! Adds the project's defaults to a document, and normalises values before the checks.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::field_path;
use super::path::{Path, Step};
use super::problem::Problem;
use super::words;
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::resource::agent::AGENT;
use crate::resource::body::AGENT_ID;
use crate::resource::field::ValueType;

/// Adds defaults to a document. Maps are merged. Lists and single values of the
/// document replace the default, and an explicit `null` removes the default.
pub fn merge_defaults(defaults: &Map<String, Value>, document: &mut Map<String, Value>) {
    for (field, default) in defaults {
        match (document.get_mut(field), default) {
            (None, _) => {
                document.insert(field.clone(), default.clone());
            }
            (Some(Value::Object(own)), Value::Object(default)) => merge_defaults(default, own),
            (Some(_), _) => {}
        }
    }
}

/// Returns the defaults without the agent, if the document names an agent itself, in
/// either of the two fields.
pub(super) fn without_other_agent<'a>(
    defaults: &'a Map<String, Value>,
    document: &Map<String, Value>,
) -> Cow<'a, Map<String, Value>> {
    const FIELDS: [&str; 2] = [AGENT_ID, AGENT];
    let has_own = |field: &str| document.get(field).is_some_and(|value| !value.is_null());
    let is_default = |field: &str| defaults.contains_key(field);
    if !(FIELDS.into_iter().any(is_default) && FIELDS.into_iter().any(has_own)) {
        return Cow::Borrowed(defaults);
    }
    let mut defaults = defaults.clone();
    defaults.retain(|name, _| !FIELDS.contains(&name.as_str()));
    Cow::Owned(defaults)
}

/// Returns whether a document takes the default at this path, before the defaults are
/// added.
pub(super) fn is_taken(document: &Map<String, Value>, path: &Path) -> bool {
    let mut fields = document;
    for step in &path.0 {
        match step {
            Step::Field(name) => match fields.get(name) {
                None => return true,
                Some(Value::Object(inner)) => fields = inner,
                Some(_) => return false,
            },
            Step::Index(_) => return false,
        }
    }
    false
}

/// Removes nulls and writes whole numbers as integers, except in agent ids and in
/// free maps such as `extra`, which are sent as written. A number of more than 64 bits is reported and
/// removed.
pub fn normalize_values(
    kind: Kind,
    fields: &mut Map<String, Value>,
    path: &Path,
    problems: &mut Vec<Problem>,
) {
    if fields.values().any(Value::is_null) {
        fields.retain(|_, value| !value.is_null());
    }
    // Most values have a normal form, and their fields need no look-up.
    let others = fields.iter_mut().filter(|(_, value)| !is_normal(value));
    for (name, value) in others {
        if !field_path::is_verbatim(name) {
            normalize_value(kind, value, path, name, problems);
        }
    }
}

/// Returns whether a value is a single value in its normal form.
fn is_normal(value: &Value) -> bool {
    match value {
        Value::Object(_) | Value::Array(_) => false,
        Value::Number(number) => number.is_i64(),
        _ => true,
    }
}

fn normalize_value(
    kind: Kind,
    value: &mut Value,
    parent: &Path,
    name: &str,
    problems: &mut Vec<Problem>,
) {
    match value {
        Value::Object(fields) => normalize_values(kind, fields, &parent.field(name), problems),
        Value::Array(items) if is_list_of_maps(kind, &parent.field(name)) => {
            let path = parent.field(name);
            for (index, item) in items.iter_mut().enumerate() {
                if let Value::Object(fields) = item {
                    normalize_values(kind, fields, &path.index(index), problems);
                }
            }
        }
        Value::Number(number) => match whole_number(number) {
            WholeNumber::Fits(whole) => *value = whole.into(),
            WholeNumber::Fractional => {}
            WholeNumber::TooLarge => {
                let path = parent.field(name);
                problems.push(
                    Problem::error(
                        DiagnosticCode::OutOfRange,
                        path.clone(),
                        format!(
                            "the number of `{}` is too large: `{number}`",
                            words::name(&path)
                        ),
                    )
                    .help("write a smaller number")
                    .quoting_value(value),
                );
            }
        },
        _ => {}
    }
}

fn is_list_of_maps(kind: Kind, path: &Path) -> bool {
    let field = field_path::field_at(kind, path);
    field.is_some_and(|field| matches!(field.value, ValueType::Records { .. }))
}

enum WholeNumber {
    Fits(i64),
    TooLarge,
    Fractional,
}

fn whole_number(number: &Number) -> WholeNumber {
    match number.as_f64() {
        Some(float) if float.fract() == 0.0 => {
            // Two to the 63rd: the first number that an `i64` can't hold.
            if float.abs() < 9_223_372_036_854_775_808.0 {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "the value was compared with \
                                                                     the bound"
                )]
                WholeNumber::Fits(float as i64)
            } else {
                WholeNumber::TooLarge
            }
        }
        _ => WholeNumber::Fractional,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn layered(defaults: Value, document: Value) -> Value {
        let (Value::Object(defaults), Value::Object(mut document)) = (defaults, document) else {
            return Value::Null;
        };
        merge_defaults(&defaults, &mut document);
        normalize_values(
            Kind::Simulation,
            &mut document,
            &Path::top(),
            &mut Vec::new(),
        );
        Value::Object(document)
    }

    #[test]
    fn maps_are_merged_and_other_values_replaced() {
        assert_eq!(
            layered(
                json!({"a": 1, "l": [1], "m": {"x": 1, "y": 2}, "gone": 3}),
                json!({"l": [2], "m": {"y": 3.0, "z": 4}, "gone": null}),
            ),
            json!({"a": 1, "l": [2], "m": {"x": 1, "y": 3, "z": 4}})
        );
    }

    #[test]
    fn the_agent_of_a_document_replaces_the_default_agent() {
        let check = |defaults: Value, document: Value, expected: Value| {
            let (Value::Object(defaults), Value::Object(document)) = (defaults, document) else {
                return;
            };
            let rest = without_other_agent(&defaults, &document).into_owned();
            assert_eq!(Value::Object(rest), expected);
        };
        let by_id = json!({"agent_id": "1", "a": 1});
        let by_name = json!({"agent": {"name": "x"}, "a": 1});
        check(
            by_id.clone(),
            json!({"agent": {"name": "y"}}),
            json!({"a": 1}),
        );
        check(by_name.clone(), json!({"agent_id": "2"}), json!({"a": 1}));
        let other = json!({"agent": {"external_id": "y"}});
        check(by_name.clone(), other, json!({"a": 1}));
        for document in [json!({}), json!({"agent": null, "agent_id": null})] {
            check(by_id.clone(), document.clone(), by_id.clone());
            check(by_name.clone(), document, by_name.clone());
        }
    }

    #[test]
    fn extra_is_not_normalised() {
        let document = json!({"extra": {"a": 1.0, "b": null}});
        assert_eq!(layered(json!({}), document.clone()), document);
    }
}
