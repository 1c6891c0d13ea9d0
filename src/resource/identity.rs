//! How a resource is recognised whose id is not known: by its scope and its name.

use std::sync::Arc;

use serde_json::Value;

use super::body::{Body, normalized_name};
use super::field::Field;
use super::kind::Kind;
use super::normalize::Normalized;
use super::observed::Observed;
use super::text::canonical;

/// The listing that shows a resource: the simulations of one agent, or all resources of
/// another kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The kind.
    pub kind: Kind,
    /// The agent of a simulation, in canonical spelling. Empty for other kinds, and for a
    /// simulation whose agent is not known.
    pub agent: Arc<str>,
}

impl Scope {
    /// Returns the scope of a resource with this body.
    #[must_use]
    pub fn of(kind: Kind, body: &Body) -> Self {
        let agent = match kind {
            Kind::Simulation => body.agent_id().into(),
            _ => "".into(),
        };
        Self { kind, agent }
    }

    /// Returns the scope of all resources of a kind.
    #[must_use]
    pub fn whole(kind: Kind) -> Self {
        let agent = "".into();
        Self { kind, agent }
    }

    /// Returns whether the scope contains all resources of its kind.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.agent.is_empty()
    }
}

/// Returns the name by which a resource with this body is recognised; `None` for a
/// resource without a name.
///
/// The title of a digital human distinguishes callers of one name. A schedule has no name,
/// so its simulation and its times stand for one.
#[must_use]
pub fn identity(kind: Kind, body: &Body) -> Option<String> {
    let identity = kind.identity();
    let title = identity.title.and_then(|title| body.text(title));
    match (title.and_then(recognised), identity.content) {
        (Some(title), _) => Some(title),
        (None, []) => body.name().and_then(recognised),
        (None, content) => {
            let normalized = Normalized::of(kind, body);
            content_name(content, |field| normalized.get(field))
        }
    }
}

impl Observed {
    /// Returns the name by which the resource is recognised: see [`identity`].
    #[must_use]
    pub fn identity(&self) -> Option<String> {
        let kind = self.id.kind();
        let identity = kind.identity();
        let title = identity
            .title
            .and_then(|title| self.fields.get(title)?.as_str());
        match (title.and_then(recognised), identity.content) {
            (Some(title), _) => Some(title),
            (None, []) => self.name.as_deref().and_then(recognised),
            (None, content) => content_name(content, |path| {
                let default = kind.field(path).and_then(Field::documented_default);
                let shown = self.fields.get(path);
                shown.filter(|shown| !default.is_some_and(|default| default.is(shown)))
            }),
        }
    }
}

/// Returns a name in the form in which names are compared: without surrounding white space,
/// and in one Unicode form; `None` if nothing is left.
#[must_use]
pub fn recognised(name: &str) -> Option<String> {
    normalized_name(name).map(|name| canonical(name).into_owned())
}

/// Joins the values of fields. A null counts as absent. The result has no white space
/// around it, like the name of an answer: see [`normalized_name`].
fn content_name<'a>(
    fields: &[&str],
    value_of: impl Fn(&str) -> Option<&'a Value>,
) -> Option<String> {
    let values = fields.iter().map(|field| {
        let value = value_of(field).filter(|value| !value.is_null());
        match value {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        }
    });
    let values: Vec<_> = values.collect();
    let is_empty = values.iter().all(String::is_empty);
    (!is_empty).then(|| values.join(" | ").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::key::{PlainId, RemoteId};
    use crate::resource::{read_fields, unknown_settings};

    fn check(kind: Kind, declared: Value, shown: &Value, expected: &str) {
        let body: Body = serde_json::from_value(declared).unwrap();
        assert_eq!(identity(kind, &body).as_deref(), Some(expected));
        let shown = shown.as_object().unwrap();
        let observed = Observed {
            id: RemoteId::of(kind, PlainId::text("7").unwrap()),
            agent_id: None,
            name: shown.get("name").and_then(Value::as_str).map(str::to_owned),
            created_at: None,
            fields: read_fields(kind, shown),
            unknown_settings: unknown_settings(kind, shown),
        };
        assert_eq!(observed.identity().as_deref(), Some(expected));
        assert_eq!(normalized_name(expected), Some(expected));
    }

    #[test]
    fn a_resource_has_the_same_name_in_files_and_answers() {
        check(
            Kind::DigitalHuman,
            json!({"name": "Marta", "test_name": " Wants a refund "}),
            &json!({"name": "Marta", "test_name": "Wants a refund"}),
            "Wants a refund",
        );
        check(
            Kind::DigitalHuman,
            json!({"name": "Marta"}),
            &json!({"name": "Marta", "test_name": null}),
            "Marta",
        );
        check(
            Kind::Schedule,
            json!({"simulation_id": "7", "schedule": {"frequency": "daily", "time": "02:30"}}),
            &json!({"simulation_id": "7", "cron_expression": "30 2 * * *", "timezone": null}),
            "7 | 30 2 * * * |",
        );
    }
}
