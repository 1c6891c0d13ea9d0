//! One change: one effect per arm.

use futures_util::future::BoxFuture;

use super::{Context, Event, LedgerError, What, crash_point};
use crate::api::{ApiError, Fate};
use crate::journal::{Entry, Intent};
use crate::plan::{Action, Change, Farewell};
use crate::spec::body::Body;
use crate::spec::key::SimulationId;

/// How a change ended.
#[derive(Debug)]
pub(super) enum End {
    /// Made and recorded.
    Done,
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

/// Carries one change out. `known` are untracked simulations of the same agent
/// and name that can't be the new one.
pub(super) async fn execute(context: &Context<'_>, change: &Change, known: &[SimulationId]) -> End {
    let end = match &change.action {
        Action::Create => create(context, change, None, known).await,
        Action::Update { patch } => update(context, change, patch).await,
        Action::Replace { farewell, .. } => {
            match create(context, change, change.simulation_id, known).await {
                End::Done => say_farewell(context, change, *farewell).await,
                end => end,
            }
        }
        Action::Delete => delete(context, change).await,
        // Moves and adoptions were recorded before; orphans are only shown.
        Action::Move | Action::Adopt | Action::Orphan => End::Done,
    };
    if let (End::Done, Some(id)) = (&end, finished_id(context, change)) {
        let (key, what) = (change.key.clone(), what(change));
        context.events.event(Event::Finished { key, what, id });
    }
    end
}

fn finished_id(context: &Context<'_>, change: &Change) -> Option<SimulationId> {
    match change.action {
        Action::Orphan => None,
        Action::Delete => change.simulation_id,
        _ => context.ledger.id_of(&change.key),
    }
}

async fn create(
    context: &Context<'_>,
    change: &Change,
    replaces: Option<SimulationId>,
    known: &[SimulationId],
) -> End {
    let Some(body) = &change.after else {
        return End::Done;
    };
    let intent = Intent::Create {
        key: change.key.clone(),
        body: body.clone(),
        replaces,
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
    let fate = context.client.create(body, &before_sending).await;
    crash_point!("create.answered");
    let end = match fate {
        Fate::Done(simulation_id) => {
            close(context, Entry::Created { seq, simulation_id }, End::Done).await
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

async fn update(context: &Context<'_>, change: &Change, patch: &Body) -> End {
    let (Some(simulation_id), Some(body)) = (change.simulation_id, &change.after) else {
        return End::Done;
    };
    let fields = change.fields.iter().map(|field| field.path.clone());
    let intent = Intent::Update {
        key: change.key.clone(),
        simulation_id,
        fields: fields.collect(),
        body: body.clone(),
    };
    let seq = match context.ledger.intend(intent).await {
        Ok(seq) => seq,
        Err(error) => return error.into(),
    };
    let fate = context.client.update(simulation_id, patch).await;
    crash_point!("update.answered");
    let end = finish(context, seq, fate).await;
    crash_point!("update.recorded");
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

/// Parts with the simulation that a recorded one took the place of.
pub(super) async fn say_farewell(
    context: &Context<'_>,
    change: &Change,
    farewell: Farewell,
) -> End {
    match farewell {
        Farewell::Keep => End::Done,
        Farewell::Delete => delete(context, change).await,
    }
}

async fn finish<T>(context: &Context<'_>, seq: u64, fate: Fate<T>) -> End {
    match fate {
        Fate::Done(_) => close(context, Entry::Done { seq }, End::Done).await,
        Fate::NotDone(error) => not_done(context, seq, error).await,
        Fate::Unknown(error) => End::Open(error),
    }
}

async fn not_done(context: &Context<'_>, seq: u64, error: ApiError) -> End {
    let reason = error.to_string();
    close(context, Entry::NotDone { seq, reason }, End::NotDone(error)).await
}

async fn close(context: &Context<'_>, entry: Entry, end: End) -> End {
    match context.ledger.record(entry).await {
        Ok(()) => end,
        Err(error) => error.into(),
    }
}
