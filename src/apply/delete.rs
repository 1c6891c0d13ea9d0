//! The delete of one resource.

use super::owner::check_owner;
use super::step::{Deleting, StepResult, finish};
use super::{Context, crash_point};
use crate::api::{ApiError, Fate};
use crate::journal::Intent;
use crate::plan::Change;
use crate::resource::key::RemoteId;

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
    let seq = match context.ledger.intend(intent, context.latest_time()).await {
        Ok(seq) => seq,
        Err(error) => return error.into(),
    };
    send_delete(context, seq, simulation_id).await
}

/// Sends a delete whose intent is recorded.
pub(super) async fn send_delete(context: &Context<'_>, seq: u64, id: RemoteId) -> StepResult {
    let fate = context.client.delete(id).await;
    crash_point!("delete.answered");
    if let Fate::NotDone(error @ ApiError::NotFound { .. }) = fate {
        return StepResult::NotFound(Deleting { seq, id }, error);
    }
    if let Fate::Done(()) = fate {
        context.ledger.note_deleted();
    }
    let result = finish(context, seq, fate).await;
    crash_point!("delete.recorded");
    result
}
