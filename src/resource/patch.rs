//! What an update sends: only what changes.

use serde_json::{Map, Value};

use super::FieldChange;
use super::body::Body;
use super::meaning::{SETTINGS, default_of, setting_of, version_name};

/// The body of an update for these changed fields: see [`patch_at`].
#[must_use]
pub fn patch<'a>(
    fields: impl IntoIterator<Item = &'a FieldChange>,
    before: &Body,
    after: &Body,
) -> Body {
    patch_at(fields.into_iter().map(|field| &field.path), before, after)
}

/// The body of an update for the fields of these paths, given what was recorded.
///
/// A field that is no longer given goes back to its documented default, or is
/// cleared with an explicit null. Value and unit of a duration go together
/// (alone, the value has been stored wrongly by the API). The settings of the
/// digital humans are one field to the API, so they are sent whole.
#[must_use]
pub fn patch_at<'a>(
    paths: impl IntoIterator<Item = &'a String>,
    before: &Body,
    after: &Body,
) -> Body {
    let mut patch = Map::new();
    for path in paths {
        match setting_of(path) {
            Some(inner) => {
                let settings = patch
                    .entry(SETTINGS)
                    .or_insert_with(|| after.get(SETTINGS).cloned().unwrap_or_default());
                if settings.is_null() {
                    *settings = Value::Object(Map::new());
                }
                if let Value::Object(settings) = settings {
                    settings
                        .entry(inner)
                        .or_insert_with(|| default_of(path).unwrap_or_default());
                }
            }
            _ if path == "max_call_duration" => {
                for field in ["max_call_duration", "max_call_duration_units"] {
                    patch.insert(field.to_owned(), wanted(after, field));
                }
            }
            _ if path == "prompt_id" => {
                // Cleared under the name by which it was given.
                let name = version_name([after, before]);
                patch.insert(name.to_owned(), wanted(after, name));
            }
            _ => {
                patch.insert(path.clone(), wanted(after, path));
            }
        }
    }
    Body::from(patch)
}

fn wanted(after: &Body, field: &str) -> Value {
    after
        .get(field)
        .cloned()
        .or_else(|| default_of(field))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::meaning::changed_fields;
    use super::*;

    fn check_patch(before: Value, after: Value, expected: Value) {
        let before: Body = serde_json::from_value(before).unwrap();
        let after: Body = serde_json::from_value(after).unwrap();
        let patch = patch(&changed_fields(&before, &after), &before, &after);
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
