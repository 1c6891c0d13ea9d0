//! The results of the steps of a change, and how they are recorded.

use futures_util::future::BoxFuture;

use super::{Context, Event, LedgerError, Operation};
use crate::api::{ApiError, Fate};
use crate::journal::{Entry, HistoryError};
use crate::plan::{Action, Change, RetainedField};
use crate::resource::key::{RemoteId, ResourceKey};

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
    /// The change was not sent: the resource has the marker of another project.
    OtherOwner(RemoteId),
    /// The API answered the delete with 404. The intent stays open in the journal until the
    /// result of the search for the resource is known.
    NotFound(Deleting, ApiError),
    /// The journal could not be written.
    Journal(LedgerError),
}

/// A delete whose intent is recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deleting {
    /// The number of the intent.
    pub seq: u64,
    /// The id of the resource.
    pub id: RemoteId,
    /// Whether an earlier request of the intent may have been executed.
    pub may_be_done: bool,
}

impl Deleting {
    /// Returns a delete that was not sent yet.
    pub fn new(seq: u64, id: RemoteId) -> Self {
        Self {
            seq,
            id,
            may_be_done: false,
        }
    }
}

impl From<LedgerError> for StepResult {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::History(HistoryError::Owned { id, owner }) => Self::Owned(id, owner),
            error => Self::Journal(error),
        }
    }
}

/// The results of the steps of a change: the main operation if it was executed, and each
/// failed step.
pub(super) type StepResults = Vec<(Operation, StepResult)>;

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

/// Records that a request was not executed. The intent stays open if the request repeated
/// an earlier one, which may have been executed.
pub(super) async fn not_done(context: &Context<'_>, seq: u64, error: ApiError) -> StepResult {
    if context.ledger.is_in_doubt(seq) {
        return StepResult::Open(error);
    }
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

/// Records that a create or a delete may have been executed, so that its settle time begins.
pub(super) async fn leave_open(context: &Context<'_>, seq: u64, error: ApiError) -> StepResult {
    match context.ledger.unanswered(seq, context.latest_time()).await {
        Ok(()) => StepResult::Open(error),
        Err(error) => error.into(),
    }
}

impl Context<'_> {
    /// Records that requests with these intents are about to be sent.
    pub(super) fn about_to_send<'a>(
        &'a self,
        seqs: &'a [u64],
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let sending = self.ledger.sending_all(seqs, self.latest_time());
            sending.await.map_err(|error| error.to_string())
        })
    }
}

/// Reports a step that was executed.
pub(super) fn finished(
    context: &Context<'_>,
    change: &Change,
    operation: Operation,
    result: &StepResult,
) {
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
