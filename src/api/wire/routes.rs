//! The paths of the API, by kind of resource.

use std::fmt::Write as _;

use crate::resource::Kind;
use crate::resource::key::RemoteId;

/// `GET`, followed by an agent: its simulations.
pub const LIST_BY_AGENT: &str = "/v1/get-simulations-by-agent/";

/// `GET`: names the organisation of the key, among other things. Observed at the API, but
/// not documented in every version of its reference.
pub const INTEGRATIONS: &str = "/v1/integrations";

/// `GET`: every agent that the key can see, with passwords.
pub const ALL_AGENTS: &str = "/v1/all-agents";

/// `GET`: the agent with an external id, with passwords.
#[must_use]
pub fn agent_by_external_id(id: &str) -> String {
    format!("/v1/agent-by-external-id/{}", encode_segment(id))
}

/// `POST`: create a resource.
#[must_use]
pub fn create(kind: Kind) -> &'static str {
    match kind {
        Kind::Simulation => "/v1/create-simulation",
        Kind::DigitalHuman => "/v1/create-digital-human",
        Kind::CustomMetric => "/v1/create-metric",
        Kind::Schedule => "/v1/create-schedule",
    }
}

/// `GET`: one resource.
#[must_use]
pub fn read(id: RemoteId) -> String {
    let (collection, id) = (item(id.kind()), segment(id));
    format!("/v1/{collection}/{id}")
}

/// `PUT`: change fields of one resource.
#[must_use]
pub fn update(id: RemoteId) -> String {
    match id.kind() {
        Kind::Simulation => read(id),
        kind => format!("/v1/update-{}/{}", item(kind), segment(id)),
    }
}

/// `DELETE`: one resource.
#[must_use]
pub fn delete(id: RemoteId) -> String {
    match id.kind() {
        Kind::Schedule => format!("/v1/delete-schedule/{}", segment(id)),
        _ => read(id),
    }
}

/// `GET`: a page, counted from 1, of all resources of a kind that the key can see.
/// Simulations and schedules have one page.
#[must_use]
pub fn list(kind: Kind, page: usize) -> String {
    match kind {
        Kind::Simulation => "/v1/get-all-simulations".to_owned(),
        Kind::DigitalHuman => format!("/v1/digital-humans?page={page}&page_size=100"),
        Kind::CustomMetric => format!("/v1/metrics?page={page}&page_size=50"),
        Kind::Schedule => "/v1/schedules".to_owned(),
    }
}

/// `GET`: the simulations of an agent.
#[must_use]
pub fn list_by_agent(agent_id: &str) -> String {
    format!("{LIST_BY_AGENT}{}", encode_segment(agent_id))
}

/// `POST`: attach digital humans.
#[must_use]
pub fn attach(simulation: RemoteId) -> String {
    format!("{}/add-digital-humans", read(simulation))
}

/// `POST`: detach digital humans.
#[must_use]
pub fn detach(simulation: RemoteId) -> String {
    format!("{}/remove-digital-humans", read(simulation))
}

/// `GET`: the digital humans of a simulation.
#[must_use]
pub fn attached(simulation: RemoteId) -> String {
    format!("/v1/digital-humans-by-simulation/{}", segment(simulation))
}

fn item(kind: Kind) -> &'static str {
    match kind {
        Kind::Simulation => "simulation",
        Kind::DigitalHuman => "digital-human",
        Kind::CustomMetric => "metric",
        Kind::Schedule => "schedule",
    }
}

/// Returns an id as a segment of a path. The id of an answer may contain any character, so
/// it is escaped.
fn segment(id: RemoteId) -> String {
    encode_segment(&id.to_string())
}

/// Escapes a text for use as one segment of a path.
pub(super) fn encode_segment(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::key::PlainId;

    #[test]
    fn ids_are_escaped_in_paths() {
        assert_eq!(
            list_by_agent("../x?y"),
            "/v1/get-simulations-by-agent/%2E%2E%2Fx%3Fy"
        );
        let id = RemoteId::of(Kind::Schedule, PlainId::text("../x?y").unwrap());
        assert_eq!(delete(id), "/v1/delete-schedule/%2E%2E%2Fx%3Fy");
    }
}
