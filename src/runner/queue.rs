//! Queues a run, once.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::{Context, Event, Outcome, RunId, Wanted, lost_request};
use crate::api::wire::runs::queue_body;
use crate::api::{ApiError, Fate};
use crate::run::ListedRun;

/// Queues a run and returns its id. The error is the outcome of a request without a
/// run.
/// `before` are the runs that existed before the request; `None` if they are unknown.
pub(super) async fn queue(
    context: &Context<'_>,
    wanted: &Wanted,
    before: Option<&[ListedRun]>,
) -> Result<RunId, Outcome> {
    match send(context, wanted).await? {
        Fate::Done(run) => Ok(run),
        Fate::NotDone(error) => Err(not_queued(&error)),
        Fate::Unknown(error) => {
            let reason = error.to_string();
            context.events.event(Event::AnswerLost {
                key: &wanted.key,
                reason: &reason,
            });
            lost_request::find_run(context, wanted, before, &reason).await
        }
    }
}

/// Returns the runs that exist before the request; `None` if the API can't list them. The
/// list decides the outcome of a request whose answer is lost, and is the history of the
/// simulation.
pub(super) async fn runs_before(
    context: &Context<'_>,
    wanted: &Wanted,
) -> Result<Option<Vec<ListedRun>>, Outcome> {
    if Instant::now() >= context.options.deadline {
        return Err(out_of_time());
    }
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

/// Sends the request, unless the deadline passes before. Once the request may have
/// been sent, the answer is awaited even after the deadline.
async fn send(context: &Context<'_>, wanted: &Wanted) -> Result<Fate<RunId>, Outcome> {
    let deadline = context.options.deadline;
    let is_sent = AtomicBool::new(false);
    let before_sending = || {
        let is_late = Instant::now() >= deadline;
        is_sent.fetch_or(!is_late, Ordering::Relaxed);
        let checked = if is_late {
            Err(TIMEOUT_PASSED.to_owned())
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

const TIMEOUT_PASSED: &str = "the timeout passed before the request was sent";

fn out_of_time() -> Outcome {
    Outcome::NotQueued {
        reason: TIMEOUT_PASSED.to_owned(),
    }
}

fn not_queued(error: &ApiError) -> Outcome {
    let reason = match error {
        ApiError::NotReady { reason } => reason.clone(),
        error => error.to_string(),
    };
    Outcome::NotQueued { reason }
}
