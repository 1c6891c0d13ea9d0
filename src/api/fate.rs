//! What became of a request that changes something.

use super::error::ApiError;

/// What became of a request that changes something.
#[derive(Debug)]
pub enum Fate<T> {
    /// It was done; this is the answer.
    Done(T),
    /// It was surely not done, and will not be.
    NotDone(ApiError),
    /// It may have been done, or may still be.
    Unknown(ApiError),
}
