//! The execution of one change.

use super::create::create;
use super::create_many::{Pending, create_many};
use super::delete::delete;
use super::delete_many::delete_many;
use super::owner::check_owner;
use super::step::{StepResult, StepResults, finished};
use super::update_many::update_many;
use super::{Context, Operation};
use crate::plan::{Action, BULK, Change, OldInstance, Sharing};
use crate::resource::key::RemoteId;

/// Returns the operation of a change.
#[must_use]
pub fn operation(change: &Change) -> Operation {
    match change.action {
        Action::Create => Operation::Create,
        Action::Update { .. } => Operation::Update,
        Action::Replace { .. } => Operation::Replace,
        Action::Delete | Action::Orphan => Operation::Delete,
        Action::Move => Operation::Move,
        Action::Adopt => Operation::Adopt,
    }
}

/// Executes one change. `existing` has the untracked resources of the same scope that the
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

/// Executes changes that can share requests, and returns the results in the same order.
pub(super) async fn execute_many(
    context: &Context<'_>,
    pending: &[Pending<'_>],
) -> Vec<StepResults> {
    let of = |sharing| {
        let all = pending.iter().enumerate();
        let of = all.filter(move |(_, (change, _))| Sharing::of(change) == Some(sharing));
        of.map(|(index, pending)| (index, *pending))
            .unzip::<_, _, Vec<_>, Vec<_>>()
    };
    let mut results: Vec<_> = pending.iter().map(|_| StepResults::new()).collect();
    // One request is sent after the other, because the API has answered concurrent
    // requests with deadlocks.
    let (indices, creates) = of(Sharing::Create);
    for (indices, creates) in indices.chunks(BULK).zip(creates.chunks(BULK)) {
        let steps = create_many(context, creates).await;
        for ((index, result), (change, _)) in indices.iter().zip(steps).zip(creates) {
            results[*index] = match result {
                StepResult::Done => after_create(context, change).await,
                result => vec![(operation(change), result)],
            };
        }
    }
    let (indices, updates) = of(Sharing::Update);
    let updates: Vec<_> = updates.into_iter().map(|(change, _)| change).collect();
    for (index, result) in indices
        .into_iter()
        .zip(update_many(context, &updates).await)
    {
        results[index] = vec![(Operation::Update, result)];
    }
    let (indices, deletes) = of(Sharing::Delete);
    let deletes: Vec<_> = deletes.into_iter().map(|(change, _)| change).collect();
    for (index, result) in indices
        .into_iter()
        .zip(delete_many(context, &deletes).await)
    {
        results[index] = vec![(Operation::Delete, result)];
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
