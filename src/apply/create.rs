//! The create of one resource.

use super::step::{StepResult, close, leave_open, not_done};
use super::{Context, Event, crash_point};
use crate::api::{ApiError, Fate};
use crate::journal::{Entry, Intent};
use crate::plan::Change;
use crate::resource::body::Body;
use crate::resource::key::RemoteId;
use crate::resource::{confirmed_by_create, create_body};

/// Returns the body that the create of a change sends.
pub(super) fn create_body_of(context: &Context<'_>, change: &Change) -> Body {
    let nothing = Body::default();
    let wanted = change.after.as_ref().unwrap_or(&nothing);
    let mut body = create_body(change.key.kind(), wanted);
    if let Some(ownership) = &context.desired.ownership {
        ownership.mark_create(&change.key, &mut body);
    }
    body
}

/// Returns the intent of a create. `existing` are untracked resources that the create can't
/// have made.
pub(super) fn create_intent(change: &Change, body: &Body, existing: &[RemoteId]) -> Intent {
    Intent::Create {
        key: change.key.clone(),
        body: body.clone(),
        replaces: change.gone.or(change.id),
        is_gone: change.gone.is_some(),
        existing: existing.to_vec(),
    }
}

/// Creates one resource.
pub(super) async fn create(
    context: &Context<'_>,
    change: &Change,
    existing: &[RemoteId],
) -> StepResult {
    let body = create_body_of(context, change);
    let intent = create_intent(change, &body, existing);
    let seq = match context.ledger.intend(intent, context.latest_time()).await {
        Ok(seq) => seq,
        Err(error) => return error.into(),
    };
    let seqs = [seq];
    let before_sending = || context.about_to_send(&seqs);
    let fate = context
        .client
        .create(change.key.kind(), &body, &before_sending)
        .await;
    crash_point!("create.answered");
    let result = match fate {
        Fate::Done(simulation_id) => {
            let entry = Entry::Created {
                seq,
                simulation_id,
                applied: Some(confirmed_by_create(change.key.kind(), &body))
                    .filter(|applied| *applied != body),
            };
            close(context, entry, StepResult::Done).await
        }
        Fate::NotDone(error) => not_done(context, seq, error).await,
        Fate::Unknown(error) => record_unknown(context, change, seq, error).await,
    };
    crash_point!("create.recorded");
    result
}

/// Records that the answer to a create is lost.
pub(super) async fn record_unknown(
    context: &Context<'_>,
    change: &Change,
    seq: u64,
    error: ApiError,
) -> StepResult {
    let (key, reason) = (change.key.clone(), error.to_string());
    context.events.event(Event::Unknown { key, reason });
    leave_open(context, seq, error).await
}
