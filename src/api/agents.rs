//! The calls that find agents.

use super::call::{Answer, Call};
use super::client::Client;
use super::error::ApiError;
use super::wire::{agents, routes};
use crate::resource::agent::Agent;

impl Client {
    /// Returns the agents with an external id: one or none.
    pub async fn agents_by_external_id(&self, id: &str) -> Result<Vec<Agent>, ApiError> {
        let call = Call::read(routes::agent_by_external_id(id), Answer::Agents);
        let read = self.call(&call, agents::agents).await;
        match read.map_err(|failure| failure.error) {
            Ok(mut agents) => {
                // An answer may omit the external id, which the request determines.
                for agent in &mut agents {
                    agent.external_id.get_or_insert_with(|| id.to_owned());
                }
                Ok(agents)
            }
            Err(ApiError::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Returns all agents that the key can see.
    pub async fn list_agents(&self) -> Result<Vec<Agent>, ApiError> {
        let call = Call::read(routes::ALL_AGENTS.to_owned(), Answer::Agents);
        let listed = self.call(&call, agents::agents).await;
        listed.map_err(|failure| match failure.error {
            ApiError::NotFound { .. } => ApiError::Unsupported { status: 404 },
            error => error,
        })
    }
}
