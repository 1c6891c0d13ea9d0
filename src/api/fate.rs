//! The effect of a request that changes something.

use super::error::ApiError;

/// The effect of a request that changes something.
#[derive(Debug)]
pub enum Fate<T> {
    /// The request was executed; the answer.
    Done(T),
    /// The request was certainly not executed, and will not be executed.
    NotDone(ApiError),
    /// The request may have been executed, or may be executed later.
    Unknown(ApiError),
}
