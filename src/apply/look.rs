//! Before a create: is the simulation there already?
//!
//! A lockfile that never got committed leaves simulations that nobody tracks.
//! So apply looks once for each agent that is about to get a new one.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::{Listings, Reads, list, read_each};
use crate::api::wire::ListedSimulation;
use crate::api::{ApiError, Client};
use crate::plan::{Adopt, Adoption, Change, Observed, Wanted, adoption};
use crate::resource::body::Body;
use crate::resource::key::{SimulationId, SimulationKey};
use crate::state::Neighbours;

/// Who looks.
pub struct Search<'a> {
    /// The API.
    pub client: &'a Client,
    /// What is done about untracked simulations of the same name.
    pub adopt: Adopt,
    /// The most calls at a time.
    pub parallelism: usize,
    /// The ids of this lockfile.
    pub own: BTreeSet<SimulationId>,
    /// The other lockfiles.
    pub neighbours: &'a Neighbours,
}

/// What the look found, by key of what is about to be created.
#[derive(Debug, Default)]
pub struct Looked {
    /// Simulations to take over.
    pub taken: BTreeMap<SimulationKey, Observed>,
    /// What a person has to decide.
    pub undecided: BTreeMap<SimulationKey, Vec<Observed>>,
    /// Where the look failed, so that nothing may be created.
    pub failed: BTreeMap<SimulationKey, ApiError>,
    /// Untracked simulations of the same agent and name that stay untracked.
    pub known: BTreeMap<SimulationKey, Vec<SimulationId>>,
    /// Undecided ones that an open create of another lockfile may have made.
    pub of_neighbour: BTreeSet<SimulationKey>,
    /// The API can't list, and answered this status.
    pub cannot_list: Option<u16>,
}

/// Looks for the simulations that these changes would create.
pub async fn look(search: &Search<'_>, changes: &[&Change]) -> Looked {
    let mut looked = Looked::default();
    let wanted = wanted(changes);
    if wanted.is_empty() {
        return looked;
    }
    let agents: BTreeSet<_> = wanted.keys().map(|(agent, _)| *agent).collect();
    let listings = list(search.client, search.parallelism, &agents).await;
    looked.cannot_list = unsupported(&listings);
    // After the list: what an apply on another lockfile makes meanwhile is in
    // its journal before it can be in the list.
    let claims = search.neighbours.claims();
    let is_tracked = |id: &SimulationId| search.own.contains(id) || claims.ids.contains(id);
    let untracked = untracked(&listings, is_tracked);
    let found = match search.adopt {
        Adopt::Never => BTreeMap::new(),
        _ => read_found(search, &wanted, &untracked).await,
    };
    for ((agent, name), group) in &wanted {
        match untracked.get(*agent) {
            Some(Ok(all)) => {
                let of_name = all.of_name(*name);
                // What the API calls a simulation without a name is not known, so any of
                // the agent's could later be taken for one that is created now.
                let known = if name.is_some() { of_name } else { &all.ids };
                decide(search, group, of_name, known, &found, &mut looked);
                if claims.may_have_made(agent, *name) {
                    looked.leave_to_neighbour(group);
                }
            }
            Some(Err(ApiError::Unsupported { .. })) | None => {}
            Some(Err(error)) => looked.fail(group, error),
        }
    }
    looked
}

/// What is listed for an agent and tracked by nobody.
#[derive(Default)]
struct Untracked<'a> {
    ids: Vec<SimulationId>,
    /// Those without a name under an empty one, which no name is.
    by_name: BTreeMap<&'a str, Vec<SimulationId>>,
}

impl<'a> Untracked<'a> {
    fn of(listed: &'a [ListedSimulation], is_tracked: impl Fn(&SimulationId) -> bool) -> Self {
        let mut untracked = Self::default();
        for simulation in listed.iter().filter(|found| !is_tracked(&found.id)) {
            let name = simulation.name.as_deref().unwrap_or_default();
            untracked.ids.push(simulation.id);
            let of_name = untracked.by_name.entry(name).or_default();
            of_name.push(simulation.id);
        }
        untracked
    }

    fn of_name(&self, name: Option<&str>) -> &[SimulationId] {
        let name = name.unwrap_or_default();
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }
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

/// Reads all that could be one of the wanted.
async fn read_found(search: &Search<'_>, wanted: &Groups<'_>, untracked: &ByAgent<'_>) -> Reads {
    let of_name = |(agent, name): &(&str, Option<&str>)| match untracked.get(agent) {
        Some(Ok(all)) => all.of_name(*name).to_vec(),
        _ => Vec::new(),
    };
    let ids: BTreeSet<_> = wanted.keys().flat_map(of_name).collect();
    read_each(search.client, search.parallelism, ids).await
}

type Groups<'a> = BTreeMap<(&'a str, Option<&'a str>), Vec<Wanted<'a>>>;

/// What is about to be created, by agent and name.
fn wanted<'a>(changes: &[&'a Change]) -> Groups<'a> {
    let mut groups = Groups::new();
    for change in changes {
        if let Some(body) = &change.after {
            let key = &change.key;
            groups
                .entry((body.agent_id(), body.name()))
                .or_default()
                .push(Wanted { key, body });
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
    group: &[Wanted<'_>],
    of_name: &[SimulationId],
    known: &[SimulationId],
    reads: &Reads,
    looked: &mut Looked,
) {
    let mut found = Vec::new();
    for read in of_name.iter().filter_map(|id| reads.get(id)) {
        match read {
            Ok(read) => found.extend(read.clone()),
            Err(error) => return looked.fail(group, error),
        }
    }
    let found = of_agent(found, group);
    let decisions = adoption(group, &found, search.adopt);
    let taken: BTreeSet<_> = decisions
        .iter()
        .filter_map(|decision| match decision {
            Adoption::Take(id) => Some(*id),
            _ => None,
        })
        .collect();
    let known = known.iter().copied().filter(|id| !taken.contains(id));
    let known: Vec<_> = known.collect();
    for (wanted, decision) in group.iter().zip(decisions) {
        looked.note(wanted.key, decision, &found, &known);
    }
}

/// A list may hold simulations of other agents, when it doesn't say whose.
fn of_agent(found: Vec<Observed>, group: &[Wanted<'_>]) -> Vec<Observed> {
    let agent = group.first().map(|wanted| Body::agent_id(wanted.body));
    found
        .into_iter()
        .filter(|observed| observed.agent_id.is_none() || observed.agent_id.as_deref() == agent)
        .collect()
}

impl Looked {
    /// What was found may be what a create of another lockfile made that has no
    /// outcome yet: not for us to take over.
    fn leave_to_neighbour(&mut self, group: &[Wanted<'_>]) {
        for wanted in group {
            if let Some(observed) = self.taken.remove(wanted.key) {
                self.undecided.insert(wanted.key.clone(), vec![observed]);
            }
            if self.undecided.contains_key(wanted.key) {
                self.of_neighbour.insert(wanted.key.clone());
            }
        }
    }

    fn fail(&mut self, group: &[Wanted<'_>], error: &ApiError) {
        for wanted in group {
            self.failed.insert(wanted.key.clone(), error.clone());
        }
    }

    fn note(
        &mut self,
        key: &SimulationKey,
        decision: Adoption,
        found: &[Observed],
        known: &[SimulationId],
    ) {
        match decision {
            Adoption::Create if known.is_empty() => {}
            Adoption::Create => {
                self.known.insert(key.clone(), known.to_vec());
            }
            Adoption::Take(id) => {
                let observed = found.iter().find(|observed| observed.id == id);
                self.taken
                    .extend(observed.map(|observed| (key.clone(), observed.clone())));
            }
            Adoption::Undecided(candidates) => {
                self.undecided.insert(key.clone(), candidates);
            }
        }
    }
}
