//! What can go wrong with a call.

use std::fmt;
use std::time::Duration;

use crate::resource::key::RemoteId;

/// Why a call did not give what it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The key was refused before any call had succeeded.
    KeyRejected {
        /// What the server said.
        message: String,
    },
    /// The API refuses on account of billing (402, or 403 with a code of billing).
    Billing {
        /// The status.
        status: u16,
        /// The API's code, such as `NO_PAYMENT_METHOD`.
        code: Option<String>,
        /// What the server said.
        message: String,
    },
    /// The thing is in another organisation or workspace, or the key may not do
    /// this (403).
    Forbidden {
        /// What the server said.
        message: String,
    },
    /// There is no such thing, or it belongs to another organisation (404).
    NotFound {
        /// What the server said.
        message: String,
    },
    /// The server has no such call (404, 405 or 501 where nothing is named).
    Unsupported {
        /// The status.
        status: u16,
    },
    /// The server refused the content (another 4xx).
    Refused {
        /// The status.
        status: u16,
        /// What the server said.
        message: String,
        /// What it said about single fields.
        fields: Vec<FieldError>,
    },
    /// The server failed (5xx) or answered something a client can't use.
    Server {
        /// The status.
        status: u16,
        /// What the server said.
        message: String,
    },
    /// The server sent us elsewhere, where the key is not sent.
    Redirected {
        /// The status.
        status: u16,
    },
    /// An answer with a good status that can't be read.
    Unreadable {
        /// What is wrong with it.
        reason: String,
    },
    /// An answer with a good status and more bytes than any good answer.
    TooLarge {
        /// What is wrong with it.
        reason: String,
    },
    /// An answer that repeats the key, of which nothing is used.
    RepeatsKey,
    /// The certificate of the server can't be trusted, so nothing was sent.
    CertificateRefused {
        /// The cause.
        reason: String,
    },
    /// No connection came about, so nothing was sent.
    Unreachable {
        /// The cause.
        reason: String,
    },
    /// The connection broke after something was sent.
    Lost {
        /// The cause.
        reason: String,
    },
    /// The server kept on throttling.
    Throttled {
        /// For how long without one success.
        waited: Duration,
        /// The pause that it asked for, where that is longer than a run waits.
        asked: Option<Duration>,
    },
    /// What has to be done before sending failed, so nothing was sent.
    NotReady {
        /// The cause.
        reason: String,
    },
    /// The API shows these simulations and answers a request for each with 404.
    Contradictory {
        /// The simulations.
        ids: Vec<RemoteId>,
    },
    /// A read is answered with 404, and no listing confirms that there is no such
    /// simulation.
    Unconfirmed {
        /// The simulation.
        id: RemoteId,
    },
    /// A signal stopped the run before this was sent.
    Interrupted,
}

/// One step of a path into a request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// A field of an object.
    Field(String),
    /// A place in a list, counted from 0.
    Index(usize),
}

/// What the server said about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The path of the field in the request body.
    pub path: Vec<PathStep>,
    /// What is wrong with it.
    pub message: String,
}

/// What the body of a failed call says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorDetails {
    /// One line of bounded length, the code included.
    pub message: String,
    /// The API's code for the kind of error.
    pub code: Option<String>,
    /// What it says about single fields.
    pub fields: Vec<FieldError>,
}

impl ApiError {
    /// Whether no other call can succeed either, so that the run stops.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.concerns_every_call() || matches!(self, Self::NotReady { .. } | Self::Interrupted)
    }

    /// Whether the cause is the key, its organisation or the address, which all calls
    /// share: such an error is reported once.
    #[must_use]
    pub fn concerns_every_call(&self) -> bool {
        matches!(
            self,
            Self::KeyRejected { .. } | Self::Billing { .. } | Self::CertificateRefused { .. }
        )
    }

    /// Returns what to do about an error that does not depend on what was asked for.
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
                "use a key of the right organisation and workspace: the API forbids what lies in \
                 another, and what the key has no right to do",
            ),
            Self::CertificateRefused { .. } => Some(
                "if a proxy or an own authority signs the certificate, name the file of its \
                 certificates: `SSL_CERT_FILE=FILE`",
            ),
            Self::Unreachable { .. } => Some(
                "check the network and the address: `--api-url`, `BLUEJAY_API_URL`, or `api_url` \
                 in bluejay.yaml",
            ),
            Self::RepeatsKey => Some(
                "take the key out of the text that the API shows, or use another key and revoke \
                 this one",
            ),
            _ => None,
        }
    }

    /// Whether the same request would only bring the same unusable answer again.
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
            Self::Unsupported { status } => write!(f, "the API has no such call ({status})"),
            Self::Refused {
                status, message, ..
            } => write!(f, "the API refused it ({status}): {message}"),
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
            Self::Unreachable { reason } => write!(f, "no connection to the API: {reason}"),
            Self::Lost { reason } => write!(f, "the connection broke: {reason}"),
            Self::Throttled {
                asked: Some(asked), ..
            } => write!(
                f,
                "the API throttles, and asks to come back after {} s",
                asked.as_secs()
            ),
            Self::Throttled { waited, .. } => write!(
                f,
                "the API kept on throttling, without one success in {} s",
                waited.as_secs()
            ),
            Self::NotReady { reason } => write!(f, "it was not sent: {reason}"),
            Self::Contradictory { ids } => {
                let named: Vec<_> = ids.iter().map(ToString::to_string).collect();
                let word = if ids.len() == 1 {
                    "simulation"
                } else {
                    "simulations"
                };
                write!(
                    f,
                    "the API contradicts itself: it shows {word} {}, and answers a request for it \
                     with 404",
                    named.join(", ")
                )
            }
            Self::Unconfirmed { id } => write!(
                f,
                "{id:#} is not found (404), and no listing confirms that it does not exist"
            ),
            Self::Interrupted => f.write_str("stopped before it was sent"),
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

/// Returns what a `code` of the API's billing means; `None` for any other code.
pub(super) fn billing_meaning(code: &str) -> Option<&'static str> {
    match code {
        "INSUFFICIENT_CREDITS" => Some("the organisation has no credits left"),
        "SPEND_ALERT_REACHED" => Some("the organisation has reached its spend limit"),
        "NO_PAYMENT_METHOD" => Some("the organisation has no payment method"),
        _ => None,
    }
}
