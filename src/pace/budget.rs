//! The request budget of one class of endpoints.

use std::collections::VecDeque;
use std::time::Duration;

/// The period in which the server counts requests.
pub const WINDOW: Duration = Duration::from_secs(60);

/// The share, in requests per minute, after the first throttled request.
const FIRST_SHARE: f64 = 30.0;

/// The smallest share, in requests per minute.
const LEAST_SHARE: f64 = 1.0;

/// The factor by which each further throttled request reduces the share.
const BACK_OFF: f64 = 0.7;

/// The growth of the share for each answered request, in requests per minute.
const GROWTH: f64 = 2.0;

/// The pause after the first throttled request. Each further throttled request doubles the
/// pause, until a request is answered.
const FIRST_PAUSE: Duration = Duration::from_secs(30);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// Returns how many of the requests per minute may create many digital humans. The vendor
/// allows 20 of 100.
#[must_use]
pub fn bulk_creates(rate: u32) -> u32 {
    (rate / 5).max(1)
}

/// When the next request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now.
    Now,
    /// At this time, unless the state changes earlier.
    At(Duration),
    /// After the answer to a request in flight.
    AfterAnswer,
}

/// A request in flight. Its answer returns the ticket to the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a ticket that is not returned occupies its place forever"]
pub struct Ticket {
    sent_at: Duration,
}

/// The budget of one class of endpoints. All times are durations since one fixed moment, by
/// a monotonic clock.
///
/// # Why no minute contains more requests than the budget
///
/// The server counts a request at some moment between the sending and the answer. A request
/// occupies a place from its sending until a minute after its answer, and therefore at
/// least until a minute after the server counted it. A request is sent only while fewer
/// places are occupied than the budget has. When the server counts a request, the minute
/// before contains fewer requests of this program than the budget has places. A server with
/// fixed windows counts a part of that minute.
#[derive(Debug, Clone)]
pub struct Budget {
    /// The largest number of requests in any minute.
    places: usize,
    /// The number of requests in flight.
    under_way: usize,
    /// When the requests of the last minute were answered, in order.
    answered: VecDeque<Duration>,
    /// What is known about other clients; `None` before the first throttled request.
    contention: Option<Contention>,
}

/// The use of the limit by other clients. After the first throttled request, requests are
/// spaced evenly, even when the share has grown back: of a burst, several requests would be
/// throttled.
#[derive(Debug, Clone, Copy)]
struct Contention {
    /// The share of this program, in requests per minute.
    share: f64,
    /// No request is sent before this time.
    next_at: Duration,
    /// The number of throttled requests since the last answered request.
    strikes: u32,
    /// When the share was last reduced. A throttled request that was sent earlier does not
    /// reduce the share again.
    reduced_at: Duration,
}

impl Budget {
    /// Returns a budget slightly below `rate` requests per minute: by two percent, and by
    /// at least one request, because the clocks of the server and of this machine differ.
    #[must_use]
    pub fn per_minute(rate: u32) -> Self {
        let rate = usize::try_from(rate).unwrap_or(usize::MAX);
        Self {
            places: rate.saturating_sub((rate / 50).max(1)).max(1),
            under_way: 0,
            answered: VecDeque::new(),
            contention: None,
        }
    }

    /// Returns the largest number of requests in any minute.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places
    }

    /// Returns the shortest time in which a number of requests can be sent, if no other
    /// client uses the limit.
    #[must_use]
    pub fn time_for(&self, requests: usize) -> Duration {
        let full = requests.saturating_sub(1) / self.places;
        WINDOW.saturating_mul(u32::try_from(full).unwrap_or(u32::MAX))
    }

    /// Returns when the next request may be sent.
    pub fn next(&mut self, now: Duration) -> Turn {
        while self.answered.front().is_some_and(|at| *at + WINDOW <= now) {
            self.answered.pop_front();
        }
        let spaced = self.contention.map_or(now, |found| found.next_at);
        let occupied = self.under_way + self.answered.len();
        let free_at = match occupied.checked_sub(self.places) {
            None => now,
            Some(more) => match self.answered.get(more) {
                Some(at) => *at + WINDOW,
                None => return Turn::AfterAnswer,
            },
        };
        match spaced.max(free_at) {
            at if at > now => Turn::At(at),
            _ => Turn::Now,
        }
    }

    /// Records that a request is sent. `jitter` is a random number from 0 to 1, which
    /// spaces the requests of several programs differently.
    pub fn on_sent(&mut self, now: Duration, jitter: f64) -> Ticket {
        self.under_way += 1;
        if let Some(found) = &mut self.contention {
            let even = WINDOW.div_f64(found.share);
            found.next_at = now + even.mul_f64(0.75 + jitter / 2.0);
        }
        Ticket { sent_at: now }
    }

    /// Records that a request was answered or that its answer was lost. In both cases the
    /// server has counted the request.
    pub fn on_answered(&mut self, ticket: Ticket, now: Duration) {
        self.on_refused(ticket, now);
        let Some(found) = &mut self.contention else {
            return;
        };
        found.strikes = 0;
        found.share = (found.share + GROWTH).min(as_share(self.places));
    }

    /// Records that a request was throttled because of a smaller budget that it also uses.
    /// This says nothing about other clients of this budget, and the server may have counted
    /// the request.
    pub fn on_refused(&mut self, ticket: Ticket, now: Duration) {
        let _ = ticket;
        self.under_way = self.under_way.saturating_sub(1);
        self.answered.push_back(now);
    }

    /// Records that a request was throttled. Returns the time during which no request is
    /// sent: the pause that the server asks for, or the back-off of this budget if it is
    /// longer.
    pub fn on_throttled(
        &mut self,
        ticket: Ticket,
        now: Duration,
        asked: Option<Duration>,
        jitter: f64,
    ) -> Duration {
        self.under_way = self.under_way.saturating_sub(1);
        let most = as_share(self.places);
        let mut found = match self.contention {
            // The request was sent before the share was reduced.
            Some(found) if ticket.sent_at < found.reduced_at => found,
            Some(found) => Contention {
                share: (found.share * BACK_OFF).max(LEAST_SHARE),
                strikes: found.strikes.saturating_add(1),
                reduced_at: now,
                ..found
            },
            None => Contention {
                share: FIRST_SHARE.min(most),
                next_at: now,
                strikes: 1,
                reduced_at: now,
            },
        };
        if found.reduced_at == now {
            let pause = own_pause(found.strikes).mul_f64(0.5 + jitter);
            found.next_at = found.next_at.max(now + pause);
        }
        found.next_at = found.next_at.max(now + asked.unwrap_or_default());
        self.contention = Some(found);
        found.next_at.saturating_sub(now)
    }
}

fn own_pause(strikes: u32) -> Duration {
    let doublings = strikes.saturating_sub(1).min(16);
    FIRST_PAUSE
        .saturating_mul(1 << doublings)
        .min(LONGEST_PAUSE)
}

/// Returns a number of requests per minute as a share.
fn as_share(places: usize) -> f64 {
    f64::from(u32::try_from(places).unwrap_or(u32::MAX))
}
