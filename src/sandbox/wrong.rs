//! Wrong answers, in place of the answers of the routes.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Json, Response};
use hyper::body::{Frame, SizeHint};
use serde_json::json;

use super::faults::RetryStyle;

/// The error of a request without an answer; the connection closes.
#[derive(Debug)]
pub(super) struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is lost on purpose")
    }
}

impl std::error::Error for Lost {}

/// Returns an error of the server, or of a gateway that sends no JSON.
pub(super) fn server_error(status: u16) -> Response {
    let status = status_code(status);
    let reason = status.canonical_reason().unwrap_or("Error");
    let page = format!(
        "<html><body><h1>{} {reason}</h1></body></html>\n",
        status.as_u16()
    );
    (status, Html(page)).into_response()
}

/// Returns the answer to a request that was not executed.
pub(super) fn refused(
    status: u16,
    retry_after: Option<(RetryStyle, Duration)>,
    location: Option<String>,
) -> Response {
    if status >= 500 {
        return server_error(status);
    }
    let mut headers = HeaderMap::new();
    let mut add = |name, text: String| {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    };
    if let Some(location) = location {
        add(LOCATION, location);
    }
    match retry_after {
        Some((RetryStyle::Seconds, after)) => add(RETRY_AFTER, whole_seconds(after).to_string()),
        Some((RetryStyle::Date, after)) => {
            // A date has whole seconds. One second more is never too early.
            let after = Duration::from_secs(whole_seconds(after) + 1);
            add(
                RETRY_AFTER,
                httpdate::fmt_http_date(SystemTime::now() + after),
            );
        }
        Some((RetryStyle::None, _)) | None => {}
    }
    let status = status_code(status);
    let detail = match status {
        // The API throttles with the answer for a wrong key.
        StatusCode::UNAUTHORIZED => "Invalid API key",
        _ => status.canonical_reason().unwrap_or("Error"),
    };
    (status, headers, Json(json!({ "detail": detail }))).into_response()
}

/// Returns a success with a body that is not JSON.
pub(super) fn garbage() -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, kind)], "{\"simulation_id\": \u{0}oops").into_response()
}

/// Returns the first half of an answer. Its header states the length of the whole answer.
pub(super) async fn truncate(answer: Response) -> Result<Response, Lost> {
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Lost)?;
    let half = Half {
        sent: body.slice(..body.len() / 2),
        promised: body.len() as u64,
        step: 0,
    };
    Ok(Response::from_parts(head, Body::new(half)))
}

struct Half {
    sent: Bytes,
    promised: u64,
    step: u8,
}

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = Lost;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Lost>>> {
        self.step = self.step.saturating_add(1);
        match self.step {
            1 => Poll::Ready(Some(Ok(Frame::data(self.sent.clone())))),
            // The connection gets time to send the first half.
            2 => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Some(Err(Lost))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Converts the status of a rule, which is always a valid status.
fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
