//! The calls about runs of simulations.

use reqwest::Method;
use serde_json::Value;

use super::call::{BeforeSending, Call};
use super::client::Client;
use super::error::ApiError;
use super::fate::Fate;
use super::wire::runs;
use crate::resource::body::Body;
use crate::resource::key::SimulationId;
use crate::run::{ListedRun, RunId, Snapshot};

impl Client {
    /// Queues a run with the body of [`runs::queue_body`]. Never sent again once it may have been
    /// done; `before_sending` is done right before each time that it is sent.
    pub async fn queue_run<'a>(
        &self,
        body: &'a Body,
        before_sending: &'a BeforeSending<'a>,
    ) -> Fate<RunId> {
        let call = Call {
            method: Method::POST,
            path: runs::QUEUE.to_owned(),
            body: Some(body),
            before_sending: Some(before_sending),
        };
        self.call(&call, self.without_key_in(runs::queued_run))
            .await
            .into()
    }

    /// Reads how far a run is.
    pub async fn read_run(&self, run: &RunId) -> Result<Snapshot, ApiError> {
        let read = self.without_key_in(runs::snapshot);
        let call = self.call(&reading(runs::results(run)), read).await;
        call.map_err(|failure| failure.error)
    }

    /// Lists the runs of a simulation.
    pub async fn list_runs(&self, id: SimulationId) -> Result<Vec<ListedRun>, ApiError> {
        let read = self.without_key_in(runs::listed_runs);
        let call = self.call(&reading(runs::runs_of(id)), read).await;
        call.map_err(|failure| failure.error)
    }

    /// Reads an answer of which texts will be shown, where a server may repeat
    /// the key.
    fn without_key_in<T>(
        &self,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> impl Fn(&Value) -> Result<T, String> {
        move |answer| read(&self.json_without_key(answer))
    }
}

fn reading(path: String) -> Call<'static> {
    Call {
        method: Method::GET,
        path,
        body: None,
        before_sending: None,
    }
}
