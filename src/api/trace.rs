//! The log lines about requests. `-v` logs each request and its result. `-vv` also logs
//! sizes, bodies and the state of the limiter. The log never contains the key.

use tokio::time::Instant;
use tracing::Level;

use super::attempt::Attempt;
use super::call::{Answer, Call};
use super::client::Client;

/// The largest number of characters of a body that are logged.
const LONGEST_BODY: usize = 2000;

impl Client {
    /// Logs a request and its result.
    pub(super) fn log(&self, call: &Call<'_>, attempt: u32, sent_at: Instant, ended: &Attempt) {
        if !tracing::enabled!(Level::INFO) {
            return;
        }
        let ms = u64::try_from(sent_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        // The server may have returned the key as a part of an id.
        let path = self.without_key(&call.path);
        let (method, path) = (call.method.as_str(), path.as_str());
        match ended {
            Attempt::Answered { status, .. } => {
                let status = status.as_u16();
                tracing::info!(method, path, status, ms, attempt, "answered");
            }
            Attempt::NotSent(error) => {
                let reason = self.without_key(&error.to_string());
                tracing::info!(method, path, reason, ms, attempt, "not sent");
            }
            Attempt::Lost(reason) => {
                let reason = self.without_key(reason);
                tracing::info!(method, path, reason, ms, attempt, "lost");
            }
        }
        if tracing::enabled!(Level::DEBUG) {
            self.log_bodies(call, path, ended);
        }
    }

    fn log_bodies(&self, call: &Call<'_>, path: &str, ended: &Attempt) {
        let method = call.method.as_str();
        if let Some(sent) = call
            .body
            .as_ref()
            .and_then(|body| serde_json::to_vec(body).ok())
        {
            let (bytes, body) = (sent.len(), self.body_for_log(&sent));
            tracing::debug!(method, path, bytes, body, "request body");
        }
        let Attempt::Answered { body, .. } = ended else {
            return;
        };
        match body {
            Ok(received) if call.answer == Answer::Agents => {
                let (bytes, body) = (received.len(), "not logged: it contains passwords");
                tracing::debug!(method, path, bytes, body, "response body");
            }
            Ok(received) => {
                let (bytes, body) = (received.len(), self.body_for_log(received));
                tracing::debug!(method, path, bytes, body, "response body");
            }
            Err(reason) => {
                let reason = self.without_key(&reason.to_string());
                tracing::debug!(method, path, reason, "response body incomplete");
            }
        }
    }

    /// Returns a body for the log, without the key and of limited length.
    fn body_for_log(&self, body: &[u8]) -> String {
        // The body is parsed and written again, so that no escape hides the key.
        let text = match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(json) => self.json_without_key(&json).to_string(),
            Err(_) => String::from_utf8_lossy(body).into_owned(),
        };
        let text = self.without_key(&text);
        match text.char_indices().nth(LONGEST_BODY) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}
