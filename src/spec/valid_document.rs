//! Splits a valid document into the API fields and the fields of this program.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::resource::Kind;
use crate::resource::agent::{AGENT, AgentSelector};
use crate::resource::body::{AGENT_ID, Body};
use crate::resource::document_fields::{ENVIRONMENTS, EXTRA, KEY, KIND, MOVED_FROM, PROTECT};
use crate::resource::field::ValueType;
use crate::resource::field_subset::FieldSubset;
use crate::resource::key::{DigitalHumanId, ResourceKey};
use crate::resource::simulation::{DIGITAL_HUMANS, DIGITAL_HUMANS_EXCLUSIVE};

/// The fields that are the id of an agent.
static AGENT_IDS: FieldSubset = FieldSubset::new(|field| matches!(field.value, ValueType::AgentId));

/// A document that passed the checks.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidDocument {
    /// The API fields, `extra` included.
    pub body: Body,
    /// `agent`.
    pub agent: Option<AgentSelector>,
    /// `digital_humans`.
    pub humans: BTreeSet<DigitalHumanId>,
    /// `digital_humans_exclusive`.
    pub is_exclusive: bool,
    /// `protect`.
    pub is_protected: bool,
    /// `moved_from`.
    pub moved_from: Option<ResourceKey>,
}

/// Splits the fields of a valid document, which contain no nulls.
///
/// A field in `extra` never overrides a field of the schema. The API reads the settings
/// of the digital humans as one map, so the settings in `extra` are added to that map.
#[must_use]
pub fn split_document(kind: Kind, mut fields: Map<String, Value>) -> ValidDocument {
    fields.remove(KIND);
    fields.remove(KEY);
    fields.remove(ENVIRONMENTS);
    let mut flag = |name: &str| fields.remove(name) == Some(Value::Bool(true));
    let (is_protected, is_exclusive) = (flag(PROTECT), flag(DIGITAL_HUMANS_EXCLUSIVE));
    let moved_from = fields.remove(MOVED_FROM);
    let moved_from = moved_from
        .as_ref()
        .and_then(Value::as_str)
        .map(|key| ResourceKey::of(kind, key));
    let agent = match kind {
        Kind::Simulation => fields.remove(AGENT),
        _ => None,
    };
    let agent = agent.as_ref().and_then(AgentSelector::of_value);
    let humans = fields.remove(DIGITAL_HUMANS);
    let humans = humans.as_ref().and_then(Value::as_array);
    let humans = humans.into_iter().flatten().filter_map(Value::as_u64);
    let humans = humans.map(DigitalHumanId).collect();
    if let Some(Value::Object(extra)) = fields.remove(EXTRA) {
        join_extra(kind, &mut fields, extra);
    }
    // An unquoted integer is accepted and sent as a text.
    for field in AGENT_IDS.of(kind) {
        if let Some(id @ Value::Number(_)) = fields.get_mut(field.name) {
            *id = id.to_string().into();
        }
    }
    if let Some(agent) = &agent {
        fields.insert(AGENT_ID.to_owned(), agent.to_string().into());
    }
    ValidDocument {
        body: Body::from(fields),
        agent,
        humans,
        is_exclusive,
        is_protected,
        moved_from,
    }
}

/// Adds the fields of `extra`. The unknown fields of a map are added to the known
/// fields.
fn join_extra(kind: Kind, fields: &mut Map<String, Value>, mut extra: Map<String, Value>) {
    for map in kind.maps() {
        if let Some(Value::Object(more)) = extra.remove(map.name) {
            let known = fields.entry(map.name);
            if let Value::Object(known) = known.or_insert_with(|| Map::new().into()) {
                join_given(known, more);
            }
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
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_sent(fields: Value, sent: Value) {
        let checked = split_document(Kind::Simulation, serde_json::from_value(fields).unwrap());
        assert_eq!(serde_json::to_value(&checked.body).unwrap(), sent);
    }

    #[test]
    fn fields_of_the_program_are_not_sent() {
        let fields = json!({"kind": "simulation", "key": "k", "protect": true, "moved_from": "old", "agent_id": 42,
            "digital_humans": [102, 101, 102], "digital_humans_exclusive": true, "name": "n"});
        check_sent(fields.clone(), json!({"agent_id": "42", "name": "n"}));
        let checked = split_document(Kind::Simulation, serde_json::from_value(fields).unwrap());
        assert!(checked.is_protected && checked.is_exclusive);
        assert_eq!(checked.moved_from, Some(ResourceKey::from("old")));
        assert_eq!(checked.humans, [101, 102].map(DigitalHumanId).into());
    }

    #[test]
    fn the_agent_stands_in_place_of_its_id() {
        let fields = json!({"agent": {"name": " Desk "}, "name": "n"});
        check_sent(
            fields.clone(),
            json!({"agent_id": "name:Desk", "name": "n"}),
        );
        let checked = split_document(Kind::Simulation, serde_json::from_value(fields).unwrap());
        assert_eq!(checked.agent, AgentSelector::parse("name:Desk"));
    }

    #[test]
    fn extra_adds_fields_but_never_overrides() {
        check_sent(
            json!({"agent_id": "42", "tags": ["a"],
                "digital_humans_settings": {"num_runs": 3},
                "extra": {"labels": ["a"], "gone": null, "nested": {"x": null}, "tags": ["b"],
                    "digital_humans_settings": {"default_accent": "scottish", "num_runs": 1}}}),
            json!({"agent_id": "42", "tags": ["a"], "labels": ["a"], "nested": {"x": null},
                "digital_humans_settings": {"num_runs": 3, "default_accent": "scottish"}}),
        );
    }
}
