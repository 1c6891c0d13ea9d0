//! The causes of transport errors.

/// Returns the innermost cause of an error. The outer errors repeat the address.
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

/// Returns the reason why the certificate of the server was refused, if that is the cause.
pub(super) fn certificate_error(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        let is_certificate = matches!(error, rustls::Error::InvalidCertificate(_));
        return is_certificate.then(|| error.to_string());
    }
    // An `io::Error` wraps another error. The source of the `io::Error` is the source of
    // the wrapped error, so the wrapped error itself is read here.
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    match wrapped {
        Some(wrapped) => certificate_error(wrapped),
        None => error.source().and_then(certificate_error),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls::CertificateError;

    use super::*;

    #[test]
    fn finds_a_refused_certificate_among_the_causes() {
        let wrapped = |error: rustls::Error| io::Error::other(io::Error::other(error));
        let refused = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let reason = certificate_error(&wrapped(refused)).unwrap();
        assert!(reason.contains("UnknownIssuer"), "{reason}");
        let other = wrapped(rustls::Error::HandshakeNotComplete);
        assert_eq!(certificate_error(&other), None);
        assert_eq!(certificate_error(&io::Error::other("reset")), None);
    }
}
