//! What is recorded for a simulation that is taken over or found again.

use serde_json::Value;

use crate::resource::body::Body;
use crate::resource::field::{Default as FieldDefault, Field};
use crate::resource::simulation::DURATION;
use crate::resource::{
    Kind, Normalized, NullMeaning, Observed, SentIn, create_body, drift, mismatches, overlay,
};

const KIND: Kind = Kind::Simulation;

/// What is recorded for a simulation that is taken over: what is wanted where
/// they are identical, else what it was seen to have, so that the rest is sent.
///
/// Identical but for what only an update can set, and but for a duration that
/// the API stored wrongly: those are recorded as seen, too.
#[must_use]
pub fn adopted_body(wanted: &Body, observed: &Observed) -> Body {
    if !mismatches(KIND, wanted, observed, NullMeaning::NotSet).is_empty() {
        return without_undeclared(observed.to_body(KIND), wanted);
    }
    identical_body(wanted, observed)
}

/// Fields that are neither wanted nor have a documented default are left alone, as in
/// any other comparison, but for those that no server makes up.
fn without_undeclared(mut seen: Body, wanted: &Body) -> Body {
    let wanted = Normalized::of(KIND, wanted);
    let is_compared = |field: Option<&Field>, path: &str| {
        let is_open = |field: &Field| {
            matches!(
                field.default,
                FieldDefault::Unspecified | FieldDefault::Typical(_)
            ) && field.required.is_none()
        };
        wanted.get(path).is_some() || field.is_some_and(|field| !is_open(field))
    };
    seen.fields_mut().retain(|name, value| {
        let field = KIND.field(name);
        match (value, field.map(Field::inner)) {
            (Value::Object(inner), Some([_, ..])) => {
                inner.retain(|inner, _| {
                    let path = format!("{name}.{inner}");
                    is_compared(KIND.field_at(&path), &path)
                });
                true
            }
            _ => is_compared(field, name),
        }
    });
    seen
}

/// What is recorded for a create that was found by looking: what was sent, but
/// for a duration that the API stored wrongly, and without the fields unknown to the
/// schema that the API doesn't show as they were sent.
#[must_use]
pub fn created_body(wanted: &Body, observed: &Observed) -> Body {
    let mut body = identical_body(wanted, observed);
    let is_taken = |name: &str, value: &Value| {
        KIND.field(name).is_some() || observed.shows_unknown(name, value)
    };
    if body.0.iter().any(|(name, value)| !is_taken(name, value)) {
        body.fields_mut()
            .retain(|name, value| is_taken(name, value));
    }
    body
}

/// What is recorded for a simulation that is as it is wanted, in all that can be read.
fn identical_body(wanted: &Body, observed: &Observed) -> Body {
    let mut there = drift(KIND, wanted, observed);
    let is_faulty = observed.has_minutes_fault(wanted);
    there.retain(|path, _| KIND.is_update_only(path) || (is_faulty && path == DURATION));
    let mut body = create_body(KIND, wanted);
    for field in KIND.names(SentIn::Update) {
        if let Some(value) = wanted.get(field)
            && observed.fields.contains_key(field)
        {
            body.fields_mut().insert(field.to_owned(), value.clone());
        }
    }
    overlay(KIND, &body, &there)
}
