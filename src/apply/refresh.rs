//! What the API holds now for what the lockfile names.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future;
use futures_util::stream::{self, StreamExt as _};

use super::listing::list;
use crate::api::{ApiError, Client};
use crate::lock::{LockedSimulation, Lockfile};
use crate::plan::{Seen, Sighting, Sightings};
use crate::resource::key::{DigitalHumanId, SimulationId, SimulationKey};

/// A simulation that no lockfile names, and that has the agent and the name of
/// one that is: a second one, made by a late create or by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untracked {
    /// Its id.
    pub id: SimulationId,
    /// Its agent.
    pub agent_id: String,
    /// Its name.
    pub name: String,
    /// The key of the one that it looks like.
    pub looks_like: SimulationKey,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// By key.
    pub sightings: Sightings,
    /// What could not be read, and why.
    pub failed: BTreeMap<SimulationKey, ApiError>,
    /// Simulations that look like tracked ones.
    pub untracked: Vec<Untracked>,
}

/// Reads every simulation of the lockfile whose key is among `keys`, at most
/// `parallelism` at a time, and lists what else there is. `humans_of` says whose
/// digital humans matter. `tracked` are the ids of all lockfiles.
pub async fn refresh(
    client: &Client,
    lock: &Lockfile,
    keys: &BTreeSet<SimulationKey>,
    humans_of: &BTreeSet<SimulationKey>,
    tracked: &BTreeSet<SimulationId>,
    parallelism: usize,
) -> Refreshed {
    let (mut refreshed, untracked) = future::join(
        look_at_each(client, lock, keys, humans_of, parallelism),
        untracked(client, lock, keys, tracked, parallelism),
    )
    .await;
    refreshed.untracked = untracked;
    refreshed
}

/// Reads what the lockfile names. More reads are begun than may be under way, so that no
/// place waits for an answer to be taken apart.
async fn look_at_each(
    client: &Client,
    lock: &Lockfile,
    keys: &BTreeSet<SimulationKey>,
    humans_of: &BTreeSet<SimulationKey>,
    parallelism: usize,
) -> Refreshed {
    let mut refreshed = Refreshed::default();
    let wanted = lock
        .simulations
        .iter()
        .filter(|(key, _)| keys.contains(*key));
    let mut reads = stream::iter(wanted)
        .map(|(key, locked)| async move {
            let has_humans = humans_of.contains(key) || !locked.digital_humans.is_empty();
            (key, look_at(client, locked, has_humans).await)
        })
        .buffer_unordered(parallelism.max(1) * 2);
    while let Some((key, seen)) = reads.next().await {
        match seen {
            Ok(sighting) => drop(refreshed.sightings.insert(key.clone(), sighting)),
            Err(error) => drop(refreshed.failed.insert(key.clone(), error)),
        }
    }
    refreshed
}

async fn look_at(
    client: &Client,
    locked: &LockedSimulation,
    has_humans: bool,
) -> Result<Sighting, ApiError> {
    let id = locked.simulation_id;
    let Some(observed) = client.read(id).await? else {
        return Ok(Sighting::Gone);
    };
    let humans = if has_humans {
        humans(client, id).await?
    } else {
        None
    };
    let seen = Seen::of(&locked.applied, &observed, humans);
    Ok(Sighting::Present(seen))
}

/// The API has been seen to fail for the digital humans of one simulation,
/// always: that makes them not visible, and is no failure.
async fn humans(
    client: &Client,
    id: SimulationId,
) -> Result<Option<BTreeSet<DigitalHumanId>>, ApiError> {
    match client.humans(id).await {
        Ok(humans) => Ok(Some(humans)),
        Err(error) if error.is_final() => Err(error),
        Err(_) => Ok(None),
    }
}

/// Where the API can't list, nothing is reported: a look that failed shows no
/// second simulation, and none is claimed not to be there.
async fn untracked(
    client: &Client,
    lock: &Lockfile,
    keys: &BTreeSet<SimulationKey>,
    tracked: &BTreeSet<SimulationId>,
    parallelism: usize,
) -> Vec<Untracked> {
    let of_keys = || {
        lock.simulations
            .iter()
            .filter(|(key, _)| keys.contains(*key))
    };
    let agents: BTreeSet<_> = of_keys()
        .map(|(_, locked)| locked.applied.agent_id())
        // Nobody knows the agent of one that outlived its successor.
        .filter(|agent| !agent.is_empty())
        .collect();
    let by_name: BTreeMap<_, _> = of_keys()
        .filter_map(|(key, locked)| Some((agent_and_name(locked)?, key)))
        .collect();
    let mut found = BTreeMap::new();
    for (agent, listing) in list(client, parallelism, &agents).await {
        for simulation in listing.into_iter().flatten() {
            let name = simulation.name.unwrap_or_default();
            let looks_like = by_name.get(&(agent.as_str(), name.as_str())).copied();
            if let Some(key) = looks_like.filter(|_| !tracked.contains(&simulation.id)) {
                let untracked = Untracked {
                    id: simulation.id,
                    agent_id: agent.clone(),
                    name,
                    looks_like: key.clone(),
                };
                found.insert(simulation.id, untracked);
            }
        }
    }
    found.into_values().collect()
}

fn agent_and_name(locked: &LockedSimulation) -> Option<(&str, &str)> {
    Some((locked.applied.agent_id(), locked.applied.name()?))
}
