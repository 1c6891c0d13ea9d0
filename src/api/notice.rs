//! Waits and retries that are worth a line to the user.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A wait or a retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The API throttles: every call waits.
    Throttled {
        /// The status of the answer.
        status: u16,
        /// How long every call waits.
        pause: Duration,
    },
    /// The request budget is used up: calls wait for their turn.
    Paced {
        /// The budget, in requests a minute.
        rate: u32,
        /// How long the next call waits.
        pause: Duration,
    },
    /// A call is tried again.
    Retried {
        /// Why the call failed.
        reason: String,
        /// How long the call waits.
        pause: Duration,
    },
}

/// The receiver of notices.
pub type Observer = Arc<dyn Fn(Notice) + Send + Sync>;

/// How long a notice stands for its repetitions.
const COLLAPSED: Duration = Duration::from_secs(30);

/// The most different notices that are remembered.
const REMEMBERED: usize = 100;

/// Passes notices on, each kind at most once in 30 seconds.
///
/// A pause of at least ten seconds is passed on earlier when it is at least twice as
/// long as the pause that was passed on last.
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
            Notice::Paced { pause, .. } => ("paced".to_owned(), *pause),
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
            at.elapsed() < COLLAPSED && !is_much_longer
        });
        if is_repeated {
            return false;
        }
        if passed_on.len() >= REMEMBERED {
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
    async fn repeated_notices_become_one() {
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
        tokio::time::advance(COLLAPSED).await;
        notices.notify(throttled(30));
        let expected = [1, 16, 30].map(throttled);
        assert_eq!(*passed_on.lock().unwrap(), expected);
    }
}
