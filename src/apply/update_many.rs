//! Updates of many digital humans with few requests.
//!
//! An update is confirmed by its row in the answer, as long as nothing shows other values,
//! or by a read that shows the new values. An update that is not confirmed is sent alone,
//! because executing an update twice has the same effect. Unless the first one was certainly
//! not executed, it then gets a new intent: a refusal says nothing about the first request.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};

use super::listing::read_together;
use super::many::{ItemFate, Patience, fates};
use super::owner::check_owner;
use super::step::{StepResult, close, finished, not_done};
use super::update::Update;
use super::{Context, LedgerError, Operation, crash_point};
use crate::journal::Entry;
use crate::plan::{BULK, Change, Observed};
use crate::resource::Kind;

/// An update whose intent is recorded.
struct Sent<'c> {
    /// The position among the results.
    index: usize,
    seq: u64,
    update: Update<'c>,
}

/// An update that the answer does not show.
struct Unseen<'c> {
    sent: Sent<'c>,
    /// The digital human in the answer, if the answer says that the item was executed.
    answer: Option<Observed>,
}

/// The results of changes, by their position.
struct Results<'c> {
    changes: &'c [&'c Change],
    known: BTreeMap<usize, StepResult>,
}

/// Updates digital humans, one request after the other, and returns the results in the same
/// order.
pub(super) async fn update_many(context: &Context<'_>, changes: &[&Change]) -> Vec<StepResult> {
    let mut results = Results {
        changes,
        known: BTreeMap::new(),
    };
    let (mut waiting, mut unseen) = (Vec::new(), Vec::new());
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
        if let Err(error) = send_chunk(context, chunk, &mut results, &mut unseen).await {
            for index in indices {
                results.note(context, index, error.clone().into());
            }
        }
    }
    conclude_unseen(context, unseen, &mut results).await;
    results.known.into_values().collect()
}

impl Results<'_> {
    fn note(&mut self, context: &Context<'_>, index: usize, result: StepResult) {
        finished(context, self.changes[index], Operation::Update, &result);
        self.known.insert(index, result);
    }
}

/// Sends one request. The updates that its answer does not show are added to `unseen`.
async fn send_chunk<'c>(
    context: &Context<'_>,
    chunk: Vec<(usize, &'c Change, Update<'c>)>,
    results: &mut Results<'_>,
    unseen: &mut Vec<Unseen<'c>>,
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
    if let [only] = &chunk[..] {
        let result = context.send_update(only.seq, &only.update).await;
        results.note(context, only.index, result);
        return Ok(());
    }
    let updates = chunk.iter().map(|sent| (sent.update.id, sent.update.patch));
    let updates: Vec<_> = updates.collect();
    let fate = context.client.update_many(&updates).await;
    crash_point!("update.answered");
    let fates = fates(fate, chunk.len());
    let (mut shown, mut refused) = (Vec::new(), Vec::new());
    for (sent, fate) in chunk.into_iter().zip(fates) {
        match fate {
            ItemFate::Done(seen)
                if sent.update.is_shown_by(&seen) && !sent.update.is_contradicted_by(&seen) =>
            {
                shown.push(sent);
            }
            ItemFate::Done(seen) => unseen.push(Unseen {
                sent,
                answer: Some(seen),
            }),
            ItemFate::Unproved(_) => unseen.push(Unseen { sent, answer: None }),
            ItemFate::Refused(_) => refused.push(sent),
            ItemFate::NotDone(error) => {
                let result = not_done(context, sent.seq, error).await;
                results.note(context, sent.index, result);
            }
            ItemFate::Unknown(error) => {
                results.note(context, sent.index, StepResult::Open(error));
            }
        }
    }
    conclude(context, shown, results).await;
    let mut patience = Patience::default();
    for sent in refused {
        let result = match patience.lost() {
            Some(error) => not_done(context, sent.seq, error).await,
            None => context.send_update(sent.seq, &sent.update).await,
        };
        patience.note(&result);
        results.note(context, sent.index, result);
    }
    Ok(())
}

/// Records updates that were executed. Several records share a sync.
async fn conclude(context: &Context<'_>, executed: Vec<Sent<'_>>, results: &mut Results<'_>) {
    let concluded = stream::iter(executed)
        .map(|Sent { index, seq, .. }| async move {
            let done = Entry::Done { seq, applied: None };
            let result = close(context, done, StepResult::Done).await;
            crash_point!("update.recorded");
            (index, result)
        })
        .buffered(context.options.parallelism.max(1))
        .collect::<Vec<_>>()
        .await;
    for (index, result) in concluded {
        results.note(context, index, result);
    }
}

/// Reads the digital humans that the answers do not show, records the updates that are
/// confirmed, and sends the others alone.
async fn conclude_unseen(
    context: &Context<'_>,
    unseen: Vec<Unseen<'_>>,
    results: &mut Results<'_>,
) {
    if unseen.is_empty() {
        return;
    }
    let ids: Vec<_> = unseen.iter().map(|unseen| unseen.sent.update.id).collect();
    let parallelism = context.options.parallelism;
    let mut reads = read_together(context.client, parallelism, Kind::DigitalHuman, &ids).await;
    let (mut confirmed, mut alone) = (Vec::new(), Vec::new());
    for unseen in unseen {
        let read = reads.remove(&unseen.sent.update.id);
        if unseen.is_confirmed(read.and_then(Result::ok).flatten()) {
            confirmed.push(unseen.sent);
        } else {
            alone.push(unseen.sent);
        }
    }
    conclude(context, confirmed, results).await;
    let mut patience = Patience::default();
    for sent in alone {
        let result = if let Some(error) = patience.lost() {
            StepResult::Open(error)
        } else {
            let change = results.changes[sent.index];
            context.update_fields(change, &sent.update).await
        };
        patience.note(&result);
        results.note(context, sent.index, result);
    }
}

impl Unseen<'_> {
    /// Returns whether the answer and a read show that the update was executed.
    fn is_confirmed(&self, read: Option<Observed>) -> bool {
        let update = &self.sent.update;
        match (&self.answer, read) {
            // A field that no answer shows is not visible, as after a single update.
            (Some(answer), read) => {
                let seen = read.map(|read| read.or(answer.clone()));
                !update.is_contradicted_by(seen.as_ref().unwrap_or(answer))
            }
            (None, Some(read)) => {
                update.is_provable()
                    && update.is_shown_by(&read)
                    && !update.is_contradicted_by(&read)
            }
            (None, None) => false,
        }
    }
}
