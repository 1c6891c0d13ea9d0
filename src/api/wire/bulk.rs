//! Creates of many digital humans in one request.

use serde_json::{Value, json};

use super::answer::{observed_in, plain_id};
use crate::resource::body::Body;
use crate::resource::key::RemoteId;
use crate::resource::{
    Kind, NullMeaning, Observed, identity, is_same_but_name, mismatches, recognised,
};

/// `POST`: create at most 100 digital humans.
pub const CREATE_MANY: &str = "/v1/create-digital-humans";

const KIND: Kind = Kind::DigitalHuman;

/// The outcome of one item of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemOutcome<T> {
    /// The item was executed.
    Done(T),
    /// The API refused the item for this reason.
    Refused(String),
    /// The answer does not tell.
    Unknown,
}

/// Returns the body of a request that creates digital humans with these bodies.
#[must_use]
pub fn create_many_request(bodies: &[&Body]) -> Body {
    let items = bodies
        .iter()
        .map(|body| Value::Object(super::named_by_api(KIND, body)));
    let items: Vec<_> = items.collect();
    [("digital_humans".to_owned(), Value::Array(items))]
        .into_iter()
        .collect()
}

/// Reads the answer to a create of many digital humans. The outcomes are in the order of
/// the sent bodies.
///
/// An error names its item. The documentation does not promise an order of the created
/// digital humans, so each is matched with a sent item by its name, then by its content.
/// An item has an unknown outcome if it matches no created digital human, or several. A
/// refused item has an unknown outcome if an unmatched created digital human has its name
/// or its content: the answer contradicts itself.
pub fn created_many(sent: &[&Body], answer: &Value) -> Result<Vec<ItemOutcome<RemoteId>>, String> {
    let list = |name: &str| answer.get(name).and_then(Value::as_array);
    let created = list("created").ok_or("it holds no list of created digital humans")?;
    let mut outcomes = vec![ItemOutcome::Unknown; sent.len()];
    for error in list("errors").into_iter().flatten() {
        let index = error.get("index").and_then(Value::as_u64);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let Some(outcome) = index.and_then(|index| outcomes.get_mut(index)) else {
            return Err("it names an item that was not sent".to_owned());
        };
        *outcome = ItemOutcome::Refused(detail(error));
    }
    let created: Vec<_> = created.iter().map(observed).collect::<Result<_, _>>()?;
    assign(sent, &created, &mut outcomes);
    Ok(outcomes)
}

/// Returns why the API refused an item.
pub(super) fn detail(error: &Value) -> String {
    match error.get("detail") {
        Some(Value::String(detail)) => detail.clone(),
        Some(detail) if !detail.is_null() => detail.to_string(),
        _ => json!(error).to_string(),
    }
}

/// Reads a created digital human, with or without its envelope.
fn observed(item: &Value) -> Result<Observed, String> {
    let human = item.get(KIND.name()).unwrap_or(item);
    let human = human
        .as_object()
        .ok_or("it lists an item that is no object")?;
    let id = human.get("id").and_then(|id| plain_id(KIND, id));
    let id = id.ok_or("it lists a created digital human without an id")?;
    Ok(observed_in(RemoteId::of(KIND, id), human))
}

type Outcomes = [ItemOutcome<RemoteId>];

/// Assigns the created digital humans to the items without an outcome.
fn assign(sent: &[&Body], created: &[Observed], outcomes: &mut Outcomes) {
    let mut left: Vec<_> = created.iter().collect();
    for item_of in [item_of_name, item_of_content] {
        loop {
            let before = left.len();
            // After an assignment, another created digital human may match only one item.
            left.retain(|created| match item_of(created, sent, outcomes) {
                Some(index) => {
                    outcomes[index] = ItemOutcome::Done(created.id);
                    false
                }
                None => true,
            });
            if left.len() == before {
                break;
            }
        }
    }
    let unknown: Vec<_> = open(outcomes).collect();
    if let (&[created], &[index]) = (&left[..], &unknown[..])
        && !may_be_refused(created, sent, outcomes)
    {
        // The API may have changed the name and the content.
        outcomes[index] = ItemOutcome::Done(created.id);
        return;
    }
    let refused: Vec<_> = refused(outcomes).collect();
    for index in refused {
        if left.iter().any(|left| could_be(sent[index], left)) {
            outcomes[index] = ItemOutcome::Unknown;
        }
    }
}

/// Returns the items without an outcome.
fn open(outcomes: &Outcomes) -> impl Iterator<Item = usize> {
    (0..outcomes.len()).filter(|index| outcomes[*index] == ItemOutcome::Unknown)
}

/// Returns the refused items.
fn refused(outcomes: &Outcomes) -> impl Iterator<Item = usize> {
    (0..outcomes.len()).filter(|index| matches!(outcomes[*index], ItemOutcome::Refused(_)))
}

/// Returns the only item without an outcome that has the content of a created digital
/// human. The names may differ. `None` if several items have the content, or none.
fn item_of_content(created: &Observed, sent: &[&Body], outcomes: &Outcomes) -> Option<usize> {
    let mut same = open(outcomes).filter(|index| has_content(sent[*index], created));
    match (same.next(), same.next()) {
        (Some(only), None) if !may_be_refused(created, sent, outcomes) => Some(only),
        _ => None,
    }
}

/// Returns the only item without an outcome that has the name of a created digital human;
/// `None` if several items have the name, or none.
fn item_of_name(created: &Observed, sent: &[&Body], outcomes: &Outcomes) -> Option<usize> {
    let fitting: Vec<_> = open(outcomes)
        .filter(|index| fits(sent[*index], created))
        .collect();
    let exact = fitting.iter().copied();
    let exact = exact
        .filter(|index| mismatches(KIND, sent[*index], created, NullMeaning::NotShown).is_empty());
    let exact: Vec<_> = exact.collect();
    // Items with the same content are interchangeable.
    let are_equal = exact.windows(2).all(|pair| sent[pair[0]] == sent[pair[1]]);
    match (&exact[..], &fitting[..]) {
        ([first, ..], _) if are_equal => Some(*first),
        ([], [only]) if !may_be_refused(created, sent, outcomes) => Some(*only),
        _ => None,
    }
}

/// Returns whether a created digital human could be an item that the answer also refuses.
fn may_be_refused(created: &Observed, sent: &[&Body], outcomes: &Outcomes) -> bool {
    refused(outcomes).any(|index| could_be(sent[index], created))
}

fn could_be(sent: &Body, created: &Observed) -> bool {
    fits(sent, created) || has_content(sent, created)
}

/// Returns whether a created digital human has the content of a sent item. The names may
/// differ.
fn has_content(sent: &Body, created: &Observed) -> bool {
    is_same_but_name(KIND, sent, created, NullMeaning::NotShown)
}

/// Returns whether a created digital human has the name of a sent item, as far as the
/// answer shows.
fn fits(sent: &Body, created: &Observed) -> bool {
    let title = KIND.identity().title;
    let hides_title = title.is_some_and(|title| !created.fields.contains_key(title));
    let (shown, wanted) = if hides_title {
        let shown = created.name.as_deref().and_then(recognised);
        (shown, sent.name().and_then(recognised))
    } else {
        (created.identity(), identity(KIND, sent))
    };
    shown.is_none() || shown == wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::key::PlainId;

    fn human(name: &str, intent: &str) -> Body {
        let body = json!({"name": "Caller", "test_name": name, "intent": intent});
        serde_json::from_value(body).unwrap()
    }

    fn made(id: u64, name: &str, intent: &str) -> Value {
        json!({"digital_human": {
            "id": id, "name": "Caller", "test_name": name, "intent": intent,
        }})
    }

    fn check(created: &[Value], errors: &Value, expected: &[&str]) {
        let sent = [human("a", "x"), human("b", "x"), human("b", "y")];
        let sent: Vec<_> = sent.iter().collect();
        let answer = json!({"created": created, "errors": errors});
        let outcomes = created_many(&sent, &answer).unwrap();
        let said: Vec<_> = outcomes
            .into_iter()
            .map(|outcome| match outcome {
                ItemOutcome::Done(id) => id.to_string(),
                ItemOutcome::Refused(reason) => reason,
                ItemOutcome::Unknown => "unknown".to_owned(),
            })
            .collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn each_item_has_its_outcome_in_any_order() {
        let [a, b, c] = [made(1, "a", "x"), made(2, "b", "x"), made(3, "b", "y")];
        check(
            &[a.clone(), b.clone(), c.clone()],
            &json!([]),
            &["1", "2", "3"],
        );
        check(
            &[c.clone(), b.clone(), a.clone()],
            &json!([]),
            &["1", "2", "3"],
        );
        let refused = json!([{"index": 1, "detail": "deadlock"}]);
        check(&[c.clone(), a.clone()], &refused, &["1", "deadlock", "3"]);
        check(&[c], &json!([]), &["unknown", "unknown", "3"]);
        check(&[made(9, "other", "x")], &json!([]), &["unknown"; 3]);
    }

    #[test]
    fn the_order_of_an_answer_proves_nothing() {
        let named = |id: u64, intent: &str| json!({"id": id, "name": "Caller", "intent": intent});
        check(
            &[named(3, "y"), named(1, "x"), named(2, "x")],
            &json!([]),
            &["unknown", "unknown", "3"],
        );
        let bare = |id: u64| json!({ "id": id });
        check(&[bare(3), bare(2), bare(1)], &json!([]), &["unknown"; 3]);
    }

    #[test]
    fn the_last_created_one_is_the_last_item_even_under_a_changed_name() {
        let [a, b, changed] = [made(1, "a", "x"), made(2, "b", "x"), made(3, "B", "Y")];
        check(
            &[changed.clone(), a, b.clone()],
            &json!([]),
            &["1", "2", "3"],
        );
        let refused = json!([{"index": 0, "detail": "deadlock"}]);
        check(&[changed, b], &refused, &["deadlock", "2", "3"]);
        let refused = json!([{"index": 1, "detail": "deadlock"}]);
        check(
            &[made(1, "a", "x"), made(2, "b", "x")],
            &refused,
            &["1", "unknown", "unknown"],
        );
    }

    #[test]
    fn changed_titles_are_matched_by_content() {
        let [a, b, c] = [made(1, "A!", "x"), made(2, "B!", "z"), made(3, "b", "y")];
        let sent = [human("a", "x"), human("b", "z"), human("b", "y")];
        let sent: Vec<_> = sent.iter().collect();
        let answer = json!({"created": [b, c, a], "errors": []});
        let outcomes = created_many(&sent, &answer).unwrap();
        let ids = [1, 2, 3].map(|id| RemoteId::of(KIND, PlainId::Number(id)));
        assert_eq!(outcomes, ids.map(ItemOutcome::Done));
    }

    #[test]
    fn names_are_compared_in_one_unicode_form() {
        let sent = [human("Caf\u{e9}", "x"), human("Cafe\u{301}", "y")];
        let sent: Vec<_> = sent.iter().collect();
        let answer = json!({"created": [made(2, "Caf\u{e9}", "y"), made(1, "Caf\u{e9}", "x")]});
        let outcomes = created_many(&sent, &answer).unwrap();
        let ids = [1, 2].map(|id| RemoteId::of(KIND, PlainId::Number(id)));
        assert_eq!(outcomes, ids.map(ItemOutcome::Done));
    }

    #[test]
    fn a_refused_item_that_may_have_been_created_is_unknown() {
        let [a, b, c] = [made(1, "a", "x"), made(2, "b", "x"), made(3, "b", "y")];
        let refused = json!([{"index": 0, "detail": "deadlock"}]);
        check(
            &[a.clone(), b.clone(), c.clone()],
            &refused,
            &["unknown", "2", "3"],
        );
        check(std::slice::from_ref(&a), &refused, &["unknown"; 3]);
        check(&[b.clone(), c.clone()], &refused, &["deadlock", "2", "3"]);
        let refused =
            json!([{"index": 1, "detail": "deadlock"}, {"index": 2, "detail": "deadlock"}]);
        check(&[b], &refused, &["unknown"; 3]);
        // It has the content of the refused one, under another name.
        let refused = json!([{"index": 2, "detail": "deadlock"}]);
        check(
            &[a, made(3, "B", "y")],
            &refused,
            &["1", "unknown", "unknown"],
        );
    }

    #[test]
    fn an_odd_answer_is_an_error() {
        let sent = [human("a", "x")];
        let sent: Vec<_> = sent.iter().collect();
        for odd in [
            json!({}),
            json!({"created": [{"digital_human": {"id": 0}}]}),
            json!({"created": [], "errors": [{"index": 1}]}),
            json!({"created": [7]}),
        ] {
            assert!(created_many(&sent, &odd).is_err(), "{odd}");
        }
        let id = RemoteId::of(KIND, PlainId::Number(7));
        let one = json!({"created": [{"id": 7, "name": "Caller", "test_name": "a"}]});
        assert_eq!(created_many(&sent, &one), Ok(vec![ItemOutcome::Done(id)]));
    }
}
