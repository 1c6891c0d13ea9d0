//! One limit on concurrent calls, which shrinks on throttling and grows back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// How long the API may throttle without one success before the run gives up,
/// unless the run says otherwise.
const PATIENCE: Duration = Duration::from_secs(300);

/// The longest that a run waits in all once a server asks for a pause longer than
/// its patience.
pub(super) const LONGEST_ASKED: Duration = Duration::from_secs(900);

/// The longest wait that the limiter chooses by itself.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Shares a number of places among all calls of a run: first come, first served.
///
/// Throttling halves the number and makes everyone wait; every success gives a
/// little back, so that a full round of successes adds one place.
#[derive(Debug)]
pub struct Limiter {
    most: f64,
    patience: Duration,
    /// Has the free places; closed once nobody starts any more.
    places: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// How many calls may be under way; at least one, at most `most`.
    places: f64,
    /// How many of the places that calls hold are to be taken away when they end.
    owed: usize,
    /// Nobody starts before this.
    resume_at: Option<Instant>,
    /// When places were last taken away: an older call's throttling says nothing new.
    reduced_at: Option<Instant>,
    /// Reductions without a success between them.
    strikes: usize,
    throttled_since: Option<Instant>,
    /// How long throttling may go on, since the last success.
    limit: Duration,
    given_up: Option<GaveUp>,
}

/// Why no more calls are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaveUp {
    /// For how long nothing succeeded.
    pub waited: Duration,
    /// The pause that the server asked for, where that is why.
    pub asked: Option<Duration>,
}

/// What the limiter does about a throttled call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Throttle {
    /// Everyone waits so long; the first call to hear of it reports it.
    Wait {
        /// How long.
        pause: Duration,
        /// Whether this is news.
        is_new: bool,
    },
    /// It has gone on for too long.
    GiveUp(GaveUp),
}

/// A place; given back when dropped.
#[derive(Debug)]
pub struct Permit<'a> {
    limiter: &'a Limiter,
    place: Option<SemaphorePermit<'a>>,
    /// When the place was taken.
    pub taken_at: Instant,
}

impl Limiter {
    /// A limiter with at most so many calls at a time.
    #[must_use]
    pub fn new(parallelism: usize) -> Self {
        let parallelism = parallelism.clamp(1, Semaphore::MAX_PERMITS);
        let most = u32::try_from(parallelism).unwrap_or(u32::MAX);
        Self {
            places: Semaphore::new(parallelism),
            most: f64::from(most),
            patience: PATIENCE,
            state: Mutex::new(State {
                places: f64::from(most),
                owed: 0,
                resume_at: None,
                reduced_at: None,
                strikes: 0,
                throttled_since: None,
                limit: PATIENCE,
                given_up: None,
            }),
        }
    }

    /// The same, but giving up after this long.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self.state().limit = patience;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place. An error when throttling goes on for too long.
    pub async fn acquire(&self) -> Result<Permit<'_>, GaveUp> {
        let place = self.places.acquire().await.ok();
        loop {
            let now = Instant::now();
            let resume_at = {
                let state = self.state();
                if let Some(gave_up) = state.given_up {
                    return Err(gave_up);
                }
                state.resume_at.filter(|resume_at| *resume_at > now)
            };
            match resume_at {
                Some(resume_at) => tokio::time::sleep_until(resume_at).await,
                None => {
                    return Ok(Permit {
                        limiter: self,
                        place,
                        taken_at: now,
                    });
                }
            }
        }
    }

    /// Takes note of a call that was throttled. `sent_at` is when it started.
    ///
    /// The pause is the longer of what the server asks for and of a growing back-off:
    /// a server that asks for no pause at all is not asked again at once. A pause that
    /// the server asks for is waited also where it is longer than the patience, up to a
    /// quarter of an hour.
    pub fn throttled(&self, sent_at: Instant, asked: Option<Duration>) -> Throttle {
        let now = Instant::now();
        let mut state = self.state();
        let is_new = state.reduced_at.is_none_or(|reduced| sent_at >= reduced);
        if is_new {
            let fewer = (state.places / 2.0).max(1.0);
            let lost = whole(state.places) - whole(fewer);
            state.places = fewer;
            state.owed += lost - self.places.forget_permits(lost);
            state.reduced_at = Some(now);
            state.strikes += 1;
        }
        let pause = pause_after(state.strikes).max(asked.unwrap_or_default());
        let since = *state.throttled_since.get_or_insert(now);
        let waited = now - since;
        let asked = asked.filter(|asked| *asked > self.patience);
        if asked.is_some() {
            state.limit = self.patience.max(LONGEST_ASKED);
        }
        if waited.saturating_add(pause) > state.limit {
            let waited = waited.max(Duration::from_secs(1));
            tracing::debug!(
                seconds = waited.as_secs(),
                "throttled for too long: giving up"
            );
            let gave_up = GaveUp { waited, asked };
            state.given_up = Some(gave_up);
            self.places.close();
            return Throttle::GiveUp(gave_up);
        }
        if is_new {
            let (places, pause_ms) = (
                state.places,
                u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            );
            tracing::debug!(places, pause_ms, "throttled: fewer places, everyone waits");
        }
        let resume_at = now + pause;
        state.resume_at = Some(
            state
                .resume_at
                .map_or(resume_at, |known| known.max(resume_at)),
        );
        Throttle::Wait { pause, is_new }
    }

    /// Takes note of a call that was answered.
    pub fn succeeded(&self) {
        let mut state = self.state();
        state.strikes = 0;
        state.throttled_since = None;
        state.limit = self.patience;
        let grown = (state.places + 1.0 / state.places).min(self.most);
        if whole(grown) > whole(state.places) {
            tracing::debug!(places = grown.floor(), "answered again: one more place");
            if state.owed > 0 {
                state.owed -= 1;
            } else {
                self.places.add_permits(1);
            }
        }
        state.places = grown;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        if state.owed > 0 {
            state.owed -= 1;
            if let Some(place) = self.place.take() {
                place.forget();
            }
        }
    }
}

/// How many whole places there are.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(places: f64) -> usize {
    places as usize
}

fn pause_after(strikes: usize) -> Duration {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_secs(1))
        .with_max_delay(LONGEST_WAIT)
        .without_max_times()
        .with_jitter()
        .build()
        .nth(strikes.saturating_sub(1))
        .unwrap_or(LONGEST_WAIT)
        .min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many places are free once the pause is over.
    async fn places(limiter: &Limiter) -> usize {
        tokio::time::sleep(LONGEST_WAIT).await;
        let mut permits = Vec::new();
        let soon = Duration::from_millis(1);
        while let Ok(permit) = tokio::time::timeout(soon, limiter.acquire()).await {
            permits.push(permit.unwrap());
        }
        permits.len()
    }

    #[tokio::test(start_paused = true)]
    async fn shrinks_by_half_once_for_calls_of_one_round() {
        let limiter = Limiter::new(8);
        let sent_at = Instant::now();
        tokio::time::advance(Duration::from_millis(20)).await;
        for _ in 0..8 {
            limiter.throttled(sent_at, Some(Duration::ZERO));
        }
        assert_eq!(places(&limiter).await, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn grows_back_to_the_limit_and_no_further() {
        let limiter = Limiter::new(4);
        limiter.throttled(Instant::now(), Some(Duration::ZERO));
        assert_eq!(places(&limiter).await, 2);
        for _ in 0..50 {
            limiter.succeeded();
        }
        assert_eq!(places(&limiter).await, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn places_that_are_held_are_taken_away_when_they_are_given_back() {
        let limiter = Limiter::new(4);
        let held = [limiter.acquire().await, limiter.acquire().await].map(Result::unwrap);
        let held: Vec<_> = held
            .into_iter()
            .chain([limiter.acquire().await.unwrap()])
            .collect();
        limiter.throttled(Instant::now(), Some(Duration::ZERO));
        // One was free and is gone; one of three is owed.
        assert_eq!(places(&limiter).await, 0);
        drop(held);
        assert_eq!(places(&limiter).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn who_came_first_is_served_first() {
        let limiter = Limiter::new(1);
        let place = limiter.acquire().await.unwrap();
        let mut first = std::pin::pin!(limiter.acquire());
        let soon = Duration::from_millis(1);
        assert!(tokio::time::timeout(soon, &mut first).await.is_err());
        drop(place);
        assert!(tokio::time::timeout(soon, limiter.acquire()).await.is_err());
        assert!(tokio::time::timeout(soon, first).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn everyone_waits_as_long_as_the_server_asks() {
        let limiter = Limiter::new(4);
        limiter.throttled(Instant::now(), Some(Duration::from_secs(7)));
        let before = Instant::now();
        let _permit = limiter.acquire().await.unwrap();
        assert_eq!(before.elapsed().as_secs(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_asks_for_no_pause_is_not_asked_at_once() {
        let limiter = Limiter::new(4);
        let mut pauses = Vec::new();
        for _ in 0..5 {
            let permit = limiter.acquire().await.unwrap();
            let throttle = limiter.throttled(permit.taken_at, Some(Duration::ZERO));
            let Throttle::Wait { pause, .. } = throttle else {
                panic!("{throttle:?}")
            };
            pauses.push(pause.as_secs());
        }
        assert!(
            pauses.is_sorted() && pauses[0] >= 1 && pauses[4] >= 16,
            "{pauses:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_after_five_minutes_without_a_success() {
        for asked in [None, Some(Duration::ZERO)] {
            let tries = tries(&Limiter::new(4), asked).await;
            assert!((8..40).contains(&tries), "{tries}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_longer_than_the_patience_is_waited_once() {
        let limiter = Limiter::new(4);
        let asked = Some(Duration::from_secs(600));
        limiter.throttled(Instant::now(), asked);
        let before = Instant::now();
        drop(limiter.acquire().await.unwrap());
        assert_eq!(before.elapsed().as_secs(), 600);
        let again = limiter.throttled(Instant::now(), asked);
        let waited = Duration::from_secs(600);
        assert_eq!(again, Throttle::GiveUp(GaveUp { waited, asked }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_of_hours_is_named() {
        let limiter = Limiter::new(4);
        let asked = Some(Duration::from_secs(7200));
        let waited = Duration::from_secs(1);
        let gave_up = GaveUp { waited, asked };
        let throttle = limiter.throttled(Instant::now(), asked);
        assert_eq!(throttle, Throttle::GiveUp(gave_up));
        assert_eq!(limiter.acquire().await.unwrap_err(), gave_up);
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_later_with_more_patience() {
        let hour = Duration::from_secs(3600);
        let tries = tries(&Limiter::new(4).with_patience(hour), None).await;
        assert!(tries > 100, "{tries}");
    }

    async fn tries(limiter: &Limiter, asked: Option<Duration>) -> usize {
        let mut tries = 0;
        while let Ok(permit) = limiter.acquire().await {
            tries += 1;
            let sent_at = permit.taken_at;
            drop(permit);
            limiter.throttled(sent_at, asked);
        }
        tries
    }
}
