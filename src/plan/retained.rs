//! The fields that the API retained against an update, and their description.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::resource::body::{Body, NAME};
use crate::resource::is_left_to_api;
use crate::resource::{
    FieldValue, Kind, Normalized, Observed, declared_name, drift, is_recorded, overlay_with_names,
    written_value,
};

/// A field whose value after an update differs from the value that the update sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetainedField {
    /// The path of the field, under the name that the files declare.
    pub path: String,
    /// The observed value, as the value would be written: a duration with its unit.
    pub observed: String,
    /// Whether the observed value is the value before the update. Otherwise the API chose
    /// another value.
    pub is_still: bool,
}

impl fmt::Display for RetainedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, observed, .. } = self;
        let word = if self.is_still { "still" } else { "now" };
        write!(f, "`{path}` is {word} {observed}")
    }
}

/// Returns the fields of an update that the API did not change as requested, each with
/// its observed value in the answer.
///
/// A cleared field without a documented default may have any value except its previous
/// value.
#[must_use]
pub fn retained_fields(
    changed: &[String],
    before: &Body,
    wanted: &Body,
    answer: &Observed,
) -> BTreeMap<String, Value> {
    let kind = answer.id.kind();
    let mut retained = drift(kind, wanted, answer);
    let meant = Normalized::of(kind, wanted);
    let had = Normalized::of(kind, before);
    for path in changed {
        let there = answer.fields.get(path).filter(|there| !there.is_null());
        if let Some(there) = there
            && !is_left_to_api(kind, &meant, path)
            && meant.get(path).is_none()
            && had.get(path) == Some(there)
        {
            retained.insert(path.clone(), there.clone());
        }
    }
    retained.retain(|path, _| changed.contains(path));
    retained
}

/// Returns the state to record after such an update: the desired state, with the observed
/// values of the retained fields.
#[must_use]
pub fn overlay_retained(
    kind: Kind,
    before: &Body,
    wanted: &Body,
    retained: &BTreeMap<String, Value>,
) -> Body {
    overlay_with_names(kind, wanted, retained, [wanted, before])
}

/// Returns the description of each field that [`retained_fields`] found.
#[must_use]
pub fn describe_retained(
    kind: Kind,
    retained: &BTreeMap<String, Value>,
    before: &Body,
    wanted: &Body,
) -> Vec<RetainedField> {
    let meaning = Normalized::of(kind, before);
    let there = overlay_retained(kind, before, wanted, retained);
    retained
        .iter()
        .map(|(path, value)| RetainedField {
            path: declared_name(kind, path, [wanted, before]).to_owned(),
            observed: match written_value(kind, &there, path) {
                FieldValue::NotSet => "not set".to_owned(),
                value => value.to_string(),
            },
            is_still: match path.as_str() {
                NAME => before.name() == value.as_str(),
                path => is_recorded(kind, &meaning, path, value),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::key::{PlainId, RemoteId};

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

    #[test]
    fn an_update_that_was_not_taken_is_named() {
        let before = body(json!({"agent_id": "42", "name": "a", "description": "d",
                                 "max_concurrent": 5}));
        let wanted = body(json!({"agent_id": "42", "name": "a"}));
        let changed = ["description".to_owned(), "max_concurrent".to_owned()];
        let kept = |there: Value| {
            let retained = retained_fields(&changed, &before, &wanted, &observed(there));
            retained.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(
            kept(json!({"description": "d", "max_concurrent": 5})),
            ["description", "max_concurrent"]
        );
        // Another value than it had may be the API's own default.
        assert!(kept(json!({"description": null, "max_concurrent": 25})).is_empty());
        assert!(kept(json!({})).is_empty());
    }

    #[test]
    fn a_value_that_the_api_may_choose_is_not_retained() {
        let metric = |more: Value| {
            let mut metric = json!({"name": "a", "prompt": "p", "response_type": "pass_fail"});
            metric
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            body(metric)
        };
        let before = metric(json!({"eval_modality": "TEXT"}));
        let answer = Observed {
            id: RemoteId::of(Kind::CustomMetric, PlainId::text("m").unwrap()),
            ..observed(json!({"eval_modality": "TEXT"}))
        };
        let changed = ["eval_modality".to_owned()];
        for wanted in [json!({"eval_modality": "AUTO"}), json!({})] {
            let retained = retained_fields(&changed, &before, &metric(wanted), &answer);
            assert_eq!(retained, BTreeMap::new());
        }
        let audio = metric(json!({"eval_modality": "AUDIO"}));
        assert!(!retained_fields(&changed, &before, &audio, &answer).is_empty());
    }
}
