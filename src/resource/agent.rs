//! Agents, which a file names by external id or by display name in place of an id.
//!
//! The program never changes an agent. The lockfile pins the id that each selector led to, so
//! that a plan needs no request.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::body::normalized_name;
use super::field::{Constant, Field, Shape};
use super::rule::{Breach, Rule};

/// The field that selects the agent to test.
pub const AGENT: &str = "agent";

/// The field with the external id of an agent.
const EXTERNAL_ID: &str = "external_id";

/// The field with the display name of an agent.
const NAME: &str = "name";

/// The value of [`AGENT`].
pub(super) static SHAPE: Shape = Shape {
    title: "Agent",
    doc: "The agent to test, by external id or by name.",
    fields: &[
        Field {
            name: EXTERNAL_ID,
            doc: "The external id of the agent.",
            example: Some(Constant::Text("front-desk")),
            ..Field::BASE
        },
        Field {
            name: NAME,
            doc: "The name of the agent. Only one agent may have this name.",
            example: Some(Constant::Text("Front desk")),
            ..Field::BASE
        },
    ],
    rules: &[
        Rule::ExactlyOne(&[EXTERNAL_ID, NAME]),
        Rule::Check(blank_selector),
    ],
};

/// Returns the breach of a selector that is blank.
fn blank_selector(given: &serde_json::Map<String, Value>) -> Option<Breach> {
    let is_blank = |field: &&&str| {
        let text = given.get(**field).and_then(Value::as_str);
        text.is_some_and(|text| text.trim().is_empty())
    };
    let field = [EXTERNAL_ID, NAME].iter().find(is_blank)?;
    Some(Breach {
        pointer: format!("/{field}"),
        message: format!("`{field}` is blank"),
        help: format!("write the {} of the agent", noun(field)),
    })
}

fn noun(field: &str) -> &'static str {
    if field == NAME { "name" } else { "external id" }
}

/// How a file names an agent in place of an id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentSelector {
    /// By the external id, which is unique.
    ExternalId(String),
    /// By the display name, without surrounding white space. Several agents may have it.
    Name(String),
}

/// The ids of agents, by selector.
pub type AgentIds = BTreeMap<AgentSelector, String>;

impl AgentSelector {
    /// Returns the selector in a valid value of [`AGENT`]; `None` for any other value.
    #[must_use]
    pub fn of_value(value: &Value) -> Option<Self> {
        let text = |field| value.get(field).and_then(Value::as_str);
        match (text(EXTERNAL_ID), text(NAME)) {
            (Some(id), None) if !id.trim().is_empty() => Some(Self::ExternalId(id.to_owned())),
            (None, Some(name)) => normalized_name(name).map(|name| Self::Name(name.to_owned())),
            _ => None,
        }
    }

    /// Parses the text of a selector: `external_id:front-desk`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (field, value) = text.split_once(':')?;
        let is_selector = [EXTERNAL_ID, NAME].contains(&field);
        let selector = is_selector.then(|| Self::of_value(&serde_json::json!({ field: value })))?;
        selector.filter(|selector| selector.to_string() == text)
    }

    /// Returns what the selector compares: `external id` or `name`.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        noun(self.field())
    }

    /// Returns the name of the field in files.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::ExternalId(_) => EXTERNAL_ID,
            Self::Name(_) => NAME,
        }
    }

    /// Returns the external id or the name.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::ExternalId(text) | Self::Name(text) => text,
        }
    }
}

/// Formats the selector as the lockfile does: `external_id:front-desk`.
impl fmt::Display for AgentSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.field(), self.text())
    }
}

/// An agent of the API. No other field of an answer is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The id.
    pub id: String,
    /// The external id, if the agent has one.
    pub external_id: Option<String>,
    /// The display name without surrounding white space, if the agent has one.
    pub name: Option<String>,
}

/// The reason why a selector leads to no agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentFault {
    /// No agent matches.
    Unknown {
        /// The values of the agents that exist.
        known: Vec<String>,
    },
    /// Several agents match: their ids.
    Several(Vec<String>),
    /// The selector does not lead to the agent of the lockfile any more.
    Moved {
        /// The id in the lockfile.
        pinned: String,
        /// The ids that the selector leads to now.
        now: Vec<String>,
    },
}

impl Agent {
    fn value(&self, selector: &AgentSelector) -> Option<&str> {
        match selector {
            AgentSelector::ExternalId(_) => self.external_id.as_deref(),
            AgentSelector::Name(_) => self.name.as_deref(),
        }
    }
}

/// Returns the id of the agent that a selector leads to. An id that the lockfile pins stays
/// the id of the selector, or is an error: it is never replaced.
pub fn resolve_agent(
    selector: &AgentSelector,
    pinned: Option<&str>,
    agents: &[Agent],
) -> Result<String, AgentFault> {
    let matching = agents
        .iter()
        .filter(|agent| agent.value(selector) == Some(selector.text()));
    let mut now: Vec<_> = matching.map(|agent| agent.id.clone()).collect();
    now.sort_by_key(|id| (id.len(), id.clone()));
    now.dedup();
    if let Some(pinned) = pinned {
        let pinned = pinned.to_owned();
        return if now.contains(&pinned) {
            Ok(pinned)
        } else {
            Err(AgentFault::Moved { pinned, now })
        };
    }
    match &now[..] {
        [id] => Ok(id.clone()),
        [] => {
            let known = agents.iter().filter_map(|agent| agent.value(selector));
            let known = known.map(str::to_owned).collect();
            Err(AgentFault::Unknown { known })
        }
        _ => Err(AgentFault::Several(now)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn agents() -> Vec<Agent> {
        [
            (42, Some("front"), "Desk"),
            (7, None, "Twin"),
            (101, Some("other"), "Twin"),
        ]
        .map(|(id, external_id, name)| Agent {
            id: id.to_string(),
            external_id: external_id.map(str::to_owned),
            name: Some(name.to_owned()),
        })
        .to_vec()
    }

    #[track_caller]
    fn check(selector: &str, pinned: Option<&str>, expected: Result<&str, AgentFault>) {
        let selector = AgentSelector::parse(selector).unwrap();
        let found = resolve_agent(&selector, pinned, &agents());
        assert_eq!(found, expected.map(str::to_owned));
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    fn moved(now: &[&str]) -> AgentFault {
        AgentFault::Moved {
            pinned: "9".to_owned(),
            now: texts(now),
        }
    }

    #[test]
    fn a_selector_leads_to_the_only_agent_that_matches() {
        check("external_id:front", None, Ok("42"));
        check("name:Desk", None, Ok("42"));
        let known = texts(&["front", "other"]);
        check(
            "external_id:Front",
            None,
            Err(AgentFault::Unknown { known }),
        );
        let known = texts(&["Desk", "Twin", "Twin"]);
        check("name:front", None, Err(AgentFault::Unknown { known }));
        let ids = texts(&["7", "101"]);
        check("name:Twin", None, Err(AgentFault::Several(ids)));
    }

    #[test]
    fn a_pinned_id_is_never_replaced() {
        check("name:Twin", Some("101"), Ok("101"));
        check("external_id:front", Some("42"), Ok("42"));
        check("external_id:front", Some("9"), Err(moved(&["42"])));
        check("name:Twin", Some("9"), Err(moved(&["7", "101"])));
        check("external_id:gone", Some("9"), Err(moved(&[])));
    }

    #[test]
    fn a_selector_has_one_text() {
        for text in ["external_id:a:b", "external_id: a", "name:Front desk"] {
            assert_eq!(AgentSelector::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "front", "id:4", "name:", "name: a", "external_id: "] {
            assert_eq!(AgentSelector::parse(text), None, "{text}");
        }
        let name = AgentSelector::of_value(&json!({"name": " Desk "}));
        assert_eq!(name, AgentSelector::parse("name:Desk"));
        for value in [
            json!({}),
            json!({"name": "a", "external_id": "b"}),
            json!(1),
        ] {
            assert_eq!(AgentSelector::of_value(&value), None, "{value}");
        }
    }
}
