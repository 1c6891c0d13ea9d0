//! Deletes of many digital humans with few requests.
//!
//! A delete that the answer does not confirm is sent alone with the same intent, because
//! executing a delete twice has the same effect.

use futures_util::stream::{self, StreamExt as _};

use super::delete::send_delete;
use super::many::{ItemFate, Patience, fates};
use super::owner::check_owner;
use super::step::{Deleting, StepResult, close, finished, leave_open, not_done};
use super::{Context, LedgerError, Operation, crash_point};
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

/// Sends one request, and a request for each item that its answer does not confirm.
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
    let sent = seqs.iter().zip(&ids);
    let sent = sent.map(|(seq, id)| Deleting::new(*seq, *id));
    if let [_] = ids[..] {
        return Ok(stream::iter(sent)
            .then(|deleting| send_delete(context, deleting))
            .collect()
            .await);
    }
    let before_sending = || context.about_to_send(&seqs);
    let fate = context.client.delete_many(&ids, &before_sending).await;
    crash_point!("delete.answered");
    let fates = fates(fate, ids.len());
    if fates.iter().any(|fate| matches!(fate, ItemFate::Done(()))) {
        context.ledger.note_deleted();
    }
    // The confirmed deletes are recorded first, and several of them share a sync.
    let recorded = stream::iter(sent.zip(fates))
        .map(|(deleting, fate)| record(context, deleting, fate))
        .buffered(context.options.parallelism.max(1))
        .collect::<Vec<_>>()
        .await;
    let (mut results, mut patience) = (Vec::with_capacity(recorded.len()), Patience::default());
    for recorded in recorded {
        results.push(match (recorded, patience.lost()) {
            (Ok(result), _) => result,
            (Err(deleting), None) => {
                let result = send_delete(context, deleting).await;
                patience.note(&result);
                result
            }
            (
                Err(Deleting {
                    seq, may_be_done, ..
                }),
                Some(error),
            ) if may_be_done => leave_open(context, seq, error).await,
            (Err(Deleting { seq, .. }), Some(error)) => not_done(context, seq, error).await,
        });
    }
    Ok(results)
}

/// Records the fate of one item. Returns the delete if it has to be sent alone.
async fn record(
    context: &Context<'_>,
    deleting: Deleting,
    fate: ItemFate<()>,
) -> Result<StepResult, Deleting> {
    let Deleting { seq, .. } = deleting;
    match fate {
        ItemFate::Done(()) => {
            let done = Entry::Done { seq, applied: None };
            let result = close(context, done, StepResult::Done).await;
            crash_point!("delete.recorded");
            Ok(result)
        }
        ItemFate::Refused(_) => Err(deleting),
        ItemFate::Unproved(_) => Err(Deleting {
            may_be_done: true,
            ..deleting
        }),
        ItemFate::NotDone(error) => Ok(not_done(context, seq, error).await),
        ItemFate::Unknown(error) => Ok(leave_open(context, seq, error).await),
    }
}
