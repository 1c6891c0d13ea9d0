//! One request and its answer, or a closed connection.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::sync::watch;

use super::faults::{Fate, Faults, Injector, Quirks, Script};
use super::pause::{Pace, pause};
use super::wrong::{self, Lost};

/// The largest body; larger than any body that the API accepts.
const LARGEST_BODY: usize = 16 << 20;

/// A request that the sandbox received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The method, in capitals.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// The status of the answer; `None` if the connection was closed instead.
    pub status: Option<u16>,
}

/// The layer between connections and routes.
pub(super) struct Exchanges {
    router: Router,
    injector: Option<Mutex<Injector>>,
    started: Instant,
    count: AtomicU64,
    log: Option<Mutex<Vec<LoggedRequest>>>,
}

impl Exchanges {
    pub(super) fn new(router: Router, faults: Faults, is_logging: bool) -> Self {
        let has_faults = !faults.rules.is_empty();
        Self {
            router,
            injector: has_faults.then(|| Mutex::new(Injector::new(faults))),
            started: Instant::now(),
            count: AtomicU64::new(0),
            log: is_logging.then(Mutex::default),
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub(super) fn logged_requests(&self) -> Vec<LoggedRequest> {
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
        stopped: watch::Receiver<bool>,
    ) -> Result<Response, Lost> {
        let script = self.script(&request);
        let request = request.map(Body::new);
        if script == Script::default() {
            return Ok(execute(self.router.clone(), request, Quirks::default()).await);
        }
        // A task of its own executes the request even if the client disconnects.
        let played = tokio::spawn(execute_with_faults(
            self.router.clone(),
            script,
            request,
            stopped,
        ));
        played.await.unwrap_or(Err(Lost))
    }

    fn script(&self, request: &Request<Incoming>) -> Script {
        let Some(injector) = &self.injector else {
            return Script::default();
        };
        let now = self.started.elapsed();
        let mut injector = injector.lock().unwrap_or_else(PoisonError::into_inner);
        injector.decide(request.method().as_str(), request.uri().path(), now)
    }
}

/// Executes a request with its faults.
async fn execute_with_faults(
    router: Router,
    script: Script,
    request: Request,
    mut stopped: watch::Receiver<bool>,
) -> Result<Response, Lost> {
    let exchange = Pace::begin(script.delay);
    let (head, body) = request.into_parts();
    // An incomplete request is not executed.
    let body = to_bytes(body, LARGEST_BODY).await.map_err(|_| Lost)?;
    let request = Request::from_parts(head, Body::from(body));
    exchange.wait(&mut stopped).await;
    let answer = match script.fate {
        Fate::LostBefore => return Err(Lost),
        Fate::Refused {
            status,
            retry_after,
            location,
        } => return Ok(wrong::refused(status, retry_after, location)),
        Fate::Late { delay, status } => {
            tokio::spawn(async move {
                pause(delay, &mut stopped).await;
                execute(router, request, script.quirks).await;
            });
            return status.map(wrong::server_error).ok_or(Lost);
        }
        _ => execute(router, request, script.quirks).await,
    };
    exchange.end();
    pause(script.answer_delay, &mut stopped).await;
    match script.fate {
        Fate::LostAfter => Err(Lost),
        Fate::FailedAfter(status) => Ok(wrong::server_error(status)),
        Fate::Garbage => Ok(wrong::garbage()),
        Fate::Truncated => wrong::truncate(answer).await,
        _ => Ok(answer),
    }
}

/// Executes a request.
async fn execute(router: Router, mut request: Request, quirks: Quirks) -> Response {
    request.extensions_mut().insert(quirks);
    let answer: Result<Response, Infallible> = TowerToHyperService::new(router).call(request).await;
    answer.unwrap_or_else(|never| match never {})
}
