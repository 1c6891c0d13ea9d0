//! The number of requests of a command, and the time that the limit costs.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::{Notice, Sent};
use crate::pace::Budget;
use crate::visible;

/// The shortest wait that is reported.
const REPORTED: Duration = Duration::from_secs(3);

/// The estimated requests of an apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Requests")]
pub struct EstimatedRequests {
    /// The number of requests of an apply, if no request fails and there is no candidate.
    count: usize,
    /// The largest number of requests per minute; null without a limit.
    rate: Option<u32>,
    /// The seconds that the requests take at the rate; null without a limit.
    seconds: Option<u64>,
}

impl EstimatedRequests {
    /// Returns an estimate for a number of requests at a rate.
    #[must_use]
    pub fn new(count: usize, rate: Option<u32>) -> Self {
        let time = rate.map(|rate| Budget::per_minute(rate).time_for(count));
        let seconds = time.map(|time| time.as_secs());
        Self {
            count,
            rate,
            seconds,
        }
    }

    /// Returns the estimate if requests have to wait: `about 140 requests, 1m at 100 a
    /// minute`.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let seconds = self.seconds.filter(|seconds| *seconds > 0)?;
        let (count, rate) = (self.count, self.rate?);
        let time = humantime::format_duration(Duration::from_secs(seconds));
        Some(format!("about {count} requests, {time} at {rate} a minute"))
    }
}

/// The requests that a command sent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SentRequests {
    /// The number of requests, repeated requests included.
    count: u64,
    /// The largest number of requests per minute; null without a limit.
    rate: Option<u32>,
    /// The seconds for which requests waited for the limit; null without a limit.
    seconds: Option<u64>,
}

impl From<Sent> for SentRequests {
    fn from(sent: Sent) -> Self {
        Self {
            count: sent.requests,
            rate: sent.rate,
            seconds: sent.rate.map(|_| sent.waited.as_secs()),
        }
    }
}

/// Returns the sentence about sent requests that waited for the limit; `None` if they
/// waited for less than a few seconds.
#[must_use]
pub fn sentence(sent: Sent) -> Option<String> {
    let (rate, count) = (sent.rate?, sent.requests);
    let waited = rounded_duration(sent.waited);
    (sent.waited >= REPORTED).then(|| {
        format!("Sent {count} requests; waited {waited} for the limit of {rate} a minute.")
    })
}

/// Returns a wait or a retry in words.
#[must_use]
pub fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Throttled { status, pause } => {
            let why = match status {
                401 => "401 after earlier success".to_owned(),
                status => status.to_string(),
            };
            let pause = rounded_duration(*pause);
            format!("the API throttles ({why}): every request waits {pause}")
        }
        Notice::Paced { rate, what, pause } => {
            let pause = rounded_duration(*pause);
            format!("{rate} {what} a minute are allowed: waiting {pause}")
        }
        Notice::Retried { reason, pause } => {
            let (reason, pause) = (visible::line(reason), rounded_duration(*pause));
            format!("{reason}; trying again in {pause}")
        }
    }
}

/// Returns a duration in words: milliseconds below a second, otherwise whole seconds.
pub(super) fn rounded_duration(time: Duration) -> String {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let rounded = match milliseconds {
        0..1000 => Duration::from_millis(milliseconds),
        _ => Duration::from_secs(milliseconds.div_ceil(1000)),
    };
    humantime::format_duration(rounded).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wait_is_reported() {
        let sent = |rate, seconds| Sent {
            requests: 140,
            rate,
            waited: Duration::from_secs(seconds),
        };
        let text = "Sent 140 requests; waited 1m 2s for the limit of 100 a minute.";
        assert_eq!(sentence(sent(Some(100), 62)).as_deref(), Some(text));
        assert_eq!(sentence(sent(Some(100), 2)), None);
        assert_eq!(sentence(sent(None, 0)), None);
        let text = "about 140 requests, 1m at 100 a minute";
        let estimate = EstimatedRequests::new(140, Some(100));
        assert_eq!(estimate.text().as_deref(), Some(text));
        assert_eq!(EstimatedRequests::new(98, Some(100)).text(), None);
        assert_eq!(EstimatedRequests::new(140, None).text(), None);
    }
}
