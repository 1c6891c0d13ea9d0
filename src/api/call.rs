//! One call: the request, its effect and the answer that is expected.

use futures_util::future::BoxFuture;
use reqwest::Method;

use crate::resource::body::Body;

/// The work that has to be done right before each time that a request is sent; an
/// error keeps the request from being sent.
pub type BeforeSending<'a> = dyn Fn() -> BoxFuture<'a, Result<(), String>> + Send + Sync + 'a;

/// What a call changes at the API, and so whether the request may be sent again
/// after its answer was lost.
#[derive(Clone, Copy)]
pub(super) enum Effect<'a> {
    /// Changes nothing.
    Read,
    /// Sets or removes something: sending the request twice changes no more than
    /// sending the request once.
    Idempotent,
    /// Makes something each time, so the request is never sent again once it may have
    /// been done. The hook is run right before each time that the request is sent.
    Once(&'a BeforeSending<'a>),
}

impl Effect<'_> {
    /// Whether the request may be sent again after its answer was lost.
    pub(super) fn is_repeatable(self) -> bool {
        match self {
            Self::Read | Self::Idempotent => true,
            Self::Once(_) => false,
        }
    }
}

/// What a good answer to a call holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// A list of any length; only the fields that identify its rows are read.
    Listing,
    /// One page of a listing whose rows are read whole.
    Page,
    /// One object.
    Object,
    /// The organisation of the key. A server may name it without checking the key,
    /// so the answer is no proof that the key is good.
    Account,
    /// Nothing that is needed: the status says that the request was done, and the
    /// body may be empty.
    Confirmation,
}

/// One call.
pub(super) struct Call<'a> {
    pub method: Method,
    /// The path, from `/v1` on.
    pub path: String,
    /// A clone of a body is cheap.
    pub body: Option<Body>,
    pub effect: Effect<'a>,
    pub answer: Answer,
}

impl<'a> Call<'a> {
    /// Reads something.
    pub fn read(path: String, answer: Answer) -> Self {
        Self {
            method: Method::GET,
            path,
            body: None,
            effect: Effect::Read,
            answer,
        }
    }

    /// Deletes something.
    pub fn delete(path: String) -> Self {
        Self {
            method: Method::DELETE,
            path,
            body: None,
            effect: Effect::Idempotent,
            answer: Answer::Confirmation,
        }
    }

    /// Sets something to what the body says.
    pub fn set(method: Method, path: String, body: Body) -> Self {
        Self {
            method,
            path,
            body: Some(body),
            effect: Effect::Idempotent,
            answer: Answer::Confirmation,
        }
    }

    /// Makes something new, of which the answer holds the id.
    pub fn once(path: &str, body: Body, before_sending: &'a BeforeSending<'a>) -> Self {
        Self {
            method: Method::POST,
            path: path.to_owned(),
            body: Some(body),
            effect: Effect::Once(before_sending),
            answer: Answer::Object,
        }
    }
}
