//! Waits for the request budget.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::pace::{Budget, Ticket, Turn};

/// The shortest wait that is reported to the user.
const SHORTEST_REPORTED_WAIT: Duration = Duration::from_secs(2);

/// Sends the requests of a client within its request budget, in the order in which they
/// began to wait.
#[derive(Debug)]
pub(super) struct Pacer {
    rate: u32,
    what: &'static str,
    began: Instant,
    budget: Mutex<Budget>,
    /// The queue of waiting requests. The first request of the queue holds the lock.
    queue: tokio::sync::Mutex<()>,
    answered: Notify,
    /// How long requests have waited, in milliseconds.
    waited: AtomicU64,
}

/// A request that occupies a place of the budget until a minute after its answer.
///
/// Dropping the value counts as an answer: the request was sent, and a lost answer does not
/// show when the server counted the request.
#[derive(Debug)]
pub(super) struct PacedRequest<'a> {
    pacer: &'a Pacer,
    ticket: Option<Ticket>,
}

impl Pacer {
    /// Returns a pacer for a number of requests per minute. `what` names the requests in
    /// the plural.
    pub(super) fn new(rate: u32, what: &'static str) -> Self {
        Self {
            rate,
            what,
            began: Instant::now(),
            budget: Mutex::new(Budget::per_minute(rate)),
            queue: tokio::sync::Mutex::new(()),
            answered: Notify::new(),
            waited: AtomicU64::new(0),
        }
    }

    /// Returns the number of requests per minute.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// Returns the name of the requests, in the plural.
    pub(super) fn what(&self) -> &'static str {
        self.what
    }

    /// Returns how long requests have waited. Requests that wait at the same time wait once.
    pub(super) fn waited(&self) -> Duration {
        Duration::from_millis(self.waited.load(Ordering::Relaxed))
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Waits until a request may be sent. Calls `waits` with the length of a wait that is
    /// long enough to report.
    pub(super) async fn turn(&self, waits: impl Fn(Duration)) -> PacedRequest<'_> {
        let _first = self.queue.lock().await;
        loop {
            let answered = self.answered.notified();
            let turn = {
                let now = self.now();
                let mut budget = self.budget();
                match budget.next(now) {
                    Turn::Now => {
                        let ticket = budget.on_sent(now, jitter());
                        return PacedRequest {
                            pacer: self,
                            ticket: Some(ticket),
                        };
                    }
                    turn => turn,
                }
            };
            match turn {
                Turn::At(at) => {
                    let wait = at.saturating_sub(self.now());
                    if wait >= SHORTEST_REPORTED_WAIT {
                        waits(wait);
                    }
                    let began = Instant::now();
                    tokio::time::sleep_until(self.began + at).await;
                    let waited = u64::try_from(began.elapsed().as_millis());
                    self.waited
                        .fetch_add(waited.unwrap_or_default(), Ordering::Relaxed);
                }
                Turn::AfterAnswer | Turn::Now => answered.await,
            }
        }
    }
}

impl PacedRequest<'_> {
    /// Records that the request was throttled. Returns the time during which nothing is
    /// sent.
    pub(super) fn on_throttled(mut self, asked: Option<Duration>) -> Duration {
        let now = self.pacer.now();
        let pause = self.ticket.take().map(|ticket| {
            let mut budget = self.pacer.budget();
            budget.on_throttled(ticket, now, asked, jitter())
        });
        self.pacer.answered.notify_one();
        pause.unwrap_or_default()
    }

    /// Records that the request was throttled because of a smaller budget.
    pub(super) fn on_refused(mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.pacer.budget().on_refused(ticket, self.pacer.now());
            self.pacer.answered.notify_one();
        }
    }
}

impl Drop for PacedRequest<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.pacer.budget().on_answered(ticket, self.pacer.now());
            self.pacer.answered.notify_one();
        }
    }
}

/// Returns a number from 0 to 1 that differs from process to process.
fn jitter() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    // The keys of the standard hasher are random.
    let random = RandomState::new().hash_one(0_u8) >> 40;
    f64::from(u32::try_from(random).unwrap_or(0)) / f64::from(1_u32 << 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_within_the_budget_does_not_wait_and_the_next_request_waits_a_minute() {
        let pacer = Pacer::new(10, "requests");
        let began = Instant::now();
        for _ in 0..9 {
            drop(pacer.turn(|_| panic!("nothing is waited for")).await);
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        let told = Mutex::new(Vec::new());
        drop(
            pacer
                .turn(|wait| told.lock().unwrap().push(wait.as_secs()))
                .await,
        );
        assert_eq!(began.elapsed().as_secs(), 60);
        assert_eq!(*told.lock().unwrap(), [60]);
        assert_eq!(pacer.waited().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_flight_occupies_its_place_until_its_answer() {
        let pacer = Pacer::new(2, "requests");
        let first = pacer.turn(|_| ()).await;
        let waiting = tokio::time::timeout(Duration::from_secs(600), pacer.turn(|_| ()));
        assert!(waiting.await.is_err());
        drop(first);
        let began = Instant::now();
        drop(pacer.turn(|_| ()).await);
        assert_eq!(began.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_throttled_request_every_request_waits() {
        let pacer = Pacer::new(100, "requests");
        let pause = pacer.turn(|_| ()).await.on_throttled(None);
        let began = Instant::now();
        drop(pacer.turn(|_| ()).await);
        // Timers have a resolution of one millisecond.
        let late = began.elapsed().checked_sub(pause);
        assert!(
            late.is_some_and(|late| late < Duration::from_millis(2)),
            "{late:?}"
        );
        assert!((15..=45).contains(&pause.as_secs()), "{pause:?}");
    }
}
