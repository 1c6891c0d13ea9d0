//! One request and what came back, with everything that may be tried again.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::time::Instant;

use super::call::{Attempt, Call, Failure, Notice};
use super::client::Client;
use super::error::ApiError;
use super::limiter::{GaveUp, Throttle};
use super::wire;

/// How often a failed read, update or delete is tried again.
const RETRIES: usize = 4;

impl Client {
    /// Makes a call, and reads its answer with `read`, whose error says what is
    /// wrong with it.
    ///
    /// Throttling and missing connections are waited out; what may be sent twice
    /// is also tried again when the server failed or its answer can't be read.
    pub(super) async fn call<T>(
        &self,
        call: &Call<'_>,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(250))
            .with_max_delay(Duration::from_secs(5))
            .with_max_times(RETRIES)
            .with_jitter()
            .build();
        let mut attempt = 0_u32;
        loop {
            attempt += 1;
            match self.attempt(call, attempt, &read).await {
                Next::Done(value) => return Ok(value),
                Next::Fail(failure) => return Err(failure),
                Next::Throttled => {}
                Next::Again(failure) => match pauses.next() {
                    Some(pause) => {
                        let reason = failure.error.to_string();
                        self.notice(Notice::Retried { reason, pause });
                        self.unless_stopped(tokio::time::sleep(pause))
                            .await
                            .map_err(|_| failure)?;
                    }
                    None => return Err(self.out_of_retries(failure)),
                },
            }
        }
    }

    /// A server that can't even be connected to will not answer the others.
    fn out_of_retries(&self, failure: Failure) -> Failure {
        if matches!(failure.error, ApiError::Unreachable { .. }) && !self.auth().is_proven() {
            self.auth().refuse(&failure.error);
        }
        failure
    }

    async fn attempt<T>(
        &self,
        call: &Call<'_>,
        attempt: u32,
        read: &impl Fn(&Value) -> Result<T, String>,
    ) -> Next<T> {
        let entered = match self.unless_stopped(self.auth().enter()).await {
            Ok(Ok(guard)) => guard,
            Ok(Err(error)) | Err(error) => return Next::Fail(Failure::not_done(error)),
        };
        let permit = match self.unless_stopped(self.limiter().acquire()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(gave_up)) => return Next::Fail(Failure::not_done(throttled(gave_up))),
            Err(error) => return Next::Fail(Failure::not_done(error)),
        };
        if let Some(before_sending) = call.before_sending
            && let Err(reason) = before_sending().await
        {
            return Next::Fail(Failure::not_done(ApiError::NotReady { reason }));
        }
        let sent_at = permit.taken_at;
        let outcome = self.send(call).await;
        self.log(call, attempt, sent_at, &outcome);
        drop(permit);
        // Who waits for the place sends first; the answer is taken apart meanwhile.
        tokio::task::yield_now().await;
        let next = self.classify(call, sent_at, outcome, read).await;
        drop(entered);
        next
    }

    async fn send(&self, call: &Call<'_>) -> Attempt {
        let url = self.target().join(&call.path);
        let mut request = self
            .http()
            .request(call.method.clone(), url)
            .header("X-API-Key", self.key_header());
        if let Some(body) = call.body {
            request = request.json(body);
        }
        match request.send().await {
            Ok(response) => Attempt::Answered {
                status: response.status(),
                headers: response.headers().clone(),
                body: response
                    .bytes()
                    .await
                    .map(Vec::from)
                    .map_err(|error| reason(&error)),
            },
            Err(error) if error.is_connect() || error.is_builder() => {
                Attempt::NotSent(reason(&error))
            }
            Err(error) => Attempt::Lost(reason(&error)),
        }
    }

    async fn classify<T>(
        &self,
        call: &Call<'_>,
        sent_at: Instant,
        attempt: Attempt,
        read: &impl Fn(&Value) -> Result<T, String>,
    ) -> Next<T> {
        let (status, headers, body) = match attempt {
            Attempt::NotSent(reason) => {
                return Next::Again(Failure::not_done(ApiError::Unreachable { reason }));
            }
            Attempt::Lost(reason) => {
                return again_or_fail(call, Failure::unknown(ApiError::Lost { reason }));
            }
            Attempt::Answered {
                status,
                headers,
                body,
            } => (status, headers, body),
        };
        if status.is_success() {
            return self.answered(call, body, read).await;
        }
        if status == StatusCode::TOO_MANY_REQUESTS
            || (status == StatusCode::UNAUTHORIZED && self.auth().is_proven())
        {
            return self.throttled(status, sent_at, retry_after(&headers, SystemTime::now()));
        }
        // Once before anything is shortened, and once more for a key that was
        // written with escapes.
        let said = self.without_key(&String::from_utf8_lossy(&body.unwrap_or_default()));
        let (message, mut fields) = wire::error_details(said.as_bytes());
        let message = self.without_key(&message);
        for field in &mut fields {
            field.message = self.without_key(&field.message);
        }
        let code = status.as_u16();
        match code {
            401 => {
                let error = ApiError::KeyRejected { message };
                self.auth().refuse(&error);
                Next::Fail(Failure::not_done(error))
            }
            403 => Next::Fail(Failure::not_done(ApiError::Forbidden { message })),
            404 => Next::Fail(Failure::not_done(ApiError::NotFound { message })),
            405 | 501 => Next::Fail(Failure::not_done(ApiError::Unsupported { status: code })),
            300..=399 => Next::Fail(Failure::unknown(ApiError::Redirected { status: code })),
            // A proxy says 408 of a request that it may have passed on.
            408 | 500..=599 => {
                let error = ApiError::Server {
                    status: code,
                    message,
                };
                again_or_fail(call, Failure::unknown(error))
            }
            400..=499 => Next::Fail(Failure::not_done(ApiError::Refused {
                status: code,
                message,
                fields,
            })),
            _ => Next::Fail(Failure::unknown(ApiError::Server {
                status: code,
                message,
            })),
        }
    }

    async fn answered<T>(
        &self,
        call: &Call<'_>,
        body: Result<Vec<u8>, String>,
        read: &impl Fn(&Value) -> Result<T, String>,
    ) -> Next<T> {
        let json = match body {
            Ok(bytes) if bytes.is_empty() && call.needs_no_answer() => Ok(Value::Null),
            Ok(bytes) => parse(bytes, call.is_list()).await,
            Err(reason) => Err(reason),
        };
        match json.and_then(|json| read(&json)) {
            Ok(value) => {
                self.limiter().succeeded();
                if call.proves_key() {
                    self.auth().prove();
                }
                Next::Done(value)
            }
            Err(reason) => again_or_fail(call, Failure::unknown(ApiError::Unreadable { reason })),
        }
    }

    fn throttled<T>(
        &self,
        status: StatusCode,
        sent_at: Instant,
        asked: Option<Duration>,
    ) -> Next<T> {
        match self.limiter().throttled(sent_at, asked) {
            Throttle::Wait { pause, is_new } => {
                if is_new {
                    let status = status.as_u16();
                    self.notice(Notice::Throttled { status, pause });
                }
                Next::Throttled
            }
            Throttle::GiveUp(gave_up) => Next::Fail(Failure::not_done(throttled(gave_up))),
        }
    }

    fn key_header(&self) -> reqwest::header::HeaderValue {
        // The key was checked to be a header value when the client was made.
        let mut value = reqwest::header::HeaderValue::from_str(self.key().expose_secret())
            .unwrap_or_else(|_| reqwest::header::HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }
}

/// From how many bytes on an answer is read on a thread of its own: a list of ten
/// thousand simulations would keep all other answers waiting.
const LARGE: usize = 1 << 16;

async fn parse(bytes: Vec<u8>, is_list: bool) -> Result<Value, String> {
    let parse = move |bytes: &[u8]| {
        let json = if is_list {
            wire::pruned::read(bytes)
        } else {
            serde_json::from_slice(bytes)
        };
        json.map_err(|error| format!("it is not JSON: {error}"))
    };
    if bytes.len() < LARGE {
        return parse(&bytes);
    }
    let parsed = tokio::task::spawn_blocking(move || parse(&bytes)).await;
    parsed.unwrap_or_else(|error| Err(error.to_string()))
}

/// What follows an attempt.
enum Next<T> {
    Done(T),
    Throttled,
    Again(Failure),
    Fail(Failure),
}

fn throttled(gave_up: GaveUp) -> ApiError {
    let GaveUp { waited, asked } = gave_up;
    ApiError::Throttled { waited, asked }
}

fn again_or_fail<T>(call: &Call<'_>, failure: Failure) -> Next<T> {
    if call.is_repeatable() {
        Next::Again(failure)
    } else {
        Next::Fail(failure)
    }
}

/// The innermost cause: the outer ones repeat the address.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the server did not answer in time".to_owned();
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// The wait that a server asks for: seconds or a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Mon, 23 Nov 2026 10:00:00 GMT").unwrap();
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            read("Mon, 23 Nov 2026 10:00:09 GMT"),
            Some(Duration::from_secs(9))
        );
        assert_eq!(read("Mon, 23 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
    }
}
