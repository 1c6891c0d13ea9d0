//! A document that follows the rules, taken apart: what is sent, and what is ours.
//!
//! The fields are used as they were read, without going through
//! [`SimulationDocument`](super::simulation::SimulationDocument): that is what the
//! schema is made from, and a test holds both to the same result.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, SimulationKey};

/// A checked document.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// What is sent: every API field that was given, `extra` included.
    pub body: Body,
    /// `digital_humans`.
    pub humans: BTreeSet<DigitalHumanId>,
    /// `digital_humans_exclusive`.
    pub is_exclusive: bool,
    /// `protect`.
    pub is_protected: bool,
    /// `moved_from`.
    pub moved_from: Option<SimulationKey>,
}

/// Takes apart fields that the rules were held against, without nulls.
///
/// A field in `extra` never overrides one of the schema's. The settings of the
/// digital humans are one map to the API, so what `extra` has for them joins it.
#[must_use]
pub fn take_apart(mut fields: Map<String, Value>) -> Checked {
    fields.remove("key");
    let mut flag = |name: &str| fields.remove(name) == Some(Value::Bool(true));
    let (is_protected, is_exclusive) = (flag("protect"), flag("digital_humans_exclusive"));
    let moved_from = fields.remove("moved_from");
    let moved_from = moved_from
        .as_ref()
        .and_then(Value::as_str)
        .map(SimulationKey::from);
    let humans = fields.remove("digital_humans");
    let humans = humans.as_ref().and_then(Value::as_array);
    let humans = humans.into_iter().flatten().filter_map(Value::as_u64);
    let humans = humans.map(DigitalHumanId).collect();
    if let Some(Value::Object(extra)) = fields.remove("extra") {
        join_extra(&mut fields, extra);
    }
    // An unquoted integer is taken, too, and sent as a text.
    if let Some(agent @ Value::Number(_)) = fields.get_mut("agent_id") {
        *agent = agent.to_string().into();
    }
    Checked {
        body: Body::from(fields),
        humans,
        is_exclusive,
        is_protected,
        moved_from,
    }
}

/// The field that `extra` can add to: a free map at the API.
const SETTINGS: &str = "digital_humans_settings";

fn join_extra(fields: &mut Map<String, Value>, mut extra: Map<String, Value>) {
    if let Some(Value::Object(more)) = extra.remove(SETTINGS) {
        let known = fields.entry(SETTINGS).or_insert_with(|| Map::new().into());
        if let Value::Object(known) = known {
            join_given(known, more);
        }
    }
    join_given(fields, extra);
}

fn join_given(fields: &mut Map<String, Value>, more: Map<String, Value>) {
    let given = more.into_iter().filter(|(_, value)| !value.is_null());
    for (name, value) in given {
        fields.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::spec::simulation::SimulationDocument;

    /// The same through the type that the schema is made from.
    fn through_the_type(fields: Map<String, Value>) -> Checked {
        let mut document: SimulationDocument =
            serde_json::from_value(Value::Object(fields)).expect("a checked document");
        let humans = document.digital_humans.take().unwrap_or_default();
        Checked {
            humans: humans.into_iter().collect(),
            is_exclusive: document.digital_humans_exclusive.unwrap_or(false),
            is_protected: document.protect.unwrap_or(false),
            moved_from: document.moved_from.take(),
            body: sent(document),
        }
    }

    /// Every API field that was given, `extra` included.
    fn sent(mut document: SimulationDocument) -> Body {
        let mut fields = document.extra.take().unwrap_or_default();
        fields.retain(|_, value| !value.is_null());
        let more = fields.remove(SETTINGS);
        let known = serde_json::to_value(document).expect("an object");
        fields.extend(known.as_object().cloned().expect("an object"));
        if let Some(Value::Object(more)) = more {
            let settings = fields.entry(SETTINGS).or_insert_with(|| json!({}));
            settings.as_object_mut().expect("an object").extend(more);
        }
        Body::from(fields)
    }

    fn fields() -> impl Strategy<Value = Map<String, Value>> {
        let given = [
            ("key", json!("k")),
            ("protect", json!(true)),
            ("moved_from", json!("old")),
            (
                "extra",
                json!({"labels": ["a"], "gone": null, "nested": {"x": null},
                       "digital_humans_settings": {"default_accent": "scottish"}}),
            ),
            ("digital_humans", json!([102, 101, 102])),
            ("digital_humans_exclusive", json!(true)),
            ("name", json!("n")),
            ("description", json!("two\nlines\n")),
            ("prompt_id", json!("3c90c3cc-0d44-4b50-8888-8dd25736052a")),
            (
                "agent_version_id",
                json!("3C90C3CC-0d44-4b50-8888-8dd25736052a"),
            ),
            (
                "knowledge_base_id",
                json!("3c90c3cc0d444b5088888dd25736052a"),
            ),
            ("sequential_calling", json!(false)),
            ("max_concurrent", json!(25)),
            ("hangup_on_transfer", json!(true)),
            ("max_call_duration", json!(8)),
            ("max_call_duration_units", json!("seconds")),
            ("ringing_timeout", json!(30)),
            (
                "digital_humans_settings",
                json!({"num_runs": 3, "default_name": "Jo"}),
            ),
            (
                "selected_custom_metrics",
                json!(["3c90c3cc-0d44-4b50-8888-8dd25736052a"]),
            ),
            ("custom_metrics_failing_threshold", json!(20)),
            ("custom_metrics_passing_threshold", json!(80)),
            ("always_on", json!(true)),
            ("runs_per_digital_human", json!(2)),
            ("max_turns", json!(12)),
            ("tags", json!(["a", "b"])),
            ("pinned", json!(false)),
        ];
        let count = given.len();
        let agent = prop_oneof![Just(json!("42")), (0..u64::MAX).prop_map(|id| json!(id))];
        (agent, proptest::collection::vec(any::<bool>(), count)).prop_map(move |(agent, chosen)| {
            let chosen = given.iter().zip(chosen).filter(|(_, is_chosen)| *is_chosen);
            let chosen = chosen.map(|((field, value), _)| ((*field).to_owned(), value.clone()));
            std::iter::once(("agent_id".to_owned(), agent))
                .chain(chosen)
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_type_of_the_schema_says_the_same(fields in fields()) {
            prop_assert_eq!(take_apart(fields.clone()), through_the_type(fields));
        }
    }
}
