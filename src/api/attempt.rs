//! How one attempt of a call ends.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::body::BodyError;
use super::cause::{cause, certificate_error};
use super::error::ApiError;

/// How one attempt ended, before its status is interpreted.
pub(super) enum Attempt {
    Answered {
        status: StatusCode,
        headers: HeaderMap,
        body: Result<Vec<u8>, BodyError>,
    },
    /// Nothing was sent.
    NotSent(ApiError),
    /// Something was sent, and no answer came.
    Lost(String),
}

impl Attempt {
    pub(super) fn is_success(&self) -> bool {
        matches!(self, Self::Answered { status, .. } if status.is_success())
    }

    /// Classifies an error that came instead of an answer.
    pub(super) fn failed(error: &reqwest::Error) -> Self {
        if let Some(reason) = certificate_error(error) {
            return Self::NotSent(ApiError::CertificateRefused { reason });
        }
        let reason = cause(error);
        if error.is_connect() || error.is_builder() {
            Self::NotSent(ApiError::Unreachable { reason })
        } else {
            Self::Lost(reason)
        }
    }
}

/// A failed call: what is known, and whether it may have had an effect.
#[derive(Debug)]
pub(super) struct Failure {
    pub error: ApiError,
    /// Whether the request may have been done all the same.
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
    /// have been done. A refusal of the last attempt says nothing about the earlier one,
    /// except that the resource does not exist.
    pub(super) fn after(self, may_be_done: bool) -> Self {
        let is_moot = matches!(self.error, ApiError::NotFound { .. });
        Self {
            may_be_done: self.may_be_done || (may_be_done && !is_moot),
            error: self.error,
        }
    }
}
