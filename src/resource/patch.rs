//! The bodies of requests: what a create sends, and the patch that an update sends.

use serde_json::{Map, Value};

use super::body::Body;
use super::diff::{FieldChange, declared_name};
use super::field::{Constant, Field, ValueType};
use super::kind::Kind;

/// Returns the part of a desired state that a create sends, under the names of the API.
#[must_use]
pub fn create_body(kind: Kind, body: &Body) -> Body {
    renamed(body, |name| {
        let sent_as = kind.field(name).and_then(|field| field.sent_as);
        (!kind.is_update_only(name)).then(|| sent_as.unwrap_or(name))
    })
}

/// Returns the fields that a successful create is known to have set: the fields of the
/// table. Only a read shows whether the API accepted an unknown field.
#[must_use]
pub fn confirmed_by_create(kind: Kind, sent: &Body) -> Body {
    renamed(sent, |name| {
        let field = kind.field(name).or_else(|| field_sent_as(kind, name))?;
        Some(field.name)
    })
}

/// Returns the fields under new names, without the fields that have none. Shares the memory
/// of the body if nothing changes.
fn renamed(body: &Body, new_name: impl Fn(&str) -> Option<&str>) -> Body {
    if body.0.keys().all(|name| new_name(name) == Some(name)) {
        return body.clone();
    }
    let fields = body.0.iter();
    fields
        .filter_map(|(name, value)| Some((new_name(name)?.to_owned(), value.clone())))
        .collect()
}

/// Returns the field that creates contain under this name.
fn field_sent_as(kind: Kind, name: &str) -> Option<&'static Field> {
    let mut fields = kind.all_fields();
    fields.find(|field| field.sent_as == Some(name) && !kind.is_update_only(field.name))
}

/// Returns the body of an update for changed fields: see [`patch_at`].
#[must_use]
pub fn patch<'a>(
    kind: Kind,
    fields: impl IntoIterator<Item = &'a FieldChange>,
    before: &Body,
    after: &Body,
) -> Body {
    let paths = fields.into_iter().map(|field| &field.path);
    patch_at(kind, paths, before, after)
}

/// Returns the body of an update for the fields at these paths, given the recorded
/// state.
///
/// A field that is no longer declared gets its documented default, or else an explicit
/// null, under the name that the recorded state used. The number and the unit of a
/// duration are sent together, because the API has stored a lone number wrongly. A map
/// is one field to the API and is sent whole.
#[must_use]
pub fn patch_at<'a>(
    kind: Kind,
    paths: impl IntoIterator<Item = &'a String>,
    before: &Body,
    after: &Body,
) -> Body {
    let mut patch = Map::new();
    for path in paths {
        if let Some((map, inner)) = kind.split(path) {
            let settings = patch
                .entry(map.name)
                .or_insert_with(|| after.get(map.name).cloned().unwrap_or_default());
            if settings.is_null() {
                *settings = Value::Object(Map::new());
            }
            if let Value::Object(settings) = settings {
                let default = || default_of(kind, path);
                settings.entry(inner).or_insert_with(default);
            }
            continue;
        }
        let name = declared_name(kind, path, [after, before]);
        let sent_as = kind.field(name).and_then(|field| field.sent_as);
        patch.insert(
            sent_as.unwrap_or(name).to_owned(),
            wanted(kind, after, name),
        );
        if let Some(ValueType::Duration { unit }) = kind.field(path).map(|field| field.value) {
            patch.insert(unit.to_owned(), wanted(kind, after, unit));
        }
    }
    Body::from(patch)
}

fn wanted(kind: Kind, after: &Body, name: &str) -> Value {
    let given = after.get(name).cloned();
    given.unwrap_or_else(|| default_of(kind, name))
}

/// Returns the documented default at a path, or null.
fn default_of(kind: Kind, path: &str) -> Value {
    let default = kind.field_at(path).and_then(Field::documented_default);
    default.map(Constant::to_value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::diff::diff;
    use super::*;

    const KIND: Kind = Kind::Simulation;

    fn check_patch(before: Value, after: Value, expected: Value) {
        let before: Body = serde_json::from_value(before).unwrap();
        let after: Body = serde_json::from_value(after).unwrap();
        let patch = patch(KIND, &diff(KIND, &before, &after), &before, &after);
        assert_eq!(Value::Object(patch.0.as_ref().clone()), expected);
    }

    #[test]
    fn sends_only_what_changes() {
        check_patch(
            json!({"name": "a", "description": "d"}),
            json!({"name": "b", "description": "d"}),
            json!({"name": "b"}),
        );
    }

    #[test]
    fn removed_field_goes_to_its_default_or_null() {
        check_patch(
            json!({"ringing_timeout": 30, "description": "d"}),
            json!({}),
            json!({"ringing_timeout": 300, "description": null}),
        );
    }

    #[test]
    fn a_version_goes_by_the_name_that_it_is_or_was_given_by() {
        check_patch(
            json!({"agent_version_id": "u"}),
            json!({}),
            json!({"agent_version_id": null}),
        );
        check_patch(
            json!({"prompt_id": "u"}),
            json!({"agent_version_id": "v"}),
            json!({"agent_version_id": "v"}),
        );
    }

    #[test]
    fn duration_goes_with_its_unit() {
        check_patch(
            json!({"max_call_duration": 8, "max_call_duration_units": "seconds"}),
            json!({"max_call_duration": 8}),
            json!({"max_call_duration": 8, "max_call_duration_units": "minutes"}),
        );
    }

    #[test]
    fn settings_go_whole_with_defaults_for_removed_ones() {
        check_patch(
            json!({"digital_humans_settings": {"num_runs": 3, "default_language": "en"}}),
            json!({"digital_humans_settings": {"default_language": "de", "default_name": "Jo"}}),
            json!({"digital_humans_settings":
                {"num_runs": 1, "default_language": "de", "default_name": "Jo"}}),
        );
        check_patch(
            json!({"digital_humans_settings": {"num_runs": 3}}),
            json!({}),
            json!({"digital_humans_settings": {"num_runs": 1}}),
        );
    }
}
