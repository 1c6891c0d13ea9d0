//! Before a create: is the simulation there already?
//!
//! A lockfile that never got committed leaves simulations that nobody tracks.
//! So apply looks once for each agent that is about to get a new one.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::{Listings, Reads, list, read_each};
use super::presence::{Missing, examine};
use super::untracked::Untracked;
use crate::api::{ApiError, Client};
use crate::journal::{ListingSays, Observation, ReadSays};
use crate::plan::{
    AdoptionDecision, AdoptionPolicy, Change, Observed, Undecided, UndecidedReason,
    WantedSimulation, decide_adoptions,
};
use crate::resource::body::Body;
use crate::resource::key::{SimulationId, SimulationKey};
use crate::state::Neighbours;

/// Who looks.
pub struct Search<'a> {
    /// The API.
    pub client: &'a Client,
    /// What is done about untracked simulations of the same name.
    pub adopt: AdoptionPolicy,
    /// The most calls at a time.
    pub parallelism: usize,
    /// The ids of this lockfile.
    pub own: BTreeSet<SimulationId>,
    /// The other lockfiles.
    pub neighbours: &'a Neighbours,
}

/// What the lookup found, by key of what is about to be created.
#[derive(Debug, Default)]
pub struct Lookup {
    /// Simulations to take over.
    pub taken: BTreeMap<SimulationKey, Observed>,
    /// What a person has to decide.
    pub undecided: BTreeMap<SimulationKey, Undecided>,
    /// Where the lookup failed, so that nothing may be created.
    pub failed: BTreeMap<SimulationKey, ApiError>,
    /// Untracked simulations of the same agent that can't be what is created later.
    pub known: BTreeMap<SimulationKey, Vec<SimulationId>>,
    /// Undecided ones that an open create of another lockfile may have made.
    pub of_neighbour: BTreeSet<SimulationKey>,
    /// The API can't list, and answered this status.
    pub cannot_list: Option<u16>,
}

/// Looks for the simulations that these changes would create.
pub async fn look_up(search: &Search<'_>, changes: &[&Change]) -> Lookup {
    let mut lookup = Lookup::default();
    let wanted = wanted(changes);
    if wanted.is_empty() {
        return lookup;
    }
    let agents: BTreeSet<_> = wanted.keys().map(|(agent, _)| *agent).collect();
    let listings = list(search.client, search.parallelism, &agents).await;
    lookup.cannot_list = unsupported(&listings);
    // After the list: what an apply on another lockfile makes meanwhile is in
    // its journal before it can be in the list.
    let claims = search.neighbours.claims();
    let is_tracked = |id: &SimulationId| search.own.contains(id) || claims.ids.contains(id);
    let untracked = untracked(&listings, is_tracked);
    let candidates = match search.adopt {
        AdoptionPolicy::Never => BTreeMap::new(),
        _ => candidates(&wanted, &untracked),
    };
    let reads = read_candidates(search, &candidates).await;
    for (of, group) in &wanted {
        match untracked.get(of.0) {
            Some(Ok(all)) => {
                let candidates = candidates.get(of).cloned().unwrap_or_default();
                decide(
                    search,
                    group,
                    &candidates,
                    &all.known(of.1),
                    &reads,
                    &mut lookup,
                );
                if claims.may_have_made(of.0, of.1) {
                    lookup.leave_to_neighbour(group);
                }
            }
            Some(Err(ApiError::Unsupported { .. })) | None => {}
            Some(Err(error)) => lookup.fail(group, error),
        }
    }
    lookup
}

/// By agent; an error where its list could not be had.
type ByAgent<'a> = BTreeMap<&'a str, Result<Untracked<'a>, &'a ApiError>>;

/// By agent and name once for all: gone through for each of ten thousand creates, a
/// list of ten thousand takes minutes.
fn untracked(listings: &Listings, is_tracked: impl Fn(&SimulationId) -> bool) -> ByAgent<'_> {
    let by_agent = listings.iter().map(|(agent, listing)| {
        let listed = listing.as_deref();
        let untracked = listed.map(|listed| Untracked::of(listed, &is_tracked));
        (agent.as_str(), untracked)
    });
    by_agent.collect()
}

/// The untracked simulations that may be wanted ones of one agent and name.
#[derive(Debug, Clone, Default)]
struct Candidates {
    /// Those of that name.
    of_name: Vec<SimulationId>,
    /// Those of a name that a server may have made of it.
    renamed: Vec<SimulationId>,
}

/// The candidates by agent and name. One that has the name of another wanted
/// simulation is no candidate for a name that is like it.
fn candidates<'a>(wanted: &Groups<'a>, untracked: &ByAgent<'_>) -> ByName<'a, Candidates> {
    let of = |of: &(&'a str, Option<&'a str>)| match untracked.get(of.0) {
        Some(Ok(all)) => {
            let mut renamed = all.renamed(of.1);
            if of.1.is_some() && !renamed.is_empty() {
                let names = wanted
                    .range((of.0, None)..)
                    .take_while(|(other, _)| other.0 == of.0);
                let taken: BTreeSet<_> =
                    names.flat_map(|(other, _)| all.of_name(other.1)).collect();
                renamed.retain(|id| !taken.contains(id));
            }
            let of_name = all.of_name(of.1).to_vec();
            Candidates { of_name, renamed }
        }
        _ => Candidates::default(),
    };
    wanted.keys().map(|key| (*key, of(key))).collect()
}

/// Reads all candidates. One that is listed and not found is looked at again: where
/// that proves neither presence nor absence, its read is an error.
async fn read_candidates(search: &Search<'_>, candidates: &ByName<'_, Candidates>) -> Reads {
    let mut agents = BTreeMap::new();
    for ((agent, _), candidates) in candidates {
        let ids = candidates.of_name.iter().chain(&candidates.renamed);
        agents.extend(ids.map(|id| (*id, *agent)));
    }
    let mut reads = read_each(search.client, search.parallelism, agents.keys().copied()).await;
    let missing = reads
        .iter()
        .filter(|(_, read)| matches!(read, Ok(None)))
        .map(|(id, _)| {
            let mut missing = Missing::of(agents[id]);
            missing.observations.push(Observation {
                listing: ListingSays::Shown,
                read: ReadSays::NotFound,
            });
            (*id, missing)
        });
    let missing = missing.collect();
    let findings = examine(search.client, search.parallelism, missing).await;
    let present = findings.present.into_iter();
    reads.extend(present.map(|(id, observed)| (id, Ok(Some(observed)))));
    let unproved = findings.unproved.into_iter();
    reads.extend(unproved.map(|(id, error)| (id, Err(error))));
    reads
}

/// By agent and name.
type ByName<'a, T> = BTreeMap<(&'a str, Option<&'a str>), T>;

type Groups<'a> = ByName<'a, Vec<WantedSimulation<'a>>>;

/// What is about to be created, by agent and name.
fn wanted<'a>(changes: &[&'a Change]) -> Groups<'a> {
    let mut groups = Groups::new();
    for change in changes {
        if let Some(body) = &change.after {
            let key = &change.key;
            groups
                .entry((body.agent_id(), body.name()))
                .or_default()
                .push(WantedSimulation { key, body });
        }
    }
    groups
}

fn unsupported(listings: &Listings) -> Option<u16> {
    listings.values().find_map(|listing| match listing {
        Err(ApiError::Unsupported { status }) => Some(*status),
        _ => None,
    })
}

fn decide(
    search: &Search<'_>,
    group: &[WantedSimulation<'_>],
    candidates: &Candidates,
    known: &[SimulationId],
    reads: &Reads,
    lookup: &mut Lookup,
) {
    let read = |ids: &[SimulationId]| -> Result<Vec<_>, &ApiError> {
        let read = ids.iter().filter_map(|id| reads.get(id));
        let found: Result<Vec<_>, _> = read.map(Result::as_ref).collect();
        let found = found?.into_iter().flatten().cloned();
        Ok(of_agent(found.collect(), group))
    };
    let (found, renamed) = match (read(&candidates.of_name), read(&candidates.renamed)) {
        (Ok(found), Ok(renamed)) => (found, renamed),
        (Err(error), _) | (_, Err(error)) => return lookup.fail(group, error),
    };
    let decisions = decide_adoptions(group, &found, &renamed, search.adopt);
    let taken: BTreeSet<_> = decisions
        .iter()
        .filter_map(|decision| match decision {
            AdoptionDecision::Take(id) => Some(*id),
            _ => None,
        })
        .collect();
    let known = known.iter().copied().filter(|id| !taken.contains(id));
    let known: Vec<_> = known.collect();
    for (wanted, decision) in group.iter().zip(decisions) {
        lookup.note(wanted.key, decision, &found, &known);
    }
}

/// A list may hold simulations of other agents, when it doesn't say whose.
fn of_agent(found: Vec<Observed>, group: &[WantedSimulation<'_>]) -> Vec<Observed> {
    let agent = group.first().map(|wanted| Body::agent_id(wanted.body));
    found
        .into_iter()
        .filter(|observed| observed.agent_id.is_none() || observed.agent_id.as_deref() == agent)
        .collect()
}

impl Lookup {
    /// What was found may be what a create of another lockfile made that has no
    /// outcome yet: not for us to take over.
    fn leave_to_neighbour(&mut self, group: &[WantedSimulation<'_>]) {
        for wanted in group {
            if let Some(observed) = self.taken.remove(wanted.key) {
                let undecided = Undecided {
                    candidates: vec![observed],
                    reason: UndecidedReason::SameName,
                };
                self.undecided.insert(wanted.key.clone(), undecided);
            }
            if self.undecided.contains_key(wanted.key) {
                self.of_neighbour.insert(wanted.key.clone());
            }
        }
    }

    fn fail(&mut self, group: &[WantedSimulation<'_>], error: &ApiError) {
        for wanted in group {
            self.failed.insert(wanted.key.clone(), error.clone());
        }
    }

    fn note(
        &mut self,
        key: &SimulationKey,
        decision: AdoptionDecision,
        found: &[Observed],
        known: &[SimulationId],
    ) {
        match decision {
            AdoptionDecision::Create if known.is_empty() => {}
            AdoptionDecision::Create => {
                self.known.insert(key.clone(), known.to_vec());
            }
            AdoptionDecision::Take(id) => {
                let observed = found.iter().find(|observed| observed.id == id);
                self.taken
                    .extend(observed.map(|observed| (key.clone(), observed.clone())));
            }
            AdoptionDecision::Undecided(undecided) => {
                self.undecided.insert(key.clone(), undecided);
            }
        }
    }
}
