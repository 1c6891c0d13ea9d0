//! Errors as facts.

use std::error::Error as _;

use crate::doctor::Fault;
use crate::error::CommandError;

/// Returns an error with its causes as one sentence.
pub(super) fn fault(error: &CommandError) -> Fault {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message += &format!(": {cause}");
        source = cause.source();
    }
    Fault {
        message,
        help: error.ways_out().to_vec(),
    }
}
