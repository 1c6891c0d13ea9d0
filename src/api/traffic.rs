//! Counts the calls of a client, so that a command can show its progress.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The calls of a client so far.
#[derive(Debug, Default)]
pub struct Traffic {
    begun: AtomicUsize,
    ended: AtomicUsize,
    announced: AtomicUsize,
}

/// The number of calls at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// The calls that ended.
    pub ended: usize,
    /// The number of all calls, as far as they are known: ended, running and announced
    /// calls.
    pub all: usize,
    /// Whether `all` contains calls that did not begin yet.
    pub is_announced: bool,
}

impl Traffic {
    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that `count` calls follow.
    pub(super) fn announce(&self, count: usize) {
        let begun = self.begun.load(Ordering::Relaxed);
        let known = self.announced.load(Ordering::Relaxed).max(begun);
        self.announced.store(known + count, Ordering::Relaxed);
    }

    /// Returns the number of calls at this moment.
    #[must_use]
    pub fn calls(&self) -> Calls {
        let ended = self.ended.load(Ordering::Relaxed);
        let begun = self.begun.load(Ordering::Relaxed);
        let announced = self.announced.load(Ordering::Relaxed);
        Calls {
            ended,
            all: announced.max(begun),
            is_announced: announced > begun,
        }
    }
}

impl Calls {
    /// Returns the calls since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            ended: self.ended - earlier.ended,
            all: self.all - earlier.ended,
            is_announced: self.is_announced,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announced_calls_are_counted_before_they_begin() {
        let traffic = Traffic::default();
        traffic.begin();
        traffic.end();
        let earlier = traffic.calls();
        traffic.announce(10);
        traffic.begin();
        traffic.end();
        let calls = traffic.calls();
        assert_eq!((calls.ended, calls.all), (2, 11));
        let calls = calls.since(earlier);
        assert_eq!((calls.ended, calls.all), (1, 10));
        assert!(calls.is_announced);
    }

    #[test]
    fn calls_that_nobody_announced_are_counted_when_they_begin() {
        let traffic = Traffic::default();
        traffic.begin();
        traffic.begin();
        traffic.end();
        let calls = traffic.calls();
        assert_eq!((calls.ended, calls.all), (1, 2));
        assert!(!calls.is_announced);
    }
}
