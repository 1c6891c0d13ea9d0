//! What can go wrong with a call.

use std::fmt;
use std::time::Duration;

/// Why a call did not give what it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The key was refused before any call had succeeded.
    KeyRejected {
        /// What the server said.
        message: String,
    },
    /// The key has no right to this (403).
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

impl ApiError {
    /// Whether no other call can succeed either, so that the run stops.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::KeyRejected { .. } | Self::NotReady { .. } | Self::Interrupted
        )
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyRejected { message } => write!(f, "the API rejected the key: {message}"),
            Self::Forbidden { message } => {
                write!(f, "the key has no right to do this (403): {message}")
            }
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
            Self::Interrupted => f.write_str("stopped before it was sent"),
        }
    }
}

impl std::error::Error for ApiError {}
