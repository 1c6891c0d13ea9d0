//! The listings of the API: one request per agent, or one request for all agents.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};

use crate::api::wire::ListedResource;
use crate::api::{ApiError, Client};
use crate::plan::{LIST_ALL_FROM, Observed};
use crate::resource::key::RemoteId;

/// The listing of each agent, or the error of its request.
pub(super) type Listings = BTreeMap<String, Result<Vec<ListedResource>, ApiError>>;

/// Lists the simulations of each of these agents.
pub(super) async fn list(client: &Client, parallelism: usize, agents: &BTreeSet<&str>) -> Listings {
    if agents.len() >= LIST_ALL_FROM
        && let Ok(all) = client.list_all().await
    {
        return by_agent(agents, &all);
    }
    let mut listings: Listings = stream::iter(agents.iter().map(|agent| (*agent).to_owned()))
        .map(|agent| async move {
            let listed = client.list_by_agent(&agent).await;
            (agent, listed)
        })
        .buffer_unordered(parallelism.max(1))
        .collect()
        .await;
    // A 404 may concern the agent, so the API may still support listings.
    let not_found: BTreeSet<_> = agents
        .iter()
        .copied()
        .filter(|agent| is_not_found(&listings[*agent]))
        .collect();
    if !not_found.is_empty()
        && let Ok(all) = client.list_all().await
    {
        listings.extend(by_agent(&not_found, &all));
    }
    listings
}

fn is_not_found(listing: &Result<Vec<ListedResource>, ApiError>) -> bool {
    matches!(listing, Err(ApiError::Unsupported { status: 404 }))
}

/// Groups a listing by agent. A row without an agent belongs to every agent.
fn by_agent(agents: &BTreeSet<&str>, all: &[ListedResource]) -> Listings {
    let mut listings: BTreeMap<String, Vec<ListedResource>> = agents
        .iter()
        .map(|agent| ((*agent).to_owned(), Vec::new()))
        .collect();
    for simulation in all {
        match &simulation.agent_id {
            Some(agent) => {
                if let Some(listed) = listings.get_mut(agent) {
                    listed.push(simulation.clone());
                }
            }
            None => listings
                .values_mut()
                .for_each(|listed| listed.push(simulation.clone())),
        }
    }
    listings
        .into_iter()
        .map(|(agent, listed)| (agent, Ok(listed)))
        .collect()
}

/// Lists the ids of each of these agents. An empty agent stands for all agents.
pub(super) async fn ids_by_agent(
    client: &Client,
    parallelism: usize,
    agents: &BTreeSet<&str>,
) -> BTreeMap<String, Result<BTreeSet<RemoteId>, ApiError>> {
    let named: BTreeSet<_> = agents
        .iter()
        .copied()
        .filter(|agent| !agent.is_empty())
        .collect();
    let mut listings = list(client, parallelism, &named).await;
    if named.len() < agents.len() {
        listings.insert(String::new(), client.list_all().await);
    }
    let ids = |listing: Vec<ListedResource>| listing.into_iter().map(|listed| listed.id).collect();
    listings
        .into_iter()
        .map(|(agent, listing)| (agent, listing.map(ids)))
        .collect()
}

/// The results of reads, by id. `None` stands for a 404, which alone does not prove that
/// the simulation does not exist.
pub(super) type Reads = BTreeMap<RemoteId, Result<Option<Observed>, ApiError>>;

/// Reads these simulations, with one request each.
pub(super) async fn read_each(
    client: &Client,
    parallelism: usize,
    ids: impl IntoIterator<Item = RemoteId>,
) -> Reads {
    stream::iter(ids)
        .map(|id| async move { (id, client.read(id).await) })
        .buffer_unordered(parallelism.max(1) * 2)
        .collect()
        .await
}
