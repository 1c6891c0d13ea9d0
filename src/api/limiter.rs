//! The limit on concurrent calls. Throttling lowers the limit, and successes raise it
//! again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// How long the API may throttle without one success before the calls fail; see
/// [`Limiter::with_patience`].
const PATIENCE: Duration = Duration::from_secs(300);

/// The longest total wait if a server asks for a pause that is longer than the patience.
pub(super) const LONGEST_ASKED: Duration = Duration::from_secs(900);

/// The longest pause that the limiter chooses itself.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Shares a number of places among all calls, in the order of their arrival.
///
/// A throttled call halves the number of places and pauses all calls. After as many
/// successes as there are places, the number grows by one.
#[derive(Debug)]
pub struct Limiter {
    most: f64,
    patience: Duration,
    /// The free places. The semaphore is closed when no further call may start.
    places: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The number of concurrent calls: at least one, at most `most`.
    places: f64,
    /// How many places are removed when the calls that hold them end.
    owed: usize,
    /// No call starts before this time.
    resume_at: Option<Instant>,
    /// When the number of places was last reduced. A throttled call that started earlier
    /// does not reduce it again.
    reduced_at: Option<Instant>,
    /// The number of reductions since the last success.
    strikes: usize,
    throttled_since: Option<Instant>,
    /// How long throttling may last since the last success.
    limit: Duration,
    given_up: Option<GaveUp>,
}

/// The reason why no further call is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaveUp {
    /// The time without one success.
    pub waited: Duration,
    /// The pause that the server asked for, if it is the reason.
    pub asked: Option<Duration>,
}

/// The reaction to a throttled call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Throttle {
    /// All calls pause. The first throttled call of a pause reports the pause.
    Wait {
        /// The length of the pause.
        pause: Duration,
        /// Whether the pause was not reported yet.
        is_new: bool,
    },
    /// The throttling lasted too long.
    GiveUp(GaveUp),
}

/// A place. Dropping the permit releases the place.
#[derive(Debug)]
pub struct Permit<'a> {
    limiter: &'a Limiter,
    place: Option<SemaphorePermit<'a>>,
    /// When the place was taken.
    pub taken_at: Instant,
}

impl Limiter {
    /// Returns a limiter with a largest number of concurrent calls.
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

    /// Returns the limiter with another patience: how long throttling may last without one
    /// success.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self.state().limit = patience;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place. Returns an error if throttling lasts too long.
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

    /// Records a throttled call, which started at `sent_at`.
    ///
    /// The pause is the requested pause or a growing back-off, whichever is longer, so a
    /// server that requests no pause gets one too. A requested pause may be longer than the
    /// patience, up to a quarter of an hour.
    pub fn on_throttled(&self, sent_at: Instant, asked: Option<Duration>) -> Throttle {
        let now = Instant::now();
        let mut state = self.state();
        let is_new = state.reduced_at.is_none_or(|reduced| sent_at >= reduced);
        if is_new {
            let fewer = (state.places / 2.0).max(1.0);
            let lost = whole_places(state.places) - whole_places(fewer);
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
            tracing::debug!(
                places,
                pause_ms,
                "throttled: fewer places, every call waits"
            );
        }
        let resume_at = now + pause;
        state.resume_at = Some(
            state
                .resume_at
                .map_or(resume_at, |known| known.max(resume_at)),
        );
        Throttle::Wait { pause, is_new }
    }

    /// Records an answered call.
    pub fn on_success(&self) {
        let mut state = self.state();
        state.strikes = 0;
        state.throttled_since = None;
        state.limit = self.patience;
        let grown = (state.places + 1.0 / state.places).min(self.most);
        if whole_places(grown) > whole_places(state.places) {
            tracing::debug!(places = grown.floor(), "success: one more place");
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

/// Returns the number of whole places.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole_places(places: f64) -> usize {
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

    /// Returns the number of free places after the pause.
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
    async fn concurrent_throttled_calls_halve_the_limit_once() {
        let limiter = Limiter::new(8);
        let sent_at = Instant::now();
        tokio::time::advance(Duration::from_millis(20)).await;
        for _ in 0..8 {
            limiter.on_throttled(sent_at, Some(Duration::ZERO));
        }
        assert_eq!(places(&limiter).await, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_grows_back_to_its_maximum() {
        let limiter = Limiter::new(4);
        limiter.on_throttled(Instant::now(), Some(Duration::ZERO));
        assert_eq!(places(&limiter).await, 2);
        for _ in 0..50 {
            limiter.on_success();
        }
        assert_eq!(places(&limiter).await, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn held_places_are_removed_when_they_are_released() {
        let limiter = Limiter::new(4);
        let held = [limiter.acquire().await, limiter.acquire().await].map(Result::unwrap);
        let held: Vec<_> = held
            .into_iter()
            .chain([limiter.acquire().await.unwrap()])
            .collect();
        limiter.on_throttled(Instant::now(), Some(Duration::ZERO));
        // The free place was removed. One of the three held places is removed later.
        assert_eq!(places(&limiter).await, 0);
        drop(held);
        assert_eq!(places(&limiter).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_start_in_the_order_of_their_arrival() {
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
    async fn every_call_waits_for_the_requested_pause() {
        let limiter = Limiter::new(4);
        limiter.on_throttled(Instant::now(), Some(Duration::from_secs(7)));
        let before = Instant::now();
        let _permit = limiter.acquire().await.unwrap();
        assert_eq!(before.elapsed().as_secs(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_after_of_zero_still_waits() {
        let limiter = Limiter::new(4);
        let mut pauses = Vec::new();
        for _ in 0..5 {
            let permit = limiter.acquire().await.unwrap();
            let throttle = limiter.on_throttled(permit.taken_at, Some(Duration::ZERO));
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
    async fn a_requested_pause_longer_than_the_patience_is_waited_once() {
        let limiter = Limiter::new(4);
        let asked = Some(Duration::from_secs(600));
        limiter.on_throttled(Instant::now(), asked);
        let before = Instant::now();
        drop(limiter.acquire().await.unwrap());
        assert_eq!(before.elapsed().as_secs(), 600);
        let again = limiter.on_throttled(Instant::now(), asked);
        let waited = Duration::from_secs(600);
        assert_eq!(again, Throttle::GiveUp(GaveUp { waited, asked }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_requested_pause_of_hours_gives_up_and_is_reported() {
        let limiter = Limiter::new(4);
        let asked = Some(Duration::from_secs(7200));
        let waited = Duration::from_secs(1);
        let gave_up = GaveUp { waited, asked };
        let throttle = limiter.on_throttled(Instant::now(), asked);
        assert_eq!(throttle, Throttle::GiveUp(gave_up));
        assert_eq!(limiter.acquire().await.unwrap_err(), gave_up);
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_later_with_a_longer_patience() {
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
            limiter.on_throttled(sent_at, asked);
        }
        tries
    }
}
