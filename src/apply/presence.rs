//! Repeated observations of resources that a request did not find.
//!
//! Requests are sent only after a 404. Each round sends one listing per agent and one read
//! per resource.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Context;
use super::listing::{Reads, list, read_each};
use crate::api::{ApiError, Client};
use crate::journal::{ListingSays, Observation, Presence, ReadSays, presence};
use crate::plan::Observed;
use crate::resource::Scope;
use crate::resource::key::RemoteId;

/// The most further observations of a resource.
const ROUNDS: usize = 2;

/// The time between two observations, so that one short fault cannot affect both.
const PAUSE: Duration = Duration::from_millis(250);

/// A resource that a request did not find.
#[derive(Debug, Clone)]
pub(super) struct Missing {
    /// The scope whose listing is read.
    pub scope: Scope,
    /// The observations so far.
    pub observations: Vec<Observation>,
    /// Whether the settle time of the request is over.
    pub is_settled: bool,
}

impl Missing {
    /// Returns a resource of this scope without observations.
    pub fn of(scope: Scope) -> Self {
        Self {
            scope,
            observations: Vec::new(),
            is_settled: false,
        }
    }

    fn presence(&self) -> Presence {
        presence(&self.observations, self.is_settled)
    }
}

/// The results for resources that a request did not find.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// The resources that a later read found.
    pub present: BTreeMap<RemoteId, Observed>,
    /// The resources that do not exist, or that the API key may not see.
    pub absent: BTreeSet<RemoteId>,
    /// The resources whose presence and absence are not proved, with the reason.
    pub unproved: BTreeMap<RemoteId, ApiError>,
    /// All listed ids.
    pub listed: BTreeSet<RemoteId>,
}

/// Observes each resource until its presence or absence is proved, for a bounded number
/// of rounds.
pub(super) async fn prove_presence(
    client: &Client,
    parallelism: usize,
    mut missing: BTreeMap<RemoteId, Missing>,
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
    /// Returns whether absent resources were deleted, and do not belong to another
    /// organisation. True if the API key belongs to the organisation of the lockfile, or if
    /// the lockfile has no organisation and the API key can see another resource that an
    /// earlier run recorded, or deleted one in this run. `listed` has the listed ids.
    pub(super) async fn can_see(
        &self,
        absent: &BTreeSet<RemoteId>,
        listed: &BTreeSet<RemoteId>,
    ) -> bool {
        const SAMPLE: usize = 3;
        if self.options.trusts_absence {
            return true;
        }
        if self.ledger.lock().organization.is_some() {
            return false;
        }
        if self.ledger.has_deleted() {
            return true;
        }
        let owned = self.ledger.owned().into_iter();
        let others = owned.filter(|id| !absent.contains(id) && self.ledger.is_earlier(*id));
        let others: Vec<_> = others.collect();
        if others.iter().any(|id| listed.contains(id)) {
            return true;
        }
        let sample = others.into_iter().take(SAMPLE);
        let reads = read_each(self.client, SAMPLE, sample).await;
        reads.values().any(|read| matches!(read, Ok(Some(_))))
    }

    /// Returns resources of the lockfile without observations, for [`prove_presence`]. The
    /// agent of a replaced simulation is not known.
    pub(super) fn missing(
        &self,
        ids: impl IntoIterator<Item = RemoteId>,
    ) -> BTreeMap<RemoteId, Missing> {
        let mut ids = ids.into_iter().peekable();
        if ids.peek().is_none() {
            return BTreeMap::new();
        }
        let lock = self.ledger.lock();
        let entries = lock.resources.values();
        let scopes: BTreeMap<_, _> = entries
            .map(|entry| (entry.id, Scope::of(entry.id.kind(), &entry.applied)))
            .collect();
        let scope = |id: RemoteId| {
            let known = scopes.get(&id).cloned();
            known.unwrap_or_else(|| Scope::whole(id.kind()))
        };
        ids.map(|id| (id, Missing::of(scope(id)))).collect()
    }
}

/// Decides about one resource, and adds a decision to `findings`. Returns whether no
/// further observation is needed.
fn conclude(id: RemoteId, suspect: &Missing, is_last: bool, findings: &mut Findings) -> bool {
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

/// Observes each resource once: lists each scope, then reads each resource.
async fn observe(
    client: &Client,
    parallelism: usize,
    missing: &mut BTreeMap<RemoteId, Missing>,
    findings: &mut Findings,
) {
    let scopes = missing.values().map(|suspect| suspect.scope.clone());
    let listings = list(client, parallelism, &scopes.collect()).await;
    let mut reads: Reads = read_each(client, parallelism, missing.keys().copied()).await;
    for (id, suspect) in missing {
        let listing = match listings.get(&suspect.scope) {
            Some(Ok(rows)) if rows.iter().any(|row| row.id == *id) => ListingSays::Shown,
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
    let rows = listings.values().flatten().flatten();
    findings.listed.extend(rows.map(|row| row.id));
}
