//! The execution of one change.

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{Context, Event, LedgerError, Operation, crash_point};
use crate::api::{ApiError, Fate};
use crate::journal::{Entry, HistoryError, Intent};
use crate::plan::{Action, Change, OldInstance, RetainedField};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::ownership::Owner;
use crate::resource::simulation::MARKER;
use crate::resource::{FieldChange, confirmed_by_create, create_body};

/// The result of a step of a change.
#[derive(Debug)]
pub(super) enum StepResult {
    /// The step was executed and recorded.
    Done,
    /// The update was executed, but the API retained these fields.
    Retained(Vec<RetainedField>),
    /// The step was not executed.
    NotDone(ApiError),
    /// The effect is unknown, and the intent stays open in the journal.
    Open(ApiError),
    /// The API answered the create with an id that belongs to another key. The intent stays
    /// open in the journal.
    Owned(RemoteId, ResourceKey),
    /// The change was not sent: the simulation has the marker of another project.
    OtherOwner(RemoteId),
    /// The API answered the delete with 404. The intent stays open in the journal until
    /// the absence of the simulation is proved.
    NotFound(Deleting, ApiError),
    /// The journal could not be written.
    Journal(LedgerError),
}

/// A delete whose request was answered with 404.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deleting {
    /// The number of the intent.
    pub seq: u64,
    /// The simulation.
    pub id: RemoteId,
}

impl From<LedgerError> for StepResult {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::History(HistoryError::Owned { id, owner }) => Self::Owned(id, owner),
            error => Self::Journal(error),
        }
    }
}

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

/// The results of the steps of a change: the main operation if it was executed, and each
/// failed step.
pub(super) type StepResults = Vec<(Operation, StepResult)>;

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

async fn create(context: &Context<'_>, change: &Change, existing: &[RemoteId]) -> StepResult {
    let Some(body) = &change.after else {
        return StepResult::Done;
    };
    let mut body = create_body(change.key.kind(), body);
    if let Some(ownership) = &context.desired.ownership {
        ownership.mark_create(&change.key, &mut body);
    }
    let replaces = change.gone.or(change.id);
    let intent = Intent::Create {
        key: change.key.clone(),
        body: body.clone(),
        replaces,
        is_gone: change.gone.is_some(),
        existing: existing.to_vec(),
    };
    let seq = match context.ledger.intend(intent, context.latest_time()).await {
        Ok(seq) => seq,
        Err(error) => return error.into(),
    };
    let before_sending = || -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move {
            let sending = context.ledger.sending(seq, context.latest_time()).await;
            sending.map_err(|error| error.to_string())
        })
    };
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
        Fate::Unknown(error) => {
            let (key, reason) = (change.key.clone(), error.to_string());
            context.events.event(Event::Unknown { key, reason });
            match context.ledger.unanswered(seq, context.latest_time()).await {
                Ok(()) => StepResult::Open(error),
                Err(error) => error.into(),
            }
        }
    };
    crash_point!("create.recorded");
    result
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
    let result = finish(context, seq, fate).await;
    crash_point!("delete.recorded");
    result
}

/// Records the outcome of a request other than a create.
pub(super) async fn finish<T>(context: &Context<'_>, seq: u64, fate: Fate<T>) -> StepResult {
    match fate {
        Fate::Done(_) => {
            let applied = None;
            close(context, Entry::Done { seq, applied }, StepResult::Done).await
        }
        Fate::NotDone(error) => not_done(context, seq, error).await,
        Fate::Unknown(error) => StepResult::Open(error),
    }
}

async fn not_done(context: &Context<'_>, seq: u64, error: ApiError) -> StepResult {
    let reason = error.to_string();
    close(
        context,
        Entry::NotDone { seq, reason },
        StepResult::NotDone(error),
    )
    .await
}

/// Records an outcome, and returns `result` after the outcome is on the disk.
pub(super) async fn close(context: &Context<'_>, entry: Entry, result: StepResult) -> StepResult {
    match context.ledger.record(entry).await {
        Ok(()) => result,
        Err(error) => error.into(),
    }
}
