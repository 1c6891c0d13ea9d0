//! The calls for many digital humans. Each request has at most 100 items, and a success may
//! contain errors of items.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use super::call::{Answer, BeforeSending, Call};
use super::client::Client;
use super::fate::Fate;
use super::wire::{self, ItemOutcome, ItemUpdate};
use crate::resource::body::Body;
use crate::resource::key::RemoteId;

impl Client {
    /// Creates digital humans in one request, like [`Self::create`]. The outcomes are in
    /// the order of the bodies.
    pub async fn create_many<'a>(
        &self,
        bodies: &[&Body],
        before_sending: &'a BeforeSending<'a>,
    ) -> Fate<Vec<ItemOutcome>> {
        let request = wire::create_many_request(bodies);
        let call = Call {
            answer: Answer::Batch,
            ..Call::once(wire::CREATE_MANY, request, before_sending)
        };
        let read = |answer: &Value| wire::created_many(bodies, answer);
        self.call(&call, read).await.into()
    }

    /// Changes fields of digital humans in one request, like [`Self::update`]. The outcomes
    /// are in the order of the updates.
    pub async fn update_many(&self, updates: &[(RemoteId, &Body)]) -> Fate<Vec<ItemUpdate>> {
        let request = wire::update_many_request(updates);
        let call = Call {
            answer: Answer::Batch,
            ..Call::set(Method::PUT, wire::UPDATE_MANY.to_owned(), request)
        };
        let ids: Vec<_> = updates.iter().map(|(id, _)| *id).collect();
        let read = |answer: &Value| Ok(wire::updated_many(&ids, answer));
        self.call(&call, read).await.into()
    }

    /// Deletes digital humans in one request, like [`Self::delete`]. Returns the ids that
    /// the API certainly deleted.
    pub async fn delete_many(&self, ids: &[RemoteId]) -> Fate<BTreeSet<RemoteId>> {
        let call = Call {
            answer: Answer::Batch,
            ..Call::delete(wire::delete_many(ids))
        };
        let read = |answer: &Value| Ok(wire::deleted_many(ids, answer));
        self.call(&call, read).await.into()
    }
}
