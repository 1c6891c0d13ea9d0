//! Waits for the request budget.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::pace::{Budget, Ticket, Turn};

/// The shortest wait that the user hears of.
const WORTH_TELLING: Duration = Duration::from_secs(2);

/// The request budget of a client: which request is sent when. Requests are sent
/// in the order in which they began to wait.
#[derive(Debug)]
pub(super) struct Pacer {
    rate: u32,
    began: Instant,
    budget: Mutex<Budget>,
    /// Held by the request whose turn is next.
    queue: tokio::sync::Mutex<()>,
    answered: Notify,
}

/// A request that takes a place of the budget until a minute after its answer.
///
/// Dropping it counts as an answer: the request was sent, and a lost answer says
/// nothing about when the server counted the request.
#[derive(Debug)]
pub(super) struct Paced<'a> {
    pacer: &'a Pacer,
    ticket: Option<Ticket>,
}

impl Pacer {
    /// A pacer of so many requests a minute.
    pub(super) fn new(rate: u32) -> Self {
        Self {
            rate,
            began: Instant::now(),
            budget: Mutex::new(Budget::per_minute(rate)),
            queue: tokio::sync::Mutex::new(()),
            answered: Notify::new(),
        }
    }

    /// Requests a minute.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Waits until a request may be sent. `waits` hears of a wait that is worth
    /// telling.
    pub(super) async fn turn(&self, waits: impl Fn(Duration)) -> Paced<'_> {
        let _first = self.queue.lock().await;
        loop {
            let answered = self.answered.notified();
            let turn = {
                let now = self.now();
                let mut budget = self.budget();
                match budget.next(now) {
                    Turn::Now => {
                        let ticket = budget.sent(now, jitter());
                        return Paced {
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
                    if wait >= WORTH_TELLING {
                        waits(wait);
                    }
                    tokio::time::sleep_until(self.began + at).await;
                }
                Turn::AfterAnswer | Turn::Now => answered.await,
            }
        }
    }
}

impl Paced<'_> {
    /// Takes note that the request was throttled. Returns for how long nothing is
    /// sent now.
    pub(super) fn throttled(mut self, asked: Option<Duration>) -> Duration {
        let now = self.pacer.now();
        let pause = self.ticket.take().map(|ticket| {
            let mut budget = self.pacer.budget();
            budget.throttled(ticket, now, asked, jitter())
        });
        self.pacer.answered.notify_one();
        pause.unwrap_or_default()
    }
}

impl Drop for Paced<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.pacer.budget().answered(ticket, self.pacer.now());
            self.pacer.answered.notify_one();
        }
    }
}

/// A number from 0 to 1 that differs from process to process.
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
    async fn a_burst_within_the_budget_waits_for_nothing_and_the_next_request_for_a_minute() {
        let pacer = Pacer::new(10);
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
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_under_way_keeps_its_place_until_it_is_answered() {
        let pacer = Pacer::new(2);
        let first = pacer.turn(|_| ()).await;
        let waiting = tokio::time::timeout(Duration::from_secs(600), pacer.turn(|_| ()));
        assert!(waiting.await.is_err());
        drop(first);
        let began = Instant::now();
        drop(pacer.turn(|_| ()).await);
        assert_eq!(began.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_throttled_request_everyone_waits() {
        let pacer = Pacer::new(100);
        let pause = pacer.turn(|_| ()).await.throttled(None);
        let began = Instant::now();
        drop(pacer.turn(|_| ()).await);
        // Timers count in milliseconds.
        let late = began.elapsed().checked_sub(pause);
        assert!(
            late.is_some_and(|late| late < Duration::from_millis(2)),
            "{late:?}"
        );
        assert!((15..=45).contains(&pause.as_secs()), "{pause:?}");
    }
}
