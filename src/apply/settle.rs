//! The decision of open creates with repeated listings.
//!
//! All open creates are decided together, until each is found or its settle time is over. A
//! failed listing decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::candidates::{read_candidates, read_renamed};
use super::listing::list;
use super::{Context, Event, LedgerError, crash_point};
use crate::api::ApiError;
use crate::api::wire::ListedResource;
use crate::journal::{
    Entry, Found, HistoryError, Intent, MAX_SEND_DELAY, OpenCreate, OpenIntent, Verdict,
    absent_unless_renamed, candidates, verdicts,
};
use crate::plan::{Observed, created_body};
use crate::resource::Scope;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::ownership::Owner;

/// The growing pauses between two listings.
pub(super) struct Pauses(Duration);

impl Pauses {
    const LONGEST: Duration = Duration::from_secs(5);

    pub(super) fn new() -> Self {
        Self(Duration::from_millis(500))
    }

    /// Returns the next pause, at most the time that is left.
    pub(super) fn next(&mut self, left: Duration) -> Duration {
        let pause = self.0.min(left);
        self.0 = (self.0 * 2).min(Self::LONGEST);
        pause
    }
}

/// An open create that a person has to decide.
#[derive(Debug, Clone, PartialEq)]
pub struct UndecidedCreate {
    /// The candidates.
    pub candidates: Vec<Observed>,
    /// The other resource of the key in the lockfile, if the candidate is certainly the
    /// created resource.
    pub locked: Option<RemoteId>,
}

/// The decisions about open creates, by key.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// The creates that were executed, with the recorded ids.
    pub created: BTreeMap<ResourceKey, RemoteId>,
    /// The creates that were not executed, and may be sent again.
    pub absent: BTreeSet<ResourceKey>,
    /// The creates that a person has to decide.
    pub undecided: BTreeMap<ResourceKey, UndecidedCreate>,
    /// The creates that stay open because a request failed.
    pub failed: BTreeMap<ResourceKey, ApiError>,
}

/// Decides every open create of the journal.
pub(super) async fn settle(context: &Context<'_>) -> Result<Settled, LedgerError> {
    let mut settled = Settled::default();
    let mut pauses = Pauses::new();
    loop {
        let open: Vec<_> = context
            .ledger
            .open()
            .into_iter()
            .filter_map(|intent| open_create(context, intent))
            .filter(|(create, _)| !settled.undecided.contains_key(&create.key))
            .collect();
        let Some(at_most) = open.iter().map(|(_, left)| *left).max() else {
            return Ok(settled);
        };
        if !at_most.is_zero() {
            announce(context, open.len(), at_most);
        }
        settled.failed.clear();
        let waiting = decide_once(context, &open, &mut settled).await?;
        if waiting.is_zero() {
            return Ok(settled);
        }
        let pause = tokio::time::sleep(pauses.next(waiting));
        let slept = context.client.unless_stopped(pause).await;
        if let Err(error) = slept {
            for (create, _) in open {
                if context.ledger.is_open(create.seq) {
                    settled.failed.insert(create.key, error.clone());
                }
            }
            return Ok(settled);
        }
    }
}

/// Reports that open requests are decided with repeated listings.
pub(super) fn announce(context: &Context<'_>, open: usize, at_most: Duration) {
    // The message does not include the send delay.
    let at_most = at_most.saturating_sub(MAX_SEND_DELAY);
    context.events.event(Event::Settling { open, at_most });
}

/// Returns an open create, and how long the API may still execute it.
fn open_create(context: &Context<'_>, open: OpenIntent) -> Option<(OpenCreate, Duration)> {
    let left = context.time_left(&open);
    let Intent::Create {
        key,
        body,
        existing,
        ..
    } = open.intent
    else {
        return None;
    };
    let create = OpenCreate {
        seq: open.seq,
        key,
        body,
        existing: existing.into_iter().collect(),
        is_settled: left.is_zero(),
    };
    Some((create, left))
}

/// Lists and decides once. Returns how long the API may still execute the creates that
/// stay open; zero if no create has to be waited for.
async fn decide_once(
    context: &Context<'_>,
    open: &[(OpenCreate, Duration)],
    settled: &mut Settled,
) -> Result<Duration, LedgerError> {
    let scope_of = |create: &OpenCreate| Scope::of(create.key.kind(), &create.body);
    let scopes = open.iter().map(|(create, _)| scope_of(create)).collect();
    let listings = list(context.client, context.options.parallelism, &scopes).await;
    let mut waiting = Duration::ZERO;
    for (scope, listing) in listings {
        let (creates, left): (Vec<_>, Vec<_>) = open
            .iter()
            .filter(|(create, _)| scope_of(create) == scope)
            .cloned()
            .unzip();
        let left = left.into_iter().max().unwrap_or_default();
        let decided = match listing {
            Ok(listed) => decide_scope(context, creates, &scope, &listed, settled).await?,
            Err(error) => Err((creates, error)),
        };
        match decided {
            Ok(true) => waiting = waiting.max(left.max(Duration::from_millis(1))),
            Ok(false) => {}
            Err((creates, error)) => {
                for create in creates {
                    settled.failed.insert(create.key, error.clone());
                }
                let is_hopeless = matches!(error, ApiError::Unsupported { .. });
                if !error.is_final() && !is_hopeless {
                    waiting = waiting.max(left);
                }
            }
        }
    }
    Ok(waiting)
}

/// The creates of a failed request, and its error.
type FailedCreates = (Vec<OpenCreate>, ApiError);

/// Reads the candidates of the creates of one agent, and decides. Returns whether a create
/// needs another listing.
async fn decide_scope(
    context: &Context<'_>,
    creates: Vec<OpenCreate>,
    scope: &Scope,
    listed: &[ListedResource],
    settled: &mut Settled,
) -> Result<Result<bool, FailedCreates>, LedgerError> {
    let found: Vec<_> = listed
        .iter()
        .map(|simulation| Found {
            id: simulation.id,
            name: simulation.name.clone(),
        })
        .collect();
    let ids = candidates(&creates, &found, &context.tracked());
    let is_settled = creates.iter().all(|create| create.is_settled);
    let mut read = match read_candidates(context, scope, listed, &ids, is_settled).await {
        Ok(read) => read,
        Err(error) => return Ok(Err((creates, error))),
    };
    // A create is not decided while the presence of a candidate is not proved.
    let unproved = found.iter().filter(|one| read.unproved.contains(&one.id));
    let unproved: Vec<_> = unproved.collect();
    let mut is_waiting = false;
    let mut creates = creates;
    creates.retain(|create| {
        let could_be = unproved
            .iter()
            .filter(|one| create.could_be(one.id, one.name.as_deref()));
        let ids: Vec<_> = could_be.map(|one| one.id).collect();
        if ids.is_empty() {
            return true;
        }
        is_waiting |= !create.is_settled;
        let error = ApiError::Contradictory { ids };
        settled.failed.insert(create.key.clone(), error);
        false
    });
    let mut decided: Vec<_> = {
        let verdicts = verdicts(&creates, &read.observed);
        creates.into_iter().zip(verdicts).collect()
    };
    let renamed = match read_renamed(context, scope, listed, &found, &decided).await {
        Ok(renamed) => renamed,
        Err(error) => {
            let creates = decided.into_iter().map(|(create, _)| create).collect();
            return Ok(Err((creates, error)));
        }
    };
    decided.retain_mut(|(create, verdict)| {
        if *verdict != Verdict::Absent {
            return true;
        }
        let unproved = renamed.unproved.difference(&create.existing);
        let ids: Vec<_> = unproved.copied().collect();
        if ids.is_empty() {
            *verdict = absent_unless_renamed(create, &renamed.observed);
            return true;
        }
        let error = ApiError::Contradictory { ids };
        settled.failed.insert(create.key.clone(), error);
        false
    });
    read.observed.extend(renamed.observed);
    is_waiting |= record(context, decided, &read.observed, settled).await?;
    Ok(Ok(is_waiting))
}

/// Makes a create undecided whose resource has the marker of another project.
fn undecided_if_other_owner(
    context: &Context<'_>,
    key: &ResourceKey,
    verdict: Verdict,
    observed: &[Observed],
) -> Verdict {
    let Verdict::Created(id) = verdict else {
        return verdict;
    };
    let is_of_other =
        |seen: &&Observed| seen.id == id && context.desired.owner(key, None, seen) == Owner::Other;
    match observed.iter().find(is_of_other) {
        Some(seen) => Verdict::Undecided(vec![seen.clone()]),
        None => verdict,
    }
}

/// Records the decisions. Returns whether a create needs another listing, for example
/// because another lockfile recorded its resource after the listing.
async fn record(
    context: &Context<'_>,
    decided: Vec<(OpenCreate, Verdict)>,
    observed: &[Observed],
    settled: &mut Settled,
) -> Result<bool, LedgerError> {
    let mut verdicts = decided.iter().map(|(_, verdict)| verdict);
    let adoptions = verdicts
        .any(|verdict| matches!(verdict, Verdict::Created(_)))
        .then(|| context.neighbours.adoptions())
        .transpose()?;
    let is_claimed = |id| adoptions.as_ref().is_some_and(|held| held.is_claimed(id));
    let mut is_waiting = false;
    for (create, verdict) in decided {
        let (seq, key) = (create.seq, create.key.clone());
        match undecided_if_other_owner(context, &key, verdict, observed) {
            Verdict::Wait => is_waiting = true,
            Verdict::Created(id) if is_claimed(id) => is_waiting = true,
            Verdict::Created(simulation_id) => {
                crash_point!("settle.before");
                let seen = observed.iter().find(|seen| seen.id == simulation_id);
                let applied = seen.map(|seen| created_body(&create.body, seen));
                let entry = Entry::Created {
                    seq,
                    simulation_id,
                    applied: applied.filter(|applied| *applied != create.body),
                };
                match context.ledger.record(entry).await {
                    Err(LedgerError::History(HistoryError::TwoIds { locked, .. })) => {
                        let create = UndecidedCreate {
                            candidates: seen.cloned().into_iter().collect(),
                            locked: Some(locked),
                        };
                        settled.undecided.insert(key, create);
                        continue;
                    }
                    recorded => recorded?,
                }
                crash_point!("settle.after");
                let id = Some(simulation_id);
                context.events.event(Event::Settled {
                    key: key.clone(),
                    id,
                });
                settled.created.insert(key, simulation_id);
            }
            Verdict::Absent => {
                let reason = "not at the API when its settle time was over".to_owned();
                context
                    .ledger
                    .record(Entry::NotDone { seq, reason })
                    .await?;
                let event_key = key.clone();
                context.events.event(Event::Settled {
                    key: event_key,
                    id: None,
                });
                settled.absent.insert(key);
            }
            Verdict::Undecided(candidates) => {
                let locked = None;
                let create = UndecidedCreate { candidates, locked };
                settled.undecided.insert(key, create);
            }
        }
    }
    Ok(is_waiting)
}
