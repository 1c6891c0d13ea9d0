//! The difference between an observed state and the prior state.

use std::collections::BTreeMap;

use serde_json::Value;

use super::body::{AGENT_ID, Body, NAME, normalized_name};
use super::comparable::is_alike;
use super::diff::declared_name;
use super::field::{Order, ValueType};
use super::kind::Kind;
use super::normalize::Normalized;
use super::observed::{Observed, is_same, set_at};
use super::text::canonical;

/// Returns the fields whose observed value is not the recorded value, each with the
/// observed value. A value is null if the API shows the field as not set.
///
/// Only fields that the API shows are compared. Two kinds of unrecorded fields are
/// skipped:
///
/// - fields without a documented default, except the description, which no server fills
///   in;
/// - fields whose observed value the schema refuses, because no file can declare the
///   value.
///
/// If the API shows that the order of a list has a meaning now, a list in another order has
/// drifted, too.
#[must_use]
pub fn drift(kind: Kind, recorded: &Body, observed: &Observed) -> BTreeMap<String, Value> {
    drift_from(kind, &Normalized::of(kind, recorded), recorded, observed)
}

/// Returns the same as [`drift`], given the recorded state also in its normalised form.
#[must_use]
pub fn drift_from(
    kind: Kind,
    normalized: &Normalized,
    recorded: &Body,
    observed: &Observed,
) -> BTreeMap<String, Value> {
    let mut drifted: BTreeMap<_, _> = observed
        .fields
        .iter()
        .filter(|(path, there)| !is_recorded(kind, normalized, path, there))
        .map(|(path, there)| (path.clone(), there.clone()))
        .collect();
    let agent = observed.agent_id.as_deref();
    // An absent agent id or name proves nothing: the API may not show the field.
    if let Some(there) = agent.filter(|there| recorded.agent_id() != *there) {
        drifted.insert(AGENT_ID.to_owned(), there.into());
    }
    let name = observed.name.as_deref().and_then(normalized_name);
    let is_same = |there: &str| recorded.name().map(canonical) == Some(canonical(there));
    if let Some(there) = name.filter(|there| !is_same(there)) {
        drifted.insert(NAME.to_owned(), there.into());
    }
    add_orders(kind, recorded, observed, &mut drifted);
    drifted
}

/// Adds the lists in another order than recorded, if the API now shows that their order
/// has a meaning.
fn add_orders(
    kind: Kind,
    recorded: &Body,
    observed: &Observed,
    drifted: &mut BTreeMap<String, Value>,
) {
    for field in kind.fields() {
        let ValueType::Records {
            order: Order::KeptIf(flag),
            ..
        } = field.value
        else {
            continue;
        };
        let values = recorded
            .get(field.name)
            .zip(observed.fields.get(field.name));
        if drifted.get(flag) == Some(&Value::Bool(true))
            && let Some((_, there)) = values.filter(|(one, two)| !is_alike(Some(field), one, two))
        {
            drifted.insert(field.name.to_owned(), there.clone());
        }
    }
}

/// Returns whether an observed value is the recorded value, or a value that the schema
/// refuses in a field that was not recorded.
#[must_use]
pub fn is_recorded(kind: Kind, recorded: &Normalized, path: &str, there: &Value) -> bool {
    let field = kind.field_at(path);
    let is_meant = field.is_some_and(|field| field.accepts(there));
    let is_foreign = recorded.get(path).is_none() && !there.is_null() && !is_meant;
    is_foreign || is_same(kind, recorded, path, there)
}

/// Returns the recorded body with the observed values in place of the recorded ones.
#[must_use]
pub fn overlay(kind: Kind, recorded: &Body, there: &BTreeMap<String, Value>) -> Body {
    overlay_with_names(kind, recorded, there, [recorded])
}

/// Returns the same as [`overlay`]. A field with several names gets the name under
/// which the first of the bodies `named_by` declares the field.
#[must_use]
pub fn overlay_with_names<const N: usize>(
    kind: Kind,
    recorded: &Body,
    there: &BTreeMap<String, Value>,
    named_by: [&Body; N],
) -> Body {
    let mut body = recorded.clone();
    for (path, value) in there {
        let name = declared_name(kind, path, named_by);
        // The other names are removed, so that the body does not contain two values of
        // one field.
        for other in kind.names_of(path).filter(|other| *other != name) {
            body.fields_mut().remove(other);
        }
        set_at(kind, body.fields_mut(), name, value);
    }
    body
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::diff::diff;
    use crate::resource::key::RemoteId;

    const KIND: Kind = Kind::Simulation;

    fn body(value: Value) -> Body {
        serde_json::from_value(value).unwrap()
    }

    fn observed(fields: Value) -> Observed {
        Observed {
            id: RemoteId::simulation(1),
            agent_id: Some("42".into()),
            name: Some("a".into()),
            created_at: None,
            fields: serde_json::from_value(fields).unwrap(),
            unknown_settings: std::collections::BTreeSet::new(),
        }
    }

    fn check_drift(recorded: Value, there: Value, expected: Value) {
        let mut recorded = body(recorded);
        recorded.fields_mut().insert("agent_id".into(), "42".into());
        recorded.fields_mut().insert("name".into(), "a".into());
        let drifted = drift(KIND, &recorded, &observed(there));
        assert_eq!(serde_json::to_value(&drifted).unwrap(), expected);
        // What is laid over it is what is there.
        let there = overlay(KIND, &recorded, &drifted);
        let changed = diff(KIND, &recorded, &there);
        let changed: Vec<_> = changed.iter().map(|field| &field.path).collect();
        assert_eq!(changed, drifted.keys().collect::<Vec<_>>());
    }

    #[test]
    fn what_is_shown_and_differs_has_drifted() {
        check_drift(
            json!({"max_concurrent": 5, "description": "d", "ringing_timeout": 30,
                   "digital_humans_settings": {"num_runs": 3}}),
            json!({"max_concurrent": 6, "description": null, "ringing_timeout": 30,
                   "digital_humans_settings.num_runs": 1}),
            json!({"max_concurrent": 6, "description": null,
                   "digital_humans_settings.num_runs": 1}),
        );
    }

    #[test]
    fn what_was_never_given_is_nobodys() {
        check_drift(
            json!({}),
            json!({"max_concurrent": 25, "pinned": true, "ringing_timeout": 300}),
            json!({}),
        );
        check_drift(
            json!({}),
            json!({"ringing_timeout": 30, "description": "by hand"}),
            json!({"ringing_timeout": 30, "description": "by hand"}),
        );
    }

    #[test]
    fn what_no_file_could_give_is_nobodys() {
        check_drift(
            json!({}),
            json!({"digital_humans_settings.num_runs": "3", "hangup_on_transfer": "true",
                   "digital_humans_settings.default_language": ["en", "de"],
                   "digital_humans_settings.default_accent": "scottish"}),
            json!({}),
        );
        check_drift(
            json!({"digital_humans_settings": {"num_runs": 2}}),
            json!({"digital_humans_settings.num_runs": "3"}),
            json!({"digital_humans_settings.num_runs": "3"}),
        );
    }

    #[test]
    fn a_duration_sixty_times_too_long_has_drifted() {
        check_drift(
            json!({"max_call_duration": 8}),
            json!({"max_call_duration": 28800}),
            json!({"max_call_duration": 28800}),
        );
        let there = observed(json!({"max_call_duration": 28800}));
        assert!(there.has_minutes_fault(&body(json!({"max_call_duration": 8}))));
        let seconds = json!({"max_call_duration": 8, "max_call_duration_units": "seconds"});
        assert!(!there.has_minutes_fault(&body(seconds)));
    }
}
