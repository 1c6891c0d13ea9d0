//! Reads agents in answers of the API.
//!
//! The API shows passwords of agents. While an answer is parsed, only the id, the external id
//! and the name of each agent become values, and only if each is a text or a number.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value, from_str};

use super::answer::text;
use super::pruned::{self, Rows};
use crate::resource::agent::Agent;
use crate::resource::body::{NAME, normalized_name};
use crate::resource::spelling;

/// The field with the external id.
const EXTERNAL_ID: &str = "external_agent_id";

/// The retained fields of an agent.
const RETAINED_FIELDS: [&str; 3] = ["id", EXTERNAL_ID, NAME];

/// The members in which an answer may contain the agents.
const WRAPPERS: [&str; 3] = ["agent", "agents", "data"];

/// Parses an answer with one agent or a list of agents as a list. An item that is not an
/// object becomes null.
pub fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    let whole: &RawValue = serde_json::from_slice(bytes)?;
    let wrapped = from_str::<BTreeMap<String, &RawValue>>(whole.get());
    let inner = wrapped.ok().and_then(|fields| {
        let mut found = WRAPPERS
            .iter()
            .filter_map(|name| fields.get(*name).copied());
        found.find(|value| value.get().starts_with(['{', '[']))
    });
    let answer = inner.unwrap_or(whole);
    if !answer.get().starts_with('[') {
        return Ok(vec![row(answer)?].into());
    }
    let Rows(rows) = from_str(answer.get())?;
    rows.into_iter().map(row).collect()
}

fn row(row: &RawValue) -> serde_json::Result<Value> {
    let Ok(fields) = from_str::<BTreeMap<String, &RawValue>>(row.get()) else {
        return Ok(Value::Null);
    };
    let retained = fields.into_iter().filter(|(name, value)| {
        RETAINED_FIELDS.contains(&name.as_str()) && !value.get().starts_with(['{', '['])
    });
    let retained = retained.map(|(name, value)| Ok((name, pruned::value(value)?)));
    let retained: serde_json::Result<Map<_, _>> = retained.collect();
    retained.map(Value::Object)
}

/// Returns the agents of an answer that [`read`] parsed. The error describes the mistake
/// without values of the answer.
pub fn agents(answer: &Value) -> Result<Vec<Agent>, String> {
    let rows = answer.as_array().into_iter().flatten();
    rows.map(agent).collect()
}

fn agent(row: &Value) -> Result<Agent, String> {
    let id = match row.get("id") {
        Some(Value::Number(id)) if id.is_u64() => Some(id.to_string()),
        Some(Value::String(id)) => Some(spelling::agent_id(id).to_owned()),
        _ => None,
    };
    let id = id.filter(|id| !id.is_empty());
    let name = text(row.get(NAME));
    Ok(Agent {
        id: id.ok_or("it contains an agent without an id")?,
        external_id: text(row.get(EXTERNAL_ID)),
        name: name.and_then(|name| normalized_name(&name).map(str::to_owned)),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_agents(answer: &Value) -> Result<Vec<Agent>, String> {
        let pruned = read(answer.to_string().as_bytes()).unwrap();
        assert!(!pruned.to_string().contains("hunter2"), "{pruned}");
        agents(&pruned)
    }

    #[test]
    fn only_three_fields_of_an_agent_are_read() {
        let agent = json!({"id": 42, "name": " Desk ", "external_agent_id": "front",
            "sip_password": "hunter2", "nested": {"id": 1, "name": "hunter2"}});
        let expected = Agent {
            id: "42".to_owned(),
            external_id: Some("front".to_owned()),
            name: Some("Desk".to_owned()),
        };
        for answer in [
            json!([agent]),
            agent.clone(),
            json!({"agent": agent, "message": "hunter2"}),
            json!({"data": agent}),
            json!({"agents": [agent]}),
        ] {
            let found = read_agents(&answer);
            assert_eq!(found.as_deref(), Ok(&[expected.clone()][..]), "{answer}");
        }
        assert_eq!(read_agents(&json!([])), Ok(Vec::new()));
    }

    #[test]
    fn the_mistake_in_an_answer_quotes_nothing() {
        for answer in [
            json!("hunter2"),
            json!(["hunter2"]),
            json!({"hunter2": 1}),
            json!([{"id": {"hunter2": 1}}]),
            json!([{"id": -1.5, "sip_password": "hunter2"}]),
            json!({"data": "hunter2"}),
        ] {
            let error = read_agents(&answer);
            let expected = Err("it contains an agent without an id".to_owned());
            assert_eq!(error, expected, "{answer}");
        }
    }
}
