//! Creates of many resources with few requests.
//!
//! Each create has an intent of its own, so that each is settled by itself: a request that
//! is lost in the middle is an open create for each of its items.

use super::create::{create, create_body_of, create_intent, record_unknown};
use super::many::{ItemFate, fates};
use super::step::{StepResult, close, not_done};
use super::{Context, LedgerError, crash_point};
use crate::journal::Entry;
use crate::plan::Change;
use crate::resource::body::Body;
use crate::resource::confirmed_by_create;
use crate::resource::key::RemoteId;

/// A create, and the untracked resources that the create can't have made.
pub(super) type Pending<'c> = (&'c Change, &'c [RemoteId]);

/// Creates at most [`BULK`](crate::plan::BULK) resources with one request, and returns the
/// results in the same order.
pub(super) async fn create_many(context: &Context<'_>, chunk: &[Pending<'_>]) -> Vec<StepResult> {
    if let [(change, existing)] = chunk {
        return vec![create(context, change, existing).await];
    }
    let mut results = Vec::with_capacity(chunk.len());
    match send_chunk(context, chunk).await {
        Ok(items) => {
            for (item, (change, existing)) in items.into_iter().zip(chunk) {
                // Alone, a refused item succeeds, or gets an error of its own.
                results.push(match item {
                    Some(result) => result,
                    None => create(context, change, existing).await,
                });
            }
        }
        Err(error) => {
            let failed = chunk.iter().map(|_| StepResult::from(error.clone()));
            results.extend(failed);
        }
    }
    results
}

/// Sends one request. The result of an item is `None` if the item has to be sent alone.
async fn send_chunk(
    context: &Context<'_>,
    chunk: &[Pending<'_>],
) -> Result<Vec<Option<StepResult>>, LedgerError> {
    let bodies: Vec<_> = chunk
        .iter()
        .map(|(change, _)| create_body_of(context, change))
        .collect();
    let intents = chunk.iter().zip(&bodies);
    let intents = intents.map(|((change, existing), body)| create_intent(change, body, existing));
    let seqs = context
        .ledger
        .intend_all(intents.collect(), context.latest_time())
        .await?;
    let before_sending = || context.about_to_send(&seqs);
    let sent: Vec<_> = bodies.iter().collect();
    let fate = context.client.create_many(&sent, &before_sending).await;
    crash_point!("create.answered");
    let mut results = Vec::with_capacity(chunk.len());
    for (index, fate) in fates(fate, chunk.len()).into_iter().enumerate() {
        let (change, _) = chunk[index];
        results.push(record(context, change, &bodies[index], seqs[index], fate).await);
        crash_point!("create.recorded");
    }
    Ok(results)
}

/// Records the fate of one item.
async fn record(
    context: &Context<'_>,
    change: &Change,
    body: &Body,
    seq: u64,
    fate: ItemFate<RemoteId>,
) -> Option<StepResult> {
    Some(match fate {
        ItemFate::Done(id) => {
            let applied = confirmed_by_create(change.key.kind(), body);
            let entry = Entry::Created {
                seq,
                simulation_id: id,
                applied: Some(applied).filter(|applied| applied != body),
            };
            close(context, entry, StepResult::Done).await
        }
        ItemFate::Refused(reason) => {
            let refused = Entry::NotDone { seq, reason };
            match close(context, refused, StepResult::Done).await {
                StepResult::Done => return None,
                result => result,
            }
        }
        ItemFate::NotDone(error) => not_done(context, seq, error).await,
        ItemFate::Unproved(error) | ItemFate::Unknown(error) => {
            record_unknown(context, change, seq, error).await
        }
    })
}
