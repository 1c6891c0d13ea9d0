//! The common part of requests for many resources.
//!
//! Each item of such a request has an intent of its own, so that each is settled by
//! itself. An update or a delete that the answer does not confirm is sent alone: alone, it
//! succeeds, or gets an error of its own.

use super::step::StepResult;
use crate::api::wire::ItemOutcome;
use crate::api::{ApiError, Fate};

/// The fate of one item of a request.
#[derive(Debug)]
pub(super) enum ItemFate<T> {
    /// The item was executed.
    Done(T),
    /// The item was certainly not executed, for this reason, and is to be sent alone.
    Refused(String),
    /// The item may have been executed. An update or a delete is to be sent alone.
    Unproved(ApiError),
    /// The request was certainly not executed, for a reason that does not depend on its
    /// items.
    NotDone(ApiError),
    /// The request may have been executed, or may be executed later. The reason does not
    /// depend on its items.
    Unknown(ApiError),
}

/// Returns the fate of each of the items of a request.
pub(super) fn fates<T>(fate: Fate<Vec<ItemOutcome<T>>>, items: usize) -> Vec<ItemFate<T>> {
    let of_all = |fate: &dyn Fn() -> ItemFate<T>| (0..items).map(|_| fate()).collect();
    match fate {
        Fate::Done(outcomes) => outcomes.into_iter().map(of_item).collect(),
        Fate::NotDone(error) if error.may_concern_items() => {
            of_all(&|| ItemFate::Refused(error.to_string()))
        }
        Fate::NotDone(error) => of_all(&|| ItemFate::NotDone(error.clone())),
        Fate::Unknown(error) if error.may_concern_items() || error.is_failure_of_server() => {
            of_all(&|| ItemFate::Unproved(error.clone()))
        }
        Fate::Unknown(error) => of_all(&|| ItemFate::Unknown(error.clone())),
    }
}

fn of_item<T>(outcome: ItemOutcome<T>) -> ItemFate<T> {
    match outcome {
        ItemOutcome::Done(value) => ItemFate::Done(value),
        ItemOutcome::Refused(reason) => ItemFate::Refused(reason),
        ItemOutcome::Unknown => {
            let reason = "the answer does not tell what was done with the item".to_owned();
            ItemFate::Unproved(ApiError::Unreadable { reason })
        }
    }
}

/// Decides whether further items are sent alone: one item may make the API fail, but the
/// requests of a hundred items must not hit an API that fails for all of them.
#[derive(Debug, Default)]
pub(super) struct Patience {
    failures: usize,
    lost: Option<ApiError>,
}

impl Patience {
    /// The number of consecutive failures that end the requests.
    const MOST: usize = 2;

    /// Notes the result of an item that was sent alone.
    pub(super) fn note(&mut self, result: &StepResult) {
        self.failures += 1;
        match result {
            StepResult::Open(error) | StepResult::NotDone(error) if !error.may_concern_items() => {
                let is_lasting = error.is_final() || matches!(error, ApiError::Throttled { .. });
                if is_lasting || self.failures >= Self::MOST {
                    self.lost = Some(error.clone());
                }
            }
            _ => self.failures = 0,
        }
    }

    /// Returns the error that ends the requests for further items; `None` if the requests
    /// go on.
    pub(super) fn lost(&self) -> Option<ApiError> {
        self.lost.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> StepResult {
        StepResult::Open(ApiError::Server {
            status: 500,
            message: "deadlock".to_owned(),
        })
    }

    fn refused() -> StepResult {
        StepResult::NotDone(ApiError::Forbidden {
            message: "not yours".to_owned(),
        })
    }

    #[test]
    fn two_consecutive_failures_of_the_api_end_the_requests() {
        let check = |results: &[StepResult], is_lost| {
            let mut patience = Patience::default();
            for result in results {
                patience.note(result);
            }
            assert_eq!(patience.lost().is_some(), is_lost, "{results:?}");
        };
        check(&[failed()], false);
        check(&[failed(), StepResult::Done, failed()], false);
        check(&[failed(), refused(), failed()], false);
        check(&[refused(), refused(), refused()], false);
        check(&[StepResult::Done, failed(), failed()], true);
        check(&[StepResult::NotDone(ApiError::Interrupted)], true);
    }

    #[test]
    fn a_failure_of_the_server_may_be_the_failure_of_one_item() {
        let server = || ApiError::Server {
            status: 500,
            message: "deadlock".to_owned(),
        };
        let of = |fate| fates::<()>(fate, 1).remove(0);
        assert!(matches!(of(Fate::Unknown(server())), ItemFate::Unproved(_)));
        let lost = ApiError::Lost {
            reason: "reset".to_owned(),
        };
        assert!(matches!(of(Fate::Unknown(lost)), ItemFate::Unknown(_)));
        assert!(matches!(
            of(Fate::NotDone(ApiError::Interrupted)),
            ItemFate::NotDone(_)
        ));
    }
}
