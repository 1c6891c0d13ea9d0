//! The prior state that is recorded for an adopted resource and for a recovered
//! create.

use serde_json::Value;

use crate::resource::body::Body;
use crate::resource::field::Field;
use crate::resource::simulation::DURATION;
use crate::resource::{
    Kind, Normalized, NullMeaning, Observed, SentIn, drift, mismatches, overlay,
};

/// Returns the body to record for an adopted resource.
///
/// If the resource matches the wanted body, the result is the wanted body. Otherwise
/// the result is the observed body, so that the next update sends the difference.
/// Update-only fields and a duration with the minutes fault are recorded as observed in
/// both cases.
#[must_use]
pub fn adopted_body(wanted: &Body, observed: &Observed) -> Body {
    let kind = observed.id.kind();
    if !mismatches(kind, wanted, observed, NullMeaning::NotSet).is_empty() {
        return without_undeclared(kind, observed.to_body(kind), wanted);
    }
    identical_body(wanted, observed)
}

/// Removes observed fields that are not declared and have no documented default. A diff
/// does not compare these fields.
fn without_undeclared(kind: Kind, mut seen: Body, wanted: &Body) -> Body {
    let wanted = Normalized::of(kind, wanted);
    let is_compared = |field: Option<&Field>, path: &str| {
        let is_open = |field: &Field| !field.has_default() && field.required.is_none();
        wanted.get(path).is_some() || field.is_some_and(|field| !is_open(field))
    };
    seen.fields_mut().retain(|name, value| {
        let field = kind.field(name);
        match (value, field.map(Field::inner)) {
            (Value::Object(inner), Some([_, ..])) => {
                inner.retain(|inner, _| {
                    let path = format!("{name}.{inner}");
                    is_compared(kind.field_at(&path), &path)
                });
                true
            }
            _ => is_compared(field, name),
        }
    });
    seen
}

/// Returns the body to record for a create whose answer was lost and whose resource
/// was found.
///
/// The result is the sent body, with two exceptions: a duration with the minutes fault
/// is recorded as observed, and unknown fields are recorded only if the API shows the
/// sent value.
#[must_use]
pub fn created_body(wanted: &Body, observed: &Observed) -> Body {
    let mut body = identical_body(wanted, observed);
    let kind = observed.id.kind();
    let is_taken = |name: &str, value: &Value| {
        kind.field(name).is_some() || observed.shows_unknown(name, value)
    };
    if body.0.iter().any(|(name, value)| !is_taken(name, value)) {
        body.fields_mut()
            .retain(|name, value| is_taken(name, value));
    }
    body
}

/// Returns the body to record for a resource that matches the wanted body in every
/// observed field.
fn identical_body(wanted: &Body, observed: &Observed) -> Body {
    let kind = observed.id.kind();
    let mut there = drift(kind, wanted, observed);
    let is_faulty = observed.has_minutes_fault(wanted);
    there.retain(|path, _| kind.is_update_only(path) || (is_faulty && path == DURATION));
    // The fields have the names of the state, not those of the request.
    let sent = wanted.0.iter();
    let sent = sent.filter(|(name, _)| !kind.is_update_only(name));
    let sent = sent.map(|(name, value)| (name.clone(), value.clone()));
    let mut body: Body = sent.collect();
    for field in kind.names(SentIn::Update) {
        if let Some(value) = wanted.get(field)
            && observed.fields.contains_key(field)
        {
            body.fields_mut().insert(field.to_owned(), value.clone());
        }
    }
    overlay(kind, &body, &there)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::resource::key::{PlainId, RemoteId};
    use crate::resource::simulation::MARKER;

    #[test]
    fn a_found_create_is_recorded_with_its_marker() {
        const KIND: Kind = Kind::DigitalHuman;
        let marker = "d6277da8-ca4a-858c-800c-d8da497b64e9";
        let sent = json!({"name": "Ann", "intent": "book", MARKER: marker});
        let sent: Body = serde_json::from_value(sent).unwrap();
        let id = PlainId::text("7").unwrap();
        let observed = Observed {
            id: RemoteId::of(KIND, id),
            agent_id: None,
            name: Some("Ann".to_owned()),
            created_at: None,
            fields: BTreeMap::from([(MARKER.to_owned(), json!(marker))]),
            unknown_settings: std::collections::BTreeSet::new(),
        };
        assert_eq!(created_body(&sent, &observed), sent);
    }
}
