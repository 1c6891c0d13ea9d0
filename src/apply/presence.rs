//! Looking again at simulations that a request did not find.
//!
//! Costs requests only where the API answered 404: each round is one listing for each
//! agent and one read for each simulation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Context;
use super::listing::{Reads, ids_by_agent, read_each};
use crate::api::{ApiError, Client};
use crate::journal::{ListingSays, Observation, Presence, ReadSays, presence};
use crate::plan::Observed;
use crate::resource::key::SimulationId;

/// How many further observations are made of a simulation at most.
const ROUNDS: usize = 2;

/// The time between two observations, so that one passing fault can't answer both.
const PAUSE: Duration = Duration::from_millis(250);

/// A simulation that a request did not find.
#[derive(Debug, Clone)]
pub(super) struct Missing {
    /// Its agent, whose listing is read; where it is empty, the listing of all.
    pub agent: String,
    /// What was observed so far.
    pub observations: Vec<Observation>,
    /// The settle time of what was done about it is over.
    pub is_settled: bool,
}

impl Missing {
    /// A simulation of this agent of which nothing was observed yet.
    pub fn of(agent: &str) -> Self {
        Self {
            agent: agent.to_owned(),
            observations: Vec::new(),
            is_settled: false,
        }
    }

    fn presence(&self) -> Presence {
        presence(&self.observations, self.is_settled)
    }
}

/// What was found out about simulations that a request did not find.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Those that can be read after all.
    pub present: BTreeMap<SimulationId, Observed>,
    /// Those that do not exist, or that the key may not see.
    pub absent: BTreeSet<SimulationId>,
    /// Those of which neither is proved, and why.
    pub unproved: BTreeMap<SimulationId, ApiError>,
    /// All ids that the listings showed.
    pub listed: BTreeSet<SimulationId>,
}

/// Observes each simulation until its presence or absence is proved, but for no more
/// than a few rounds.
pub(super) async fn examine(
    client: &Client,
    parallelism: usize,
    mut missing: BTreeMap<SimulationId, Missing>,
) -> Findings {
    let mut findings = Findings::default();
    for round in 0..=ROUNDS {
        let is_last = round == ROUNDS;
        missing.retain(|id, suspect| !conclude(*id, suspect, is_last, &mut findings));
        if missing.is_empty() {
            break;
        }
        let is_first = missing
            .values()
            .all(|suspect| suspect.observations.is_empty());
        if !is_first && let Err(error) = client.unless_stopped(tokio::time::sleep(PAUSE)).await {
            let unproved = missing.into_keys().map(|id| (id, error.clone()));
            findings.unproved.extend(unproved);
            break;
        }
        observe(client, parallelism, &mut missing, &mut findings).await;
    }
    findings
}

impl Context<'_> {
    /// Whether what the key can't see was deleted, rather than of another organisation:
    /// the key is known to be of the lockfile's organisation, or the lockfile names none
    /// and the key can see another simulation of it. `listed` are ids that listings
    /// showed.
    pub(super) async fn can_see(
        &self,
        absent: &BTreeSet<SimulationId>,
        listed: &BTreeSet<SimulationId>,
    ) -> bool {
        const SAMPLE: usize = 3;
        if self.options.trusts_absence {
            return true;
        }
        if self.ledger.lock().organization.is_some() {
            return false;
        }
        let owned = self.ledger.owned().into_iter();
        let others: Vec<_> = owned.filter(|id| !absent.contains(id)).collect();
        if others.iter().any(|id| listed.contains(id)) {
            return true;
        }
        let sample = others.into_iter().take(SAMPLE);
        let reads = read_each(self.client, SAMPLE, sample).await;
        reads.values().any(|read| matches!(read, Ok(Some(_))))
    }

    /// These simulations of the lockfile as ones that a request did not find. The agent
    /// of one that was replaced is not known.
    pub(super) fn missing(
        &self,
        ids: impl IntoIterator<Item = SimulationId>,
    ) -> BTreeMap<SimulationId, Missing> {
        let mut ids = ids.into_iter().peekable();
        if ids.peek().is_none() {
            return BTreeMap::new();
        }
        let lock = self.ledger.lock();
        let entries = lock.simulations.values();
        let agents: BTreeMap<_, _> = entries
            .map(|entry| (entry.simulation_id, entry.applied.agent_id()))
            .collect();
        let agent = |id| agents.get(&id).copied().unwrap_or_default();
        ids.map(|id| (id, Missing::of(agent(id)))).collect()
    }
}

/// Whether nothing more is to be observed of a simulation; then notes what was found.
fn conclude(id: SimulationId, suspect: &Missing, is_last: bool, findings: &mut Findings) -> bool {
    match suspect.presence() {
        Presence::Present => {}
        Presence::Absent => {
            findings.unproved.remove(&id);
            findings.absent.insert(id);
        }
        Presence::Contradictory if is_last => {
            let error = ApiError::Contradictory { ids: vec![id] };
            findings.unproved.insert(id, error);
        }
        Presence::Unknown if is_last => {
            let unconfirmed = ApiError::Unconfirmed { id };
            findings.unproved.entry(id).or_insert(unconfirmed);
        }
        Presence::Contradictory | Presence::Unknown => return false,
    }
    true
}

/// One round: the listings of the agents, then a read of each simulation.
async fn observe(
    client: &Client,
    parallelism: usize,
    missing: &mut BTreeMap<SimulationId, Missing>,
    findings: &mut Findings,
) {
    let agents = missing.values().map(|suspect| suspect.agent.as_str());
    let listings = ids_by_agent(client, parallelism, &agents.collect()).await;
    let mut reads: Reads = read_each(client, parallelism, missing.keys().copied()).await;
    for (id, suspect) in missing {
        let listing = match listings.get(&suspect.agent) {
            Some(Ok(ids)) if ids.contains(id) => ListingSays::Shown,
            Some(Ok(_)) => ListingSays::NotShown,
            _ => ListingSays::Unreadable,
        };
        findings.unproved.remove(id);
        let read = match reads.remove(id) {
            Some(Ok(Some(observed))) => {
                findings.present.insert(*id, observed);
                ReadSays::Found
            }
            Some(Ok(None)) => ReadSays::NotFound,
            Some(Err(error)) => {
                findings.unproved.insert(*id, error);
                ReadSays::Failed
            }
            None => ReadSays::Failed,
        };
        suspect.observations.push(Observation { listing, read });
    }
    findings
        .listed
        .extend(listings.into_values().flatten().flatten());
}
