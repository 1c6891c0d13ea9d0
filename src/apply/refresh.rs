//! Reads the observed state of the resources in the lockfile.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};

use super::listing::{Listings, list, list_shown, read_each, read_unlisted};
use super::lookup::Known;
use super::presence::{Missing, prove_presence};
use crate::api::{ApiError, Client};
use crate::journal::{ListingSays, Observation, ReadSays};
use crate::lock::{LockedResource, Lockfile};
use crate::plan::{
    Comparison, NormalizedName, NullMeaning, Observed, ObservedState, ObservedStates,
};
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};
use crate::resource::{Kind, Scope, identity, mismatches};

/// An untracked resource that looks like a tracked one: it has the same scope and the same
/// name, or a name that a server may have made of that name. A late create or a person may
/// have made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untracked {
    /// The id.
    pub id: RemoteId,
    /// The agent.
    pub agent_id: String,
    /// The name.
    pub name: String,
    /// The key of the tracked resource.
    pub looks_like: ResourceKey,
}

/// The observed state of tracked resources.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// The observed states, by key.
    pub observed: ObservedStates,
    /// The failed reads, by key.
    pub failed: BTreeMap<ResourceKey, ApiError>,
    /// The untracked resources that look like tracked resources.
    pub untracked: Vec<Untracked>,
    /// The listings, for a later search.
    pub known: Known,
}

/// How much of each simulation is read. The listings of the other kinds always show whole
/// resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every field, with one request for each simulation.
    Whole,
    /// The fields that the listings show.
    Listed,
}

/// Reads the resources in the lockfile whose keys are in `keys`, with at most
/// `parallelism` concurrent requests, and lists their scopes. The digital humans of the
/// simulations in `humans_of` are read too. `tracked` has the ids of all lockfiles.
///
/// A resource that a read does not find counts as gone only if listing and read agree
/// twice. Otherwise the read counts as failed.
pub async fn refresh(
    client: &Client,
    lock: &Lockfile,
    keys: &BTreeSet<ResourceKey>,
    humans_of: &BTreeSet<ResourceKey>,
    tracked: &BTreeSet<RemoteId>,
    (depth, parallelism): (Depth, usize),
) -> Refreshed {
    let entries: Vec<_> = lock
        .resources
        .iter()
        .filter(|(key, _)| keys.contains(*key))
        .collect();
    let scopes: BTreeSet<_> = entries
        .iter()
        .map(|(_, locked)| scope_of(locked))
        // The agent of an old instance whose successor was deleted is not known.
        .filter(|scope| *scope != Scope::whole(Kind::Simulation))
        .collect();
    let (mut refreshed, listings, rest) = match depth {
        Depth::Whole => {
            let is_simulation = |(key, _): &Entry<'_>| key.kind() == Kind::Simulation;
            let (simulations, others): (Vec<_>, Vec<_>) =
                entries.iter().copied().partition(is_simulation);
            let refreshed = read_entries(client, &simulations, humans_of, parallelism).await;
            // The listings come after the reads: ten thousand reads take hours, and a
            // listing shows one moment.
            let listings = list(client, parallelism, &scopes).await;
            (refreshed, listings, others)
        }
        Depth::Listed => {
            let listings = list_shown(client, parallelism, &scopes).await;
            let mut refreshed = Refreshed::default();
            let rest = without_failed(&entries, &listings, &mut refreshed);
            (refreshed, listings, rest)
        }
    };
    let ids = rest.iter().map(|(_, locked)| locked.id);
    let mut reads = read_unlisted(client, parallelism, ids, &listings).await;
    for (key, locked) in &rest {
        let seen = match reads.remove(&locked.id) {
            Some(Ok(Some(observed))) => {
                let has_humans = !locked.digital_humans.is_empty() || humans_of.contains(*key);
                let compared = match key.kind() {
                    Kind::Simulation => {
                        Comparison::of_listed(&locked.applied, &observed, has_humans)
                    }
                    _ => Comparison::of(&locked.applied, &observed, None),
                };
                Ok(ObservedState::Present(compared))
            }
            Some(Err(error)) => Err(error),
            Some(Ok(None)) | None => Ok(ObservedState::Gone),
        };
        refreshed.note(key, seen);
    }
    let missing: Vec<_> = entries
        .iter()
        .copied()
        .filter(|(key, _)| refreshed.observed.get(*key) == Some(&ObservedState::Gone))
        .collect();
    confirm_gone(
        client,
        &missing,
        &listings,
        humans_of,
        parallelism,
        &mut refreshed,
    )
    .await;
    refreshed.untracked = find_untracked(client, &entries, &listings, tracked, parallelism).await;
    refreshed.known = Known::of(listings);
    refreshed
}

/// Returns the entries whose listing was read. The error of a failed listing is noted for
/// its entries, and no other request is sent for them.
fn without_failed<'a>(
    entries: &[Entry<'a>],
    listings: &Listings,
    refreshed: &mut Refreshed,
) -> Vec<Entry<'a>> {
    let mut listed = Vec::with_capacity(entries.len());
    for (key, locked) in entries {
        match listings.get(&scope_of(locked)) {
            Some(Err(error)) => refreshed.note(key, Err(error.clone())),
            _ => listed.push((*key, *locked)),
        }
    }
    listed
}

/// Observes the resources again that a read did not find.
async fn confirm_gone(
    client: &Client,
    entries: &[Entry<'_>],
    listings: &Listings,
    humans_of: &BTreeSet<ResourceKey>,
    parallelism: usize,
    refreshed: &mut Refreshed,
) {
    let suspect = |(_, locked): &Entry<'_>| {
        let id = locked.id;
        let mut missing = Missing::of(scope_of(locked));
        let listing = match listings.get(&missing.scope) {
            Some(Ok(listed)) if listed.iter().any(|found| found.id == id) => ListingSays::Shown,
            Some(Ok(_)) => ListingSays::NotShown,
            _ => ListingSays::Unreadable,
        };
        missing.observations.push(Observation {
            listing,
            read: ReadSays::NotFound,
        });
        (id, missing)
    };
    let missing = entries.iter().map(suspect).collect();
    let mut findings = prove_presence(client, parallelism, missing).await;
    for (key, locked) in entries {
        let id = locked.id;
        let seen = match (findings.present.remove(&id), findings.unproved.remove(&id)) {
            (Some(observed), _) => compare(client, key, locked, &observed, humans_of).await,
            (None, Some(error)) => Err(error),
            (None, None) => continue,
        };
        refreshed.note(key, seen);
    }
}

impl Refreshed {
    fn note(&mut self, key: &ResourceKey, seen: Result<ObservedState, ApiError>) {
        match seen {
            Ok(observed) => drop(self.observed.insert(key.clone(), observed)),
            Err(error) => {
                self.observed.remove(key);
                self.failed.insert(key.clone(), error);
            }
        }
    }
}

/// An entry of the lockfile.
type Entry<'a> = (&'a ResourceKey, &'a LockedResource);

/// Reads the resources of these entries. Twice as many reads are started as requests are
/// allowed, so that the limiter never waits for the processing of an answer.
async fn read_entries(
    client: &Client,
    entries: &[Entry<'_>],
    humans_of: &BTreeSet<ResourceKey>,
    parallelism: usize,
) -> Refreshed {
    let mut refreshed = Refreshed::default();
    client.announce(entries.len());
    let mut reads = stream::iter(entries)
        .map(|(key, locked)| async move {
            let read = match client.read(locked.id).await {
                Ok(Some(observed)) => compare(client, key, locked, &observed, humans_of).await,
                Ok(None) => Ok(ObservedState::Gone),
                Err(error) => Err(error),
            };
            (*key, read)
        })
        .buffer_unordered(parallelism.max(1) * 2);
    while let Some((key, seen)) = reads.next().await {
        refreshed.note(key, seen);
    }
    refreshed
}

/// Compares the observed state of a resource with its prior state.
async fn compare(
    client: &Client,
    key: &ResourceKey,
    locked: &LockedResource,
    observed: &Observed,
    humans_of: &BTreeSet<ResourceKey>,
) -> Result<ObservedState, ApiError> {
    let is_simulation = key.kind() == Kind::Simulation;
    let has_humans =
        is_simulation && (humans_of.contains(key) || !locked.digital_humans.is_empty());
    let humans = if has_humans {
        read_humans(client, locked.id).await?
    } else {
        None
    };
    let seen = Comparison::of(&locked.applied, observed, humans);
    Ok(ObservedState::Present(seen))
}

/// Returns the digital humans of a simulation; `None` if they can't be read. The API has
/// been observed to fail for one simulation each time, so this is no failed read.
async fn read_humans(
    client: &Client,
    id: RemoteId,
) -> Result<Option<BTreeSet<DigitalHumanId>>, ApiError> {
    match client.humans(id).await {
        Ok(humans) => Ok(Some(humans)),
        Err(error) if error.is_final() => Err(error),
        Err(_) => Ok(None),
    }
}

/// Finds untracked resources that look like these entries: they have the same scope and
/// name, or a name that a server may have made of it and otherwise equal fields.
///
/// A listing that failed shows no untracked resources.
async fn find_untracked(
    client: &Client,
    entries: &[Entry<'_>],
    listings: &Listings,
    tracked: &BTreeSet<RemoteId>,
    parallelism: usize,
) -> Vec<Untracked> {
    let names = Names::of(entries);
    let mut found = BTreeMap::new();
    let mut renamed = BTreeMap::new();
    for (scope, listing) in listings {
        let listed = listing.iter().flatten();
        for simulation in listed.filter(|found| !tracked.contains(&found.id)) {
            let name = simulation.name.as_deref().unwrap_or_default();
            let untracked = |key: &ResourceKey| Untracked {
                id: simulation.id,
                agent_id: scope.agent.to_string(),
                name: name.to_owned(),
                looks_like: key.clone(),
            };
            if let Some((key, _)) = names.same.get(&(scope.clone(), name.to_owned())) {
                found.insert(simulation.id, untracked(key));
                continue;
            }
            let alike = names.alike(scope, name);
            let alike = alike.map(|(key, locked)| (untracked(key), locked));
            renamed.insert(simulation.id, alike.collect::<Vec<_>>());
        }
    }
    renamed.retain(|_, alike| !alike.is_empty());
    let reads = read_each(client, parallelism, renamed.keys().copied()).await;
    for (id, alike) in renamed {
        let Some(Ok(Some(observed))) = reads.get(&id) else {
            continue;
        };
        let same = alike.into_iter().find(|(_, locked)| {
            mismatches(
                observed.id.kind(),
                &locked.applied,
                observed,
                NullMeaning::NotSet,
            )
            .is_empty()
        });
        found.extend(same.map(|(untracked, _)| (id, untracked)));
    }
    found.into_values().collect()
}

fn scope_of(locked: &LockedResource) -> Scope {
    Scope::of(locked.id.kind(), &locked.applied)
}

/// The scopes and names of entries.
struct Names<'a> {
    same: BTreeMap<(Scope, String), Entry<'a>>,
    by_bucket: BTreeMap<(Scope, String), Vec<(NormalizedName, Entry<'a>)>>,
}

impl<'a> Names<'a> {
    fn of(entries: &[Entry<'a>]) -> Self {
        let (mut same, mut by_bucket) = (BTreeMap::new(), BTreeMap::new());
        for (key, locked) in entries {
            let Some(name) = identity(locked.id.kind(), &locked.applied) else {
                continue;
            };
            let scope = scope_of(locked);
            let normal = NormalizedName::of(&name);
            same.insert((scope.clone(), name), (*key, *locked));
            let bucket = normal.bucket().to_owned();
            let names: &mut Vec<_> = by_bucket.entry((scope, bucket)).or_default();
            names.push((normal, (*key, *locked)));
        }
        Self { same, by_bucket }
    }

    /// Returns the entries of a scope whose names a server may have changed into this
    /// name.
    fn alike<'s>(&'s self, scope: &Scope, name: &str) -> impl Iterator<Item = Entry<'a>> + 's {
        let normal = NormalizedName::of(name);
        let of_bucket = self
            .by_bucket
            .get(&(scope.clone(), normal.bucket().to_owned()));
        let names = of_bucket.into_iter().flatten();
        let alike = names.filter(move |(other, _)| normal.is_alike(other));
        alike.map(|(_, entry)| *entry)
    }
}
