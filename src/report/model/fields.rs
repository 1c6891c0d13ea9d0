//! The fields of a change.

use serde_json::{Map, Value};

use super::element::element;
use super::list_rows::list_rows;
use super::map_rows::{map_rows, rows_of_maps};
use super::references::{changed_field, new_field};
use super::text_rows::text_rows;
use super::value::{Content, Shown, in_one_line, in_unit_of};
use super::white_space::sole_difference;
use super::{Detail, is_long};
use crate::plan::{Action, Change, FieldChange};
use crate::resource::body::Body;
use crate::resource::field::{Order, ValueType};
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::{FieldValue, Kind, written_value};
use crate::visible;

/// A field of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldView {
    /// The path of the field, without control characters.
    pub path: String,
    /// Words about the difference; empty if there is nothing to add.
    pub note: String,
    /// The values.
    pub content: Content,
}

/// Returns the fields of a new resource, or the fields that a change changes.
#[must_use]
pub fn fields(change: &Change, detail: Detail) -> Vec<FieldView> {
    let kind = change.key.kind();
    if let (Action::Create, Some(after)) = (&change.action, &change.after) {
        return created(change, kind, after, detail);
    }
    let fields = change.fields.iter();
    fields
        .map(|field| match changed_field(change, field) {
            Some(named) => changed(kind, &named, detail),
            None => changed(kind, field, detail),
        })
        .collect()
}

fn created(change: &Change, kind: Kind, body: &Body, detail: Detail) -> Vec<FieldView> {
    let new = |path: &str, shown| FieldView {
        path: visible::line(path).into_owned(),
        note: String::new(),
        content: Content::New(shown),
    };
    let mut fields = Vec::new();
    for (name, value) in body.0.iter() {
        if let Value::Object(inner) = value {
            fields.extend(
                inner.iter().map(|(inner, value)| {
                    new(&format!("{name}.{inner}"), Shown::of(value, detail))
                }),
            );
            continue;
        }
        let duration = duration_of(kind, name);
        let shown = match duration {
            // The duration contains its unit.
            Some(duration) if duration != name && body.get(duration).is_some() => continue,
            Some(duration) => {
                let value = written_value(kind, body, duration);
                Shown::Line(in_one_line(&value, detail.is_full))
            }
            None => {
                let (name, value) = new_field(change, name, value);
                fields.push(new(name, Shown::of(&value, detail)));
                continue;
            }
        };
        fields.push(new(duration.unwrap_or(name), shown));
    }
    if let Value::Array(humans) = &change.named_humans {
        let humans = humans.iter().map(|human| element(human, detail.is_full));
        fields.push(new(DIGITAL_HUMANS, Shown::List(humans.collect())));
    }
    fields
}

/// Returns the name of the duration to which a field belongs, as its number or as its
/// unit.
fn duration_of(kind: Kind, name: &str) -> Option<&'static str> {
    let field = kind.field(name)?;
    match field.value {
        ValueType::Duration { .. } => Some(field.name),
        ValueType::DurationUnit { of } => Some(of),
        _ => None,
    }
}

fn changed(kind: Kind, field: &FieldChange, detail: Detail) -> FieldView {
    let observed = field.observed.as_ref();
    let observed = observed.map(|observed| in_unit_of(observed, &field.after));
    let from = observed.as_ref().unwrap_or(&field.before);
    let is_set = is_set(kind, &field.path);
    let mut view = compare(&field.path, from, &field.after, is_set, detail);
    if field.observed.is_some() {
        let words = match &view.content {
            Content::Rows(_) => "changed at the API; diff from observed to declared".to_owned(),
            _ => format!(
                "changed at the API: {} was applied",
                in_one_line(&field.before, detail.is_full)
            ),
        };
        add(&mut view.note, &words);
    }
    view
}

/// Returns whether the order of a list has no meaning.
#[must_use]
pub fn is_set(kind: Kind, path: &str) -> bool {
    let is_set = |value| {
        let order = match value {
            ValueType::Records { order, .. } => order,
            value => return matches!(value, ValueType::Set { .. }),
        };
        order == Order::Lost
    };
    path == DIGITAL_HUMANS || kind.field_at(path).is_some_and(|field| is_set(field.value))
}

/// Compares two values of a field.
#[must_use]
pub fn compare(
    path: &str,
    before: &FieldValue,
    after: &FieldValue,
    is_set: bool,
    detail: Detail,
) -> FieldView {
    let mut note = String::new();
    let content = if let Some((old, new)) = lists(before, after) {
        let diff = list_rows(old, new, is_set, detail);
        note = note_on_parts((before, old.is_empty()), (after, new.is_empty()));
        if diff.is_reordered && !old.is_empty() {
            add(&mut note, "only the order changes");
        }
        Content::Rows(rows_of_maps(old, new, is_set, detail).unwrap_or(diff.rows))
    } else if let Some([old, new]) = maps(before, after) {
        note = note_on_parts((before, old.is_empty()), (after, new.is_empty()));
        Content::Rows(map_rows(&old, &new, detail))
    } else if let (Some(old), Some(new)) = (before.as_text(), after.as_text()) {
        if let Some(words) = sole_difference(old, new) {
            add(&mut note, words);
        }
        if is_long(old) || is_long(new) {
            Content::Rows(text_rows(old, new, detail))
        } else {
            pair(before, after, detail)
        }
    } else {
        pair(before, after, detail)
    };
    FieldView {
        path: visible::line(path).into_owned(),
        note,
        content,
    }
}

fn pair(before: &FieldValue, after: &FieldValue, detail: Detail) -> Content {
    Content::Pair {
        before: in_one_line(before, detail.is_full),
        after: in_one_line(after, detail.is_full),
    }
}

/// Returns what the rows of a list or a map do not show. Each value comes with whether it has
/// no parts.
fn note_on_parts(before: (&FieldValue, bool), after: (&FieldValue, bool)) -> String {
    let mut note = String::new();
    let is_unset = |value: &FieldValue| *value == FieldValue::NotSet;
    for (is_so, words) in [
        (is_unset(before.0), "was not set"),
        (before.1 && !is_unset(before.0), "was empty"),
        (is_unset(after.0), "is not set any more"),
        (after.1 && !is_unset(after.0), "becomes empty"),
        (
            matches!(after.0, FieldValue::Pending(_)),
            "some ids are known after apply",
        ),
    ] {
        if is_so {
            add(&mut note, words);
        }
    }
    note
}

/// Returns both values as lists, if at least one is a list, and the other is a list or not
/// set.
fn lists<'a>(before: &'a FieldValue, after: &'a FieldValue) -> Option<(&'a [Value], &'a [Value])> {
    let list = |value: &'a FieldValue| match value {
        FieldValue::NotSet => Some(&[][..]),
        value => value.as_json()?.as_array().map(Vec::as_slice),
    };
    either_is_set(before, after)?;
    Some((list(before)?, list(after)?))
}

/// Returns both values as maps, if at least one is a map, and the other is a map or not set.
fn maps(before: &FieldValue, after: &FieldValue) -> Option<[Map<String, Value>; 2]> {
    let map = |value: &FieldValue| match value {
        FieldValue::NotSet => Some(Map::new()),
        value => value.as_json()?.as_object().cloned(),
    };
    either_is_set(before, after)?;
    Some([map(before)?, map(after)?])
}

fn either_is_set(before: &FieldValue, after: &FieldValue) -> Option<()> {
    let is_set = |value: &FieldValue| *value != FieldValue::NotSet;
    (is_set(before) || is_set(after)).then_some(())
}

fn add(note: &mut String, words: &str) {
    if !note.is_empty() {
        note.push_str("; ");
    }
    note.push_str(words);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::key::ResourceKey;

    fn view(before: Value, after: Value) -> FieldView {
        let (before, after) = (Some(before).into(), Some(after).into());
        compare("field", &before, &after, false, Detail::default())
    }

    #[track_caller]
    fn check_note(before: Value, after: Value, expected: &str) {
        assert_eq!(view(before, after).note, expected);
    }

    #[test]
    fn a_note_says_what_the_rows_do_not_show() {
        check_note(json!(["a"]), json!(["a", "b"]), "");
        check_note(
            json!(["a", "b"]),
            json!(["b", "a"]),
            "only the order changes",
        );
        check_note(json!(null), json!(["a"]), "was not set");
        check_note(json!(["a"]), json!(null), "is not set any more");
        check_note(json!([]), json!(["a"]), "was empty");
        check_note(json!(["a"]), json!([]), "becomes empty");
        check_note(json!("a  b"), json!("a b"), "only white space differs");
        check_note(json!(1), json!(2), "");
        check_note(json!(null), json!({"a": 1}), "was not set");
        check_note(json!({"a": 1}), json!({}), "becomes empty");
    }

    #[test]
    fn a_new_duration_contains_its_unit() {
        let body = |value| serde_json::from_value::<Body>(value).unwrap();
        let paths_of = |after: Value| {
            let change = Change {
                after: Some(body(after)),
                ..Change::new(ResourceKey::new("a"), Action::Create)
            };
            let fields = fields(&change, Detail::default()).into_iter();
            let shown = fields.map(|field| match field.content {
                Content::New(shown) => format!("{}: {}", field.path, shown.preview(80)),
                other => format!("{other:?}"),
            });
            shown.collect::<Vec<_>>()
        };
        let both = json!({"max_call_duration": 90, "max_call_duration_units": "seconds"});
        assert_eq!(paths_of(both), ["max_call_duration: 90 seconds"]);
        let number = json!({"max_call_duration": 8});
        assert_eq!(paths_of(number), ["max_call_duration: 8 minutes"]);
        let unit = json!({"max_call_duration_units": "seconds"});
        assert_eq!(paths_of(unit), ["max_call_duration: 10 seconds"]);
    }
}
