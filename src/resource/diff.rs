//! The difference between two states, field by field.

use std::collections::BTreeSet;

use super::body::Body;
use super::field::{Constant, ValueType};
use super::field_value::FieldValue;
use super::kind::Kind;
use super::normalize::{Normalized, default_unit};

/// A field whose values differ.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The path of the field: `digital_humans_settings.num_runs`.
    pub path: String,
    /// The value in the prior state.
    pub before: FieldValue,
    /// The value in the desired state.
    pub after: FieldValue,
    /// The observed value, if it differs from the prior value.
    pub observed: Option<FieldValue>,
}

/// Returns the fields whose normalised values differ, in the order of their paths.
///
/// Each side of a change shows the value as it was written, before normalisation.
#[must_use]
pub fn diff(kind: Kind, before: &Body, after: &Body) -> Vec<FieldChange> {
    if before == after {
        return Vec::new();
    }
    let (old, new) = (Normalized::of(kind, before), Normalized::of(kind, after));
    let paths: BTreeSet<_> = old.0.keys().chain(new.0.keys()).collect();
    paths
        .into_iter()
        .filter(|path| old.0.get(*path) != new.0.get(*path))
        .filter(|path| !kind.is_fixed_marker(path))
        .map(|path| FieldChange {
            path: path.clone(),
            before: written_value(kind, before, path),
            after: written_value(kind, after, path),
            observed: None,
        })
        .collect()
}

/// Returns the value at a path as it was written, before normalisation.
///
/// The value of a duration contains its unit. If only the number or only the unit is
/// declared, the documented default completes the value.
#[must_use]
pub fn written_value(kind: Kind, body: &Body, path: &str) -> FieldValue {
    let field = kind.field(path);
    if let Some((field, ValueType::Duration { unit })) = field.map(|field| (field, field.value)) {
        let number = body.get(path).cloned();
        if number.is_none() && body.get(unit).is_none() {
            return FieldValue::NotSet;
        }
        let default = || field.documented_default().map(Constant::to_value);
        let unit = body.text(unit).or_else(|| default_unit(kind, unit));
        return FieldValue::Duration {
            number: number.or_else(default).unwrap_or_default(),
            unit: unit.unwrap_or_default().to_owned(),
        };
    }
    let value = match kind.split(path) {
        Some((map, inner)) => body.get(map.name).and_then(|map| map.get(inner)),
        None => body.get(declared_name(kind, path, [body])),
    };
    value.cloned().into()
}

/// Returns the name under which a body declares the field at this path.
///
/// A field can have several names. The first body that declares the field decides. If
/// no body declares the field, the result is the path.
#[must_use]
pub fn declared_name<'a, const N: usize>(kind: Kind, path: &'a str, bodies: [&Body; N]) -> &'a str {
    let names = kind.names_of(path);
    let mut given = bodies
        .iter()
        .flat_map(|body| names.clone().filter(|name| body.get(name).is_some()));
    given.next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body(value: Value) -> Body {
        serde_json::from_value(value).unwrap()
    }

    fn check_same(a: Value, b: Value) {
        assert_eq!(diff(Kind::Simulation, &body(a), &body(b)), []);
    }

    fn check_changed(a: Value, b: Value, paths: &[&str]) {
        let changed = diff(Kind::Simulation, &body(a), &body(b));
        let found: Vec<_> = changed.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(found, paths);
    }

    #[test]
    fn default_null_and_omitted_are_equal() {
        check_same(json!({"ringing_timeout": 300, "name": null}), json!({}));
        check_same(json!({"name": "  "}), json!({}));
        check_same(json!({"name": " a "}), json!({"name": "a"}));
        check_same(
            json!({"digital_humans_settings": {"num_runs": 1, "default_name": null}}),
            json!({"always_on": false}),
        );
    }

    #[test]
    fn durations_compare_in_seconds() {
        check_same(
            json!({"max_call_duration": 10}),
            json!({"max_call_duration": 600, "max_call_duration_units": "seconds"}),
        );
        check_same(json!({}), json!({"max_call_duration": 10}));
        check_changed(
            json!({"max_call_duration": 8}),
            json!({"max_call_duration": 8, "max_call_duration_units": "seconds"}),
            &["max_call_duration"],
        );
    }

    #[test]
    fn a_unit_alone_changes_the_duration() {
        let after = body(json!({"max_call_duration_units": "seconds"}));
        let changed = diff(Kind::Simulation, &Body::default(), &after);
        let shown: Vec<_> = changed
            .iter()
            .map(|field| format!("{}: {} -> {}", field.path, field.before, field.after))
            .collect();
        assert_eq!(shown, ["max_call_duration: (not set) -> 10 seconds"]);
    }

    #[test]
    fn one_version_has_two_names() {
        check_same(
            json!({"prompt_id": "AB"}),
            json!({"agent_version_id": "ab"}),
        );
    }

    #[test]
    fn metrics_are_a_set() {
        check_same(
            json!({"selected_custom_metrics": ["B", "a", "a"]}),
            json!({"selected_custom_metrics": ["a", "b"]}),
        );
        // No list means all metrics of the agent; an empty one means none.
        check_changed(
            json!({"selected_custom_metrics": []}),
            json!({}),
            &["selected_custom_metrics"],
        );
    }

    #[test]
    fn nested_settings_are_named_by_their_path() {
        check_changed(
            json!({"digital_humans_settings": {"num_runs": 3}}),
            json!({"digital_humans_settings": {"default_language": "en"}}),
            &[
                "digital_humans_settings.default_language",
                "digital_humans_settings.num_runs",
            ],
        );
    }
}
