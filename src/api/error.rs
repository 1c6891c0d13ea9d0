//! The errors of calls.

use std::fmt;
use std::time::Duration;

use crate::resource::key::RemoteId;

/// The reason why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The key was refused before any call had succeeded.
    KeyRejected {
        /// The message of the server.
        message: String,
    },
    /// The API refuses the call because of billing: a 402, or a 403 with a billing code.
    Billing {
        /// The status.
        status: u16,
        /// The code of the API, such as `NO_PAYMENT_METHOD`.
        code: Option<String>,
        /// The message of the server.
        message: String,
    },
    /// The resource belongs to another organisation or workspace, or the key lacks the
    /// permission (403).
    Forbidden {
        /// The message of the server.
        message: String,
    },
    /// The resource does not exist, or belongs to another organisation (404).
    NotFound {
        /// The message of the server.
        message: String,
    },
    /// The server does not support this call: a 405 or 501, or a 404 for a path without an
    /// id.
    Unsupported {
        /// The status.
        status: u16,
    },
    /// The server refused the content (any other 4xx).
    Refused {
        /// The status.
        status: u16,
        /// The message of the server.
        message: String,
        /// The messages of the server about single fields.
        fields: Vec<FieldError>,
    },
    /// The server failed (5xx), or its answer can't be used.
    Server {
        /// The status.
        status: u16,
        /// The message of the server.
        message: String,
    },
    /// The server redirected the request. The key is not sent to another address.
    Redirected {
        /// The status.
        status: u16,
    },
    /// An answer with a success status that can't be read.
    Unreadable {
        /// The mistake in the answer.
        reason: String,
    },
    /// An answer with a success status that exceeds the size limit.
    TooLarge {
        /// The exceeded limit.
        reason: String,
    },
    /// The answer contains the API key, so no part of the answer is used.
    RepeatsKey,
    /// The certificate of the server is not trusted, so nothing was sent.
    CertificateRefused {
        /// The cause.
        reason: String,
    },
    /// No connection could be opened, so nothing was sent.
    Unreachable {
        /// The address of the API, without a path.
        address: String,
        /// The cause.
        reason: String,
    },
    /// The connection broke after something was sent.
    Lost {
        /// The cause.
        reason: String,
    },
    /// The server did not stop throttling.
    Throttled {
        /// The time without one success.
        waited: Duration,
        /// The pause that the server asked for, if it is longer than the client waits.
        asked: Option<Duration>,
    },
    /// The hook before sending failed, so nothing was sent.
    NotReady {
        /// The cause.
        reason: String,
    },
    /// The API lists these resources, but answers 404 to a read of each.
    Contradictory {
        /// The ids of the resources.
        ids: Vec<RemoteId>,
    },
    /// A read was answered with 404, and no listing confirms that the resource does not
    /// exist.
    Unconfirmed {
        /// The id of the resource.
        id: RemoteId,
    },
    /// A signal stopped the program before this request was sent.
    Interrupted,
}

/// A step of a path in a request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// A field of an object.
    Field(String),
    /// An item of a list, counted from 0.
    Index(usize),
}

/// The message of the server about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The path of the field in the request body.
    pub path: Vec<PathStep>,
    /// The message.
    pub message: String,
}

/// The content of the answer to a failed call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorDetails {
    /// The message with the code, in one line of limited length.
    pub message: String,
    /// The code of the API for the kind of error.
    pub code: Option<String>,
    /// The messages about single fields.
    pub fields: Vec<FieldError>,
}

impl ErrorDetails {
    /// Removes the texts of the server, except for a billing code.
    pub(super) fn hide_texts(&mut self) {
        self.code = self
            .code
            .take()
            .filter(|code| billing_meaning(code).is_some());
        let hidden = "the text of the answer is not shown, because it may contain passwords";
        hidden.clone_into(&mut self.message);
        self.fields = Vec::new();
    }
}

impl ApiError {
    /// Returns whether no other call can succeed either, so that the program stops.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.concerns_every_call() || matches!(self, Self::NotReady { .. } | Self::Interrupted)
    }

    /// Returns whether the cause is the key, its organisation or the address, which all
    /// calls share. Such an error is reported once.
    #[must_use]
    pub fn concerns_every_call(&self) -> bool {
        matches!(
            self,
            Self::KeyRejected { .. } | Self::Billing { .. } | Self::CertificateRefused { .. }
        )
    }

    /// Returns the help for an error that has the same help for every call.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::KeyRejected { .. } => Some(
                "check `BLUEJAY_API_KEY`: the key may be wrong, revoked, or of another organisation",
            ),
            Self::Billing { .. } => Some(
                "settle the billing of the organisation in the Bluejay dashboard, then run the \
                 command again",
            ),
            Self::Forbidden { .. } => Some(
                "use a key of the right organisation and workspace, with the permission for this \
                 request",
            ),
            Self::CertificateRefused { .. } => Some(
                "if a proxy or a private certificate authority signs the certificate, pass its \
                 certificates: `SSL_CERT_FILE=FILE`",
            ),
            Self::Unreachable { .. } => Some(
                "check the network and the address: `--api-url`, `BLUEJAY_API_URL`, or `api_url` \
                 in bluejay.yaml",
            ),
            Self::RepeatsKey => Some(
                "remove the key from the text that the API shows, or use another key and revoke \
                 this one",
            ),
            _ => None,
        }
    }

    /// Returns whether the refusal of a request of many items may be about its form, or
    /// about one of its items, so that each item has to be sent alone.
    #[must_use]
    pub fn may_concern_items(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::Forbidden { .. }
                | Self::NotFound { .. }
                | Self::Unsupported { .. }
        )
    }

    /// Returns whether the API failed, or gave an unusable answer.
    #[must_use]
    pub fn is_failure_of_server(&self) -> bool {
        matches!(
            self,
            Self::Server { .. } | Self::Unreadable { .. } | Self::TooLarge { .. }
        )
    }

    /// Returns whether sending the request again would give the same unusable answer.
    pub(super) fn is_answer_unusable(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::RepeatsKey)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyRejected { message } => write!(f, "the API rejected the key: {message}"),
            Self::Billing {
                status,
                code,
                message,
            } => billing(f, *status, code.as_deref(), message),
            Self::Forbidden { message } => write!(f, "the API forbids this (403): {message}"),
            Self::NotFound { message } => write!(f, "not found (404): {message}"),
            Self::Unsupported { status } => {
                write!(f, "the API does not support this request ({status})")
            }
            Self::Refused {
                status, message, ..
            } => write!(f, "the API refused the request ({status}): {message}"),
            Self::Server { status, message } => write!(f, "the API failed ({status}): {message}"),
            Self::Redirected { status } => write!(
                f,
                "the API answered with a redirect ({status}), which is not followed with a key"
            ),
            Self::Unreadable { reason } => write!(f, "the answer can't be read: {reason}"),
            Self::TooLarge { reason } => write!(f, "the answer is too large: {reason}"),
            Self::RepeatsKey => f.write_str("the answer repeats the API key, so it is not used"),
            Self::CertificateRefused { reason } => {
                write!(f, "the certificate of the API can't be trusted: {reason}")
            }
            Self::Unreachable { address, reason } => {
                write!(f, "could not connect to {address}: {reason}")
            }
            Self::Lost { reason } => write!(f, "the connection broke: {reason}"),
            Self::Throttled {
                asked: Some(asked), ..
            } => write!(
                f,
                "the API throttles, and asks for a wait of {} s",
                asked.as_secs()
            ),
            Self::Throttled { waited, .. } => write!(
                f,
                "the API did not stop throttling: no request succeeded in {} s",
                waited.as_secs()
            ),
            Self::NotReady { reason } => write!(f, "the request was not sent: {reason}"),
            Self::Contradictory { ids } => {
                let named: Vec<_> = ids.iter().map(ToString::to_string).collect();
                let word = if ids.len() == 1 {
                    "simulation"
                } else {
                    "simulations"
                };
                write!(
                    f,
                    "the API contradicts itself: it lists {word} {}, but answers 404 to a read",
                    named.join(", ")
                )
            }
            Self::Unconfirmed { id } => write!(
                f,
                "{id:#} is not found (404), and no listing confirms that it does not exist"
            ),
            Self::Interrupted => f.write_str("stopped before the request was sent"),
        }
    }
}

fn billing(
    f: &mut fmt::Formatter<'_>,
    status: u16,
    code: Option<&str>,
    message: &str,
) -> fmt::Result {
    let meaning = code.and_then(billing_meaning);
    let meaning = meaning.unwrap_or("the organisation has to settle its billing");
    write!(f, "{meaning} ({status}): {message}")
}

impl std::error::Error for ApiError {}

/// Returns the meaning of a billing code of the API; `None` for any other code.
pub(super) fn billing_meaning(code: &str) -> Option<&'static str> {
    match code {
        "INSUFFICIENT_CREDITS" => Some("the organisation has no credits left"),
        "SPEND_ALERT_REACHED" => Some("the organisation has reached its spend limit"),
        "NO_PAYMENT_METHOD" => Some("the organisation has no payment method"),
        _ => None,
    }
}
