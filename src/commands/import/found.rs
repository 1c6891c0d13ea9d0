//! The simulations that are to be imported, read from the API.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};

use crate::api::{ApiError, Client};
use crate::cli::ImportArgs;
use crate::error::CommandError;
use crate::plan::Observed;
use crate::resource::key::{DigitalHumanId, SimulationId};

/// A simulation that was read.
pub(super) struct Found {
    /// What can be read of it.
    pub observed: Observed,
    /// Its digital humans; `None` where the API didn't say.
    pub humans: Option<BTreeSet<DigitalHumanId>>,
}

/// What came of reading.
#[derive(Default)]
pub(super) struct Read {
    /// The simulations, in the order of their ids.
    pub found: Vec<Found>,
    /// What could not be read, in words, and why.
    pub failed: Vec<(String, ApiError)>,
    /// How many were passed over, since a lockfile names them.
    pub tracked: usize,
}

/// Reads the one that is asked for, or all that no lockfile names.
pub(super) async fn read(
    client: &Client,
    args: &ImportArgs,
    tracked: &BTreeSet<SimulationId>,
) -> Result<Read, CommandError> {
    let mut read = Read::default();
    let listed = listed(client, args).await?;
    let (known, new): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|(id, _)| tracked.contains(id));
    read.tracked = known.len();
    if let (Some(id), Some((known, _))) = (args.id, known.first()) {
        debug_assert_eq!(id, known.0);
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
                return Err(CommandError::new(format!("there is no simulation {id}"))
                    .help("or it belongs to another organisation than the key"));
            }
            // Deleted since it was listed.
            Ok(None) => {}
            Err(error) if error.is_final() => return Err(could_not_read(id, error)),
            Err(error) if args.id.is_some() => return Err(could_not_read(id, error)),
            Err(error) => read.failed.push((format!("simulation {id}"), error)),
        }
    }
    Ok(read)
}

fn could_not_read(id: SimulationId, error: ApiError) -> CommandError {
    CommandError::new(format!("could not read simulation {id}")).caused_by(error)
}

/// Ids in order, each with its agent as far as the list says.
async fn listed(
    client: &Client,
    args: &ImportArgs,
) -> Result<Vec<(SimulationId, Option<String>)>, CommandError> {
    if let Some(id) = args.id {
        return Ok(vec![(SimulationId(id), None)]);
    }
    let (listing, whose) = match &args.agent {
        Some(agent) => (
            client.list_by_agent(agent).await,
            format!("the simulations of agent {agent}"),
        ),
        None => (client.list_all().await, "all simulations".to_owned()),
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
    id: SimulationId,
    agent: Option<String>,
) -> Result<Option<Found>, ApiError> {
    let Some(mut observed) = client.read(id).await? else {
        return Ok(None);
    };
    observed.agent_id = observed.agent_id.or(agent);
    // The API has been seen to fail for the digital humans of one simulation,
    // always; those are then nobody's here.
    let humans = match client.humans(id).await {
        Ok(humans) => Some(humans),
        Err(error) if error.is_final() => return Err(error),
        Err(_) => None,
    };
    Ok(Some(Found { observed, humans }))
}
