//! The search for existing resources before a create.
//!
//! A lockfile that was never committed leaves untracked resources. An apply therefore
//! lists the simulations of each agent before it creates simulations of this agent.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::{Listings, Reads, list, read_unlisted};
use super::presence::{Missing, prove_presence};
use super::untracked::Untracked;
use crate::api::{ApiError, Client};
use crate::journal::{ListingSays, Observation, ReadSays};
use crate::plan::{
    AdoptionDecision, AdoptionPolicy, Change, Observed, Undecided, UndecidedReason, WantedResource,
    adoption_by_owner,
};
use crate::resource::desired::DesiredState;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::{Kind, Scope, identity};
use crate::state::Neighbours;

/// The parameters of the search.
pub struct Search<'a> {
    /// The API.
    pub client: &'a Client,
    /// The policy for untracked resources of the same name.
    pub adopt: AdoptionPolicy,
    /// The most concurrent calls.
    pub parallelism: usize,
    /// The ids in the lockfile of this run.
    pub tracked: BTreeSet<RemoteId>,
    /// The other lockfiles.
    pub neighbours: &'a Neighbours,
    /// The desired state.
    pub desired: &'a DesiredState,
    /// What this run has read so far. The search reads nothing twice.
    pub known: Known,
}

/// Listings and resources that a run has read.
#[derive(Debug, Default)]
pub struct Known {
    listings: Listings,
    reads: Reads,
}

impl Known {
    /// Returns the listings that were read without an error.
    pub(super) fn of(listings: Listings) -> Self {
        let listings = listings.into_iter();
        Self {
            listings: listings.filter(|(_, listed)| listed.is_ok()).collect(),
            reads: Reads::new(),
        }
    }
}

/// The results of the search, by the key of the create.
#[derive(Debug, Default)]
pub struct Lookup {
    /// Resources to adopt.
    pub adopted: BTreeMap<ResourceKey, Observed>,
    /// The undecided keys.
    pub undecided: BTreeMap<ResourceKey, Undecided>,
    /// The keys whose search failed, which must not be created.
    pub failed: BTreeMap<ResourceKey, ApiError>,
    /// The untracked resources of the same scope that exist before the create.
    pub existing: BTreeMap<ResourceKey, Vec<RemoteId>>,
    /// The undecided keys whose candidates an open create of another lockfile may have made.
    pub claimed: BTreeSet<ResourceKey>,
    /// The status of the API that does not support listings.
    pub cannot_list: Option<u16>,
}

/// Searches for the resources that these changes would create. Reads nothing that is in
/// `known`, and adds to `known` what it reads.
pub(super) async fn look_up(search: &Search<'_>, known: &mut Known, changes: &[&Change]) -> Lookup {
    let mut lookup = Lookup::default();
    let wanted = wanted(changes);
    if wanted.is_empty() {
        return lookup;
    }
    let Known { listings, reads } = known;
    let scopes: BTreeSet<_> = wanted.keys().map(|(scope, _)| scope.clone()).collect();
    let is_new = |scope: &&Scope| !listings.contains_key(*scope);
    let new = scopes.iter().filter(is_new).cloned().collect();
    listings.extend(list(search.client, search.parallelism, &new).await);
    let listings = &*listings;
    lookup.cannot_list = unsupported(listings);
    // The claims are read after the listing: a resource of another apply is in its
    // journal before the listing can show it.
    let claims = search.neighbours.claims();
    let is_tracked = |id: &RemoteId| search.tracked.contains(id) || claims.ids.contains(id);
    let untracked = untracked(listings, &scopes, is_tracked);
    let candidates = match search.adopt {
        AdoptionPolicy::Never => BTreeMap::new(),
        _ => candidates(search.desired, &wanted, &untracked),
    };
    let reads = read_candidates(search, &candidates, listings, reads).await;
    for (of, group) in &wanted {
        match untracked.get(&of.0) {
            Some(Ok(all)) => {
                let candidates = candidates.get(of).cloned().unwrap_or_default();
                decide(
                    search,
                    group,
                    &candidates,
                    &all.existing(of.1.as_deref()),
                    &reads,
                    &mut lookup,
                );
                if claims.may_have_made(&of.0, of.1.as_deref()) {
                    lookup.yield_to_claims(group);
                }
            }
            // An older API without other kinds may not be able to list simulations.
            Some(Err(ApiError::Unsupported { .. })) if of.0.kind == Kind::Simulation => {}
            None => {}
            Some(Err(error)) => lookup.fail(group, error),
        }
    }
    lookup
}

/// Untracked resources by scope, or the error of the listing.
type ByScope<'a> = BTreeMap<&'a Scope, Result<Untracked<'a>, &'a ApiError>>;

/// Returns the untracked resources by scope and name. Without this index, ten thousand
/// creates and a listing of ten thousand rows would take minutes.
fn untracked<'a>(
    listings: &'a Listings,
    scopes: &BTreeSet<Scope>,
    is_tracked: impl Fn(&RemoteId) -> bool,
) -> ByScope<'a> {
    let listings = listings.iter();
    let wanted = listings.filter(|(scope, _)| scopes.contains(*scope));
    let by_scope = wanted.map(|(scope, listing)| {
        let listed = listing.as_deref();
        let untracked = listed.map(|listed| Untracked::of(listed, &is_tracked));
        (scope, untracked)
    });
    by_scope.collect()
}

/// The candidates for the creates of one agent and name.
#[derive(Debug, Clone, Default)]
struct Candidates {
    /// The candidates with that name.
    of_name: Vec<RemoteId>,
    /// The candidates with a name that the API may have made from it.
    renamed: Vec<RemoteId>,
}

/// Returns the candidates by scope and name. A resource with the exact name of another
/// create is not a candidate for a similar name. A resource with the marker of a create is
/// a candidate, whatever its name is.
fn candidates(
    desired: &DesiredState,
    wanted: &Groups<'_>,
    untracked: &ByScope<'_>,
) -> ByName<Candidates> {
    let of = |of: &(Scope, Option<String>)| match untracked.get(&of.0) {
        Some(Ok(all)) => {
            let mut renamed = all.renamed(of.1.as_deref());
            if of.1.is_some() && !renamed.is_empty() {
                let names = wanted
                    .range((of.0.clone(), None)..)
                    .take_while(|(other, _)| other.0 == of.0);
                let taken: BTreeSet<_> = names
                    .flat_map(|(other, _)| all.of_name(other.1.as_deref()))
                    .collect();
                renamed.retain(|id| !taken.contains(id));
            }
            let of_name = all.of_name(of.1.as_deref()).to_vec();
            let markers = desired.ownership.iter().flat_map(|ownership| {
                let group = wanted.get(of).into_iter().flatten();
                group.map(|wanted| ownership.marker(wanted.key))
            });
            for marker in markers {
                let marked = all.of_marker(&marker).iter();
                let new = marked.filter(|id| !of_name.contains(id) && !renamed.contains(id));
                let new: Vec<_> = new.copied().collect();
                renamed.extend(new);
            }
            Candidates { of_name, renamed }
        }
        _ => Candidates::default(),
    };
    wanted.keys().map(|key| (key.clone(), of(key))).collect()
}

/// Reads all candidates that `known` does not have. A listed candidate that is not found is
/// read again. If neither its presence nor its absence is proved, the result is an error.
/// Adds the candidates that were found to `known`.
async fn read_candidates(
    search: &Search<'_>,
    candidates: &ByName<Candidates>,
    listings: &Listings,
    known: &mut Reads,
) -> Reads {
    let mut scopes = BTreeMap::new();
    for ((scope, _), candidates) in candidates {
        let ids = candidates.of_name.iter().chain(&candidates.renamed);
        scopes.extend(ids.map(|id| (*id, scope)));
    }
    let ids = scopes.keys().copied();
    let ids = ids.filter(|id| !known.contains_key(id));
    let mut reads = read_unlisted(search.client, search.parallelism, ids, listings).await;
    let missing = reads
        .iter()
        .filter(|(_, read)| matches!(read, Ok(None)))
        .map(|(id, _)| {
            let mut missing = Missing::of(scopes[id].clone());
            missing.observations.push(Observation {
                listing: ListingSays::Shown,
                read: ReadSays::NotFound,
            });
            (*id, missing)
        });
    let missing = missing.collect();
    let findings = prove_presence(search.client, search.parallelism, missing).await;
    let present = findings.present.into_iter();
    reads.extend(present.map(|(id, observed)| (id, Ok(Some(observed)))));
    let unproved = findings.unproved.into_iter();
    reads.extend(unproved.map(|(id, error)| (id, Err(error))));
    let asked = known.iter().filter(|(id, _)| scopes.contains_key(id));
    let asked: Vec<_> = asked.map(|(id, read)| (*id, read.clone())).collect();
    let found = reads.iter().filter(|(_, read)| matches!(read, Ok(Some(_))));
    // Resources of other kinds are already known from their listings.
    let found = found.filter(|(id, _)| id.kind() == Kind::Simulation);
    known.extend(found.map(|(id, read)| (*id, read.clone())));
    reads.extend(asked);
    reads
}

/// Values by scope and name.
type ByName<T> = BTreeMap<(Scope, Option<String>), T>;

type Groups<'a> = ByName<Vec<WantedResource<'a>>>;

/// Returns the creates by scope and name.
fn wanted<'a>(changes: &[&'a Change]) -> Groups<'a> {
    let mut groups = Groups::new();
    for change in changes {
        if let Some(body) = &change.after {
            let key = &change.key;
            let kind = key.kind();
            groups
                .entry((Scope::of(kind, body), identity(kind, body)))
                .or_default()
                .push(WantedResource { key, body });
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
    group: &[WantedResource<'_>],
    candidates: &Candidates,
    existing: &[RemoteId],
    reads: &Reads,
    lookup: &mut Lookup,
) {
    let read = |ids: &[RemoteId]| -> Result<Vec<_>, &ApiError> {
        let read = ids.iter().filter_map(|id| reads.get(id));
        let found: Result<Vec<_>, _> = read.map(Result::as_ref).collect();
        let found = found?.into_iter().flatten().cloned();
        Ok(of_agent(found.collect(), group))
    };
    let (found, renamed) = match (read(&candidates.of_name), read(&candidates.renamed)) {
        (Ok(found), Ok(renamed)) => (found, renamed),
        (Err(error), _) | (_, Err(error)) => return lookup.fail(group, error),
    };
    let decisions = adoption_by_owner(search.desired, group, &found, &renamed, search.adopt);
    let taken: BTreeSet<_> = decisions
        .iter()
        .filter_map(|decision| match decision {
            AdoptionDecision::Adopt(id) => Some(*id),
            _ => None,
        })
        .collect();
    let existing = existing.iter().copied().filter(|id| !taken.contains(id));
    let existing: Vec<_> = existing.collect();
    let found = [found, renamed].concat();
    for (wanted, decision) in group.iter().zip(decisions) {
        lookup.note(wanted.key, decision, &found, &existing);
    }
}

/// Removes the simulations of other agents. A listing without agents may show them.
fn of_agent(found: Vec<Observed>, group: &[WantedResource<'_>]) -> Vec<Observed> {
    let scope = group
        .first()
        .map(|wanted| Scope::of(wanted.key.kind(), wanted.body));
    let agent = scope.as_ref().map(|scope| &*scope.agent);
    found
        .into_iter()
        .filter(|observed| observed.agent_id.is_none() || observed.agent_id.as_deref() == agent)
        .collect()
}

impl Lookup {
    /// Replaces the results for these keys by the results of a later search.
    pub(super) fn replace(&mut self, keys: &BTreeSet<ResourceKey>, later: Self) {
        self.undecided.retain(|key, _| !keys.contains(key));
        self.failed.retain(|key, _| !keys.contains(key));
        self.existing.retain(|key, _| !keys.contains(key));
        self.claimed.retain(|key| !keys.contains(key));
        self.adopted.extend(later.adopted);
        self.undecided.extend(later.undecided);
        self.failed.extend(later.failed);
        self.existing.extend(later.existing);
        self.claimed.extend(later.claimed);
        self.cannot_list = self.cannot_list.or(later.cannot_list);
    }

    /// Makes keys undecided whose resource may belong to an open create of another
    /// lockfile.
    fn yield_to_claims(&mut self, group: &[WantedResource<'_>]) {
        for wanted in group {
            if let Some(observed) = self.adopted.remove(wanted.key) {
                let undecided = Undecided {
                    candidates: vec![observed],
                    reason: UndecidedReason::SameName,
                };
                self.undecided.insert(wanted.key.clone(), undecided);
            }
            if self.undecided.contains_key(wanted.key) {
                self.claimed.insert(wanted.key.clone());
            }
        }
    }

    fn fail(&mut self, group: &[WantedResource<'_>], error: &ApiError) {
        for wanted in group {
            self.failed.insert(wanted.key.clone(), error.clone());
        }
    }

    fn note(
        &mut self,
        key: &ResourceKey,
        decision: AdoptionDecision,
        found: &[Observed],
        existing: &[RemoteId],
    ) {
        match decision {
            AdoptionDecision::Create if existing.is_empty() => {}
            AdoptionDecision::Create => {
                self.existing.insert(key.clone(), existing.to_vec());
            }
            AdoptionDecision::Adopt(id) => {
                let observed = found.iter().find(|observed| observed.id == id);
                self.adopted
                    .extend(observed.map(|observed| (key.clone(), observed.clone())));
            }
            AdoptionDecision::Undecided(undecided) => {
                self.undecided.insert(key.clone(), undecided);
            }
        }
    }
}
