//! The API's clock, as its answers tell the time, and the waits that it asks for.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use tokio::time::Instant;

/// The time that the `Date` of an answer told, and when the answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerTime {
    /// The `Date` of the answer, in whole seconds. The server wrote it before
    /// `received_at`, so the server's clock was at this time or later then.
    pub date: SystemTime,
    /// When the answer came, by the monotonic clock of this machine.
    pub received_at: Instant,
}

/// Remembers the server time of the last answer that had a `Date`.
#[derive(Debug, Default)]
pub(super) struct ServerClock(Mutex<Option<ServerTime>>);

impl ServerClock {
    pub fn record(&self, headers: &HeaderMap) {
        if let Some(date) = date(headers, &DATE) {
            let received_at = Instant::now();
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(ServerTime { date, received_at });
        }
    }

    pub fn last(&self) -> Option<ServerTime> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the wait that an answer asks for with `Retry-After`: seconds, or a date,
/// which is compared with the answer's own `Date` and, without one, with `now`.
/// A date in the past asks for no wait.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = date(headers, &RETRY_AFTER)?;
    let now = date(headers, &DATE).unwrap_or(now);
    Some(until.duration_since(now).unwrap_or_default())
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINE: &str = "Mon, 23 Nov 2026 09:00:00 GMT";
    const TEN: &str = "Mon, 23 Nov 2026 10:00:00 GMT";

    fn headers(retry_after: &str, date: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        headers
    }

    #[test]
    fn waits_are_seconds_or_a_date() {
        let now = httpdate::parse_http_date(TEN).unwrap();
        let wait = |text, date| retry_after(&headers(text, date), now).map(|wait| wait.as_secs());
        assert_eq!(wait("7", None), Some(7));
        assert_eq!(wait("Mon, 23 Nov 2026 10:00:09 GMT", None), Some(9));
        assert_eq!(wait(NINE, None), Some(0));
        assert_eq!(wait("soon", None), None);
        assert_eq!(wait("-1", None), None);
        // The clocks of server and client differ by an hour.
        assert_eq!(wait("Mon, 23 Nov 2026 09:00:09 GMT", Some(NINE)), Some(9));
        assert_eq!(wait(TEN, Some(TEN)), Some(0));
    }

    #[test]
    fn the_last_answer_with_a_date_tells_the_time() {
        let clock = ServerClock::default();
        assert_eq!(clock.last(), None);
        clock.record(&headers("1", Some(NINE)));
        clock.record(&headers("1", None));
        let date = httpdate::parse_http_date(NINE).unwrap();
        assert_eq!(clock.last().map(|time| time.date), Some(date));
    }
}
