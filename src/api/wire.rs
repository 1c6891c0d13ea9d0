//! The paths and answers of the API.
//!
//! Answers are read leniently: fields may be unknown or missing, and ids have been seen
//! under several names. But required parts are required: an answer without the expected
//! list is an error, never an empty list.

pub mod agents;
mod answer;
mod bulk;
mod bulk_change;
mod conversations;
mod details;
mod listing;
pub mod pruned;
pub mod routes;
pub mod runs;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::resource::Kind;
use crate::resource::body::Body;
use crate::resource::key::DigitalHumanId;
use answer::{plain_id, text};

pub use answer::{observed, parse_created_id};
pub use bulk::{CREATE_MANY, ItemOutcome, create_many_request, created_many};
pub use bulk_change::{UPDATE_MANY, delete_many, deleted_many, update_many_request, updated_many};
pub use details::error_details;
pub use listing::{ListedResource, Page, listed, listed_with_fields};

/// Returns the request body of a create: the fields under the names of the API, which wraps
/// the fields of a digital human.
#[must_use]
pub fn create_request(kind: Kind, body: &Body) -> Body {
    match kind {
        Kind::Simulation => body.clone(),
        Kind::DigitalHuman => {
            let fields = Value::Object(named_by_api(kind, body));
            [(kind.name().to_owned(), fields)].into_iter().collect()
        }
        Kind::CustomMetric => {
            let mut fields = named_by_api(kind, body);
            insert_older_names(&mut fields);
            // The older API required the field of each metric.
            fields.entry(DESCRIPTION).or_insert_with(|| "".into());
            Body::from(fields)
        }
        Kind::Schedule => Body::from(named_by_api(kind, body)),
    }
}

/// Returns the request body of an update of these fields.
#[must_use]
pub fn update_request(kind: Kind, patch: &Body) -> Body {
    let mut request = patch.clone();
    if kind == Kind::CustomMetric {
        insert_older_names(request.fields_mut());
    }
    request
}

/// The older name of the prompt of a metric.
const DESCRIPTION: &str = "description";

/// Adds the older names of fields of a metric. The API takes both names, and an older API
/// requires the older names or ignores the newer names.
fn insert_older_names(fields: &mut Map<String, Value>) {
    let renamed = [("prompt", DESCRIPTION), ("eval_modality", "eval_route")];
    for (newer, older) in renamed {
        if let Some(value) = fields.get(newer).cloned() {
            fields.entry(older).or_insert(value);
        }
    }
}

/// Returns the fields of a body under the names of the API.
fn named_by_api(kind: Kind, body: &Body) -> Map<String, Value> {
    let sent_as = |name: &String| {
        let other = kind.field(name).and_then(|field| field.sent_as);
        other.map_or_else(|| name.clone(), str::to_owned)
    };
    let fields = body.0.iter();
    fields
        .map(|(name, value)| (sent_as(name), value.clone()))
        .collect()
}

/// Reads the answer to a delete. A delete of a schedule can fail inside a success.
pub fn deleted(answer: &Value) -> Result<(), String> {
    match answer.get("status").and_then(Value::as_str) {
        Some("error") => Err("it says that the delete failed".to_owned()),
        _ => Ok(()),
    }
}

/// Returns the body of a request that attaches or detaches digital humans.
#[must_use]
pub fn humans_request(humans: &BTreeSet<DigitalHumanId>) -> Body {
    let ids: Vec<_> = humans.iter().map(|human| Value::from(human.0)).collect();
    [("digital_human_ids".to_owned(), Value::Array(ids))]
        .into_iter()
        .collect()
}

/// Returns the digital humans of a list.
pub fn parse_humans(answer: &Value) -> Result<BTreeSet<DigitalHumanId>, String> {
    let humans = answer
        .get("digital_humans")
        .and_then(Value::as_array)
        .ok_or("it contains no list of digital humans")?;
    humans
        .iter()
        .map(|human| {
            let id = human.get("id");
            id.and_then(|id| plain_id(Kind::DigitalHuman, id)?.number())
                .map(DigitalHumanId)
                .ok_or_else(|| "it lists a digital human without an id".to_owned())
        })
        .collect()
}

/// Returns the organisation in an answer, if the answer has one.
#[must_use]
pub fn organization(answer: &Value) -> Option<String> {
    let at = [
        "/organization_id",
        "/organization/id",
        "/integrations/0/organization_id",
    ];
    let first = answer.get(0).and_then(|first| first.get("organization_id"));
    at.iter()
        .filter_map(|pointer| answer.pointer(pointer))
        .chain(first)
        .find_map(|value| text(Some(value)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_metric_is_sent_under_older_names_too() {
        let body = |value| serde_json::from_value::<Body>(value).unwrap();
        let declared = body(json!({"name": "P", "prompt": "Polite?", "eval_modality": "TEXT"}));
        let sent = create_request(Kind::CustomMetric, &declared);
        let expected = json!({
            "name": "P", "prompt": "Polite?", "description": "Polite?",
            "eval_modality": "TEXT", "eval_route": "TEXT",
        });
        assert_eq!(sent, body(expected));
        let sent = create_request(Kind::CustomMetric, &body(json!({"name": "P"})));
        assert_eq!(sent, body(json!({"name": "P", "description": ""})));
        let sent = update_request(Kind::CustomMetric, &body(json!({"prompt": "Kind?"})));
        assert_eq!(
            sent,
            body(json!({"prompt": "Kind?", "description": "Kind?"}))
        );
        let sent = update_request(Kind::Simulation, &body(json!({"name": "S"})));
        assert_eq!(sent, body(json!({"name": "S"})));
    }
}
