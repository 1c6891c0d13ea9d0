//! Waits for the end of a run.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;

use super::{Context, Event, Outcome, RunId, Wanted};
use crate::api::ApiError;
use crate::run::{Snapshot, pause};

/// The largest number of consecutive reads that may answer "unknown run": the API may
/// show a new run late.
const UNKNOWN_READS: usize = 3;

/// Reads a run repeatedly until the run has ended, the deadline has passed, or a
/// signal arrives. `active` counts the runs that are read.
pub(super) async fn wait(
    context: &Context<'_>,
    wanted: &Wanted,
    run: RunId,
    active: &AtomicUsize,
) -> Outcome {
    let mut last = None;
    let watched = watch(context, wanted, (&run, active), &mut last);
    let in_time = tokio::time::timeout_at(context.options.deadline, watched);
    active.fetch_add(1, Ordering::Relaxed);
    let ended = context.client.unless_stopped(in_time).await;
    active.fetch_sub(1, Ordering::Relaxed);
    match ended {
        Ok(Ok(Ok(last))) => {
            let last = with_all_conversations(context, &run, last).await;
            Outcome::Ended { run, last }
        }
        Ok(Ok(Err(ApiError::Interrupted))) | Err(_) => Outcome::Interrupted { run, last },
        Ok(Ok(Err(error))) => {
            let reason = error.to_string();
            Outcome::Unreadable { run, reason }
        }
        Ok(Err(_)) => Outcome::TimedOut { run, last },
    }
}

/// The most conversations that are read of one run, so that a wrong total has an end.
const MOST_CONVERSATIONS: usize = 10_000;

/// Reads the conversations that the last read of an ended run did not show. After a failed
/// read, the run keeps the conversations so far: they do not decide whether it passes.
async fn with_all_conversations(
    context: &Context<'_>,
    run: &RunId,
    mut last: Snapshot,
) -> Snapshot {
    // An API that shows no conversations has no further pages of them either.
    let total = usize::try_from(last.tests.total).unwrap_or(usize::MAX);
    let total = total.min(MOST_CONVERSATIONS);
    while (1..total).contains(&last.conversations.len()) {
        let from = last.conversations.len();
        let read = context.client.read_conversations(run, from);
        let read = tokio::time::timeout_at(context.options.deadline, read);
        let Ok(Ok(page)) = read.await else { break };
        let known: HashSet<_> = last
            .conversations
            .iter()
            .map(|known| known.id.clone())
            .collect();
        let new = page.into_iter().filter(|found| !known.contains(&found.id));
        last.conversations.extend(new);
        // An API that ignores the offset shows the first page again.
        if last.conversations.len() == from {
            break;
        }
    }
    last
}

/// Reads until the run has ended. A failed read is repeated, unless no further read
/// can succeed.
async fn watch(
    context: &Context<'_>,
    wanted: &Wanted,
    (run, active): (&RunId, &AtomicUsize),
    last: &mut Option<Snapshot>,
) -> Result<Snapshot, ApiError> {
    let began = Instant::now();
    let rate = context.client.sent().rate;
    let mut unknown_reads = 0;
    loop {
        match context.client.read_run(run).await {
            Ok(snapshot) => {
                unknown_reads = 0;
                context.events.event(Event::Read {
                    key: &wanted.key,
                    snapshot: &snapshot,
                });
                if !snapshot.status.is_running() {
                    return Ok(snapshot);
                }
                *last = Some(snapshot);
            }
            Err(error) => {
                unknown_reads += 1;
                let can_succeed_later = match &error {
                    ApiError::Server { .. }
                    | ApiError::Unreadable { .. }
                    | ApiError::Unreachable { .. }
                    | ApiError::Lost { .. } => true,
                    ApiError::NotFound { .. } => unknown_reads < UNKNOWN_READS,
                    _ => false,
                };
                if !can_succeed_later {
                    return Err(error);
                }
                context.events.event(Event::NotRead {
                    key: &wanted.key,
                    reason: &error.to_string(),
                });
            }
        }
        let runs = active.load(Ordering::Relaxed);
        let pause = pause(context.options.poll, began.elapsed(), runs, rate);
        tokio::time::sleep(pause).await;
    }
}
