//! Where an observed state is not the recorded one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::body::{AGENT_ID, Body, NAME, normalized_name};
use super::diff::declared_name;
use super::kind::Kind;
use super::normalize::Normalized;
use super::observed::{Observed, is_same, set_at};
use super::text::canonical;

/// Returns the fields in which a resource is not what was recorded, each with the
/// value that the API shows; null where it is not set.
///
/// Only what can be read counts. A field that was never given and for which the
/// API documents no default is not compared, but for the description, which no
/// server makes up. Nor is a field that was never given and holds what the schema
/// refuses: no file can have meant it.
#[must_use]
pub fn drift(kind: Kind, recorded: &Body, observed: &Observed) -> BTreeMap<String, Value> {
    drift_from(kind, &Normalized::of(kind, recorded), recorded, observed)
}

/// The same, given the recorded state in its normalised form too.
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
    // A text that isn't shown may be hidden.
    if let Some(there) = agent.filter(|there| recorded.agent_id() != *there) {
        drifted.insert(AGENT_ID.to_owned(), there.into());
    }
    let name = observed.name.as_deref().and_then(normalized_name);
    let is_same = |there: &str| recorded.name().map(canonical) == Some(canonical(there));
    if let Some(there) = name.filter(|there| !is_same(there)) {
        drifted.insert(NAME.to_owned(), there.into());
    }
    drifted
}

/// Whether a shown value is the recorded one, or one that no file can have meant.
#[must_use]
pub fn is_recorded(kind: Kind, recorded: &Normalized, path: &str, there: &Value) -> bool {
    let field = kind.field_at(path);
    let is_meant = field.is_some_and(|field| field.accepts(there));
    let is_foreign = recorded.get(path).is_none() && !there.is_null() && !is_meant;
    is_foreign || is_same(kind, recorded, path, there)
}

/// Returns a body with what is there in place of what was recorded.
#[must_use]
pub fn overlay(kind: Kind, recorded: &Body, there: &BTreeMap<String, Value>) -> Body {
    overlay_with_names(kind, recorded, there, [recorded])
}

/// The same; a field with several names gets the name by which the first of these
/// bodies gives it.
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
        // Under one of its names, so that the other can't say something else.
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
    use crate::resource::key::SimulationId;

    const KIND: Kind = Kind::Simulation;

    fn body(value: Value) -> Body {
        serde_json::from_value(value).unwrap()
    }

    fn observed(fields: Value) -> Observed {
        Observed {
            id: SimulationId(1),
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
