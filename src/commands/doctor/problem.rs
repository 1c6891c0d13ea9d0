//! Errors as problems.

use std::error::Error as _;

use crate::doctor::Problem;
use crate::error::CommandError;

/// Returns an error as a problem, with its causes in one sentence.
pub(super) fn problem(error: &CommandError) -> Problem {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message += &format!(": {cause}");
        source = cause.source();
    }
    Problem {
        message,
        help: error.ways_out().to_vec(),
    }
}
