//! The reason why a text is not a rule.

use std::fmt;

/// The reason why a text is not a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultError(pub(super) String);

impl From<serde_json::Error> for FaultError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}
