//! The calls of the API.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tokio::sync::watch;

use super::address::Target;
use super::attempt::Failure;
use super::auth::Auth;
use super::call::{Answer, BeforeSending, Call};
use super::clock::{ServerClock, ServerTime};
use super::error::ApiError;
use super::fate::Fate;
use super::key::ApiKey;
use super::limiter::{LONGEST_ASKED, Limiter};
use super::notice::{Notice, Notices, Observer};
use super::pacer::Pacer;
use super::traffic::{Calls, Traffic};
use super::wire::{self, ListedResource, Page, routes};
use crate::pace::bulk_creates;
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, RemoteId};
use crate::resource::{Kind, Observed};

/// The largest number of attempts to list a kind while resources are deleted.
const MAX_LISTINGS: usize = 5;

/// The largest number of pages of a listing that are read. No valid listing has more.
const MAX_PAGES: usize = 2_000;

/// The options of a client.
pub struct ClientOptions {
    /// The largest number of concurrent calls.
    pub parallelism: usize,
    /// The maximum duration of a call. The effect of a longer call is unknown.
    pub timeout: Duration,
    /// The largest number of requests per minute; `None` for no limit.
    pub rate: Option<u32>,
    /// Becomes true when no further call may be sent.
    pub stop: watch::Receiver<bool>,
    /// The receiver of notices about waits and retries.
    pub observer: Observer,
}

/// A client of one API with one key. All parts of a command share the client.
pub struct Client {
    http: reqwest::Client,
    target: Target,
    key: ApiKey,
    limiter: Limiter,
    pacer: Option<Pacer>,
    /// The smaller budget of the creates of many digital humans.
    bulk_pacer: Option<Pacer>,
    auth: Auth,
    clock: ServerClock,
    stop: watch::Receiver<bool>,
    notices: Notices,
    changes: Changes,
    requests: AtomicU64,
    traffic: Traffic,
}

/// The requests that a client sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// The number of requests, repeated requests included.
    pub requests: u64,
    /// The largest number of requests per minute; `None` for no limit.
    pub rate: Option<u32>,
    /// How long requests waited for the limit.
    pub waited: Duration,
}

/// Whether requests of this client changed something at the API.
#[derive(Debug, Default)]
struct Changes {
    is_sure: AtomicBool,
    is_possible: AtomicBool,
}

impl Client {
    /// Returns a client, and sends nothing. The client follows no redirects. Returns an
    /// error if the certificates of the system can't be read.
    pub fn new(target: Target, key: ApiKey, options: ClientOptions) -> Result<Self, String> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("bluejayctl/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_secs(10))
            .timeout(options.timeout);
        if target.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| error.to_string())?;
        let limiter = Limiter::new(options.parallelism);
        let limiter = match options.rate {
            // Other clients that share the limit can use the whole limit for minutes.
            Some(_) => limiter.with_patience(LONGEST_ASKED),
            None => limiter,
        };
        Ok(Self {
            http,
            target,
            key,
            limiter,
            pacer: options.rate.map(|rate| Pacer::new(rate, "requests")),
            bulk_pacer: options
                .rate
                .map(|rate| Pacer::new(bulk_creates(rate), "creates of many digital humans")),
            auth: Auth::default(),
            clock: ServerClock::default(),
            stop: options.stop,
            notices: Notices::new(options.observer),
            changes: Changes::default(),
            requests: AtomicU64::new(0),
            traffic: Traffic::default(),
        })
    }

    /// Returns the number of calls so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.traffic.calls()
    }

    /// Notes that `count` calls follow, so that a command can show how many are left.
    pub fn announce(&self, count: usize) {
        self.traffic.announce(count);
    }

    /// Returns whether a request has certainly changed something.
    pub fn has_changed(&self) -> bool {
        self.changes.is_sure.load(Ordering::Relaxed)
    }

    /// Returns whether a request has changed something, or may have changed something.
    pub fn may_have_changed(&self) -> bool {
        self.has_changed() || self.changes.is_possible.load(Ordering::Relaxed)
    }

    /// Returns the requests that were sent so far.
    #[must_use]
    pub fn sent(&self) -> Sent {
        let pacer = self.pacer.as_ref();
        Sent {
            requests: self.requests.load(Ordering::Relaxed),
            rate: pacer.map(Pacer::rate),
            waited: [pacer, self.bulk_pacer.as_ref()]
                .into_iter()
                .flatten()
                .map(Pacer::waited)
                .sum(),
        }
    }

    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Records that a request has changed something. `is_sure` is false if the effect is
    /// unknown.
    pub(super) fn record_change(&self, is_sure: bool) {
        let change = if is_sure {
            &self.changes.is_sure
        } else {
            &self.changes.is_possible
        };
        change.store(true, Ordering::Relaxed);
    }

    /// Returns the client with another patience: how long the API may throttle without one
    /// success before the calls fail.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.limiter = self.limiter.with_patience(patience);
        self
    }

    /// Creates a resource. The request is never sent again once the API may have executed
    /// it. The call can wait long while the API throttles. `before_sending` runs directly
    /// before each attempt.
    pub async fn create<'a>(
        &self,
        kind: Kind,
        body: &Body,
        before_sending: &'a BeforeSending<'a>,
    ) -> Fate<RemoteId> {
        let request = wire::create_request(kind, body);
        let call = Call::once(routes::create(kind), request, before_sending);
        let read = |answer: &Value| wire::parse_created_id(kind, answer);
        self.call(&call, read).await.into()
    }

    /// Changes fields of a resource. The request is sent again after its answer was lost,
    /// because setting a field twice is harmless. The result is the resource as the answer
    /// shows it; `None` if the answer does not show the resource.
    pub async fn update(&self, id: RemoteId, patch: &Body) -> Fate<Option<Observed>> {
        let request = wire::update_request(id.kind(), patch);
        let call = Call::set(Method::PUT, routes::update(id), request);
        let read = |answer: &Value| Ok(wire::observed(id, answer).ok());
        self.call(&call, read).await.into()
    }

    /// Attaches digital humans. The request is sent again after its answer was lost,
    /// because attaching a digital human twice is harmless.
    pub async fn attach(&self, id: RemoteId, humans: &BTreeSet<DigitalHumanId>) -> Fate<()> {
        self.send_humans(routes::attach(id), humans).await
    }

    /// Detaches digital humans. Detaching a digital human that is not attached is no error.
    pub async fn detach(&self, id: RemoteId, humans: &BTreeSet<DigitalHumanId>) -> Fate<()> {
        self.send_humans(routes::detach(id), humans).await
    }

    async fn send_humans(&self, path: String, humans: &BTreeSet<DigitalHumanId>) -> Fate<()> {
        let body = wire::humans_request(humans);
        let call = Call::set(Method::POST, path, body);
        self.call(&call, |_| Ok(())).await.into()
    }

    /// Returns the attached digital humans.
    pub async fn humans(&self, id: RemoteId) -> Result<BTreeSet<DigitalHumanId>, ApiError> {
        let call = Call::read(routes::attached(id), Answer::Listing);
        let humans = self.call(&call, wire::parse_humans).await;
        humans.map_err(|failure| failure.error)
    }

    /// Returns the organisation of the key; `None` if the API does not show it. Only an
    /// error that concerns every call is returned.
    pub async fn organization(&self) -> Result<Option<String>, ApiError> {
        let call = Call::read(routes::INTEGRATIONS.to_owned(), Answer::Account);
        match self
            .call(&call, |answer| Ok(wire::organization(answer)))
            .await
        {
            Ok(organization) => Ok(organization),
            Err(Failure { error, .. })
                if error.is_final() || matches!(error, ApiError::Unreachable { .. }) =>
            {
                Err(error)
            }
            Err(_) => Ok(None),
        }
    }

    /// Deletes a resource. A 404 means that the resource was deleted, or that it belongs to
    /// another organisation; the caller decides.
    pub async fn delete<'a>(
        &self,
        id: RemoteId,
        before_sending: &'a BeforeSending<'a>,
    ) -> Fate<()> {
        let call = Call::delete(routes::delete(id), before_sending);
        self.call(&call, wire::deleted).await.into()
    }

    /// Reads a resource; `None` if the key can see no resource with this id.
    pub async fn read(&self, id: RemoteId) -> Result<Option<Observed>, ApiError> {
        let call = Call::read(routes::read(id), Answer::Object);
        match self.call(&call, |answer| wire::observed(id, answer)).await {
            Ok(observed) => Ok(Some(observed)),
            Err(Failure {
                error: ApiError::NotFound { .. },
                ..
            }) => Ok(None),
            Err(failure) => Err(failure.error),
        }
    }

    /// Lists the simulations of an agent.
    pub async fn list_by_agent(&self, agent: &str) -> Result<Vec<ListedResource>, ApiError> {
        let page = self.list(Kind::Simulation, routes::list_by_agent(agent));
        Ok(page.await?.rows)
    }

    /// Lists every resource of a kind that the key can see.
    ///
    /// The pages are read one after the other. A resource that is created meanwhile can
    /// move others to the next page, so a row may be listed twice; it is returned once.
    pub async fn list_all(&self, kind: Kind) -> Result<Vec<ListedResource>, ApiError> {
        let first = self.list(kind, routes::list(kind, 1)).await?;
        self.list_rest(kind, first).await
    }

    /// Lists a kind like [`Self::list_all`] if the listing has at most `most` pages.
    /// Otherwise reads one page and returns `None`.
    pub async fn list_within(
        &self,
        kind: Kind,
        most: usize,
    ) -> Result<Option<Vec<ListedResource>>, ApiError> {
        let first = self.list(kind, routes::list(kind, 1)).await?;
        if first.pages > most {
            return Ok(None);
        }
        self.list_rest(kind, first).await.map(Some)
    }

    /// Returns the rows of a first page and of all others. A resource that is deleted
    /// meanwhile moves others to an earlier page, where they would be missed, so the listing
    /// then begins again.
    async fn list_rest(
        &self,
        kind: Kind,
        mut first: Page,
    ) -> Result<Vec<ListedResource>, ApiError> {
        for _ in 1..MAX_LISTINGS {
            match self.list_once(kind, first).await {
                // A page does not exist any more.
                Ok(None) | Err(ApiError::Refused { status: 400, .. }) => {}
                Ok(Some(rows)) => return Ok(rows),
                Err(error) => return Err(error),
            }
            first = self.list(kind, routes::list(kind, 1)).await?;
        }
        let rows = self.list_once(kind, first).await?;
        rows.ok_or_else(|| {
            let reason = "resources are deleted while the pages of the list are read".to_owned();
            ApiError::Unreadable { reason }
        })
    }

    /// Returns all rows; `None` if the listing became shorter while it was read.
    async fn list_once(
        &self,
        kind: Kind,
        first: Page,
    ) -> Result<Option<Vec<ListedResource>>, ApiError> {
        let (mut rows, mut pages, mut total) = (first.rows, first.pages, first.total);
        let mut page = 1;
        while page < pages.min(MAX_PAGES) {
            page += 1;
            let next = self.list(kind, routes::list(kind, page)).await?;
            // A page without a total does not show whether the listing became shorter.
            if next.total.is_some_and(|next| Some(next) < total) {
                return Ok(None);
            }
            (pages, total) = (next.pages, next.total);
            rows.extend(next.rows);
        }
        let mut seen = BTreeSet::new();
        rows.retain(|row| seen.insert(row.id));
        Ok(Some(rows))
    }

    /// Lists the simulations of an agent, or all simulations, with every field that the
    /// listing shows.
    pub async fn list_shown(&self, agent: Option<&str>) -> Result<Vec<ListedResource>, ApiError> {
        let path = match agent {
            Some(agent) => routes::list_by_agent(agent),
            None => routes::list(Kind::Simulation, 1),
        };
        let page = self.list_as(path, Answer::Page, wire::listed_with_fields);
        Ok(page.await?.rows)
    }

    async fn list(&self, kind: Kind, path: String) -> Result<Page, ApiError> {
        let answer = match kind {
            Kind::Simulation => Answer::Listing,
            _ => Answer::Page,
        };
        self.list_as(path, answer, |answer| wire::listed(kind, answer))
            .await
    }

    async fn list_as(
        &self,
        path: String,
        answer: Answer,
        read: impl Fn(&Value) -> Result<Page, String>,
    ) -> Result<Page, ApiError> {
        let call = Call::read(path, answer);
        let listed = self.call(&call, read).await;
        listed.map_err(|failure| match failure.error {
            ApiError::NotFound { .. } => ApiError::Unsupported { status: 404 },
            error => error,
        })
    }

    /// Waits for a future, until the client is stopped.
    pub async fn unless_stopped<T>(
        &self,
        waited_for: impl Future<Output = T>,
    ) -> Result<T, ApiError> {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            // If the sender was dropped, the client can't be stopped.
            Ok(_) = stop.wait_for(|stop| *stop) => Err(ApiError::Interrupted),
            done = waited_for => Ok(done),
        }
    }

    /// Returns whether the client was stopped. A stopped client sends no new request.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Returns the server time of the last answer with a `Date`; `None` before such an
    /// answer.
    #[must_use]
    pub fn server_time(&self) -> Option<ServerTime> {
        self.clock.last()
    }

    pub(super) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    pub(super) fn notify(&self, notice: Notice) {
        self.notices.notify(notice);
    }

    pub(super) fn clock(&self) -> &ServerClock {
        &self.clock
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    pub(super) fn key(&self) -> &ApiKey {
        &self.key
    }

    /// Returns the pacers of the budgets that a call uses.
    pub(super) fn pacers(&self, call: &Call<'_>) -> [Option<&Pacer>; 2] {
        let bulk = self.bulk_pacer.as_ref();
        [
            bulk.filter(|_| call.path == wire::CREATE_MANY),
            self.pacer.as_ref(),
        ]
    }

    pub(super) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub(super) fn auth(&self) -> &Auth {
        &self.auth
    }
}

impl<T> From<Result<T, Failure>> for Fate<T> {
    fn from(result: Result<T, Failure>) -> Self {
        match result {
            Ok(answer) => Self::Done(answer),
            Err(failure) if failure.may_be_done => Self::Unknown(failure.error),
            Err(failure) => Self::NotDone(failure.error),
        }
    }
}
