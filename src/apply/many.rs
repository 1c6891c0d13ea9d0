//! What the requests for many resources have in common.
//!
//! Each item of such a request has an intent of its own, so that each is settled by itself.
//! An item that the answer does not confirm is sent alone: alone, it succeeds, or gets an
//! error of its own.

use crate::api::wire::ItemOutcome;
use crate::api::{ApiError, Fate};

/// What is known of one item after the request.
#[derive(Debug)]
pub(super) enum ItemFate<T> {
    /// The item was executed.
    Done(T),
    /// The item was certainly not executed, and is to be sent alone.
    Refused(ApiError),
    /// The item may have been executed, and is to be sent alone unless the request is a
    /// create.
    Unproved(ApiError),
    /// The request was certainly not executed, for a reason that does not depend on its
    /// items.
    NotDone(ApiError),
    /// The request may have been executed, or may be executed later.
    Unknown(ApiError),
}

/// Returns the fate of each of the items of a request.
pub(super) fn fates<T>(fate: Fate<Vec<ItemOutcome<T>>>, items: usize) -> Vec<ItemFate<T>> {
    let of_all = |fate: fn(ApiError) -> ItemFate<T>, error: &ApiError| {
        let of_all = (0..items).map(|_| fate(error.clone()));
        of_all.collect()
    };
    match fate {
        Fate::Done(outcomes) => outcomes.into_iter().map(of_item).collect(),
        Fate::NotDone(error) if error.may_concern_items() => of_all(ItemFate::Refused, &error),
        Fate::NotDone(error) => of_all(ItemFate::NotDone, &error),
        // An earlier attempt was lost.
        Fate::Unknown(error) if error.may_concern_items() => of_all(ItemFate::Unproved, &error),
        Fate::Unknown(error) => of_all(ItemFate::Unknown, &error),
    }
}

fn of_item<T>(outcome: ItemOutcome<T>) -> ItemFate<T> {
    match outcome {
        ItemOutcome::Done(value) => ItemFate::Done(value),
        ItemOutcome::Refused(reason) => ItemFate::Refused(ApiError::Unreadable { reason }),
        ItemOutcome::Unknown => {
            let reason = "the answer does not tell what was done with the item".to_owned();
            ItemFate::Unproved(ApiError::Unreadable { reason })
        }
    }
}
