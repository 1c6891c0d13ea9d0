//! The meaning of the status of a failed call.

use reqwest::StatusCode;

use super::error::{ApiError, ErrorDetails, billing_meaning};

/// The meaning of an answer that is not a success.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The request was not executed. It may be sent again after the throttling.
    Throttled,
    /// The request was not executed. Sending the request again would give the same answer.
    NotDone(ApiError),
    /// The request may have been executed. Sending the request again would give the same
    /// answer.
    Unknown(ApiError),
    /// The request may have been executed. Sending the request again may succeed.
    Failed(ApiError),
}

/// Interprets a status. A 401 after an earlier success means throttling: the API answers
/// 401 after about 150 calls in quick succession. A 402, and a 403 with a billing code,
/// concern every call.
pub(super) fn verdict(status: StatusCode, is_key_proven: bool, details: ErrorDetails) -> Verdict {
    let code = status.as_u16();
    let ErrorDetails {
        message,
        code: reason,
        fields,
    } = details;
    match code {
        429 => Verdict::Throttled,
        401 if is_key_proven => Verdict::Throttled,
        401 => Verdict::NotDone(ApiError::KeyRejected { message }),
        402 => Verdict::NotDone(ApiError::Billing {
            status: code,
            code: reason,
            message,
        }),
        403 if reason
            .as_deref()
            .is_some_and(|code| billing_meaning(code).is_some()) =>
        {
            Verdict::NotDone(ApiError::Billing {
                status: code,
                code: reason,
                message,
            })
        }
        403 => Verdict::NotDone(ApiError::Forbidden { message }),
        404 => Verdict::NotDone(ApiError::NotFound { message }),
        405 | 501 => Verdict::NotDone(ApiError::Unsupported { status: code }),
        300..=399 => Verdict::Unknown(ApiError::Redirected { status: code }),
        // A proxy may answer 408 to a request that it passed on.
        408 | 500..=599 => Verdict::Failed(ApiError::Server {
            status: code,
            message,
        }),
        400..=499 => Verdict::NotDone(ApiError::Refused {
            status: code,
            message,
            fields,
        }),
        _ => Verdict::Unknown(ApiError::Server {
            status: code,
            message,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, code: Option<&str>) -> ApiError {
        let details = ErrorDetails {
            message: format!("no (`{}`)", code.unwrap_or_default()),
            code: code.map(str::to_owned),
            fields: Vec::new(),
        };
        match verdict(StatusCode::from_u16(status).unwrap(), true, details) {
            Verdict::NotDone(error) | Verdict::Unknown(error) | Verdict::Failed(error) => error,
            Verdict::Throttled => panic!("{status} is no error"),
        }
    }

    #[test]
    fn a_billing_error_is_final_and_explains_its_code() {
        for (status, code, meaning) in [
            (402, Some("NO_PAYMENT_METHOD"), "no payment method"),
            (403, Some("INSUFFICIENT_CREDITS"), "no credits left"),
            (403, Some("SPEND_ALERT_REACHED"), "spend limit"),
            (402, Some("NOVEL"), "NOVEL"),
            (402, None, "402"),
        ] {
            let error = error(status, code);
            assert!(error.is_final(), "{error}");
            let text = error.to_string();
            assert!(text.contains(meaning), "{text}");
            assert!(text.contains(code.unwrap_or_default()), "{text}");
        }
    }

    #[test]
    fn a_403_without_a_billing_code_concerns_one_call() {
        for code in [None, Some("WRONG_WORKSPACE")] {
            let error = error(403, code);
            assert!(matches!(error, ApiError::Forbidden { .. }), "{error}");
            assert!(!error.is_final());
        }
    }

    #[test]
    fn a_401_after_a_success_is_throttling() {
        let status = StatusCode::UNAUTHORIZED;
        let throttled = verdict(status, true, ErrorDetails::default());
        assert_eq!(throttled, Verdict::Throttled);
        let rejected = verdict(status, false, ErrorDetails::default());
        assert!(matches!(
            rejected,
            Verdict::NotDone(ApiError::KeyRejected { .. })
        ));
    }
}
