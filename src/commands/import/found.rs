//! Reads the simulations to import from the API.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};

use crate::api::{ApiError, Client};
use crate::cli::ImportArgs;
use crate::error::CommandError;
use crate::plan::Observed;
use crate::resource::Kind;
use crate::resource::key::{DigitalHumanId, RemoteId};

/// A simulation of the API.
pub(super) struct Found {
    /// The observed state.
    pub observed: Observed,
    /// The attached digital humans; `None` if the API does not show them.
    pub humans: Option<BTreeSet<DigitalHumanId>>,
}

/// The result of reading.
#[derive(Default)]
pub(super) struct Read {
    /// The simulations, in the order of their ids.
    pub found: Vec<Found>,
    /// The failed reads: the name of the simulation, and the error.
    pub failed: Vec<(String, ApiError)>,
    /// The number of simulations that were skipped because they are tracked.
    pub tracked: usize,
}

/// Reads the requested simulation, or all untracked simulations.
pub(super) async fn read(
    client: &Client,
    args: &ImportArgs,
    tracked: &BTreeSet<RemoteId>,
) -> Result<Read, CommandError> {
    let mut read = Read::default();
    let listed = listed(client, args).await?;
    let (known, new): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|(id, _)| tracked.contains(id));
    read.tracked = known.len();
    if let (Some(id), Some((known, _))) = (args.id, known.first()) {
        debug_assert_eq!(RemoteId::simulation(id), *known);
        return Err(CommandError::new(format!(
            "simulation {id} is tracked by another lockfile of this repository"
        )));
    }
    let mut reads = stream::iter(new)
        .map(|(id, agent)| async move { (id, read_one(client, id, agent).await) })
        .buffered(args.requests.parallelism.max(1));
    while let Some((id, one)) = reads.next().await {
        match one {
            Ok(Some(found)) => read.found.push(found),
            Ok(None) if args.id.is_some() => {
                return Err(
                    CommandError::new(format!("there is no simulation {id}")).help(
                        "the id is wrong, or the simulation belongs to another organisation \
                         than the key",
                    ),
                );
            }
            // The simulation was deleted after the listing.
            Ok(None) => {}
            Err(error) if error.is_final() => return Err(could_not_read(id, error)),
            Err(error) if args.id.is_some() => return Err(could_not_read(id, error)),
            Err(error) => read.failed.push((format!("simulation {id}"), error)),
        }
    }
    Ok(read)
}

fn could_not_read(id: RemoteId, error: ApiError) -> CommandError {
    CommandError::new(format!("could not read simulation {id}")).caused_by(error)
}

/// Returns the listed ids in order, with their agents if the listing shows them.
async fn listed(
    client: &Client,
    args: &ImportArgs,
) -> Result<Vec<(RemoteId, Option<String>)>, CommandError> {
    if let Some(id) = args.id {
        return Ok(vec![(RemoteId::simulation(id), None)]);
    }
    let (listing, whose) = match &args.agent {
        Some(agent) => (
            client.list_by_agent(agent).await,
            format!("the simulations of agent {agent}"),
        ),
        None => (
            client.list_all(Kind::Simulation).await,
            "all simulations".to_owned(),
        ),
    };
    let listing = listing
        .map_err(|error| CommandError::new(format!("could not list {whose}")).caused_by(error))?;
    let mut listed: Vec<_> = listing
        .into_iter()
        .map(|simulation| {
            (
                simulation.id,
                simulation.agent_id.or_else(|| args.agent.clone()),
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
