//! Deletes of many digital humans with few requests.
//!
//! Each delete has an intent of its own. A delete that the answer does not confirm is sent
//! alone with the same intent, because executing a delete twice has the same effect.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};

use super::delete::send_delete;
use super::owner::check_owner;
use super::step::{StepResult, close, finished, not_done};
use super::{Context, LedgerError, Operation, crash_point};
use crate::api::Fate;
use crate::journal::{Entry, Intent};
use crate::plan::{BULK, Change};
use crate::resource::key::RemoteId;

/// Deletes digital humans, one request after the other, and returns the results in the same
/// order.
pub(super) async fn delete_many(context: &Context<'_>, changes: &[&Change]) -> Vec<StepResult> {
    let mut results: Vec<_> = changes.iter().map(|_| StepResult::Done).collect();
    let mut waiting = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        match (check_owner(context, change).await, change.id) {
            (Some(result), _) => results[index] = result,
            (None, None) => {}
            (None, Some(id)) => waiting.push((index, *change, id)),
        }
    }
    for chunk in waiting.chunks(BULK) {
        let sent = send_chunk(context, chunk).await;
        let sent = sent.unwrap_or_else(|error| {
            let failed = chunk.iter().map(|_| StepResult::from(error.clone()));
            failed.collect()
        });
        for ((index, change, _), result) in chunk.iter().zip(sent) {
            finished(context, change, Operation::Delete, &result);
            results[*index] = result;
        }
    }
    results
}

/// Sends one request, and a request for each item that its answer leaves open.
async fn send_chunk(
    context: &Context<'_>,
    chunk: &[(usize, &Change, RemoteId)],
) -> Result<Vec<StepResult>, LedgerError> {
    let intents = chunk.iter().map(|(_, change, id)| Intent::Delete {
        key: change.key.clone(),
        simulation_id: *id,
    });
    let seqs = context
        .ledger
        .intend_all(intents.collect(), context.latest_time())
        .await?;
    let ids: Vec<_> = chunk.iter().map(|(_, _, id)| *id).collect();
    let sent: Vec<_> = seqs.into_iter().zip(ids.iter().copied()).collect();
    let mut fate = Fate::Done(BTreeSet::new());
    if let [_, _, ..] = ids[..] {
        fate = context.client.delete_many(&ids).await;
        crash_point!("delete.answered");
    }
    let deleted = match fate {
        Fate::Done(deleted) => deleted,
        // An item alone succeeds, or gets an error of its own.
        Fate::NotDone(error) if error.may_concern_items() => BTreeSet::new(),
        Fate::NotDone(error) => {
            let mut results = Vec::with_capacity(sent.len());
            for (seq, _) in sent {
                results.push(not_done(context, seq, error.clone()).await);
            }
            return Ok(results);
        }
        Fate::Unknown(error) => {
            let open = sent.iter().map(|_| StepResult::Open(error.clone()));
            return Ok(open.collect());
        }
    };
    if !deleted.is_empty() {
        context.ledger.note_deleted();
    }
    // The confirmed deletes are recorded first, and several of them share a sync.
    let recorded = stream::iter(&sent)
        .map(|(seq, id)| record(context, *seq, deleted.contains(id)))
        .buffered(context.options.parallelism.max(1))
        .collect::<Vec<_>>()
        .await;
    let mut results = Vec::with_capacity(sent.len());
    for (recorded, (seq, id)) in recorded.into_iter().zip(sent) {
        results.push(match recorded {
            Some(result) => result,
            None => send_delete(context, seq, id).await,
        });
    }
    Ok(results)
}

/// Records a delete if the answer confirms it.
async fn record(context: &Context<'_>, seq: u64, is_deleted: bool) -> Option<StepResult> {
    if !is_deleted {
        return None;
    }
    let done = Entry::Done { seq, applied: None };
    let result = close(context, done, StepResult::Done).await;
    crash_point!("delete.recorded");
    Some(result)
}
