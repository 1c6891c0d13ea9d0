//! Reads the candidates of open creates.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::listing::read_each;
use super::presence::{Missing, prove_presence};
use crate::api::ApiError;
use crate::api::wire::ListedResource;
use crate::journal::{
    Found, ListingSays, Observation, OpenCreate, ReadSays, Verdict, renamed_candidates,
};
use crate::plan::Observed;
use crate::resource::key::RemoteId;
use crate::resource::{Kind, Scope};

/// The observed candidates.
pub(super) struct Candidates {
    /// The candidates that were read.
    pub observed: Vec<Observed>,
    /// The candidates that the listing shows and a read does not find.
    pub unproved: BTreeSet<RemoteId>,
}

/// Reads candidates of one agent. If a read has no name, the candidate gets the name of the
/// listing. A candidate that is not found is read again after the settle time.
pub(super) async fn read_candidates(
    context: &Context<'_>,
    scope: &Scope,
    listed: &[ListedResource],
    ids: &[RemoteId],
    is_settled: bool,
) -> Result<Candidates, ApiError> {
    let parallelism = context.options.parallelism;
    let shown = listed.iter().filter_map(|row| row.observed.as_deref());
    let shown: BTreeMap<_, _> = shown.map(|observed| (observed.id, observed)).collect();
    let unlisted = ids.iter().filter(|id| !shown.contains_key(*id));
    let mut reads = read_each(context.client, parallelism, unlisted.copied()).await;
    let mut candidates = Candidates {
        observed: Vec::new(),
        unproved: BTreeSet::new(),
    };
    let mut missing = BTreeMap::new();
    for id in ids {
        let shown = shown.get(id).copied().cloned();
        let read = reads.remove(id).transpose()?.flatten();
        if let Some(observed) = shown.or(read) {
            candidates.observed.push(observed);
            continue;
        }
        let contradiction = Observation {
            listing: ListingSays::Shown,
            read: ReadSays::NotFound,
        };
        let suspect = Missing {
            scope: scope.clone(),
            observations: vec![contradiction],
            is_settled,
        };
        missing.insert(*id, suspect);
    }
    if is_settled {
        let findings = prove_presence(context.client, parallelism, missing).await;
        candidates.observed.extend(findings.present.into_values());
        candidates.unproved.extend(findings.unproved.into_keys());
    } else {
        candidates.unproved.extend(missing.into_keys());
    }
    for observed in &mut candidates.observed {
        let row = listed.iter().find(|row| row.id == observed.id);
        let name = row.and_then(|row| row.name.clone());
        if observed.id.kind() == Kind::Simulation {
            observed.name = observed.name.take().or(name);
        }
    }
    Ok(candidates)
}

/// Reads the resources that the API may have created with a changed name, for creates
/// without another candidate. Sends no request if there are no such creates.
pub(super) async fn read_renamed(
    context: &Context<'_>,
    scope: &Scope,
    listed: &[ListedResource],
    found: &[Found],
    decided: &[(OpenCreate, Verdict)],
) -> Result<Candidates, ApiError> {
    let absent = decided
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Absent);
    let absent: Vec<_> = absent.map(|(create, _)| create).collect();
    let mut tracked = context.tracked();
    tracked.extend(decided.iter().filter_map(|(_, verdict)| match verdict {
        Verdict::Created(id) => Some(*id),
        _ => None,
    }));
    let ids = renamed_candidates(&absent, found, &tracked);
    read_candidates(context, scope, listed, &ids, true).await
}
