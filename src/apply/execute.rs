//! One change: one effect per arm.

use futures_util::future::BoxFuture;

use super::{Context, Event, LedgerError, What, crash_point};
use crate::api::{ApiError, Fate};
use crate::journal::{Entry, Intent};
use crate::plan::{Action, Change, Farewell, KeptField, creatable};
use crate::spec::key::SimulationId;

/// How a change ended.
#[derive(Debug)]
pub(super) enum End {
    /// Made and recorded.
    Done,
    /// Made, but for these fields, which the API didn't change as it was asked.
    Kept(Vec<KeptField>),
    /// Not made.
    NotDone(ApiError),
    /// Its fate is unknown; it is open in the journal.
    Open(ApiError),
    /// The journal failed.
    Journal(LedgerError),
}

impl From<LedgerError> for End {
    fn from(error: LedgerError) -> Self {
        Self::Journal(error)
    }
}

/// What a change is called.
pub(super) fn what(change: &Change) -> What {
    match change.action {
        Action::Create => What::Create,
        Action::Update { .. } => What::Update,
        Action::Replace { .. } => What::Replace,
        Action::Delete | Action::Orphan => What::Delete,
        Action::Move => What::Move,
        Action::Adopt => What::Adopt,
    }
}

/// Carries one change out, and says what the step was that ended it. `known` are
/// untracked simulations of the same agent and name that can't be the new one.
pub(super) async fn execute(
    context: &Context<'_>,
    change: &Change,
    known: &[SimulationId],
) -> (What, End) {
    match &change.action {
        Action::Create | Action::Replace { .. } => match create(context, change, known).await {
            End::Done => after_create(context, change).await,
            end => (what(change), end),
        },
        Action::Update { .. } => finished(context, change, context.update(change).await),
        Action::Delete => finished(context, change, delete(context, change).await),
        // Moves and adoptions were recorded before; orphans are only shown.
        Action::Move | Action::Adopt => finished(context, change, End::Done),
        Action::Orphan => (What::Delete, End::Done),
    }
}

/// What is left to do once a simulation is created and recorded: fields that a
/// create doesn't carry, digital humans, and parting with the one before.
pub(super) async fn after_create(context: &Context<'_>, change: &Change) -> (What, End) {
    let (what, end) = finished(context, change, End::Done);
    match context.complete(change).await {
        End::Done => {}
        end => return (What::Update, end),
    }
    match &change.action {
        Action::Replace {
            farewell: Farewell::Delete,
            ..
        } => (what, delete(context, change).await),
        _ => (what, end),
    }
}

fn finished(context: &Context<'_>, change: &Change, end: End) -> (What, End) {
    let what = what(change);
    let id = match change.action {
        Action::Delete => change.simulation_id,
        _ => context.ledger.id_of(&change.key),
    };
    if let (End::Done, Some(id)) = (&end, id) {
        let key = change.key.clone();
        context.events.event(Event::Finished { key, what, id });
    }
    (what, end)
}

async fn create(context: &Context<'_>, change: &Change, known: &[SimulationId]) -> End {
    let Some(body) = &change.after else {
        return End::Done;
    };
    let body = creatable(body);
    let replaces = change.gone.or(change.simulation_id);
    let intent = Intent::Create {
        key: change.key.clone(),
        body: body.clone(),
        replaces,
        is_gone: change.gone.is_some(),
        known: known.to_vec(),
    };
    let seq = match context.ledger.intend(intent).await {
        Ok(seq) => seq,
        Err(error) => return error.into(),
    };
    let before_sending = || -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move {
            let sending = context.ledger.sending(seq).await;
            sending.map_err(|error| error.to_string())
        })
    };
    let fate = context.client.create(&body, &before_sending).await;
    crash_point!("create.answered");
    let end = match fate {
        Fate::Done(simulation_id) => {
            let entry = Entry::Created {
                seq,
                simulation_id,
                applied: None,
            };
            close(context, entry, End::Done).await
        }
        Fate::NotDone(error) => not_done(context, seq, error).await,
        Fate::Unknown(error) => {
            let (key, reason) = (change.key.clone(), error.to_string());
            context.events.event(Event::Unknown { key, reason });
            End::Open(error)
        }
    };
    crash_point!("create.recorded");
    end
}

async fn delete(context: &Context<'_>, change: &Change) -> End {
    let Some(simulation_id) = change.simulation_id else {
        return End::Done;
    };
    let intent = Intent::Delete {
        key: change.key.clone(),
        simulation_id,
    };
    let seq = match context.ledger.intend(intent).await {
        Ok(seq) => seq,
        Err(error) => return error.into(),
    };
    let fate = context.client.delete(simulation_id).await;
    crash_point!("delete.answered");
    let end = finish(context, seq, fate).await;
    crash_point!("delete.recorded");
    end
}

/// Records the outcome of a request that was not a create.
pub(super) async fn finish<T>(context: &Context<'_>, seq: u64, fate: Fate<T>) -> End {
    match fate {
        Fate::Done(_) => {
            let applied = None;
            close(context, Entry::Done { seq, applied }, End::Done).await
        }
        Fate::NotDone(error) => not_done(context, seq, error).await,
        Fate::Unknown(error) => End::Open(error),
    }
}

async fn not_done(context: &Context<'_>, seq: u64, error: ApiError) -> End {
    let reason = error.to_string();
    close(context, Entry::NotDone { seq, reason }, End::NotDone(error)).await
}

/// Records an outcome; `end` is how the change ended once that is on the disk.
pub(super) async fn close(context: &Context<'_>, entry: Entry, end: End) -> End {
    match context.ledger.record(entry).await {
        Ok(()) => end,
        Err(error) => error.into(),
    }
}
