//! Closes the open intents of an earlier run before a new change begins.

use std::collections::BTreeMap;
use std::time::Duration;

use super::presence::prove_presence;
use super::settle::{Pauses, UndecidedCreate, announce, settle};
use super::step::{StepResult, finish};
use super::{Context, LedgerError, Operation, crash_point};
use crate::api::{ApiError, Fate};
use crate::journal::{Entry, Intent, OpenIntent};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::patch_at;

/// The decisions about the open intents of an earlier run.
#[derive(Debug, Default)]
pub struct Recovered {
    /// The creates that were executed, with the recorded ids.
    pub created: BTreeMap<ResourceKey, RemoteId>,
    /// The creates that were not executed. The plan decides about their keys.
    pub absent: Vec<ResourceKey>,
    /// The creates that a person has to decide.
    pub undecided: BTreeMap<ResourceKey, UndecidedCreate>,
    /// The intents that stay open, with the operation and the error.
    pub failed: BTreeMap<ResourceKey, (Operation, ApiError)>,
}

/// Decides every open intent.
///
/// An open update of a declared resource stays open: the plan sends its fields again,
/// which closes the update. Other open updates are sent again here.
pub async fn recover(
    context: &Context<'_>,
    is_declared: impl Fn(&ResourceKey) -> bool,
) -> Result<Recovered, LedgerError> {
    // Creates and deletes wait at the same time.
    let (not_found_out, settled) = tokio::try_join!(settle_deletes(context), settle(context))?;
    let mut recovered = Recovered {
        created: settled.created,
        absent: settled.absent.into_iter().collect(),
        undecided: settled.undecided,
        failed: named(Operation::Create, settled.failed).collect(),
    };
    recovered
        .failed
        .extend(named(Operation::Delete, not_found_out));
    for open in context.ledger.open() {
        let key = open.intent.key().clone();
        if let Some(error) = finish_update(context, open, &is_declared).await? {
            recovered.failed.insert(key, (Operation::Update, error));
        }
    }
    Ok(recovered)
}

fn named(
    operation: Operation,
    failed: BTreeMap<ResourceKey, ApiError>,
) -> impl Iterator<Item = (ResourceKey, (Operation, ApiError))> {
    failed
        .into_iter()
        .map(move |(key, error)| (key, (operation, error)))
}

/// Closes an open update that no plan closes: the key has another resource, or no file
/// declares the key. Returns the error if the update stays open.
async fn finish_update(
    context: &Context<'_>,
    open: OpenIntent,
    is_declared: &impl Fn(&ResourceKey) -> bool,
) -> Result<Option<ApiError>, LedgerError> {
    let seq = open.seq;
    let (Intent::Update {
        key, simulation_id, ..
    }
    | Intent::Attach {
        key, simulation_id, ..
    }) = &open.intent
    else {
        return Ok(None);
    };
    if context.ledger.id_of(key) != Some(*simulation_id) {
        let reason = "its key has another simulation now".to_owned();
        context
            .ledger
            .record(Entry::NotDone { seq, reason })
            .await?;
        return Ok(None);
    }
    if is_declared(key) {
        return Ok(None);
    }
    let result = match open.intent {
        Intent::Update {
            ref key,
            simulation_id,
            ref fields,
            ref body,
        } => {
            let recorded = context.ledger.entry_of(key).map(|entry| entry.applied);
            let patch = patch_at(key.kind(), fields, &recorded.unwrap_or_default(), body);
            match context.client.update(simulation_id, &patch).await {
                // The refusal says nothing about the first request, so the lockfile omits
                // the fields: see how the journal folds an update that was not done.
                Fate::NotDone(error) if error.may_concern_items() => {
                    let intent = open.intent.clone();
                    let seq = context.ledger.intend(intent, context.latest_time()).await?;
                    close_refused(context, seq, error).await?
                }
                Fate::NotDone(error) => StepResult::Open(error),
                fate => finish(context, seq, fate).await,
            }
        }
        Intent::Attach {
            simulation_id,
            add,
            remove,
            ..
        } => match context.send_humans(simulation_id, &add, &remove).await {
            Fate::NotDone(error) if error.may_concern_items() => {
                close_refused(context, seq, error).await?
            }
            Fate::NotDone(error) => StepResult::Open(error),
            fate => finish(context, seq, fate).await,
        },
        Intent::Create { .. } | Intent::Delete { .. } => return Ok(None),
    };
    match result {
        StepResult::Open(error) => Ok(Some(error)),
        // No file declares the key, so a refused update needs no report.
        StepResult::NotDone(error) => Ok(error.is_final().then_some(error)),
        StepResult::Journal(error) => Err(error),
        StepResult::OtherOwner(_)
        | StepResult::Done
        | StepResult::Retained(_)
        | StepResult::Owned(..)
        | StepResult::NotFound(..) => Ok(None),
    }
}

/// Closes the intent of an undeclared key whose request the API refused, whatever earlier
/// requests did: no plan sends it again.
async fn close_refused(
    context: &Context<'_>,
    seq: u64,
    error: ApiError,
) -> Result<StepResult, LedgerError> {
    let reason = error.to_string();
    let refused = Entry::NotDone { seq, reason };
    context.ledger.record(refused).await?;
    Ok(StepResult::NotDone(error))
}

/// Decides open deletes. A delete was executed if its resource does not exist. If the
/// resource exists, the API may still execute the delete, so the resource is read until
/// the settle time is over. Returns the undecided deletes with their errors.
async fn settle_deletes(
    context: &Context<'_>,
) -> Result<BTreeMap<ResourceKey, ApiError>, LedgerError> {
    let mut pauses = Pauses::new();
    loop {
        let (waiting, mut failed) = decide_deletes(context).await?;
        let Some(left) = waiting.iter().map(|(_, left)| *left).max() else {
            return Ok(failed);
        };
        announce(context, waiting.len(), left);
        let pause = tokio::time::sleep(pauses.next(left));
        if let Err(error) = context.client.unless_stopped(pause).await {
            failed.extend(waiting.into_iter().map(|(key, _)| (key, error.clone())));
            return Ok(failed);
        }
    }
}

/// Reads each resource once. Returns the deletes that the API may still execute, with the
/// time, and the undecided deletes with their errors.
async fn decide_deletes(
    context: &Context<'_>,
) -> Result<
    (
        Vec<(ResourceKey, Duration)>,
        BTreeMap<ResourceKey, ApiError>,
    ),
    LedgerError,
> {
    let (mut waiting, mut failed) = (Vec::new(), BTreeMap::new());
    let mut not_found = Vec::new();
    for open in context.ledger.open() {
        let (seq, left) = (open.seq, context.time_left(&open));
        let Intent::Delete { key, simulation_id } = open.intent else {
            continue;
        };
        match context.client.read(simulation_id).await {
            Ok(None) => not_found.push((seq, key, simulation_id, left)),
            Ok(Some(_)) | Err(ApiError::Unsupported { .. }) if !left.is_zero() => {
                waiting.push((key, left));
            }
            Ok(Some(_)) => record_not_deleted(context, seq).await?,
            Err(error) => drop(failed.insert(key, error)),
        }
    }
    let mut suspects = context.missing(not_found.iter().map(|(_, _, id, _)| *id));
    for (_, _, id, left) in &not_found {
        if let Some(suspect) = suspects.get_mut(id) {
            suspect.is_settled = left.is_zero();
        }
    }
    let parallelism = context.options.parallelism;
    let mut findings = prove_presence(context.client, parallelism, suspects).await;
    let is_seeing =
        findings.absent.is_empty() || context.can_see(&findings.absent, &findings.listed).await;
    for (seq, key, id, left) in not_found {
        match findings.unproved.remove(&id) {
            Some(ApiError::Contradictory { .. }) if !left.is_zero() => waiting.push((key, left)),
            Some(error) => drop(failed.insert(key, error)),
            None if findings.present.contains_key(&id) && !left.is_zero() => {
                waiting.push((key, left));
            }
            None if findings.present.contains_key(&id) => record_not_deleted(context, seq).await?,
            None if !is_seeing => {
                let message = "it may belong to another organisation than the key".to_owned();
                failed.insert(key, ApiError::NotFound { message });
            }
            None => {
                let done = Entry::Done { seq, applied: None };
                context.ledger.record(done).await?;
                crash_point!("recover.delete");
            }
        }
    }
    Ok((waiting, failed))
}

/// Records that the resource of an open delete exists after its settle time.
async fn record_not_deleted(context: &Context<'_>, seq: u64) -> Result<(), LedgerError> {
    let reason = "still there when its settle time was over".to_owned();
    context
        .ledger
        .record(Entry::NotDone { seq, reason })
        .await?;
    crash_point!("recover.delete");
    Ok(())
}
