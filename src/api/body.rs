//! Reads the body of an answer, with a size limit that depends on the call.

use std::fmt;

use reqwest::Response;
use serde_json::Value;

use super::call::Answer;
use super::cause::cause;
use super::wire::{agents, pruned};

/// The maximum size in bytes of an answer with one object, and of one field beside a list.
pub(super) const OBJECT_LIMIT: usize = 4 << 20;

/// The maximum size in bytes of a page of at most a hundred resources.
const PAGE_LIMIT: usize = 32 << 20;

/// The maximum size in bytes of a list: about 40,000 simulations of average size.
const LISTING_LIMIT: usize = 128 << 20;

/// The number of bytes that are read of the answer to a failed call.
const ERROR_LIMIT: usize = 64 << 10;

/// The size in bytes from which an answer is parsed on a separate thread. Parsing a list of
/// ten thousand simulations would delay all other answers.
const LARGE_ANSWER: usize = 1 << 16;

/// The reason why the body of an answer could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BodyError {
    /// The connection broke, or the compressed body is damaged.
    Broken(String),
    /// The body is larger than any valid answer to this call.
    TooLarge { limit: usize },
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(reason) => f.write_str(reason),
            Self::TooLarge { limit } => write!(
                f,
                "it has more than {} MiB, the limit for such an answer",
                limit >> 20
            ),
        }
    }
}

/// Reads a body. The limit applies to the decoded bytes. The decoder needs little memory,
/// so the number of encoded bytes is not limited.
///
/// Only the beginning of the answer to a failed call is read.
pub(super) async fn read(mut response: Response, answer: Answer) -> Result<Vec<u8>, BodyError> {
    let is_success = response.status().is_success();
    let limit = if is_success {
        limit(answer)
    } else {
        ERROR_LIMIT
    };
    let announced = response.content_length().unwrap_or_default();
    if is_success && announced > limit as u64 {
        return Err(BodyError::TooLarge { limit });
    }
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await;
        let chunk = chunk.map_err(|error| BodyError::Broken(cause(&error)))?;
        let Some(chunk) = chunk else { return Ok(body) };
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return if is_success {
                Err(BodyError::TooLarge { limit })
            } else {
                Ok(body)
            };
        }
    }
}

fn limit(answer: Answer) -> usize {
    match answer {
        Answer::Listing | Answer::Runs | Answer::Agents => LISTING_LIMIT,
        Answer::Page | Answer::Batch => PAGE_LIMIT,
        Answer::Object | Answer::Account | Answer::Confirmation => OBJECT_LIMIT,
    }
}

/// Parses a body as JSON.
pub(super) async fn parse(bytes: Vec<u8>, answer: Answer) -> Result<Value, String> {
    if bytes.is_empty() && matches!(answer, Answer::Confirmation | Answer::Batch) {
        return Ok(Value::Null);
    }
    let parse = move |bytes: &[u8]| {
        let json = match answer {
            Answer::Listing => pruned::read(bytes),
            Answer::Runs => pruned::read_runs(bytes),
            Answer::Agents => agents::read(bytes),
            _ => serde_json::from_slice(bytes),
        };
        json.map_err(|error| format!("it is not JSON: {error}"))
    };
    if bytes.len() < LARGE_ANSWER {
        return parse(&bytes);
    }
    let parsed = tokio::task::spawn_blocking(move || parse(&bytes)).await;
    parsed.unwrap_or_else(|error| Err(error.to_string()))
}
