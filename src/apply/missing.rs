//! Deletes that the API answered with 404.

use super::presence::prove_presence;
use super::run::Run;
use super::step::{Deleting, StepResult, close, leave_open, not_done};
use super::{Event, Operation};
use crate::api::ApiError;
use crate::journal::Entry;
use crate::plan::{Action, Change};
use crate::resource::key::RemoteId;

impl Run<'_> {
    /// Closes the deletes that the API answered with 404: as done if the absence of the
    /// resource is proved, otherwise as not done. A delete that an earlier request may have
    /// executed stays open.
    pub(super) async fn conclude_missing(&self, deletes: Vec<(&Change, Deleting, ApiError)>) {
        if deletes.is_empty() {
            return;
        }
        let context = self.context;
        // The refresh of this run proved the absence of these resources.
        let unproved = deletes
            .iter()
            .filter(|(change, deleting, _)| change.gone != Some(deleting.id))
            .map(|(_, deleting, _)| deleting.id);
        let missing = context.missing(unproved);
        let findings = prove_presence(context.client, context.options.parallelism, missing).await;
        let absent = deletes.iter().map(|(_, deleting, _)| deleting.id).collect();
        let is_seeing = context.can_see(&absent, &findings.listed).await;
        for (change, deleting, error) in deletes {
            let Deleting { seq, id, .. } = deleting;
            let reason = match findings.unproved.get(&id) {
                Some(error) => error.clone(),
                None if findings.present.contains_key(&id) => {
                    ApiError::Contradictory { ids: vec![id] }
                }
                None if !is_seeing => error,
                None => {
                    let key = change.key.clone();
                    context.events.event(Event::Missing { key, id });
                    let done = Entry::Done { seq, applied: None };
                    let result = close(context, done, StepResult::Done).await;
                    self.note_deleted(change, id, result);
                    continue;
                }
            };
            let result = if deleting.may_be_done {
                leave_open(context, seq, reason).await
            } else {
                not_done(context, seq, reason).await
            };
            self.note(change, Operation::Delete, result);
        }
    }

    /// Records the result of a delete. The delete of an old instance is a step of a replace.
    fn note_deleted(&self, change: &Change, id: RemoteId, result: StepResult) {
        let is_step = change.action != Action::Delete;
        match result {
            StepResult::Done if is_step => {}
            StepResult::Done => {
                let (key, operation) = (change.key.clone(), Operation::Delete);
                self.context
                    .events
                    .event(Event::Finished { key, operation, id });
                self.note(change, operation, StepResult::Done);
            }
            result => self.note(change, Operation::Delete, result),
        }
    }
}
