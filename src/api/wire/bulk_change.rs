//! Updates and deletes of many digital humans in one request.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::answer::{observed_in, plain_id};
use super::update_request;
use crate::resource::body::Body;
use crate::resource::key::RemoteId;
use crate::resource::{Kind, Observed};

/// `PUT`: update at most 100 digital humans.
pub const UPDATE_MANY: &str = "/v1/update-digital-humans";

const KIND: Kind = Kind::DigitalHuman;

/// What an update of many did with one of its items.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemUpdate {
    /// The item was executed, and the answer shows the digital human.
    Shown(Box<Observed>),
    /// No item of the request failed, and the answer shows none.
    Confirmed,
    /// The API refused the item.
    Refused,
    /// The answer leaves open whether the item was executed.
    Unknown,
}

/// Returns the `DELETE` path for at most 100 digital humans.
#[must_use]
pub fn delete_many(ids: &[RemoteId]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    let ids = ids.join(",");
    format!("/v1/delete-digital-humans?digital_human_ids={ids}")
}

/// Returns the body of a request that updates digital humans with these patches.
#[must_use]
pub fn update_many_request(updates: &[(RemoteId, &Body)]) -> Body {
    let items = updates.iter().map(|(id, patch)| {
        let update = Value::Object(Map::clone(&update_request(KIND, patch).0));
        json!({ "digital_human_id": id.number(), "update": update })
    });
    let items: Vec<_> = items.collect();
    [("updates".to_owned(), Value::Array(items))]
        .into_iter()
        .collect()
}

/// Reads the answer to an update of many digital humans. The result is in the order of the
/// sent ids.
///
/// The reference does not describe the answer. Every list but the one of the errors may
/// show the digital humans. If the answer shows some of them, a missing one is unknown.
#[must_use]
pub fn updated_many(sent: &[RemoteId], answer: &Value) -> Vec<ItemUpdate> {
    let mut shown = BTreeMap::new();
    for (name, value) in answer.as_object().into_iter().flatten() {
        let rows = value.as_array().filter(|_| name != ERRORS);
        for row in rows.into_iter().flatten() {
            let human = row.get(KIND.name()).unwrap_or(row).as_object();
            if let Some((id, human)) = human.and_then(|human| Some((id_in(human)?, human))) {
                shown.insert(id, observed_in(id, human));
            }
        }
    }
    let failed = failed(sent, answer);
    let is_silent = shown.is_empty() && failed.as_ref().is_some_and(BTreeSet::is_empty);
    let is_refused = |id| failed.as_ref().is_some_and(|failed| failed.contains(id));
    sent.iter()
        .map(|id| match shown.remove(id) {
            _ if is_refused(id) => ItemUpdate::Refused,
            Some(seen) => ItemUpdate::Shown(Box::new(seen)),
            None if is_silent => ItemUpdate::Confirmed,
            None => ItemUpdate::Unknown,
        })
        .collect()
}

/// Reads the answer to a delete of many digital humans. Returns the ids that the API
/// deleted.
///
/// The list of the deleted ones contains objects or ids. A number in its place counts if
/// the API deleted all of them.
#[must_use]
pub fn deleted_many(sent: &[RemoteId], answer: &Value) -> BTreeSet<RemoteId> {
    let failed = failed(sent, answer);
    let is_sound = |id: &RemoteId| failed.as_ref().is_some_and(|failed| !failed.contains(id));
    let deleted: BTreeSet<_> = match answer.get("deleted") {
        Some(Value::Array(rows)) => rows.iter().filter_map(id_of_row).collect(),
        Some(Value::Number(count)) if count.as_u64() == u64::try_from(sent.len()).ok() => {
            sent.iter().copied().collect()
        }
        _ => BTreeSet::new(),
    };
    let sent = sent.iter().copied();
    sent.filter(|id| deleted.contains(id) && is_sound(id))
        .collect()
}

/// The member of an answer with the errors of items.
const ERRORS: &str = "errors";

/// Returns the ids of the failed items; `None` if an error names no item that was sent.
fn failed(sent: &[RemoteId], answer: &Value) -> Option<BTreeSet<RemoteId>> {
    let errors = match answer.get(ERRORS) {
        None | Some(Value::Null) => return Some(BTreeSet::new()),
        Some(errors) => errors.as_array()?,
    };
    let id_of_error = |error: &Value| {
        let id = ["digital_human_id", "id"].iter();
        let id = id.filter_map(|name| error.get(name)).find_map(remote_id);
        let index = || usize::try_from(error.get("index")?.as_u64()?).ok();
        let id = id.or_else(|| sent.get(index()?).copied())?;
        sent.contains(&id).then_some(id)
    };
    errors.iter().map(id_of_error).collect()
}

fn id_of_row(row: &Value) -> Option<RemoteId> {
    match row.get(KIND.name()).unwrap_or(row) {
        Value::Object(human) => id_in(human),
        id => remote_id(id),
    }
}

fn id_in(human: &Map<String, Value>) -> Option<RemoteId> {
    remote_id(human.get("id").or_else(|| human.get("digital_human_id"))?)
}

fn remote_id(id: &Value) -> Option<RemoteId> {
    plain_id(KIND, id).map(|id| RemoteId::of(KIND, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::key::PlainId;

    fn ids() -> [RemoteId; 3] {
        [7, 8, 9].map(|id| RemoteId::of(KIND, PlainId::Number(id)))
    }

    fn check_update(answer: &Value, expected: [&str; 3]) {
        let outcomes = updated_many(&ids(), answer);
        let words = outcomes.iter().map(|outcome| match outcome {
            ItemUpdate::Shown(seen) => seen.name.as_deref().unwrap_or("nameless"),
            ItemUpdate::Confirmed => "confirmed",
            ItemUpdate::Refused => "refused",
            ItemUpdate::Unknown => "unknown",
        });
        assert_eq!(words.collect::<Vec<_>>(), expected, "{answer}");
    }

    #[test]
    fn each_updated_item_has_its_outcome_in_any_form() {
        let row = |id: u64, name: &str| json!({"id": id, "name": name});
        let wrapped = |id: u64, name: &str| json!({ "digital_human": row(id, name) });
        check_update(
            &json!({"updated": [wrapped(9, "c"), wrapped(8, "b"), wrapped(7, "a")], "errors": []}),
            ["a", "b", "c"],
        );
        check_update(
            &json!({"digital_humans": [row(7, "a"), row(9, "c")],
                    "errors": [{"index": 1, "detail": "deadlock"}]}),
            ["a", "refused", "c"],
        );
        check_update(
            &json!({"updated": [row(7, "a")], "errors": [{"digital_human_id": 8}]}),
            ["a", "refused", "unknown"],
        );
        check_update(&json!({"message": "3 updated"}), ["confirmed"; 3]);
        check_update(&json!(null), ["confirmed"; 3]);
        check_update(
            &json!({"errors": [{"id": 8}]}),
            ["unknown", "refused", "unknown"],
        );
        check_update(
            &json!({"updated": [row(7, "a")], "errors": [{"id": 70}]}),
            ["a", "unknown", "unknown"],
        );
        check_update(&json!({"errors": "deadlock"}), ["unknown"; 3]);
    }

    fn check_delete(answer: &Value, expected: &[u64]) {
        let deleted = deleted_many(&ids(), answer);
        let numbers = deleted.iter().filter_map(|id| id.number());
        assert_eq!(numbers.collect::<Vec<_>>(), expected, "{answer}");
    }

    #[test]
    fn only_confirmed_deletes_count() {
        let gone = json!([{"id": 9}, {"digital_human": {"id": 8}}, 7]);
        check_delete(&json!({"deleted": gone, "errors": []}), &[7, 8, 9]);
        check_delete(&json!({"deleted": 3}), &[7, 8, 9]);
        check_delete(&json!({"deleted": 2}), &[]);
        check_delete(&json!({}), &[]);
        check_delete(
            &json!({"deleted": [7, 8, 70], "errors": [{"id": 9, "detail": "not found"}]}),
            &[7, 8],
        );
        check_delete(&json!({"deleted": [7], "errors": [{"detail": "x"}]}), &[]);
    }

    #[test]
    fn requests_name_the_items() {
        let patch: Body = serde_json::from_value(json!({"intent": "x"})).unwrap();
        let request = update_many_request(&[(ids()[0], &patch)]);
        let expected = json!({"updates": [{"digital_human_id": 7, "update": {"intent": "x"}}]});
        assert_eq!(serde_json::to_value(&request).unwrap(), expected);
        let expected = "/v1/delete-digital-humans?digital_human_ids=7,8,9";
        assert_eq!(delete_many(&ids()), expected);
    }
}
