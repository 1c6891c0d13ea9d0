//! Derives the fields of a document from an observed resource.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::resource::document_fields::EXTRA;
use crate::resource::field::{Default as FieldDefault, Field, ValueType};
use crate::resource::key::DigitalHumanId;
use crate::resource::simulation::{DIGITAL_HUMANS, MARKER, MARKER_SENT_AS};
use crate::resource::{Kind, Observed, default_seconds};

/// Returns the fields that the document declares.
pub(super) fn fields(
    observed: &Observed,
    humans: Option<&BTreeSet<DigitalHumanId>>,
) -> Map<String, Value> {
    let kind = observed.id.kind();
    let mut fields = observed.to_body(kind).0.as_ref().clone();
    fields.remove(MARKER);
    fields.retain(|name, _| kind.field(name).is_some());
    let unknown = unknown_fields(observed);
    if !unknown.is_empty() {
        fields.insert(EXTRA.to_owned(), unknown.into());
    }
    carry_unknown_settings(kind, &mut fields);
    fields.retain(|name, value| match value {
        Value::Object(inner) if is_map(kind, name) => {
            inner.retain(|inner, value| {
                let field = kind.field_at(&format!("{name}.{inner}"));
                field.is_none_or(|field| is_worth_writing(field, value))
            });
            !inner.is_empty()
        }
        value => kind
            .field(name)
            .is_none_or(|field| is_worth_writing(field, value)),
    });
    shorten_durations(kind, &mut fields);
    if let Some(humans) = humans.filter(|humans| !humans.is_empty()) {
        let ids = humans.iter().map(|human| Value::from(human.0)).collect();
        fields.insert(DIGITAL_HUMANS.to_owned(), Value::Array(ids));
    }
    fields.values_mut().for_each(escape_references);
    fields
}

/// Returns the fields that the schema does not contain: the settings of a simulation, and
/// all fields of another kind.
fn unknown_fields(observed: &Observed) -> Map<String, Value> {
    let kind = observed.id.kind();
    let shown = observed.fields.iter().filter(|(name, value)| {
        let is_unknown = match kind {
            // The top level of an answer also has fields that no request contains.
            Kind::Simulation => observed.unknown_settings.contains(*name),
            kind => kind.field_at(name).is_none() && kind.split(name).is_none(),
        };
        // A marker is not a setting.
        is_unknown && *name != MARKER && *name != MARKER_SENT_AS && !value.is_null()
    });
    shown
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Returns whether a field is a map of known fields.
pub(super) fn is_map(kind: Kind, name: &str) -> bool {
    kind.field(name)
        .is_some_and(|field| !field.inner().is_empty())
}

/// Returns whether a value differs from the value of a new resource.
fn is_worth_writing(field: &Field, value: &Value) -> bool {
    let is_unset = match (field.value, value) {
        (
            ValueType::Set {
                is_unset_when_empty: true,
                ..
            }
            | ValueType::Texts
            | ValueType::Records { .. }
            | ValueType::FreeMaps,
            Value::Array(items),
        ) => items.is_empty(),
        _ => false,
    };
    let is_usual = match field.default {
        // `shorten_durations` handles the number and the unit together.
        _ if matches!(
            field.value,
            ValueType::Duration { .. } | ValueType::DurationUnit { .. }
        ) =>
        {
            false
        }
        FieldDefault::Documented(usual) | FieldDefault::Typical(usual) => usual.is(value),
        FieldDefault::Empty => value == "",
        FieldDefault::Unspecified => false,
    };
    !is_unset && !is_usual
}

/// Moves the unknown fields of a map to `extra`. An update sends the whole map, so a
/// map without these fields would clear them.
fn carry_unknown_settings(kind: Kind, fields: &mut Map<String, Value>) {
    for map in kind.maps() {
        let Some(Value::Object(inner)) = fields.remove(map.name) else {
            continue;
        };
        let is_known = |name: &str| map.inner().iter().any(|field| field.name == name);
        let (known, unknown): (Map<_, _>, Map<_, _>) =
            inner.into_iter().partition(|(name, _)| is_known(name));
        fields.insert(map.name.to_owned(), known.into());
        if !unknown.is_empty()
            && let Value::Object(extra) = fields.entry(EXTRA).or_insert_with(|| Map::new().into())
        {
            extra.insert(map.name.to_owned(), unknown.into());
        }
    }
}

/// Writes whole minutes as minutes, and removes a duration that is the documented
/// default.
fn shorten_durations(kind: Kind, fields: &mut Map<String, Value>) {
    for duration in kind.fields() {
        let ValueType::Duration { unit } = duration.value else {
            continue;
        };
        let seconds = fields.get(duration.name).and_then(Value::as_i64);
        if seconds.is_none() || seconds == default_seconds(kind, duration) {
            fields.remove(duration.name);
            fields.remove(unit);
        } else if let Some(seconds) = seconds.filter(|seconds| seconds % 60 == 0) {
            fields.insert(duration.name.to_owned(), (seconds / 60).into());
            fields.insert(unit.to_owned(), "minutes".into());
        } else {
            fields.insert(unit.to_owned(), "seconds".into());
        }
    }
}

/// Escapes each `${` of the resource's text, so that it is not read as a variable.
fn escape_references(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("${") => *text = text.replace("${", "$${"),
        Value::Array(items) => items.iter_mut().for_each(escape_references),
        Value::Object(fields) => fields.values_mut().for_each(escape_references),
        _ => {}
    }
}
