//! The observed state of one resource, and how it compares to a desired state.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::body::{AGENT_ID, Body, NAME};
use super::comparable::{comparable, is_empty};
use super::cron::decompile;
use super::field::{Constant, Default, Field, ValueType};
use super::key::RemoteId;
use super::kind::Kind;
use super::minutes_fault::is_minutes_fault;
use super::normalize::{Normalized, default_seconds};
use super::same::{is_chosen_by_api, is_equal};
use super::simulation::DURATION;
use super::text::same_value;

/// A resource as the API shows it.
///
/// An absent path means that the API did not show the field, which differs from null.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The id.
    pub id: RemoteId,
    /// The id of the agent, as text; `None` if the answer does not contain it.
    pub agent_id: Option<String>,
    /// The display name; `None` if the resource has none.
    pub name: Option<String>,
    /// The time of creation, in the format of the API.
    pub created_at: Option<String>,
    /// All other fields that the API shows, by the paths of [`Normalized`].
    pub fields: BTreeMap<String, Value>,
    /// The names of the `fields` that stand among the settings of an answer and that the
    /// table doesn't know.
    pub unknown_settings: BTreeSet<String>,
}

impl Observed {
    /// Returns whether the API shows all of these paths.
    ///
    /// A null name counts as not shown, because the two can't be told apart.
    #[must_use]
    pub fn shows(&self, paths: &[String]) -> bool {
        paths.iter().all(|path| match path.as_str() {
            AGENT_ID => self.agent_id.is_some(),
            NAME => self.name.is_some(),
            path => self.fields.contains_key(path),
        })
    }

    /// Returns whether the API shows a field unknown to the table with this value.
    #[must_use]
    pub fn shows_unknown(&self, name: &str, value: &Value) -> bool {
        let wanted = comparable(None, value);
        self.fields
            .get(name)
            .is_some_and(|shown| same_value(&wanted, shown))
    }

    /// Returns whether the observed duration shows the minutes fault, given the declared
    /// duration.
    #[must_use]
    pub fn has_minutes_fault(&self, wanted: &Body) -> bool {
        let observed = self.fields.get(DURATION);
        wanted.get(DURATION).is_some()
            && observed.is_some_and(|observed| is_minutes_fault(wanted, DURATION, observed))
    }

    /// Adds the fields that only an earlier observation shows.
    #[must_use]
    pub fn or(mut self, earlier: Self) -> Self {
        self.agent_id = self.agent_id.or(earlier.agent_id);
        self.name = self.name.or(earlier.name);
        for (path, value) in earlier.fields {
            self.fields.entry(path).or_insert(value);
        }
        self.unknown_settings.extend(earlier.unknown_settings);
        self
    }

    /// Returns the observed fields as a body.
    #[must_use]
    pub fn to_body(&self, kind: Kind) -> Body {
        let mut body = Map::new();
        for (path, value) in self.fields.iter().filter(|(_, value)| !value.is_null()) {
            set_at(kind, &mut body, path, value);
        }
        for (field, text) in [(AGENT_ID, &self.agent_id), (NAME, &self.name)] {
            if let Some(text) = text {
                body.insert(field.to_owned(), text.as_str().into());
            }
        }
        Body::from(body)
    }
}

/// Sets the field at a path to a value as the API shows it: a duration is in seconds.
/// Null removes the field.
pub fn set_at(kind: Kind, body: &mut Map<String, Value>, path: &str, value: &Value) {
    if let Some((map, inner)) = kind.split(path) {
        let settings = body.entry(map.name).or_insert_with(|| Map::new().into());
        if let Value::Object(settings) = settings {
            set(settings, inner, value);
        }
        return;
    }
    match kind.field(path).map(|field| field.value) {
        Some(ValueType::Recurrence(_)) if value.is_string() => {
            let expression = value.as_str().unwrap_or_default();
            set(body, path, &decompile(expression));
        }
        _ => set(body, path, value),
    }
    if let Some(ValueType::Duration { unit }) = kind.field(path).map(|field| field.value) {
        body.insert(unit.to_owned(), "seconds".into());
    }
}

fn set(fields: &mut Map<String, Value>, name: &str, value: &Value) {
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value.clone());
    }
}

/// The meaning of a null in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullMeaning {
    /// The field is not set: the strict reading, for the adoption of a resource that
    /// another person may have created.
    NotSet,
    /// The field may be hidden: the lenient reading, for a resource that only this
    /// program can have created.
    NotShown,
}

/// Returns the paths at which an observed resource differs from the wanted body.
///
/// Only fields that the API shows are compared. An unwanted field without a documented
/// default may have any value, except the description, which no server fills in. The
/// name and the update-only fields are not compared: a resource whose create was
/// interrupted before its first update still matches.
#[must_use]
pub fn mismatches(
    kind: Kind,
    wanted: &Body,
    observed: &Observed,
    nulls: NullMeaning,
) -> Vec<String> {
    let normalized = Normalized::of(kind, wanted);
    let mut paths: Vec<_> = observed
        .fields
        .iter()
        .filter(|(_, shown)| nulls == NullMeaning::NotSet || !shown.is_null())
        .filter(|(path, _)| !kind.is_update_only(path))
        .filter(|(path, shown)| {
            !is_same(kind, &normalized, path, shown) && !is_minutes_fault(wanted, path, shown)
        })
        .map(|(path, _)| path.clone())
        .collect();
    let agent = observed.agent_id.as_deref();
    if agent.is_some_and(|agent| agent != wanted.agent_id()) {
        paths.push(AGENT_ID.to_owned());
    }
    paths
}

/// Returns whether a resource equals a desired state in every observed field but its names:
/// a server may have changed them.
#[must_use]
pub fn is_same_but_name(
    kind: Kind,
    wanted: &Body,
    observed: &Observed,
    nulls: NullMeaning,
) -> bool {
    let title = kind.identity().title;
    let mismatches = mismatches(kind, wanted, observed, nulls);
    mismatches.iter().all(|path| Some(path.as_str()) == title)
}

/// Returns whether a state leaves the value at a path to the API.
#[must_use]
pub fn is_left_to_api(kind: Kind, state: &Normalized, path: &str) -> bool {
    let field = kind.field_at(path);
    field.is_some_and(|field| is_chosen_by_api(field, state, state.get(path)))
}

/// Returns whether an observed value equals the value of a normalised state.
#[must_use]
pub fn is_same(kind: Kind, state: &Normalized, path: &str, shown: &Value) -> bool {
    let field = kind.field_at(path);
    let wanted = state.get(path);
    if field.is_some_and(|field| is_chosen_by_api(field, state, wanted)) {
        return true;
    }
    match (wanted, field.map(|field| field.default)) {
        (Some(value), _) => is_equal(field, state, value, shown),
        (None, Some(Default::Documented(default))) => {
            shown.is_null() || is_default(kind, field, default, shown)
        }
        (None, Some(Default::Empty)) => field.is_none_or(|field| is_empty(field, shown)),
        (None, _) => true,
    }
}

/// Returns whether an observed value is the documented default. Durations are in
/// seconds.
fn is_default(kind: Kind, field: Option<&Field>, default: Constant, shown: &Value) -> bool {
    match field {
        Some(field) if matches!(field.value, ValueType::Duration { .. }) => {
            shown.as_i64().is_some() && shown.as_i64() == default_seconds(kind, field)
        }
        _ => default.is(shown),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KIND: Kind = Kind::Simulation;

    fn observed(fields: Value) -> Observed {
        Observed {
            id: RemoteId::simulation(1),
            agent_id: Some("42".into()),
            name: Some("a".into()),
            created_at: None,
            fields: serde_json::from_value(fields).unwrap(),
            unknown_settings: BTreeSet::new(),
        }
    }

    fn check(wanted: Value, shown: Value, nulls: NullMeaning, expected: &[&str]) {
        let mut wanted: Body = serde_json::from_value(wanted).unwrap();
        wanted.fields_mut().insert("agent_id".into(), "42".into());
        assert_eq!(mismatches(KIND, &wanted, &observed(shown), nulls), expected);
    }

    #[test]
    fn only_what_is_shown_counts() {
        check(
            json!({"max_concurrent": 5, "description": "d"}),
            json!({}),
            NullMeaning::NotSet,
            &[],
        );
        check(
            json!({"max_concurrent": 5}),
            json!({"max_concurrent": 6}),
            NullMeaning::NotSet,
            &["max_concurrent"],
        );
    }

    #[test]
    fn null_is_unset_or_hidden() {
        let (wanted, shown) = (json!({"description": "d"}), json!({"description": null}));
        check(
            wanted.clone(),
            shown.clone(),
            NullMeaning::NotSet,
            &["description"],
        );
        check(wanted, shown, NullMeaning::NotShown, &[]);
    }

    #[test]
    fn an_undocumented_default_may_be_anything() {
        check(
            json!({}),
            json!({"max_concurrent": 25, "ringing_timeout": 300}),
            NullMeaning::NotSet,
            &[],
        );
        check(
            json!({}),
            json!({"ringing_timeout": 30}),
            NullMeaning::NotSet,
            &["ringing_timeout"],
        );
        check(
            json!({}),
            json!({"description": "made by hand"}),
            NullMeaning::NotSet,
            &["description"],
        );
    }

    #[test]
    fn a_duration_stored_sixty_times_too_long_is_known() {
        check(
            json!({"max_call_duration": 8}),
            json!({"max_call_duration": 28800}),
            NullMeaning::NotSet,
            &[],
        );
        check(
            json!({"max_call_duration": 8, "max_call_duration_units": "seconds"}),
            json!({"max_call_duration": 480}),
            NullMeaning::NotSet,
            &["max_call_duration"],
        );
    }

    #[test]
    fn a_duration_never_differs_from_itself() {
        for shown in [
            json!(480),
            json!(600),
            json!(1.5),
            json!("8 minutes"),
            json!([]),
            json!(u64::MAX),
            json!(i64::MIN),
        ] {
            let observed = observed(json!({"max_call_duration": shown}));
            let body = observed.to_body(KIND);
            let found = mismatches(KIND, &body, &observed, NullMeaning::NotShown);
            assert_eq!(found, [""; 0], "{shown}");
        }
    }

    #[test]
    fn another_agent_is_another_simulation() {
        let wanted: Body = serde_json::from_value(json!({"agent_id": "43"})).unwrap();
        assert_eq!(
            mismatches(KIND, &wanted, &observed(json!({})), NullMeaning::NotShown),
            ["agent_id"]
        );
    }
}
