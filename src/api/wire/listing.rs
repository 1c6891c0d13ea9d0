//! Reads the listings of the API.

use serde_json::{Map, Value};

use super::answer::{agent, identifying, observed_in, plain_id, text};
use crate::resource::body::{AGENT_ID, NAME};
use crate::resource::key::RemoteId;
use crate::resource::{Kind, Observed, recognised};

/// A resource in a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedResource {
    /// The id.
    pub id: RemoteId,
    /// The name by which the resource is recognised; `None` without one.
    pub name: Option<String>,
    /// The agent of a simulation, as text; `None` if the listing does not show the agent.
    pub agent_id: Option<String>,
    /// The observed state in the listing. A listing shows all fields of a resource, except
    /// for simulations: `None` for a simulation, unless all fields of the rows are read.
    pub observed: Option<Box<Observed>>,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The resources of the page.
    pub rows: Vec<ListedResource>,
    /// The number of pages.
    pub pages: usize,
    /// The number of resources on all pages, if the answer shows it.
    pub total: Option<u64>,
}

/// Returns a page of a listing. The error describes the mistake in the answer.
///
/// Every row must contain what the reference promises and recovery relies on: a valid id,
/// and a name, which may be null. A row without the field `name` may be a resource with a
/// name, so the whole listing counts as unreadable.
pub fn listed(kind: Kind, answer: &Value) -> Result<Page, String> {
    page(kind, answer, |id, fields| match kind {
        Kind::Simulation => simulation(id, fields),
        _ => listed_with_all_fields(id, fields),
    })
}

/// Returns a page of a listing of simulations, like [`listed`], with every field that the
/// rows show.
pub fn listed_with_fields(answer: &Value) -> Result<Page, String> {
    page(Kind::Simulation, answer, |id, fields| {
        let observed = Some(Box::new(observed_in(id, fields)));
        Ok(ListedResource {
            observed,
            ..simulation(id, fields)?
        })
    })
}

fn page(
    kind: Kind,
    answer: &Value,
    read: impl Fn(RemoteId, &Map<String, Value>) -> Result<ListedResource, String>,
) -> Result<Page, String> {
    let member = match kind {
        Kind::Simulation => "simulations",
        Kind::DigitalHuman => "digital_humans",
        Kind::CustomMetric => "metrics",
        Kind::Schedule => "schedules",
    };
    let rows = answer.get(member).and_then(Value::as_array);
    let rows = rows.ok_or_else(|| format!("it contains no list of {}s", kind.noun()))?;
    let pages = answer.get("total_pages").and_then(Value::as_u64);
    Ok(Page {
        rows: rows
            .iter()
            .map(|listed| row(kind, listed, &read))
            .collect::<Result<_, _>>()?,
        pages: pages
            .and_then(|pages| usize::try_from(pages).ok())
            .unwrap_or(1),
        total: answer.get("total_count").and_then(Value::as_u64),
    })
}

fn row(
    kind: Kind,
    row: &Value,
    read: impl Fn(RemoteId, &Map<String, Value>) -> Result<ListedResource, String>,
) -> Result<ListedResource, String> {
    let noun = kind.noun();
    let row = row
        .as_object()
        .ok_or_else(|| format!("it lists a {noun} without an id"))?;
    let id = row
        .get("id")
        .ok_or_else(|| format!("it lists a {noun} without an id"))?;
    let id =
        plain_id(kind, id).ok_or_else(|| format!("it lists a {noun} with the invalid id {id}"))?;
    read(RemoteId::of(kind, id), row)
}

/// Returns a row of a listing of simulations, which has only identifying fields.
fn simulation(id: RemoteId, row: &Map<String, Value>) -> Result<ListedResource, String> {
    let name = scalar(id, row, NAME)?;
    let name =
        name.ok_or_else(|| format!("simulation {id} in the listing lacks the field `{NAME}`"))?;
    Ok(ListedResource {
        id,
        name: text(Some(name)).and_then(|name| recognised(&name)),
        agent_id: agent(scalar(id, row, AGENT_ID)?),
        observed: None,
    })
}

/// Returns a row of a listing of another kind, which has all fields.
fn listed_with_all_fields(
    id: RemoteId,
    row: &Map<String, Value>,
) -> Result<ListedResource, String> {
    scalar(id, row, NAME)?;
    let mut identifying = identifying(id.kind()).iter();
    if !identifying.any(|field| row.contains_key(*field)) {
        let noun = id.kind().noun();
        return Err(format!(
            "{noun} {id} in the listing lacks the field `{NAME}`"
        ));
    }
    let observed = observed_in(id, row);
    // A row without the title hides the name by which the resource is recognised.
    let title = id.kind().identity().title;
    let is_hidden = title.is_some_and(|title| !row.contains_key(title));
    Ok(ListedResource {
        id,
        name: observed.identity().filter(|_| !is_hidden),
        agent_id: None,
        observed: Some(Box::new(observed)),
    })
}

fn scalar<'a>(
    id: RemoteId,
    row: &'a Map<String, Value>,
    field: &str,
) -> Result<Option<&'a Value>, String> {
    match row.get(field) {
        Some(Value::Object(_) | Value::Array(_) | Value::Bool(_)) => Err(format!(
            "the field `{field}` of {} {id} in the listing is not a text",
            id.kind().noun()
        )),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_invalid_list_is_an_error() {
        for odd in [
            json!([]),
            json!({}),
            json!({"simulations": null}),
            json!({"simulations": [{"name": "no id"}]}),
            json!({"detail": "oops"}),
            json!({"simulations": [{"id": 0, "name": "a"}]}),
            json!({"simulations": [{"id": 7, "title": "renamed field"}]}),
            json!({"simulations": [{"id": 7, "name": {"text": "a"}}]}),
            json!({"simulations": [{"id": 7, "name": "a", "agent_id": {"id": 42}}]}),
            json!({"simulations": [{"id": 7, "name": "a"}, 8]}),
        ] {
            assert!(listed(Kind::Simulation, &odd).is_err(), "{odd}");
        }
        let empty = listed(Kind::Simulation, &json!({"simulations": []}));
        assert_eq!(empty.map(|page| page.rows), Ok(Vec::new()));
    }

    #[test]
    fn the_other_kinds_are_listed_whole_and_in_pages() {
        let human = json!({"digital_humans": [
            {"id": 7, "name": "Marta", "test_name": null}], "total_pages": 3});
        let page = listed(Kind::DigitalHuman, &human).unwrap();
        assert_eq!((page.rows.len(), page.pages), (1, 3));
        assert!(page.rows[0].observed.is_some());
        let hidden = json!({"digital_humans": [{"id": 7, "name": "Marta"}]});
        let page = listed(Kind::DigitalHuman, &hidden).unwrap();
        assert_eq!(page.rows[0].name, None);
        let nameless = json!({"digital_humans": [{"id": 7, "test_name": "Refund"}]});
        let page = listed(Kind::DigitalHuman, &nameless).unwrap();
        assert_eq!(page.rows[0].name.as_deref(), Some("Refund"));
        for odd in [
            json!({"digital_humans": [{"id": "x", "name": "a"}]}),
            json!({"digital_humans": [{"id": 7}]}),
            json!({"metrics": []}),
        ] {
            assert!(listed(Kind::DigitalHuman, &odd).is_err(), "{odd}");
        }
    }
}
