//! Replaces ids by the keys of the resources that the files declare.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::resource::field::ValueType;
use crate::resource::key::{PlainId, RemoteId, ResourceKey};
use crate::resource::{Kind, Observed, spelling};

/// The settings of a custom metric.
const SETTINGS: &str = "settings";
/// The setting that contains the id of a digital human.
const RECEIVER: &str = "receiver_test_case_id";
/// The setting whose text contains the ids of custom metrics.
const COMPOSITE: &str = "composite";

/// The keys of resources by their ids.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    by_id: BTreeMap<(Kind, String), (RemoteId, ResourceKey)>,
    by_key: BTreeMap<ResourceKey, RemoteId>,
    /// The keys that only some environments declare.
    restricted: BTreeSet<ResourceKey>,
}

impl Keys {
    /// Adds the key of a resource.
    pub fn insert(&mut self, id: RemoteId, key: ResourceKey) {
        self.by_key.insert(key.clone(), id);
        self.by_id.insert(index(id.kind(), id.plain()), (id, key));
    }

    /// Notes that only some environments declare a key.
    pub fn restrict(&mut self, key: ResourceKey) {
        self.restricted.insert(key);
    }

    /// Returns whether only some environments declare one of these keys.
    pub(super) fn are_restricted(&self, keys: &BTreeSet<ResourceKey>) -> bool {
        !self.restricted.is_disjoint(keys)
    }

    /// Returns the key of the resource of a kind with the id in a value.
    #[must_use]
    pub fn key_of(&self, kind: Kind, id: &Value) -> Option<&ResourceKey> {
        let id = PlainId::of_value(kind, id)?;
        Some(&self.by_id.get(&index(kind, id))?.1)
    }

    /// Returns the id of the resource with a key.
    #[must_use]
    pub fn id_of(&self, key: &ResourceKey) -> Option<RemoteId> {
        self.by_key.get(key).copied()
    }

    /// Returns the resources of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (RemoteId, &ResourceKey)> {
        let all = self.by_id.values();
        all.filter(move |(id, _)| id.kind() == kind)
            .map(|(id, key)| (*id, key))
    }
}

/// Returns an id as an index. A UUID may have any spelling.
fn index(kind: Kind, id: PlainId) -> (Kind, String) {
    let text = id.to_string();
    match kind {
        Kind::CustomMetric => (kind, spelling::uuid(&text)),
        kind => (kind, text),
    }
}

/// Replaces the ids in the fields of a document by keys. An id without a key stays.
pub(super) fn refer_by_key(kind: Kind, fields: &mut Map<String, Value>, keys: &Keys) {
    for field in kind.fields() {
        let Some(target) = field.refers_to else {
            continue;
        };
        match (field.value, field.alias_of) {
            (ValueType::Key, Some(id_field)) => {
                let id = fields.get(id_field);
                if let Some(key) = id.and_then(|id| keys.key_of(target, id)) {
                    fields.remove(id_field);
                    fields.insert(field.name.to_owned(), key.key().into());
                }
            }
            (ValueType::Set { .. }, _) => {
                let items = fields.get_mut(field.name).and_then(Value::as_array_mut);
                for item in items.into_iter().flatten() {
                    if let Some(key) = keys.key_of(target, item) {
                        *item = key.key().into();
                    }
                }
            }
            _ => {}
        }
    }
    if kind == Kind::CustomMetric
        && let Some(Value::Object(settings)) = fields.get_mut(SETTINGS)
    {
        refer_in_settings(settings, keys);
    }
}

fn refer_in_settings(settings: &mut Map<String, Value>, keys: &Keys) {
    if let Some(receiver) = settings.get_mut(RECEIVER)
        && let Some(key) = keys.key_of(Kind::DigitalHuman, receiver)
    {
        *receiver = placeholder(key).into();
    }
    if let Some(Value::String(formula)) = settings.get_mut(COMPOSITE) {
        for (id, key) in keys.of_kind(Kind::CustomMetric) {
            let id = format!("\"{id}\"");
            if formula.contains(&id) {
                *formula = formula.replace(&id, &format!("\"{}\"", placeholder(key)));
            }
        }
    }
}

/// Returns the reference to a resource in a text.
fn placeholder(key: &ResourceKey) -> String {
    format!("${{{}:{}}}", key.kind().name(), key.key())
}

/// Returns the digital human that a custom metric names as the receiver of a transfer.
#[must_use]
pub fn receiver(metric: &Observed) -> Option<RemoteId> {
    let id = metric.fields.get(&format!("{SETTINGS}.{RECEIVER}"))?;
    let kind = Kind::DigitalHuman;
    Some(RemoteId::of(kind, PlainId::of_value(kind, id)?))
}

/// Returns which of these custom metrics the formula of a custom metric contains, the
/// metric itself left out.
pub fn in_formula<'a>(
    metric: &Observed,
    all: impl IntoIterator<Item = &'a RemoteId>,
) -> Vec<RemoteId> {
    let formula = metric.fields.get(&format!("{SETTINGS}.{COMPOSITE}"));
    let Some(formula) = formula.and_then(Value::as_str) else {
        return Vec::new();
    };
    let others = all.into_iter().filter(|id| **id != metric.id);
    others
        .filter(|id| formula.contains(&format!("\"{id}\"")))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const UUID: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052a";

    fn keys() -> Keys {
        let mut keys = Keys::default();
        let metric = PlainId::text(UUID).unwrap();
        for (id, key) in [
            (RemoteId::simulation(7), "front"),
            (
                RemoteId::of(Kind::DigitalHuman, PlainId::Number(7)),
                "digital_human:marta",
            ),
            (
                RemoteId::of(Kind::CustomMetric, metric),
                "custom_metric:polite",
            ),
        ] {
            keys.insert(id, ResourceKey::from(key));
        }
        keys
    }

    #[track_caller]
    fn check(kind: Kind, fields: Value, expected: &Value) {
        let mut fields = fields.as_object().unwrap().clone();
        refer_by_key(kind, &mut fields, &keys());
        assert_eq!(&Value::Object(fields), expected);
    }

    #[test]
    fn known_ids_become_keys_and_the_others_stay() {
        check(
            Kind::Simulation,
            json!({"agent_id": "7", "digital_humans": [7, 8],
                "selected_custom_metrics": [UUID.to_uppercase(), "other"]}),
            &json!({"agent_id": "7", "digital_humans": ["marta", 8],
                "selected_custom_metrics": ["polite", "other"]}),
        );
        check(
            Kind::Schedule,
            json!({"simulation_id": "7"}),
            &json!({"simulation": "front"}),
        );
        check(
            Kind::Schedule,
            json!({"simulation_id": "8"}),
            &json!({"simulation_id": "8"}),
        );
        check(
            Kind::CustomMetric,
            json!({"prompt": UUID, "settings": {"receiver_test_case_id": 7,
                "composite": format!("\"{UUID}\" * 0.5 + \"x{UUID}\"")}}),
            &json!({"prompt": UUID, "settings": {
                "receiver_test_case_id": "${digital_human:marta}",
                "composite": format!("\"${{custom_metric:polite}}\" * 0.5 + \"x{UUID}\"")}}),
        );
    }
}
