//! One attempt to send the request of a call.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::body::BodyError;
use super::cause::{cause, certificate_error};
use super::error::ApiError;

/// The result of one attempt, before the status is interpreted.
pub(super) enum Attempt {
    Answered {
        status: StatusCode,
        headers: HeaderMap,
        body: Result<Vec<u8>, BodyError>,
    },
    /// No request was sent.
    NotSent(ApiError),
    /// A request was sent, and its answer was lost.
    Lost(String),
}

impl Attempt {
    pub(super) fn is_success(&self) -> bool {
        matches!(self, Self::Answered { status, .. } if status.is_success())
    }

    /// Classifies a transport error.
    pub(super) fn failed(error: &reqwest::Error) -> Self {
        if let Some(reason) = certificate_error(error) {
            return Self::NotSent(ApiError::CertificateRefused { reason });
        }
        let reason = cause(error);
        if error.is_connect() || error.is_builder() {
            let origin = error.url().map(|url| url.origin().ascii_serialization());
            Self::NotSent(ApiError::Unreachable {
                address: origin.unwrap_or_else(|| "the API".to_owned()),
                reason,
            })
        } else {
            Self::Lost(reason)
        }
    }
}

/// A failed call: its error, and whether the request may have been executed.
#[derive(Debug)]
pub(super) struct Failure {
    pub error: ApiError,
    /// Whether the request may have been executed.
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

    /// Returns the failure of the last attempt of a call, of which an earlier attempt may
    /// have been done. A refusal of the last attempt says nothing about the earlier one.
    pub(super) fn after(self, may_be_done: bool) -> Self {
        Self {
            may_be_done: self.may_be_done || may_be_done,
            error: self.error,
        }
    }
}
