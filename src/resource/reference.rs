//! References from one resource to the id of another.
//!
//! The API gives ids, so a file refers to a resource by its key. A body contains a
//! placeholder until the id is known: at the latest directly before its request is sent.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::body::Body;
use super::custom_metric::COMPOSITE;
use super::field::Field;
use super::key::{DigitalHumanId, PlainId, RemoteId, ResourceKey};
use super::kind::Kind;

/// A value of a body that contains the ids of other resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The place of the value in the body.
    pub at: Vec<Step>,
    /// The parts of the value.
    pub parts: Vec<Part>,
    /// Whether a value that is one id and nothing else is sent as a text.
    pub is_text: bool,
}

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The field of a map.
    Field(String),
    /// The item of a list, from 0.
    Item(usize),
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as written.
    Text(String),
    /// The id of a resource.
    Id(ResourceKey),
}

impl Reference {
    /// Returns the resources whose ids the value contains.
    pub fn keys(&self) -> impl Iterator<Item = &ResourceKey> {
        self.parts.iter().filter_map(|part| match part {
            Part::Id(key) => Some(key),
            Part::Text(_) => None,
        })
    }

    /// Returns the text that stands in the body for the value: the reference as a file
    /// writes it, `${custom_metric:politeness}`.
    #[must_use]
    pub fn placeholder(&self) -> String {
        let parts = self.parts.iter();
        parts
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Id(key) => format!("${{{}:{}}}", key.kind().name(), key.key()),
            })
            .collect()
    }

    /// Returns the value; `None` if an id is not known.
    fn value(&self, id_of: &impl Fn(&ResourceKey) -> Option<RemoteId>) -> Option<Value> {
        if let [Part::Id(key)] = &self.parts[..] {
            let id = id_of(key)?.plain();
            return Some(if self.is_text {
                Value::from(id.to_string())
            } else {
                id.to_value()
            });
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(written) => text.push_str(written),
                Part::Id(key) => text.push_str(&id_of(key)?.to_string()),
            }
        }
        Some(text.into())
    }
}

/// Replaces the placeholders of a body by the known ids. Returns the references that are
/// still not known.
pub fn resolve(
    body: &mut Body,
    references: &[Reference],
    id_of: impl Fn(&ResourceKey) -> Option<RemoteId>,
) -> Vec<Reference> {
    let mut pending = Vec::new();
    for reference in references {
        match reference.value(&id_of) {
            Some(value) => {
                if let Some(place) = place_of(body, &reference.at) {
                    *place = value;
                }
            }
            None => pending.push(reference.clone()),
        }
    }
    pending
}

/// Returns the place of a value; `None` if the body lacks the place.
fn place_of<'a>(body: &'a mut Body, at: &[Step]) -> Option<&'a mut Value> {
    let (first, rest) = at.split_first()?;
    let Step::Field(name) = first else {
        return None;
    };
    let mut place = body.fields_mut().get_mut(name)?;
    for step in rest {
        place = match step {
            Step::Field(name) => place.get_mut(name)?,
            Step::Item(index) => place.get_mut(index)?,
        };
    }
    Some(place)
}

/// Returns the resources that these references need.
#[must_use]
pub fn keys_of(references: &[Reference]) -> BTreeSet<ResourceKey> {
    references
        .iter()
        .flat_map(Reference::keys)
        .cloned()
        .collect()
}

/// Returns the ids of other resources that a body of this kind contains, with these
/// attached digital humans.
#[must_use]
pub fn ids_in(kind: Kind, body: &Body, humans: &BTreeSet<DigitalHumanId>) -> BTreeSet<RemoteId> {
    let mut ids = written_ids(kind, &body.0);
    let humans = humans.iter().map(|human| PlainId::Number(human.0));
    ids.extend(humans.map(|id| RemoteId::of(Kind::DigitalHuman, id)));
    ids
}

/// Returns the ids of other resources in the fields of a document or a body. A key that
/// looks like an id is among them.
#[must_use]
pub fn written_ids(kind: Kind, fields: &Map<String, Value>) -> BTreeSet<RemoteId> {
    let mut ids = BTreeSet::new();
    add_ids(kind.fields(), fields, &mut ids);
    ids
}

fn add_ids(known: &[Field], fields: &Map<String, Value>, ids: &mut BTreeSet<RemoteId>) {
    for field in known {
        let names = [Some(field.name), field.alias_of];
        let values = names
            .into_iter()
            .flatten()
            .filter_map(|name| fields.get(name));
        for value in values {
            if let Some(kind) = field.refers_to {
                add_values(kind, value, ids);
            } else if let (COMPOSITE, Value::String(formula)) = (field.name, value) {
                let parts = formula.split('"').map(Value::from);
                parts.for_each(|part| add_values(Kind::CustomMetric, &part, ids));
            } else if let Value::Object(inner) = value {
                add_ids(field.inner(), inner, ids);
            }
        }
    }
}

fn add_values(kind: Kind, value: &Value, ids: &mut BTreeSet<RemoteId>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| add_values(kind, item, ids)),
        value => ids.extend(PlainId::of_value(kind, value).map(|id| RemoteId::of(kind, id))),
    }
}

/// Returns whether a body may contain this id. A number that is equal to an id can have
/// another meaning, so the answer can be wrong for numbers.
#[must_use]
pub fn may_refer_to(body: &Body, id: RemoteId) -> bool {
    let text = id.to_string();
    body.0.values().any(|value| may_be(value, id, &text))
}

fn may_be(value: &Value, id: RemoteId, text: &str) -> bool {
    match value {
        Value::String(written) => match id.number() {
            Some(_) => written == text,
            // A formula contains ids among other text.
            None => written.contains(text),
        },
        Value::Number(number) => number.as_u64().is_some() && number.as_u64() == id.number(),
        Value::Array(items) => items.iter().any(|item| may_be(item, id, text)),
        Value::Object(fields) => fields.values().any(|value| may_be(value, id, text)),
        Value::Null | Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::Kind;
    use crate::resource::key::PlainId;

    fn metric(key: &str) -> ResourceKey {
        ResourceKey::of(Kind::CustomMetric, key)
    }

    fn reference(at: &[Step], parts: Vec<Part>) -> Reference {
        Reference {
            at: at.to_vec(),
            parts,
            is_text: false,
        }
    }

    #[test]
    fn known_ids_replace_their_placeholders() {
        let formula = [
            Step::Field("settings".into()),
            Step::Field("formula".into()),
        ];
        let references = [
            reference(
                &[Step::Field("metrics".into()), Step::Item(1)],
                vec![Part::Id(metric("a"))],
            ),
            reference(
                &formula,
                vec![
                    Part::Text("\"".into()),
                    Part::Id(metric("a")),
                    Part::Text("\" + ".into()),
                    Part::Id(metric("b")),
                ],
            ),
        ];
        assert_eq!(
            references[1].placeholder(),
            "\"${custom_metric:a}\" + ${custom_metric:b}"
        );
        let written = json!({
            "metrics": ["x", references[0].placeholder()],
            "settings": {"formula": references[1].placeholder()},
        });
        let mut body: Body = serde_json::from_value(written).unwrap();
        let id = |text: &str| RemoteId::of(Kind::CustomMetric, PlainId::text(text).unwrap());
        let pending = resolve(&mut body, &references, |key| {
            (key.key() == "a").then(|| id("u1"))
        });
        assert_eq!(pending, [references[1].clone()]);
        let pending = resolve(&mut body, &pending, |key| {
            Some(id(if key.key() == "a" { "u1" } else { "u2" }))
        });
        assert!(pending.is_empty());
        let expected = json!({"metrics": ["x", "u1"], "settings": {"formula": "\"u1\" + u2"}});
        assert_eq!(serde_json::to_value(&body).unwrap(), expected);
    }
}
