//! A call: the request, its effect and the expected answer.

use futures_util::future::BoxFuture;
use reqwest::Method;

use crate::resource::body::Body;

/// A hook that runs directly before each attempt to send the request. If the hook fails,
/// the request is not sent.
pub type BeforeSending<'a> = dyn Fn() -> BoxFuture<'a, Result<(), String>> + Send + Sync + 'a;

/// The effect of a call at the API. The effect decides whether the request may be sent
/// again after its answer was lost.
#[derive(Clone, Copy)]
pub(super) enum Effect<'a> {
    /// The call changes nothing.
    Read,
    /// The call sets values. Executing the request twice has the same effect as executing it
    /// once.
    Idempotent,
    /// The call removes something. Executing the request twice has the same effect as
    /// executing it once. The hook runs directly before each attempt.
    Removal(&'a BeforeSending<'a>),
    /// The call creates something each time, so the request is never sent again once the
    /// API may have executed it. The hook runs directly before each attempt.
    Once(&'a BeforeSending<'a>),
}

impl<'a> Effect<'a> {
    /// Returns whether the request may be sent again after its answer was lost.
    pub(super) fn is_repeatable(self) -> bool {
        match self {
            Self::Read | Self::Idempotent | Self::Removal(_) => true,
            Self::Once(_) => false,
        }
    }

    /// Returns the hook that runs directly before each attempt.
    pub(super) fn before_sending(self) -> Option<&'a BeforeSending<'a>> {
        match self {
            Self::Read | Self::Idempotent => None,
            Self::Removal(hook) | Self::Once(hook) => Some(hook),
        }
    }
}

/// The content of a valid answer to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// A list of any length. Only the fields that identify its rows are read.
    Listing,
    /// Runs, or the conversations of a run. Only the fields that reports show are read.
    Runs,
    /// One page of a listing. All fields of its rows are read.
    Page,
    /// One object.
    Object,
    /// Agents. The answer contains passwords, so no part of the answer is logged or shown,
    /// and only the fields that identify the agents are read.
    Agents,
    /// The organisation of the key. A server may answer without checking the key, so the
    /// answer does not prove that the key is valid.
    Account,
    /// No content: the status confirms that the request was executed, and the body may be
    /// empty.
    Confirmation,
    /// The results of at most a hundred items; the body may be empty.
    Batch,
}

/// A call.
pub(super) struct Call<'a> {
    pub method: Method,
    /// The path, starting with `/v1`.
    pub path: String,
    /// The body. A clone is cheap.
    pub body: Option<Body>,
    pub effect: Effect<'a>,
    pub answer: Answer,
}

impl<'a> Call<'a> {
    /// Returns a call that reads.
    pub fn read(path: String, answer: Answer) -> Self {
        Self {
            method: Method::GET,
            path,
            body: None,
            effect: Effect::Read,
            answer,
        }
    }

    /// Returns a call that deletes.
    pub fn delete(path: String, before_sending: &'a BeforeSending<'a>) -> Self {
        Self {
            method: Method::DELETE,
            path,
            body: None,
            effect: Effect::Removal(before_sending),
            answer: Answer::Confirmation,
        }
    }

    /// Returns a call that sets the values of a body.
    pub fn set(method: Method, path: String, body: Body) -> Self {
        Self {
            method,
            path,
            body: Some(body),
            effect: Effect::Idempotent,
            answer: Answer::Confirmation,
        }
    }

    /// Returns a call that creates something. The answer contains the id.
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
