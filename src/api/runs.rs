//! The calls about runs of simulations.

use super::call::{Answer, BeforeSending, Call};
use super::client::Client;
use super::error::ApiError;
use super::fate::Fate;
use super::wire::runs;
use crate::resource::body::Body;
use crate::resource::key::RemoteId;
use crate::run::{Conversation, ListedRun, RunId, Snapshot};

impl Client {
    /// Queues a run with the body of [`runs::queue_body`]. The request is never sent again
    /// once the API may have executed it. `before_sending` runs directly before each
    /// attempt.
    pub async fn queue_run<'a>(
        &self,
        body: &'a Body,
        before_sending: &'a BeforeSending<'a>,
    ) -> Fate<RunId> {
        let call = Call::once(runs::QUEUE, body.clone(), before_sending);
        self.call(&call, runs::parse_queued_run).await.into()
    }

    /// Reads the state of a run.
    pub async fn read_run(&self, run: &RunId) -> Result<Snapshot, ApiError> {
        let call = Call::read(runs::results(run), Answer::Runs);
        let read = self.call(&call, runs::snapshot).await;
        read.map_err(|failure| failure.error)
    }

    /// Reads the conversations of a run from this index on.
    pub async fn read_conversations(
        &self,
        run: &RunId,
        from: usize,
    ) -> Result<Vec<Conversation>, ApiError> {
        let call = Call::read(runs::results_from(run, from), Answer::Runs);
        let read = self.call(&call, runs::snapshot).await;
        let read = read.map_err(|failure| failure.error)?;
        Ok(read.conversations)
    }

    /// Lists the runs of a simulation.
    pub async fn list_runs(&self, id: RemoteId) -> Result<Vec<ListedRun>, ApiError> {
        let call = Call::read(runs::runs_of(id), Answer::Runs);
        let listed = self.call(&call, runs::parse_runs).await;
        listed.map_err(|failure| failure.error)
    }
}
