//! One request and its answer, or the lack of one.

use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::sync::watch;

use super::faults::Quirks;

/// A request that the sandbox has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The method, in capitals.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// The status of the answer; `None` when the connection was closed instead.
    pub status: Option<u16>,
}

/// There is no answer: the connection closes.
#[derive(Debug)]
pub(super) struct Lost;

/// Everything that happens between a connection and the routes.
pub(super) struct Exchanges {
    router: Router,
    count: AtomicU64,
    log: Option<Mutex<Vec<LoggedRequest>>>,
}

impl Exchanges {
    pub(super) fn new(router: Router, is_logging: bool) -> Self {
        Self {
            router,
            count: AtomicU64::new(0),
            log: is_logging.then(Mutex::default),
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub(super) fn logged(&self) -> Vec<LoggedRequest> {
        let Some(log) = &self.log else {
            return Vec::new();
        };
        log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers a request; an error closes the connection.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        stopped: watch::Receiver<bool>,
    ) -> Result<Response, Lost> {
        self.count.fetch_add(1, Ordering::Relaxed);
        let Some(log) = &self.log else {
            return self.exchange(request, stopped).await;
        };
        let (method, path) = (
            request.method().to_string(),
            request.uri().path().to_owned(),
        );
        let answer = self.exchange(request, stopped).await;
        let logged = LoggedRequest {
            method,
            path,
            status: answer.as_ref().ok().map(|answer| answer.status().as_u16()),
        };
        log.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(logged);
        answer
    }

    async fn exchange(
        &self,
        request: Request<Incoming>,
        _stopped: watch::Receiver<bool>,
    ) -> Result<Response, Lost> {
        Ok(route(
            self.router.clone(),
            request.map(Body::new),
            Quirks::default(),
        )
        .await)
    }
}

/// Does what a request asks for.
async fn route(router: Router, mut request: Request, quirks: Quirks) -> Response {
    request.extensions_mut().insert(quirks);
    let answer: Result<Response, Infallible> = TowerToHyperService::new(router).call(request).await;
    answer.unwrap_or_else(|never| match never {})
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is lost on purpose")
    }
}

impl std::error::Error for Lost {}
