//! Verifies the API key with one call, before concurrent calls are sent.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, MutexGuard};

use super::error::ApiError;

/// Admits one call at a time until a call has succeeded.
///
/// A wrong key therefore costs one request, however many calls wait. A 401 before the first
/// success means a wrong key. A 401 after a success means throttling: the API answers 401
/// after about 150 calls in quick succession.
#[derive(Debug, Default)]
pub struct Auth {
    is_proven: AtomicBool,
    refused: OnceLock<ApiError>,
    first: Mutex<()>,
}

impl Auth {
    /// Waits until this call may be sent. The call holds the returned guard.
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

    /// Returns the error that ends every call, if a call was refused for a cause that
    /// concerns every call.
    pub fn refusal(&self) -> Option<ApiError> {
        self.refused.get().cloned()
    }

    /// Returns whether a call has succeeded.
    pub fn is_proven(&self) -> bool {
        self.is_proven.load(Ordering::Acquire)
    }

    /// Records that a call has succeeded.
    pub fn record_success(&self) {
        self.is_proven.store(true, Ordering::Release);
    }

    /// Records an error that concerns every call. No further call is sent.
    pub fn refuse(&self, error: &ApiError) {
        // The first error is kept. Later errors have the same cause.
        let _ = self.refused.set(error.clone());
    }
}
