//! A simulation as the API's fields: what is sent, recorded and compared.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::spelling;

/// The API fields of one simulation, by name, without nulls at the top level.
///
/// The keys are sorted, so equal bodies print as equal bytes. Cheap to clone: what
/// is declared, recorded and planned is mostly the same, and is held once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Body(pub Arc<Map<String, Value>>);

impl Body {
    /// The fields, to be changed; a copy where others hold them too.
    pub fn fields_mut(&mut self) -> &mut Map<String, Value> {
        Arc::make_mut(&mut self.0)
    }

    /// The value of a field; `None` when it is left out or null.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// The value of a text field.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field).and_then(Value::as_str)
    }

    /// The agent that the simulation tests, in its one spelling; empty only in a
    /// hand-made body.
    #[must_use]
    pub fn agent_id(&self) -> &str {
        spelling::agent_id(self.text("agent_id").unwrap_or_default())
    }

    /// The display name, if there is one: see [`meant_name`].
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text("name").and_then(meant_name)
    }
}

/// What a name means, whoever says it: blanks at its ends don't count, since a
/// server may trim them, and one of nothing else is none.
#[must_use]
pub fn meant_name(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|name| !name.is_empty())
}

impl FromIterator<(String, Value)> for Body {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(fields: I) -> Self {
        Self(Arc::new(fields.into_iter().collect()))
    }
}

impl From<Map<String, Value>> for Body {
    fn from(fields: Map<String, Value>) -> Self {
        Self(Arc::new(fields))
    }
}
