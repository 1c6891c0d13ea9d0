//! Updates and deletes of many digital humans in one request.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::answer::{observed_in, plain_id};
use super::bulk::{ItemOutcome, detail};
use super::update_request;
use crate::resource::body::Body;
use crate::resource::key::RemoteId;
use crate::resource::{Kind, Observed};

/// `PUT`: update at most 100 digital humans.
pub const UPDATE_MANY: &str = "/v1/update-digital-humans";

const KIND: Kind = Kind::DigitalHuman;

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

/// The members of an answer with the digital humans that were updated. The reference does
/// not describe the answer.
const UPDATED: [&str; 2] = ["updated", "digital_humans"];

/// Reads the answer to an update of many digital humans. The outcomes are in the order of
/// the sent ids. The value of an executed item is the digital human as the answer shows
/// it.
#[must_use]
pub fn updated_many(sent: &[RemoteId], answer: &Value) -> Vec<ItemOutcome<Observed>> {
    let lists = UPDATED
        .iter()
        .filter_map(|name| answer.get(name)?.as_array());
    let humans = lists.flatten().filter_map(|row| {
        let human = row.get(KIND.name()).unwrap_or(row).as_object()?;
        let id = id_in(human)?;
        Some((id, observed_in(id, human)))
    });
    // An error that names no item is harmless, because the values of the rows are
    // compared.
    let refused = refusals(sent, answer).unwrap_or_default();
    outcomes(sent, humans.collect(), refused)
}

/// Reads the answer to a delete of many digital humans. The outcomes are in the order of
/// the sent ids.
///
/// If an error names no item, every outcome is unknown. The answer lists the deleted
/// digital humans as objects or as ids. An answer with their number in place of the list
/// counts only if the API deleted all of them.
#[must_use]
pub fn deleted_many(sent: &[RemoteId], answer: &Value) -> Vec<ItemOutcome<()>> {
    let Some(refused) = refusals(sent, answer) else {
        return sent.iter().map(|_| ItemOutcome::Unknown).collect();
    };
    let is_number_of_all = |number: &Value| {
        let number = number.as_u64().map(usize::try_from);
        number == Some(Ok(sent.len())) && refused.is_empty()
    };
    let deleted = match answer.get("deleted") {
        Some(Value::Array(rows)) => rows.iter().filter_map(id_of_row).collect(),
        Some(number) if is_number_of_all(number) => sent.to_vec(),
        _ => Vec::new(),
    };
    let deleted = deleted.into_iter().map(|id| (id, ()));
    outcomes(sent, deleted.collect(), refused)
}

/// Returns the outcome of each sent item. An item that the answer confirms and also
/// refuses has an unknown outcome.
fn outcomes<T>(
    sent: &[RemoteId],
    mut confirmed: BTreeMap<RemoteId, T>,
    mut refused: BTreeMap<RemoteId, String>,
) -> Vec<ItemOutcome<T>> {
    let outcome = |id| match (confirmed.remove(id), refused.remove(id)) {
        (Some(value), None) => ItemOutcome::Done(value),
        (None, Some(reason)) => ItemOutcome::Refused(reason),
        (Some(_), Some(_)) | (None, None) => ItemOutcome::Unknown,
    };
    sent.iter().map(outcome).collect()
}

/// Returns the refused items with the reasons; `None` if an error names no item that was
/// sent.
fn refusals(sent: &[RemoteId], answer: &Value) -> Option<BTreeMap<RemoteId, String>> {
    let errors = match answer.get("errors") {
        None | Some(Value::Null) => return Some(BTreeMap::new()),
        Some(errors) => errors.as_array()?,
    };
    let refusal = |error: &Value| {
        let id = ["digital_human_id", "id"].iter();
        let id = id.filter_map(|name| error.get(name)).find_map(remote_id);
        let index = || usize::try_from(error.get("index")?.as_u64()?).ok();
        let id = id.or_else(|| sent.get(index()?).copied())?;
        sent.contains(&id).then(|| (id, detail(error)))
    };
    errors.iter().map(refusal).collect()
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

    fn words<T>(outcomes: Vec<ItemOutcome<T>>, done: impl Fn(T) -> String) -> Vec<String> {
        let words = outcomes.into_iter().map(|outcome| match outcome {
            ItemOutcome::Done(value) => done(value),
            ItemOutcome::Refused(reason) => format!("refused: {reason}"),
            ItemOutcome::Unknown => "unknown".to_owned(),
        });
        words.collect()
    }

    fn check_update(answer: &Value, expected: [&str; 3]) {
        let outcomes = updated_many(&ids(), answer);
        let words = words(outcomes, |seen| seen.name.unwrap_or_default());
        assert_eq!(words, expected, "{answer}");
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
            ["a", "refused: deadlock", "c"],
        );
        check_update(
            &json!({"updated": [row(7, "a")], "errors": [{"digital_human_id": 8, "detail": "no"}]}),
            ["a", "refused: no", "unknown"],
        );
        check_update(
            &json!({"updated": [row(7, "a")], "errors": [{"id": 70}]}),
            ["a", "unknown", "unknown"],
        );
    }

    #[test]
    fn an_answer_that_does_not_list_an_update_does_not_confirm_it() {
        let rows = json!([{"id": 7, "name": "a"}]);
        for silent in [
            json!({"message": "3 updated"}),
            json!(null),
            json!({"errors": "deadlock"}),
            json!({"skipped": rows, "failed": rows}),
            json!({"updated": rows, "errors": [{"id": 7}]}),
        ] {
            check_update(&silent, ["unknown"; 3]);
        }
    }

    fn check_delete(answer: &Value, expected: [&str; 3]) {
        let words = words(deleted_many(&ids(), answer), |()| "deleted".to_owned());
        assert_eq!(words, expected, "{answer}");
    }

    #[test]
    fn only_confirmed_deletes_count() {
        let gone = json!([{"id": 9}, {"digital_human": {"id": 8}}, 7]);
        check_delete(&json!({"deleted": gone, "errors": []}), ["deleted"; 3]);
        check_delete(&json!({"deleted": 3}), ["deleted"; 3]);
        check_delete(&json!({"deleted": 2}), ["unknown"; 3]);
        check_delete(&json!({}), ["unknown"; 3]);
        check_delete(
            &json!({"deleted": [7, 8, 70], "errors": [{"id": 9, "detail": "in use"}]}),
            ["deleted", "deleted", "refused: in use"],
        );
    }

    #[test]
    fn an_answer_that_contradicts_itself_proves_no_delete() {
        check_delete(
            &json!({"deleted": 3, "errors": [{"id": 9, "detail": "in use"}]}),
            ["unknown", "unknown", "refused: in use"],
        );
        check_delete(
            &json!({"deleted": 3, "errors": [{"detail": "x"}]}),
            ["unknown"; 3],
        );
        for errors in [
            json!(["9 is in use"]),
            json!({"9": "in use"}),
            json!("9 is in use"),
        ] {
            check_delete(
                &json!({"deleted": [7, 8, 9], "errors": errors}),
                ["unknown"; 3],
            );
        }
        check_delete(
            &json!({"deleted": [7, 9], "errors": [{"id": 9, "detail": "in use"}]}),
            ["deleted", "unknown", "unknown"],
        );
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
