//! Waits for the end of a run.

use super::{Context, Event, Outcome, RunId, Wanted};
use crate::api::ApiError;
use crate::run::Snapshot;

/// The largest number of consecutive reads that may answer "unknown run": the API may
/// show a new run late.
const UNKNOWN_READS: usize = 3;

/// Reads a run repeatedly until the run has ended, the deadline has passed, or a
/// signal arrives.
pub(super) async fn wait(context: &Context<'_>, wanted: &Wanted, run: RunId) -> Outcome {
    let mut last = None;
    let watched = watch(context, wanted, &run, &mut last);
    let in_time = tokio::time::timeout_at(context.options.deadline, watched);
    match context.client.unless_stopped(in_time).await {
        Ok(Ok(Ok(last))) => Outcome::Ended { run, last },
        Ok(Ok(Err(ApiError::Interrupted))) | Err(_) => Outcome::Interrupted { run, last },
        Ok(Ok(Err(error))) => {
            let reason = error.to_string();
            Outcome::Unreadable { run, reason }
        }
        Ok(Err(_)) => Outcome::TimedOut { run, last },
    }
}

/// Reads until the run has ended. A failed read is repeated, unless no further read
/// can succeed.
async fn watch(
    context: &Context<'_>,
    wanted: &Wanted,
    run: &RunId,
    last: &mut Option<Snapshot>,
) -> Result<Snapshot, ApiError> {
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
        tokio::time::sleep(context.options.poll).await;
    }
}
