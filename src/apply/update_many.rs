//! Updates of many digital humans with few requests.
//!
//! Each update has an intent of its own. A refused update is sent alone with the same intent.
//! An update that the answer leaves open is sent alone too, because executing an update twice
//! has the same effect; it gets a new intent, because a refusal says nothing about the first
//! request.

use futures_util::stream::{self, StreamExt as _};

use super::listing::read_together;
use super::owner::check_owner;
use super::step::{StepResult, finished, not_done};
use super::update::Update;
use super::{Context, LedgerError, Operation, crash_point};
use crate::api::Fate;
use crate::api::wire::ItemUpdate;
use crate::plan::{BULK, Change, Observed};
use crate::resource::Kind;

/// An update whose intent is recorded.
struct Sent<'c> {
    /// The position among the results.
    index: usize,
    seq: u64,
    update: Update<'c>,
}

/// The results of changes, in their order. A result is `None` until it is known.
struct Results<'c> {
    changes: &'c [&'c Change],
    known: Vec<Option<StepResult>>,
}

/// Updates digital humans, one request after the other, and returns the results in the same
/// order.
pub(super) async fn update_many(context: &Context<'_>, changes: &[&Change]) -> Vec<StepResult> {
    let mut results = Results {
        changes,
        known: changes.iter().map(|_| None).collect(),
    };
    let (mut waiting, mut hidden) = (Vec::new(), Vec::new());
    for (index, change) in changes.iter().enumerate() {
        match (check_owner(context, change).await, Update::of(change)) {
            (Some(result), _) => results.note(context, index, result),
            (None, None) => results.note(context, index, StepResult::Done),
            (None, Some(update)) => waiting.push((index, *change, update)),
        }
    }
    let mut waiting = waiting.into_iter().peekable();
    while waiting.peek().is_some() {
        let chunk: Vec<_> = waiting.by_ref().take(BULK).collect();
        let indices: Vec<_> = chunk.iter().map(|(index, ..)| *index).collect();
        if let Err(error) = send_chunk(context, chunk, &mut results, &mut hidden).await {
            for index in indices {
                results.note(context, index, error.clone().into());
            }
        }
    }
    conclude_hidden(context, hidden, &mut results).await;
    let known = results.known.into_iter();
    known
        .map(|result| result.unwrap_or(StepResult::Done))
        .collect()
}

impl Results<'_> {
    fn note(&mut self, context: &Context<'_>, index: usize, result: StepResult) {
        finished(context, self.changes[index], Operation::Update, &result);
        self.known[index] = Some(result);
    }
}

/// Sends one request. An update that the answer confirms and does not show is added to
/// `hidden`, with what the answer shows of it.
async fn send_chunk<'c>(
    context: &Context<'_>,
    chunk: Vec<(usize, &'c Change, Update<'c>)>,
    results: &mut Results<'_>,
    hidden: &mut Vec<(Sent<'c>, Option<Observed>)>,
) -> Result<(), LedgerError> {
    let intents = chunk
        .iter()
        .map(|(_, change, update)| update.intent(change));
    let seqs = context
        .ledger
        .intend_all(intents.collect(), context.latest_time())
        .await?;
    let chunk: Vec<_> = chunk
        .into_iter()
        .zip(seqs)
        .map(|((index, _, update), seq)| Sent { index, seq, update })
        .collect();
    let outcomes = match &chunk[..] {
        [_] => vec![ItemUpdate::Refused],
        chunk => {
            let updates = chunk.iter().map(|one| (one.update.id, one.update.patch));
            let updates: Vec<_> = updates.collect();
            let fate = context.client.update_many(&updates).await;
            crash_point!("update.answered");
            match fate {
                Fate::Done(outcomes) => outcomes,
                // An item alone succeeds, or gets an error of its own.
                Fate::NotDone(error) if error.may_concern_items() => {
                    chunk.iter().map(|_| ItemUpdate::Refused).collect()
                }
                Fate::NotDone(error) => {
                    for one in chunk {
                        let result = not_done(context, one.seq, error.clone()).await;
                        results.note(context, one.index, result);
                    }
                    return Ok(());
                }
                Fate::Unknown(error) => {
                    for one in chunk {
                        results.note(context, one.index, StepResult::Open(error.clone()));
                    }
                    return Ok(());
                }
            }
        }
    };
    let (mut shown, mut alone) = (Vec::new(), Vec::new());
    for (one, outcome) in chunk.into_iter().zip(outcomes) {
        match outcome {
            ItemUpdate::Shown(seen) if one.update.is_shown_by(&seen) => shown.push((one, *seen)),
            ItemUpdate::Shown(seen) => hidden.push((one, Some(*seen))),
            ItemUpdate::Confirmed => hidden.push((one, None)),
            ItemUpdate::Refused => alone.push((one, true)),
            ItemUpdate::Unknown => alone.push((one, false)),
        }
    }
    let shown = shown.into_iter().map(|(one, seen)| (one, Some(seen)));
    conclude(context, shown.collect(), results).await;
    for (one, is_refused) in alone {
        let result = if is_refused {
            context.send_update(one.seq, &one.update).await
        } else {
            let change = results.changes[one.index];
            context.update_fields(change, &one.update).await
        };
        results.note(context, one.index, result);
    }
    Ok(())
}

/// Records updates whose digital humans were observed. Several records share a sync.
async fn conclude(
    context: &Context<'_>,
    observed: Vec<(Sent<'_>, Option<Observed>)>,
    results: &mut Results<'_>,
) {
    let concluded = stream::iter(observed)
        .map(|(one, seen)| async move {
            let fields = &one.update.fields;
            let result = context.conclude_update(one.seq, &one.update, fields, seen);
            let result = (one.index, result.await);
            crash_point!("update.recorded");
            result
        })
        .buffered(context.options.parallelism.max(1))
        .collect::<Vec<_>>()
        .await;
    for (index, result) in concluded {
        results.note(context, index, result);
    }
}

/// Observes the digital humans that the answers do not show, and records their updates.
async fn conclude_hidden(
    context: &Context<'_>,
    hidden: Vec<(Sent<'_>, Option<Observed>)>,
    results: &mut Results<'_>,
) {
    if hidden.is_empty() {
        return;
    }
    let ids: Vec<_> = hidden.iter().map(|(one, _)| one.update.id).collect();
    let parallelism = context.options.parallelism;
    let mut reads = read_together(context.client, parallelism, Kind::DigitalHuman, &ids).await;
    let observed = hidden.into_iter().map(|(one, answer)| {
        let read = reads.remove(&one.update.id).and_then(Result::ok).flatten();
        let seen = match (read, answer) {
            (Some(read), Some(answer)) => Some(read.or(answer)),
            (read, answer) => read.or(answer),
        };
        (one, seen)
    });
    conclude(context, observed.collect(), results).await;
}
