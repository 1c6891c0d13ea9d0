//! The clock of the API, from the `Date` of its answers, and the waits that the API asks
//! for.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use tokio::time::Instant;

/// The `Date` of an answer, and when the answer arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerTime {
    /// The `Date` of the answer, in whole seconds. The server wrote the `Date` before
    /// `received_at`, so at `received_at` the server's clock showed this time or a later
    /// time.
    pub date: SystemTime,
    /// When the answer arrived, by the monotonic clock of this machine.
    pub received_at: Instant,
}

/// Stores the server time of the last answer with a `Date`.
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

/// Returns the wait that an answer asks for with `Retry-After`: a number of seconds, or a
/// date. A date is compared with the `Date` of the answer, or with `now` if the answer has
/// no `Date`. A date in the past means no wait.
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
    fn retry_after_is_a_number_of_seconds_or_a_date() {
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
    fn the_server_time_is_from_the_last_answer_with_a_date() {
        let clock = ServerClock::default();
        assert_eq!(clock.last(), None);
        clock.record(&headers("1", Some(NINE)));
        clock.record(&headers("1", None));
        let date = httpdate::parse_http_date(NINE).unwrap();
        assert_eq!(clock.last().map(|time| time.date), Some(date));
    }
}
