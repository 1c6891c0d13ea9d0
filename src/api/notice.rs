//! Waits and retries that the user should see.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A wait or a retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The API throttles, and every call waits.
    Throttled {
        /// The status of the answer.
        status: u16,
        /// The length of the wait.
        pause: Duration,
    },
    /// The request budget is used up, and every call waits.
    Paced {
        /// The budget, in requests per minute.
        rate: u32,
        /// The requests of the budget, in the plural.
        what: &'static str,
        /// The wait of the next call.
        pause: Duration,
    },
    /// A call is sent again.
    Retried {
        /// The cause of the failed attempt.
        reason: String,
        /// The wait before the next attempt.
        pause: Duration,
    },
}

/// The receiver of notices.
pub type Observer = Arc<dyn Fn(Notice) + Send + Sync>;

/// For how long equal notices are suppressed after a notice.
const SUPPRESSION_TIME: Duration = Duration::from_secs(30);

/// The largest number of different notices that are remembered.
const MAX_REMEMBERED: usize = 100;

/// Passes on notices, each kind at most once in 30 seconds.
///
/// A pause of at least ten seconds is passed on earlier if it is at least twice as long as
/// the last pause that was passed on.
pub(super) struct Notices {
    observer: Observer,
    passed_on: Mutex<HashMap<String, (Instant, Duration)>>,
}

impl Notices {
    pub fn new(observer: Observer) -> Self {
        Self {
            observer,
            passed_on: Mutex::default(),
        }
    }

    pub fn notify(&self, notice: Notice) {
        let (kind, pause) = match &notice {
            Notice::Throttled { status, pause } => (status.to_string(), *pause),
            Notice::Paced { pause, what, .. } => ((*what).to_owned(), *pause),
            Notice::Retried { reason, pause } => (reason.clone(), *pause),
        };
        if self.is_news(kind, pause) {
            (self.observer)(notice);
        }
    }

    fn is_news(&self, kind: String, pause: Duration) -> bool {
        let mut passed_on = self
            .passed_on
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_repeated = passed_on.get(&kind).is_some_and(|(at, last)| {
            let is_much_longer = pause >= Duration::from_secs(10) && pause >= *last * 2;
            at.elapsed() < SUPPRESSION_TIME && !is_much_longer
        });
        if is_repeated {
            return false;
        }
        if passed_on.len() >= MAX_REMEMBERED {
            passed_on.clear();
        }
        passed_on.insert(kind, (Instant::now(), pause));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn repeated_notices_are_passed_on_once() {
        let passed_on = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&passed_on);
        let notices = Notices::new(Arc::new(move |notice| sink.lock().unwrap().push(notice)));
        let throttled = |seconds| Notice::Throttled {
            status: 429,
            pause: Duration::from_secs(seconds),
        };
        for seconds in [1, 1, 2, 4, 8, 16, 16, 30] {
            notices.notify(throttled(seconds));
        }
        tokio::time::advance(SUPPRESSION_TIME).await;
        notices.notify(throttled(30));
        let expected = [1, 16, 30].map(throttled);
        assert_eq!(*passed_on.lock().unwrap(), expected);
    }
}
