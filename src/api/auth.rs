//! Proves the key: one call finds out whether the key is good, not eight at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, MutexGuard};

use super::error::ApiError;

/// Lets calls through one at a time until one has succeeded.
///
/// So a wrong key costs one request, however many calls wait. A 401 before any
/// success is the key's fault; after a success it is throttling (seen on the
/// API after about 150 quick calls).
#[derive(Debug, Default)]
pub struct Auth {
    is_proven: AtomicBool,
    refused: OnceLock<ApiError>,
    first: Mutex<()>,
}

impl Auth {
    /// Waits until this call may be sent. The guard is held for the call.
    pub async fn enter(&self) -> Result<Option<MutexGuard<'_, ()>>, ApiError> {
        if let Some(error) = self.refusal() {
            return Err(error);
        }
        if self.is_proven() {
            return Ok(None);
        }
        let guard = self.first.lock().await;
        if let Some(error) = self.refusal() {
            return Err(error);
        }
        Ok((!self.is_proven()).then_some(guard))
    }

    /// The error that every call ends with, once there is one.
    pub fn refusal(&self) -> Option<ApiError> {
        self.refused.get().cloned()
    }

    /// Whether a call has succeeded.
    pub fn is_proven(&self) -> bool {
        self.is_proven.load(Ordering::Acquire)
    }

    /// A call has succeeded.
    pub fn prove(&self) {
        self.is_proven.store(true, Ordering::Release);
    }

    /// A call failed in a way that all others would too: no more calls are sent.
    pub fn refuse(&self, error: &ApiError) {
        // Only the first refusal counts, and they are alike.
        let _ = self.refused.set(error.clone());
    }
}
