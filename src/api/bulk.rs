//! The calls for many digital humans. Each request has at most 100 items, and a success may
//! contain errors of items.

use reqwest::Method;
use serde_json::Value;

use super::call::{Answer, BeforeSending, Call};
use super::client::Client;
use super::fate::Fate;
use super::wire::{self, ItemOutcome};
use crate::resource::Observed;
use crate::resource::body::Body;
use crate::resource::key::RemoteId;

/// The outcome of each item of a request, in the order of the items.
type Outcomes<T> = Vec<ItemOutcome<T>>;

impl Client {
    /// Creates digital humans in one request, like [`Self::create`].
    pub async fn create_many<'a>(
        &self,
        bodies: &[&Body],
        before_sending: &'a BeforeSending<'a>,
    ) -> Fate<Outcomes<RemoteId>> {
        let request = wire::create_many_request(bodies);
        let call = Call::once(wire::CREATE_MANY, request, before_sending);
        self.call_many(call, |answer| wire::created_many(bodies, answer))
            .await
    }

    /// Changes fields of digital humans in one request, like [`Self::update`]. The value
    /// of an executed item is the digital human as the answer shows it.
    pub async fn update_many(&self, updates: &[(RemoteId, &Body)]) -> Fate<Outcomes<Observed>> {
        let request = wire::update_many_request(updates);
        let call = Call::set(Method::PUT, wire::UPDATE_MANY.to_owned(), request);
        let ids: Vec<_> = updates.iter().map(|(id, _)| *id).collect();
        self.call_many(call, |answer| Ok(wire::updated_many(&ids, answer)))
            .await
    }

    /// Deletes digital humans in one request, like [`Self::delete`].
    pub async fn delete_many<'a>(
        &self,
        ids: &[RemoteId],
        before_sending: &'a BeforeSending<'a>,
    ) -> Fate<Outcomes<()>> {
        let call = Call::delete(wire::delete_many(ids), before_sending);
        self.call_many(call, |answer| Ok(wire::deleted_many(ids, answer)))
            .await
    }

    async fn call_many<T>(
        &self,
        call: Call<'_>,
        read: impl Fn(&Value) -> Result<Outcomes<T>, String>,
    ) -> Fate<Outcomes<T>> {
        let call = Call {
            answer: Answer::Batch,
            ..call
        };
        let outcomes = self.call_known(&call, read).await.map(|answered| {
            let outcomes = answered.value.into_iter();
            // A refusal says nothing about an earlier attempt.
            let known = outcomes.map(|outcome| match outcome {
                ItemOutcome::Refused(_) if answered.was_lost => ItemOutcome::Unknown,
                outcome => outcome,
            });
            known.collect()
        });
        outcomes.into()
    }
}
