//! A simulation as the API shows it, and how far it is the wanted one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::body::Body;
use super::key::SimulationId;
use super::meaning::{Meaning, SETTINGS, default_of, setting_of};
use crate::resource::fields::UPDATE_ONLY_FIELDS;

/// A simulation as the API shows it.
///
/// `fields` holds what could be read, by the paths of [`Meaning`]; a path that
/// is missing was not shown at all, which is not the same as null.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: SimulationId,
    /// Its agent, as text; `None` when the answer doesn't say.
    pub agent_id: Option<String>,
    /// Its name; `None` when it has none.
    pub name: Option<String>,
    /// When it was created, in the API's own words.
    pub created_at: Option<String>,
    /// Every readable field but the ones above.
    pub fields: BTreeMap<String, Value>,
}

impl Observed {
    /// Whether it shows all of these paths.
    ///
    /// A name that is null can't be told from one that isn't shown.
    #[must_use]
    pub fn shows(&self, paths: &[String]) -> bool {
        paths.iter().all(|path| match path.as_str() {
            "agent_id" => self.agent_id.is_some(),
            "name" => self.name.is_some(),
            path => self.fields.contains_key(path),
        })
    }

    /// The same, and what only an earlier look at it showed.
    #[must_use]
    pub fn or(mut self, earlier: Self) -> Self {
        self.agent_id = self.agent_id.or(earlier.agent_id);
        self.name = self.name.or(earlier.name);
        for (path, value) in earlier.fields {
            self.fields.entry(path).or_insert(value);
        }
        self
    }

    /// What can be read of it, as the fields of a simulation.
    #[must_use]
    pub fn to_body(&self) -> Body {
        let mut body = Map::new();
        for (path, value) in &self.fields {
            if value.is_null() {
                continue;
            }
            match setting_of(path) {
                Some(inner) => {
                    let settings = body.entry(SETTINGS).or_insert_with(|| Map::new().into());
                    if let Value::Object(settings) = settings {
                        settings.insert(inner.to_owned(), value.clone());
                    }
                }
                None => {
                    body.insert(path.clone(), value.clone());
                }
            }
        }
        if body.contains_key("max_call_duration") {
            body.insert("max_call_duration_units".to_owned(), "seconds".into());
        }
        for (field, text) in [("agent_id", &self.agent_id), ("name", &self.name)] {
            if let Some(text) = text {
                body.insert(field.to_owned(), text.as_str().into());
            }
        }
        Body::from(body)
    }
}

/// What a null in an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// The field is not set: the strict reading, for taking over a simulation
    /// that somebody else may have made.
    Unset,
    /// Perhaps the field is not shown: the mild reading, for a simulation that
    /// can only be the one we asked for.
    Hidden,
}

/// The paths in which an observed simulation is not the wanted one.
///
/// Only what can be read counts. A field that is not wanted and for which the
/// API documents no default may hold anything, but for the description, which
/// no server makes up. The name is not looked at, nor are fields that only an
/// update can set: a create that was cut off before that is still the one.
#[must_use]
pub fn differences(wanted: &Body, observed: &Observed, nulls: Nulls) -> Vec<String> {
    let meaning = Meaning::of(wanted);
    let mut paths: Vec<_> = observed
        .fields
        .iter()
        .filter(|(_, shown)| nulls == Nulls::Unset || !shown.is_null())
        .filter(|(path, _)| !UPDATE_ONLY_FIELDS.contains(&path.as_str()))
        .filter(|(path, shown)| !is_same(wanted, &meaning, path, shown))
        .map(|(path, _)| path.clone())
        .collect();
    let agent = observed.agent_id.as_deref();
    if agent.is_some_and(|agent| agent != wanted.agent_id()) {
        paths.push("agent_id".to_owned());
    }
    paths
}

fn is_same(wanted: &Body, meaning: &Meaning, path: &str, shown: &Value) -> bool {
    if path == "max_call_duration" {
        return is_same_duration(wanted, meaning, shown);
    }
    match (meaning.get(path), default_of(path)) {
        (Some(value), _) => value == shown,
        (None, Some(default)) => shown.is_null() || *shown == default,
        (None, None) => path != "description" || shown.is_null() || shown == "",
    }
}

/// Durations in seconds. A wanted number of minutes that reads sixty times too
/// long is the same: the API has been seen to store 8 minutes as 28800 seconds.
fn is_same_duration(wanted: &Body, meaning: &Meaning, shown: &Value) -> bool {
    let value = meaning.get("max_call_duration").and_then(Value::as_i64);
    let seconds = value.unwrap_or(600);
    let in_minutes = wanted.text("max_call_duration_units") != Some("seconds");
    match shown.as_i64() {
        Some(shown) => shown == seconds || (in_minutes && Some(shown) == seconds.checked_mul(60)),
        None => shown.is_null() && value.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn observed(fields: Value) -> Observed {
        Observed {
            id: SimulationId(1),
            agent_id: Some("42".into()),
            name: Some("a".into()),
            created_at: None,
            fields: serde_json::from_value(fields).unwrap(),
        }
    }

    fn check(wanted: Value, shown: Value, nulls: Nulls, expected: &[&str]) {
        let mut wanted: Body = serde_json::from_value(wanted).unwrap();
        wanted.fields_mut().insert("agent_id".into(), "42".into());
        assert_eq!(differences(&wanted, &observed(shown), nulls), expected);
    }

    #[test]
    fn only_what_is_shown_counts() {
        check(
            json!({"max_concurrent": 5, "description": "d"}),
            json!({}),
            Nulls::Unset,
            &[],
        );
        check(
            json!({"max_concurrent": 5}),
            json!({"max_concurrent": 6}),
            Nulls::Unset,
            &["max_concurrent"],
        );
    }

    #[test]
    fn null_is_unset_or_hidden() {
        let (wanted, shown) = (json!({"description": "d"}), json!({"description": null}));
        check(
            wanted.clone(),
            shown.clone(),
            Nulls::Unset,
            &["description"],
        );
        check(wanted, shown, Nulls::Hidden, &[]);
    }

    #[test]
    fn an_undocumented_default_may_be_anything() {
        check(
            json!({}),
            json!({"max_concurrent": 25, "ringing_timeout": 300}),
            Nulls::Unset,
            &[],
        );
        check(
            json!({}),
            json!({"ringing_timeout": 30}),
            Nulls::Unset,
            &["ringing_timeout"],
        );
        check(
            json!({}),
            json!({"description": "made by hand"}),
            Nulls::Unset,
            &["description"],
        );
    }

    #[test]
    fn a_duration_stored_sixty_times_too_long_is_known() {
        check(
            json!({"max_call_duration": 8}),
            json!({"max_call_duration": 28800}),
            Nulls::Unset,
            &[],
        );
        check(
            json!({"max_call_duration": 8, "max_call_duration_units": "seconds"}),
            json!({"max_call_duration": 480}),
            Nulls::Unset,
            &["max_call_duration"],
        );
    }

    #[test]
    fn another_agent_is_another_simulation() {
        let wanted: Body = serde_json::from_value(json!({"agent_id": "43"})).unwrap();
        assert_eq!(
            differences(&wanted, &observed(json!({})), Nulls::Hidden),
            ["agent_id"]
        );
    }
}
