//! The API's paths and answers.
//!
//! Answers are read leniently: fields may be unknown or missing, and ids have
//! been seen under more than one name. But what must be there, must be there:
//! a list that is no list is an error, never an empty one.

mod details;
pub mod pruned;
pub mod runs;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::resource::body::{AGENT_ID, Body, NAME, normalized_name};
use crate::resource::key::{DigitalHumanId, RemoteId};
use crate::resource::spelling;
use crate::resource::{Kind, Observed, read_fields, unknown_settings};

pub use details::error_details;

/// `POST`: create a simulation.
pub const CREATE: &str = "/v1/create-simulation";
/// `GET`: every simulation of the organisation.
pub const LIST_ALL: &str = "/v1/get-all-simulations";

/// `GET`, `PUT`, `DELETE`: one simulation.
#[must_use]
pub fn simulation(id: RemoteId) -> String {
    format!("/v1/simulation/{id}")
}

/// `GET`, followed by an agent: its simulations.
pub const LIST_BY_AGENT: &str = "/v1/get-simulations-by-agent/";

/// `GET`: the simulations of an agent.
#[must_use]
pub fn list_by_agent(agent_id: &str) -> String {
    format!("{LIST_BY_AGENT}{}", encode_segment(agent_id))
}

/// `GET`: names the organisation of the key, among other things. Seen, and not
/// in every version of the reference.
pub const INTEGRATIONS: &str = "/v1/integrations";

/// `POST`: attach digital humans.
#[must_use]
pub fn attach(id: RemoteId) -> String {
    format!("{}/add-digital-humans", simulation(id))
}

/// `POST`: detach digital humans.
#[must_use]
pub fn detach(id: RemoteId) -> String {
    format!("{}/remove-digital-humans", simulation(id))
}

/// `GET`: the digital humans of a simulation.
#[must_use]
pub fn humans(id: RemoteId) -> String {
    format!("/v1/digital-humans-by-simulation/{id}")
}

/// What attaches or detaches digital humans.
#[must_use]
pub fn humans_request(humans: &BTreeSet<DigitalHumanId>) -> Body {
    let ids: Vec<_> = humans.iter().map(|human| Value::from(human.0)).collect();
    [("digital_human_ids".to_owned(), Value::Array(ids))]
        .into_iter()
        .collect()
}

/// The digital humans of a list.
pub fn listed_humans(answer: &Value) -> Result<BTreeSet<DigitalHumanId>, String> {
    let humans = answer
        .get("digital_humans")
        .and_then(Value::as_array)
        .ok_or("it holds no list of digital humans")?;
    humans
        .iter()
        .map(|human| {
            let id = human.get("id").and_then(id);
            id.and_then(RemoteId::number)
                .map(DigitalHumanId)
                .ok_or_else(|| "it lists a digital human without an id".to_owned())
        })
        .collect()
}

/// The organisation that an answer names, if it does.
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

/// Escapes a text for use as one segment of a path.
fn encode_segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text never fails.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A simulation in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedResource {
    /// Its id.
    pub id: RemoteId,
    /// What its name means; `None` when it has none or an empty one.
    pub name: Option<String>,
    /// Its agent, as text; `None` when the list doesn't say.
    pub agent_id: Option<String>,
}

/// Reads the id in the answer to a create: documented as `simulation_id`, also seen
/// as `id`, `simulation.id` and `data.id`.
///
/// The first of these that is given decides: an id that no simulation can have is an
/// error, and no other field is read in its place.
pub fn created_id(answer: &Value) -> Result<RemoteId, String> {
    let places = ["/simulation_id", "/id", "/simulation/id", "/data/id"];
    let given = places
        .iter()
        .filter_map(|pointer| answer.pointer(pointer))
        .find(|value| !value.is_null())
        .ok_or("it holds no simulation id")?;
    id(given).ok_or_else(|| format!("it holds the id {given}, which no simulation can have"))
}

/// Reads the simulations of a listing; an error says what is wrong with it.
///
/// Every row must hold what the reference promises and recovery relies on: an id that
/// a simulation can have, and a name, which may be null. A row without the field `name` is no
/// simulation without a name: the whole listing is unreadable then.
pub fn listed(answer: &Value) -> Result<Vec<ListedResource>, String> {
    let simulations = answer
        .get("simulations")
        .and_then(Value::as_array)
        .ok_or("it holds no list of simulations")?;
    simulations.iter().map(listed_simulation).collect()
}

fn listed_simulation(row: &Value) -> Result<ListedResource, String> {
    let id = row.get("id").ok_or("it lists a simulation without an id")?;
    let id = self::id(id)
        .ok_or_else(|| format!("it lists a simulation with the id {id}, which none can have"))?;
    let scalar = |field: &str| match row.get(field) {
        Some(Value::Object(_) | Value::Array(_) | Value::Bool(_)) => Err(format!(
            "the field `{field}` of simulation {id} in the listing is no text"
        )),
        value => Ok(value),
    };
    let name = scalar(NAME)?;
    let name =
        name.ok_or_else(|| format!("simulation {id} in the listing lacks the field `name`"))?;
    Ok(ListedResource {
        id,
        name: text(Some(name)).and_then(|name| normalized_name(&name).map(str::to_owned)),
        agent_id: agent(scalar(AGENT_ID)?),
    })
}

/// One simulation as the API shows it, asked for by its id.
pub fn observed(asked: RemoteId, answer: &Value) -> Result<Observed, String> {
    let shown = match answer.get("simulation") {
        Some(Value::Object(inner)) => inner,
        _ => answer.as_object().ok_or("it is not an object")?,
    };
    if !shown.contains_key(AGENT_ID) && !shown.contains_key(NAME) {
        return Err("it is not a simulation".to_owned());
    }
    // The reference lets the id be missing.
    match shown.get("id").filter(|id| !id.is_null()).map(id) {
        None => {}
        Some(Some(id)) if id == asked => {}
        Some(_) => return Err("it is another simulation than was asked for".to_owned()),
    }
    Ok(Observed {
        id: asked,
        agent_id: agent(shown.get(AGENT_ID)),
        name: text(shown.get(NAME)),
        created_at: text(shown.get("created_at")),
        fields: read_fields(Kind::Simulation, shown),
        unknown_settings: unknown_settings(Kind::Simulation, shown),
    })
}

/// Reads an id: a positive integer of at most 63 bits, as a number or as the text of
/// one in its usual spelling.
fn id(value: &Value) -> Option<RemoteId> {
    let number = match value {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => text
            .parse()
            .ok()
            .filter(|id: &i64| id.to_string() == *text)?,
        _ => return None,
    };
    u64::try_from(number)
        .ok()
        .filter(|id| *id > 0)
        .map(RemoteId::simulation)
}

/// A text, or a number as text; empty is none.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An agent id, in its one spelling.
fn agent(value: Option<&Value>) -> Option<String> {
    text(value).map(|text| spelling::agent_id(&text).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_found_wherever_they_have_been_seen() {
        for answer in [
            json!({"simulation_id": 7, "status": "200", "id": 8}),
            json!({"id": 7}),
            json!({"simulation": {"id": "7"}}),
            json!({"data": {"id": 7}}),
        ] {
            assert_eq!(created_id(&answer), Ok(RemoteId::simulation(7)), "{answer}");
        }
        for answer in [
            json!({}),
            json!({"simulation_id": null}),
            json!({"id": -1}),
            json!("7"),
            json!({"simulation_id": 0, "id": 7}),
            json!({"simulation_id": "0"}),
            json!({"simulation_id": "+7"}),
            json!({"simulation_id": "007"}),
            json!({"simulation_id": 7.5}),
            json!({"simulation_id": u64::MAX}),
            json!({"simulation_id": true}),
        ] {
            assert!(created_id(&answer).is_err(), "{answer}");
        }
    }

    #[test]
    fn an_odd_list_is_no_empty_list() {
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
            assert!(listed(&odd).is_err(), "{odd}");
        }
        assert_eq!(listed(&json!({"simulations": []})), Ok(Vec::new()));
    }

    #[test]
    fn durations_are_read_in_seconds() {
        let read = |settings: Value| {
            let answer = json!({"id": 1, "agent_id": 2, "name": "n", "settings": settings});
            observed(RemoteId::simulation(1), &answer)
                .unwrap()
                .fields
                .remove("max_call_duration")
        };
        assert_eq!(read(json!({"max_call_duration": 480})), Some(json!(480)));
        assert_eq!(
            read(json!({"max_call_duration": 8, "max_call_duration_units": "minutes"})),
            Some(json!(480))
        );
        assert_eq!(read(json!({})), None);
    }

    #[test]
    fn agents_can_not_leave_their_path() {
        assert_eq!(
            list_by_agent("../x?y"),
            "/v1/get-simulations-by-agent/%2E%2E%2Fx%3Fy"
        );
    }
}
