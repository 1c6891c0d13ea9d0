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

/// Returns why the certificate of the server was refused, if that is the cause.
fn certificate_error(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        let is_certificate = matches!(error, rustls::Error::InvalidCertificate(_));
        return is_certificate.then(|| error.to_string());
    }
    // The source of an `io::Error` is that of the error that it wraps, not that error.
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    match wrapped {
        Some(wrapped) => certificate_error(wrapped),
        None => error.source().and_then(certificate_error),
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
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls::CertificateError;

    use super::*;

    #[test]
    fn a_refused_certificate_is_found_below_other_errors() {
        let wrapped = |error: rustls::Error| io::Error::other(io::Error::other(error));
        let refused = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let reason = certificate_error(&wrapped(refused)).unwrap();
        assert!(reason.contains("UnknownIssuer"), "{reason}");
        let other = wrapped(rustls::Error::HandshakeNotComplete);
        assert_eq!(certificate_error(&other), None);
        assert_eq!(certificate_error(&io::Error::other("reset")), None);
    }
}
