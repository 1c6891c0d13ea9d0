//! Whether the key is any good: found out by one call, not by eight at once.

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
    /// Waits until this call may go. The guard is held for the call.
    pub async fn enter(&self) -> Result<Option<MutexGuard<'_, ()>>, ApiError> {
        if self.is_proven() {
            return Ok(None);
        }
        let guard = self.first.lock().await;
        if let Some(error) = self.refused.get() {
            return Err(error.clone());
        }
        Ok((!self.is_proven()).then_some(guard))
    }

    /// Whether a call has succeeded.
    pub fn is_proven(&self) -> bool {
        self.is_proven.load(Ordering::Acquire)
    }

    /// A call has succeeded.
    pub fn prove(&self) {
        self.is_proven.store(true, Ordering::Release);
    }

    /// The first call failed in a way that all others would too.
    pub fn refuse(&self, error: &ApiError) {
        // Only the first refusal counts, and they are alike.
        let _ = self.refused.set(error.clone());
    }
}
