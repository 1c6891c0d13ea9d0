//! Queues a run, once.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::{Context, Event, Outcome, RunId, Wanted, look};
use crate::api::wire::runs::queue_body;
use crate::api::{ApiError, Fate};
use crate::run::ListedRun;

/// Queues a run; its id, or what became of the wish instead.
pub(super) async fn queue(context: &Context<'_>, wanted: &Wanted) -> Result<RunId, Outcome> {
    if Instant::now() >= context.options.deadline {
        return Err(out_of_time());
    }
    let before = runs_before(context, wanted).await?;
    match send(context, wanted).await? {
        Fate::Done(run) => Ok(run),
        Fate::NotDone(error) => Err(not_queued(&error)),
        Fate::Unknown(error) => {
            let reason = error.to_string();
            context.events.event(Event::Looking {
                key: &wanted.key,
                reason: &reason,
            });
            look::look(context, wanted, before.as_deref(), &reason).await
        }
    }
}

/// The runs that are there already. None where the API can't say, which only
/// matters if an answer is lost.
async fn runs_before(
    context: &Context<'_>,
    wanted: &Wanted,
) -> Result<Option<Vec<ListedRun>>, Outcome> {
    let list = context.client.list_runs(wanted.id);
    match tokio::time::timeout_at(context.options.deadline, list).await {
        Err(_) => Err(out_of_time()),
        Ok(Ok(runs)) => Ok(Some(runs)),
        Ok(Err(
            ApiError::NotFound { .. }
            | ApiError::Unsupported { .. }
            | ApiError::Forbidden { .. }
            | ApiError::Refused { .. }
            | ApiError::Server { .. }
            | ApiError::Unreadable { .. },
        )) => Ok(None),
        Ok(Err(error)) => Err(not_queued(&error)),
    }
}

/// Sends the request, unless the time is over before it could be sent. Once it
/// may be under way its answer is waited for, however late it is.
async fn send(context: &Context<'_>, wanted: &Wanted) -> Result<Fate<RunId>, Outcome> {
    let deadline = context.options.deadline;
    let is_sent = AtomicBool::new(false);
    let before_sending = || {
        let is_late = Instant::now() >= deadline;
        is_sent.fetch_or(!is_late, Ordering::Relaxed);
        let checked = if is_late {
            Err(LATE.to_owned())
        } else {
            Ok(())
        };
        std::future::ready(checked).boxed()
    };
    let body = queue_body(wanted.id);
    let mut queue = std::pin::pin!(context.client.queue_run(&body, &before_sending));
    tokio::select! {
        biased;
        fate = &mut queue => return Ok(fate),
        () = tokio::time::sleep_until(deadline) => {}
    }
    if is_sent.load(Ordering::Relaxed) {
        Ok(queue.await)
    } else {
        Err(out_of_time())
    }
}

const LATE: &str = "the time was over before it could be sent";

fn out_of_time() -> Outcome {
    Outcome::NotQueued {
        reason: LATE.to_owned(),
    }
}

fn not_queued(error: &ApiError) -> Outcome {
    let reason = match error {
        ApiError::NotReady { reason } => reason.clone(),
        error => error.to_string(),
    };
    Outcome::NotQueued { reason }
}
