//! Reads the resources to import from the API.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};

use super::found::{Found, Read, Tracked, Wanted, could_not_read};
use super::used;
use crate::api::{ApiError, Client};
use crate::error::CommandError;
use crate::resource::Kind;
use crate::resource::key::RemoteId;

/// Reads the wanted resource, or all untracked resources.
pub(super) async fn read(
    client: &Client,
    wanted: &Wanted,
    parallelism: usize,
    tracked: &Tracked,
) -> Result<Read, CommandError> {
    let mut read = Read::default();
    let listed = listed(client, wanted).await?;
    let all: BTreeSet<_> = listed.iter().map(|(id, _)| *id).collect();
    let (known, new): (Vec<_>, Vec<_>) = listed
        .into_iter()
        .partition(|(id, _)| tracked.contains(*id));
    read.tracked = known.len();
    let is_one = wanted.key().is_some();
    if let (true, Some((id, _))) = (is_one, known.first()) {
        return Err(CommandError::new(format!(
            "{id:#} is tracked by another lockfile of this repository"
        )));
    }
    let mut reads = stream::iter(new)
        .map(|(id, agent)| async move { (id, read_one(client, id, agent).await) })
        .buffered(parallelism.max(1));
    let mut unread = BTreeSet::new();
    while let Some((id, one)) = reads.next().await {
        match one {
            Ok(Some(found)) => read.found.push(found),
            Ok(None) if is_one => {
                let noun = id.kind().noun();
                return Err(CommandError::new(format!("there is no {id:#}")).help(format!(
                    "the id is wrong, or the {noun} belongs to another organisation than the key"
                )));
            }
            // The simulation was deleted after the listing.
            Ok(None) => drop(unread.insert(id)),
            Err(error) if error.is_final() || is_one => return Err(could_not_read(id, error)),
            Err(error) => {
                unread.insert(id);
                read.failed.push((format!("{id:#}"), error));
            }
        }
    }
    if !is_one {
        // The schedules of a simulation belong to the lockfile of the simulation.
        let of_others = |id: &RemoteId| unread.contains(id) || tracked.elsewhere.contains(id);
        let simulations = all.into_iter().filter(|id| !of_others(id)).collect();
        used::add(
            client,
            wanted,
            &simulations,
            tracked,
            parallelism,
            &mut read,
        )
        .await?;
    }
    Ok(read)
}

/// Returns the wanted id, or the ids of the listed simulations in order, with their
/// agents if the listing shows them.
async fn listed(
    client: &Client,
    wanted: &Wanted,
) -> Result<Vec<(RemoteId, Option<String>)>, CommandError> {
    let (listing, whose, agent) = match wanted {
        Wanted::One(_, id) => return Ok(vec![(*id, None)]),
        Wanted::Agent(agent) => (
            client.list_by_agent(agent).await,
            format!("the simulations of agent {agent}"),
            Some(agent),
        ),
        Wanted::All => (
            client.list_all(Kind::Simulation).await,
            "all simulations".to_owned(),
            None,
        ),
    };
    let listing = listing
        .map_err(|error| CommandError::new(format!("could not list {whose}")).caused_by(error))?;
    let mut listed: Vec<_> = listing
        .into_iter()
        .map(|simulation| {
            (
                simulation.id,
                simulation.agent_id.or_else(|| agent.cloned()),
            )
        })
        .collect();
    listed.sort_by_key(|(id, _)| *id);
    Ok(listed)
}

async fn read_one(
    client: &Client,
    id: RemoteId,
    agent: Option<String>,
) -> Result<Option<Found>, ApiError> {
    let Some(mut observed) = client.read(id).await? else {
        return Ok(None);
    };
    if id.kind() != Kind::Simulation {
        return Ok(Some(Found {
            observed,
            humans: Some(BTreeSet::new()),
        }));
    }
    observed.agent_id = observed.agent_id.or(agent);
    // The digital humans of some simulations can never be read: the API always answers
    // with an error. Import leaves them out.
    let humans = match client.humans(id).await {
        Ok(humans) => Some(humans),
        Err(error) if error.is_final() => return Err(error),
        Err(_) => None,
    };
    Ok(Some(Found { observed, humans }))
}
