//! How one attempt of a call ends.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::body::BodyError;
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

/// The innermost cause of an error: the outer ones repeat the address.
pub(super) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the server did not answer in time".to_owned();
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Why the certificate of the server was refused, if that is the cause.
fn certificate_error(error: &reqwest::Error) -> Option<String> {
    let mut sources =
        std::iter::successors(std::error::Error::source(error), |error| error.source());
    sources.find_map(|error| {
        // `io::Error::source` skips the error that an `io::Error` wraps.
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        let tls = match wrapped {
            Some(wrapped) => wrapped.downcast_ref::<rustls::Error>(),
            None => error.downcast_ref::<rustls::Error>(),
        };
        tls.filter(|error| matches!(error, rustls::Error::InvalidCertificate(_)))
            .map(ToString::to_string)
    })
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
}
