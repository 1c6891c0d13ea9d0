//! One call: what is sent, how an attempt ends, and what a failure means.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};

use super::error::ApiError;
use super::wire;
use crate::resource::body::Body;

/// Something worth telling the user while a call goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The API throttles: every call waits.
    Throttled {
        /// What it answered.
        status: u16,
        /// How long.
        pause: Duration,
    },
    /// A call is tried again.
    Retried {
        /// Why.
        reason: String,
        /// After how long.
        pause: Duration,
    },
}

/// Who hears of it.
pub type Observer = Arc<dyn Fn(Notice) + Send + Sync>;

/// What has to be done right before a request is sent, each time; an error
/// keeps it from being sent.
pub type BeforeSending<'a> = dyn Fn() -> BoxFuture<'a, Result<(), String>> + Send + Sync + 'a;

/// One call.
pub struct Call<'a> {
    /// The method.
    pub method: Method,
    /// The path, from `/v1` on.
    pub path: String,
    /// What is sent.
    pub body: Option<&'a Body>,
    /// What has to be done right before.
    pub before_sending: Option<&'a BeforeSending<'a>>,
}

impl Call<'_> {
    /// Whether it may be sent twice: all but a create and a queued run, the only
    /// calls with something to be done right before each time.
    pub(super) fn is_repeatable(&self) -> bool {
        self.before_sending.is_none()
    }

    /// Whether its status says all that is needed: it was done. A create without
    /// an id, and a read without a simulation, are no good.
    pub(super) fn needs_no_answer(&self) -> bool {
        let is_create = !self.is_repeatable();
        self.method != Method::GET && !is_create
    }

    /// Whether it is answered by a list of simulations.
    pub(super) fn is_list(&self) -> bool {
        self.path == wire::LIST_ALL || self.path.starts_with(wire::LIST_BY_AGENT)
    }

    /// Whether an answer shows that the key is good: a server may name an
    /// organisation without looking at the key.
    pub(super) fn proves_key(&self) -> bool {
        self.path != wire::INTEGRATIONS
    }
}

/// How one attempt ended.
pub(super) enum Attempt {
    Answered {
        status: StatusCode,
        headers: HeaderMap,
        body: Result<Vec<u8>, String>,
    },
    NotSent(String),
    Lost(String),
}

/// A failed call: what is known, and whether it may have had an effect.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub error: ApiError,
    /// Whether it may have been done all the same.
    pub may_be_done: bool,
}

impl Failure {
    pub(super) fn not_done(error: ApiError) -> Self {
        Self {
            error,
            may_be_done: false,
        }
    }

    pub(super) fn unknown(error: ApiError) -> Self {
        Self {
            error,
            may_be_done: true,
        }
    }
}
