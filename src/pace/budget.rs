//! One budget: the requests of the last minute, and the share of the limit.

use std::collections::VecDeque;
use std::time::Duration;

/// The window in which the server counts requests.
pub const WINDOW: Duration = Duration::from_secs(60);

/// The share, in requests a minute, that a program takes after its first
/// throttled request.
const FIRST_SHARE: f64 = 30.0;

/// The smallest share, in requests a minute.
const LEAST_SHARE: f64 = 1.0;

/// What is left of the share after each further throttled request.
const BACK_OFF: f64 = 0.7;

/// By how many requests a minute the share grows with each answered request.
const GROWTH: f64 = 2.0;

/// The pause after the first throttled request. It doubles with each further
/// one, until a request is answered.
const FIRST_PAUSE: Duration = Duration::from_secs(30);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// When the next request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now.
    Now,
    /// At this time, unless the state changes before.
    At(Duration),
    /// Once a request that is under way was answered.
    AfterAnswer,
}

/// A request under way, to be given back when it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a ticket that is not given back occupies its place for good"]
pub struct Ticket {
    sent_at: Duration,
}

/// The budget of one class of endpoints. All times count from one fixed moment,
/// by a monotonic clock.
///
/// # Why no window of a minute holds more than the budget
///
/// The server counts a request at some moment between its sending and its
/// answer. A request occupies a place from its sending until a minute after its
/// answer, so at least until a minute after the server counted it. A request is
/// only sent while fewer places are occupied than the budget has. So at the
/// moment at which the server counts it, the minute before that moment holds
/// fewer requests of this program than the budget. A server that counts by
/// fixed minutes counts a part of such a window.
#[derive(Debug, Clone)]
pub struct Budget {
    /// Requests that may be sent in any minute.
    places: usize,
    /// Requests under way.
    under_way: usize,
    /// When the requests of the last minute were answered, in order.
    answered: VecDeque<Duration>,
    /// What throttling taught; `None` while nobody else was noticed.
    contention: Option<Contention>,
}

/// Others use the limit too. From the first throttled request on, requests are
/// spaced evenly, also once the share has grown back: a burst of several requests
/// would be throttled several times.
#[derive(Debug, Clone, Copy)]
struct Contention {
    /// Requests a minute.
    share: f64,
    /// Nothing is sent before this time.
    next_at: Duration,
    /// Throttled requests without an answered one between them.
    strikes: u32,
    /// When the share was last made smaller. A request that was sent before that
    /// time and is throttled says nothing new.
    reduced_at: Duration,
}

impl Budget {
    /// A budget a little under so many requests a minute: by a fiftieth, and by
    /// one at least, since the server's clock is not this machine's.
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

    /// How many requests any minute may hold.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places
    }

    /// Returns the shortest time in which so many requests can be sent, where
    /// nobody else uses the limit.
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

    /// Takes note of a request that is sent. `jitter` is a random number from 0
    /// to 1: it spaces the requests of several programs differently.
    pub fn sent(&mut self, now: Duration, jitter: f64) -> Ticket {
        self.under_way += 1;
        if let Some(found) = &mut self.contention {
            let even = WINDOW.div_f64(found.share);
            found.next_at = now + even.mul_f64(0.75 + jitter / 2.0);
        }
        Ticket { sent_at: now }
    }

    /// Takes note that a request was answered, or that its answer is lost: the
    /// server has counted it by now.
    pub fn answered(&mut self, ticket: Ticket, now: Duration) {
        let _ = ticket;
        self.under_way = self.under_way.saturating_sub(1);
        self.answered.push_back(now);
        let Some(found) = &mut self.contention else {
            return;
        };
        found.strikes = 0;
        found.share = (found.share + GROWTH).min(as_share(self.places));
    }

    /// Takes note that a request was throttled. Returns how long nothing is sent
    /// now: as long as the server asks, and at least this budget's own pause.
    pub fn throttled(
        &mut self,
        ticket: Ticket,
        now: Duration,
        asked: Option<Duration>,
        jitter: f64,
    ) -> Duration {
        self.under_way = self.under_way.saturating_sub(1);
        let most = as_share(self.places);
        let mut found = match self.contention {
            // Sent before the share was made smaller: no news.
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

/// A number of requests a minute as a share.
fn as_share(places: usize) -> f64 {
    f64::from(u32::try_from(places).unwrap_or(u32::MAX))
}
