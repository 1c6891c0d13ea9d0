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
    agent: &str,
    listed: &[ListedResource],
    ids: &[RemoteId],
    is_settled: bool,
) -> Result<Candidates, ApiError> {
    let parallelism = context.options.parallelism;
    let mut reads = read_each(context.client, parallelism, ids.iter().copied()).await;
    let mut candidates = Candidates {
        observed: Vec::new(),
        unproved: BTreeSet::new(),
    };
    let mut missing = BTreeMap::new();
    for id in ids {
        if let Some(observed) = reads.remove(id).transpose()?.flatten() {
            candidates.observed.push(observed);
            continue;
        }
        let contradiction = Observation {
            listing: ListingSays::Shown,
            read: ReadSays::NotFound,
        };
        let suspect = Missing {
            agent: agent.to_owned(),
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
        observed.name = observed.name.take().or(name);
    }
    Ok(candidates)
}

/// Reads the simulations that the API may have created with a changed name, for creates
/// without another candidate. Sends no request if there are no such creates.
pub(super) async fn read_renamed(
    context: &Context<'_>,
    agent: &str,
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
    read_candidates(context, agent, listed, &ids, true).await
}
