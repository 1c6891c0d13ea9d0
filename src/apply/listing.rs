//! The listings of the API: one request per agent, or one listing of a whole kind.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future;
use futures_util::stream::{self, StreamExt as _};

use crate::api::wire::ListedResource;
use crate::api::{ApiError, Client};
use crate::plan::{LIST_ALL_FROM, Observed};
use crate::resource::key::RemoteId;
use crate::resource::{Kind, Scope};

/// The listing of each scope, or the error of its request.
pub(super) type Listings = BTreeMap<Scope, Result<Vec<ListedResource>, ApiError>>;

/// Lists the resources of each of these scopes.
pub(super) async fn list(
    client: &Client,
    parallelism: usize,
    scopes: &BTreeSet<Scope>,
) -> Listings {
    let agents = scopes.iter().filter(|scope| !scope.is_whole());
    if agents.clone().count() >= LIST_ALL_FROM
        && let Ok(all) = client.list_all(Kind::Simulation).await
    {
        let mut listings = by_agent(agents, &all);
        let whole = Scope::whole(Kind::Simulation);
        let rest = scopes.iter().filter(|scope| scope.is_whole());
        let rest = rest.filter(|scope| **scope != whole);
        listings.extend(list_each(client, parallelism, rest).await);
        if scopes.contains(&whole) {
            listings.insert(whole, Ok(all));
        }
        return listings;
    }
    let mut listings = list_each(client, parallelism, scopes).await;
    // A 404 may concern the agent, so the API may still support listings.
    let not_found: BTreeSet<_> = agents
        .filter(|scope| is_not_found(&listings[*scope]))
        .collect();
    if !not_found.is_empty()
        && let Ok(all) = client.list_all(Kind::Simulation).await
    {
        listings.extend(by_agent(not_found.into_iter(), &all));
    }
    listings
}

/// Lists the resources of each of these scopes, with every field that the listings show.
/// One listing serves the simulations of several agents.
pub(super) async fn list_shown(
    client: &Client,
    parallelism: usize,
    scopes: &BTreeSet<Scope>,
) -> Listings {
    let (whole, agents): (Vec<_>, Vec<_>) = scopes.iter().partition(|scope| scope.is_whole());
    let simulations = async {
        if let [_, _, ..] = agents[..]
            && let Ok(all) = client.list_shown(None).await
        {
            return by_agent(agents.into_iter(), &all);
        }
        stream::iter(agents.into_iter().cloned())
            .map(|scope| async move {
                let listed = client.list_shown(Some(&scope.agent)).await;
                (scope, listed)
            })
            .buffer_unordered(parallelism.max(1))
            .collect()
            .await
    };
    let others = list_each(client, parallelism, whole);
    let (mut listings, others) = future::join(simulations, others).await;
    listings.extend(others);
    listings
}

async fn list_each(
    client: &Client,
    parallelism: usize,
    scopes: impl IntoIterator<Item = &Scope>,
) -> Listings {
    stream::iter(scopes.into_iter().cloned())
        .map(|scope| async move {
            let listed = match scope.kind {
                Kind::Simulation if !scope.is_whole() => client.list_by_agent(&scope.agent).await,
                kind => client.list_all(kind).await,
            };
            (scope, listed)
        })
        .buffer_unordered(parallelism.max(1))
        .collect()
        .await
}

fn is_not_found(listing: &Result<Vec<ListedResource>, ApiError>) -> bool {
    matches!(listing, Err(ApiError::Unsupported { status: 404 }))
}

/// Groups a listing of simulations by agent. A row without an agent belongs to every agent.
fn by_agent<'a>(agents: impl Iterator<Item = &'a Scope>, all: &[ListedResource]) -> Listings {
    let mut listings: BTreeMap<_, Vec<_>> =
        agents.map(|scope| (scope.clone(), Vec::new())).collect();
    for simulation in all {
        match &simulation.agent_id {
            Some(agent) => {
                let scope = Scope {
                    kind: Kind::Simulation,
                    agent: agent.as_str().into(),
                };
                if let Some(listed) = listings.get_mut(&scope) {
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
        .map(|(scope, listed)| (scope, Ok(listed)))
        .collect()
}

/// The results of reads, by id. `None` stands for a 404, which alone does not prove that
/// the resource does not exist.
pub(super) type Reads = BTreeMap<RemoteId, Result<Option<Observed>, ApiError>>;

/// Reads these resources, with one request each.
pub(super) async fn read_each(
    client: &Client,
    parallelism: usize,
    ids: impl IntoIterator<Item = RemoteId>,
) -> Reads {
    let ids: Vec<_> = ids.into_iter().collect();
    client.announce(ids.len());
    stream::iter(ids)
        .map(|id| async move { (id, client.read(id).await) })
        .buffer_unordered(parallelism.max(1) * 2)
        .collect()
        .await
}

/// Reads resources of a kind whose listing shows them whole: with one listing if it has at
/// most as many pages, otherwise with one request each. Reads nothing if the API fails to
/// list them.
pub(super) async fn read_together(
    client: &Client,
    parallelism: usize,
    kind: Kind,
    ids: &[RemoteId],
) -> Reads {
    let mut listings = Listings::new();
    if let [_, _, ..] = ids {
        match client.list_within(kind, ids.len()).await {
            Ok(Some(rows)) => drop(listings.insert(Scope::whole(kind), Ok(rows))),
            Ok(None) => {}
            Err(error) if error.may_concern_items() => {}
            Err(_) => return Reads::new(),
        }
    }
    read_unlisted(client, parallelism, ids.iter().copied(), &listings).await
}

/// Returns the resources that a listing shows whole, and reads the others.
pub(super) async fn read_unlisted(
    client: &Client,
    parallelism: usize,
    ids: impl IntoIterator<Item = RemoteId>,
    listings: &Listings,
) -> Reads {
    let rows = listings.values().flatten().flatten();
    let shown: BTreeMap<_, _> = rows
        .filter_map(|row| Some((row.id, row.observed.as_deref()?)))
        .collect();
    let (listed, unlisted): (Vec<_>, Vec<_>) =
        ids.into_iter().partition(|id| shown.contains_key(id));
    let mut reads = read_each(client, parallelism, unlisted).await;
    reads.extend(
        listed
            .into_iter()
            .map(|id| (id, Ok(shown.get(&id).copied().cloned()))),
    );
    reads
}
