//! The state that all handlers share, and the reading of request bodies.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Json, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::data::Data;
use super::faults::Quirks;
use super::refusal::Refusal;
use super::runs::Runs;
use super::simulation::Simulation;
use super::state::Operation;

/// The state that all handlers share.
pub(super) struct Service {
    data: Mutex<Data>,
    runs: Mutex<Runs>,
    /// The only accepted key; `None` accepts any key.
    pub(super) key: Option<String>,
}

pub(super) type App = Arc<Service>;
pub(super) type Answer = Result<Json<Value>, Refusal>;

impl Service {
    pub(super) fn new(data: Data, key: Option<String>) -> Self {
        Self {
            runs: Mutex::new(Runs::restore(data.state().runs())),
            data: Mutex::new(data),
            key,
        }
    }

    /// Locks the data. The lock is held briefly, and never across an await. Every operation
    /// leaves the data consistent, so a panic of another task does not make the data
    /// unusable.
    pub(super) fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the runs, like [`Self::data`].
    pub(super) fn runs(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a simulation, if it exists.
    pub(super) fn change(
        &self,
        id: u64,
        change: impl FnOnce(&mut Simulation),
    ) -> Result<Simulation, Refusal> {
        let mut data = self.data();
        let found = data.state().get(id).ok_or(Refusal::NoSimulation)?;
        let mut simulation = Simulation::clone(found);
        change(&mut simulation);
        data.commit(Operation::Put(Box::new(simulation.clone())))?;
        Ok(simulation)
    }

    pub(super) fn read(&self, id: u64) -> Result<Arc<Simulation>, Refusal> {
        let data = self.data();
        data.state().get(id).cloned().ok_or(Refusal::NoSimulation)
    }

    pub(super) fn list(&self, agent: Option<&str>, quirks: Quirks) -> Response {
        let simulations = {
            let data = self.data();
            data.state().list(agent, quirks.lag, Timestamp::now())
        };
        let listed: Vec<_> = simulations.iter().map(|found| found.list_entry()).collect();
        Json(HashMap::from([("simulations", listed)])).into_response()
    }
}

/// The JSON body of a request, parsed and refused as the API's framework does.
pub(super) struct Body(pub Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let is_json = match request.headers().get(CONTENT_TYPE) {
            None => true,
            Some(kind) => kind.to_str().is_ok_and(|kind| {
                let kind = kind.split(';').next().unwrap_or_default().trim();
                kind.eq_ignore_ascii_case("application/json")
            }),
        };
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(BytesRejection::into_response)?;
        if bytes.is_empty() {
            return Err(Refusal::empty_body().into_response());
        }
        if !is_json {
            // The API's framework treats such a body as a text, and no request accepts a
            // text.
            return Ok(Self(String::from_utf8_lossy(&bytes).into()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(body) => Ok(Self(body)),
            Err(error) => Err(Refusal::not_json(&bytes, &error).into_response()),
        }
    }
}
