//! The execution of one change.

use serde_json::Value;

use super::create::create;
use super::create_many::{Pending, create_many};
use super::step::{Deleting, StepResult, StepResults, finish};
use super::{Context, Event, Operation, crash_point};
use crate::api::{ApiError, Fate};
use crate::journal::Intent;
use crate::plan::{Action, Change, OldInstance};
use crate::resource::FieldChange;
use crate::resource::key::RemoteId;
use crate::resource::ownership::Owner;
use crate::resource::simulation::MARKER;

/// Returns the operation of a change.
pub(super) fn operation(change: &Change) -> Operation {
    match change.action {
        Action::Create => Operation::Create,
        Action::Update { .. } => Operation::Update,
        Action::Replace { .. } => Operation::Replace,
        Action::Delete | Action::Orphan => Operation::Delete,
        Action::Move => Operation::Move,
        Action::Adopt => Operation::Adopt,
    }
}

/// Executes one change. `existing` has the untracked simulations of the same agent that the
/// create cannot have made.
pub(super) async fn execute(
    context: &Context<'_>,
    change: &Change,
    existing: &[RemoteId],
) -> StepResults {
    match &change.action {
        Action::Create | Action::Replace { .. } => match create(context, change, existing).await {
            StepResult::Done => after_create(context, change).await,
            result => vec![(operation(change), result)],
        },
        Action::Update { .. } => {
            let results = match check_owner(context, change).await {
                Some(result) => vec![(Operation::Update, result)],
                None => context.update(change).await,
            };
            for (operation, result) in &results {
                finished(context, change, *operation, result);
            }
            results
        }
        Action::Delete => {
            let result = delete(context, change).await;
            finished(context, change, Operation::Delete, &result);
            vec![(Operation::Delete, result)]
        }
        // Moves and adoptions are recorded already. An orphan needs no step.
        Action::Move | Action::Adopt | Action::Orphan => {
            finished(context, change, operation(change), &StepResult::Done);
            vec![(operation(change), StepResult::Done)]
        }
    }
}

/// Executes creates that can share a request, and returns the results in the same order.
pub(super) async fn execute_creates(
    context: &Context<'_>,
    pending: &[Pending<'_>],
) -> Vec<StepResults> {
    let created = create_many(context, pending).await;
    let mut results = Vec::with_capacity(pending.len());
    for (created, (change, _)) in created.into_iter().zip(pending) {
        results.push(match created {
            StepResult::Done => after_create(context, change).await,
            result => vec![(operation(change), result)],
        });
    }
    results
}

/// Executes the steps after a recorded create: the fields that a create does not carry, the
/// digital humans, and the delete of the old instance.
pub(super) async fn after_create(context: &Context<'_>, change: &Change) -> StepResults {
    let operation = operation(change);
    finished(context, change, operation, &StepResult::Done);
    let mut results = vec![(operation, StepResult::Done)];
    results.extend(context.complete(change).await);
    if let Action::Replace {
        old_instance: OldInstance::Delete,
        ..
    } = change.action
        && results.len() == 1
    {
        match delete(context, change).await {
            StepResult::Done => {}
            result => results.push((Operation::Delete, result)),
        }
    }
    results
}

fn finished(context: &Context<'_>, change: &Change, operation: Operation, result: &StepResult) {
    let id = match change.action {
        Action::Delete | Action::Orphan => change.id,
        _ => context.ledger.id_of(&change.key),
    };
    if let (StepResult::Done, Some(id)) = (result, id)
        && change.action != Action::Orphan
    {
        let key = change.key.clone();
        context.events.event(Event::Finished { key, operation, id });
    }
}

/// Reads the marker of the simulation that a change updates or deletes. Returns why
/// nothing may be sent. Where the lockfile records the marker of the key, nothing is
/// read: no other project changes that marker.
async fn check_owner(context: &Context<'_>, change: &Change) -> Option<StepResult> {
    let ownership = context.desired.ownership.as_ref()?;
    let id = change.id?;
    let recorded = change.before.as_ref().and_then(|before| before.get(MARKER));
    let keys = [Some(&change.key), change.moved_from.as_ref()];
    let mut keys = keys.into_iter().flatten();
    let has_drifted = |field: &FieldChange| field.path == MARKER && field.observed.is_some();
    let is_recorded = recorded
        .and_then(Value::as_str)
        .is_some_and(|recorded| keys.any(|key| ownership.marker(key) == recorded))
        && !change.fields.iter().any(has_drifted);
    if is_recorded || change.adopted.is_some() || context.options.ignores_markers {
        return None;
    }
    let observed = match context.client.read(id).await {
        Ok(observed) => observed?,
        Err(error) => return Some(StepResult::NotDone(error)),
    };
    let moved_from = change.moved_from.as_ref();
    let owner = context.desired.owner(&change.key, moved_from, &observed);
    (owner == Owner::Other).then_some(StepResult::OtherOwner(id))
}

async fn delete(context: &Context<'_>, change: &Change) -> StepResult {
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
    let fate = context.client.delete(simulation_id).await;
    crash_point!("delete.answered");
    if let Fate::NotDone(error @ ApiError::NotFound { .. }) = fate {
        let id = simulation_id;
        return StepResult::NotFound(Deleting { seq, id }, error);
    }
    if let Fate::Done(()) = fate {
        context.ledger.note_deleted();
    }
    let result = finish(context, seq, fate).await;
    crash_point!("delete.recorded");
    result
}
