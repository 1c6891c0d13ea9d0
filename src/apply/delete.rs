//! The delete of one resource.

use super::owner::check_owner;
use super::step::{Deleting, StepResult, close, leave_open, not_done};
use super::{Context, crash_point};
use crate::api::{ApiError, Fate};
use crate::journal::{Entry, Intent};
use crate::plan::Change;

/// Deletes the resource of a change.
pub(super) async fn delete(context: &Context<'_>, change: &Change) -> StepResult {
    let Some(simulation_id) = change.id else {
        return StepResult::Done;
    };
    if let Some(result) = check_owner(context, change).await {
        return result;
    }
    let intent = Intent::Delete {
        key: change.key.clone(),
        simulation_id,
    };
    match context.ledger.intend(intent, context.latest_time()).await {
        Ok(seq) => send_delete(context, Deleting::new(seq, simulation_id)).await,
        Err(error) => error.into(),
    }
}

/// Sends a delete whose intent is recorded. If an earlier request of this intent may have
/// been executed, a refusal leaves the intent open.
pub(super) async fn send_delete(context: &Context<'_>, deleting: Deleting) -> StepResult {
    let Deleting { seq, id, .. } = deleting;
    let seqs = [seq];
    let before_sending = || context.about_to_send(&seqs);
    let fate = context.client.delete(id, &before_sending).await;
    crash_point!("delete.answered");
    let result = match fate {
        Fate::NotDone(error @ ApiError::NotFound { .. }) => {
            return StepResult::NotFound(deleting, error);
        }
        // An earlier attempt was lost.
        Fate::Unknown(error @ ApiError::NotFound { .. }) => {
            let deleting = Deleting {
                may_be_done: true,
                ..deleting
            };
            return StepResult::NotFound(deleting, error);
        }
        Fate::NotDone(error) if !deleting.may_be_done => not_done(context, seq, error).await,
        Fate::NotDone(error) | Fate::Unknown(error) => leave_open(context, seq, error).await,
        Fate::Done(()) => {
            context.ledger.note_deleted();
            let done = Entry::Done { seq, applied: None };
            close(context, done, StepResult::Done).await
        }
    };
    crash_point!("delete.recorded");
    result
}
