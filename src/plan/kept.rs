//! What an update did not change as it was asked, in the words of a person.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::resource::body::{Body, NAME};
use crate::resource::{
    FieldValue, Kind, Normalized, Observed, as_written, drift, is_recorded, name_given, overlay_as,
};

const KIND: Kind = Kind::Simulation;

/// A field that is not as an update asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptField {
    /// The field's path, under the name that the files give it.
    pub path: String,
    /// What the API holds, as it would be written: a duration with its unit.
    pub there: String,
    /// Whether that is what it was before; else the API made it another value.
    pub is_still: bool,
}

impl fmt::Display for KeptField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, there, .. } = self;
        let word = if self.is_still { "still" } else { "now" };
        write!(f, "`{path}` is {word} {there}")
    }
}

/// The fields of an update that the API did not change as it was asked, each
/// with what is there, given its answer.
///
/// A field that was cleared and has no documented default may get any value but
/// the one it had.
#[must_use]
pub fn kept(
    changed: &[String],
    before: &Body,
    wanted: &Body,
    answer: &Observed,
) -> BTreeMap<String, Value> {
    let mut kept = drift(KIND, wanted, answer);
    let meant = Normalized::of(KIND, wanted);
    let had = Normalized::of(KIND, before);
    for path in changed {
        let there = answer.fields.get(path).filter(|there| !there.is_null());
        if let Some(there) = there
            && meant.get(path).is_none()
            && had.get(path) == Some(there)
        {
            kept.insert(path.clone(), there.clone());
        }
    }
    kept.retain(|path, _| changed.contains(path));
    kept
}

/// What is recorded after such an update: what was wanted, but for what is kept.
#[must_use]
pub fn overlay_kept(before: &Body, wanted: &Body, kept: &BTreeMap<String, Value>) -> Body {
    overlay_as(KIND, wanted, kept, [wanted, before])
}

/// The fields that [`kept`] found, for people.
#[must_use]
pub fn described(kept: &BTreeMap<String, Value>, before: &Body, wanted: &Body) -> Vec<KeptField> {
    let meaning = Normalized::of(KIND, before);
    let there = overlay_kept(before, wanted, kept);
    kept.iter()
        .map(|(path, value)| KeptField {
            path: name_given(KIND, path, [wanted, before]).to_owned(),
            there: match as_written(KIND, &there, path) {
                FieldValue::NotSet => "not set".to_owned(),
                value => value.to_string(),
            },
            is_still: match path.as_str() {
                NAME => before.name() == value.as_str(),
                path => is_recorded(KIND, &meaning, path, value),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::key::SimulationId;

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
        }
    }

    #[test]
    fn an_update_that_was_not_taken_is_named() {
        let before = body(json!({"agent_id": "42", "name": "a", "description": "d",
                                 "max_concurrent": 5}));
        let wanted = body(json!({"agent_id": "42", "name": "a"}));
        let changed = ["description".to_owned(), "max_concurrent".to_owned()];
        let kept = |there: Value| {
            let kept = kept(&changed, &before, &wanted, &observed(there));
            kept.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(
            kept(json!({"description": "d", "max_concurrent": 5})),
            ["description", "max_concurrent"]
        );
        // Another value than it had may be the API's own default.
        assert!(kept(json!({"description": null, "max_concurrent": 25})).is_empty());
        assert!(kept(json!({})).is_empty());
    }
}
