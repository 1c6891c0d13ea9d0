//! Pauses whose mean is as long as requested.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// The mean delay of recent exchanges.
static LATENESS: Lateness = Lateness(AtomicI64::new(0));

/// The rest of a pause that a thread sleeps.
///
/// The timer of the runtime rounds up to whole milliseconds, so answers would leave in
/// bursts. A thread wakes with a precision of a tenth of a millisecond.
const THREAD_SLEEP: Duration = Duration::from_millis(4);

/// An exchange with a requested duration, the answer included.
///
/// A thread wakes late, and an answer takes time. A pause is shortened by the mean of
/// both, so its mean is as requested.
pub(super) struct Pace {
    begun: Instant,
    duration: Duration,
}

impl Pace {
    /// Begins an exchange.
    pub(super) fn begin(duration: Duration) -> Self {
        let begun = Instant::now();
        Self { begun, duration }
    }

    /// Waits until the answer may be computed.
    pub(super) async fn wait(&self, stopped: &mut watch::Receiver<bool>) {
        let asked = self.duration.saturating_sub(LATENESS.expected());
        sleep(asked.saturating_sub(self.begun.elapsed()), stopped).await;
    }

    /// Ends the exchange, and records its delay.
    pub(super) fn end(&self) {
        if !self.duration.is_zero() {
            LATENESS.note(self.duration, self.begun.elapsed());
        }
    }
}

/// Waits for the duration or until the sandbox stops.
pub(super) async fn pause(duration: Duration, stopped: &mut watch::Receiver<bool>) {
    Pace::begin(duration).wait(stopped).await;
}

async fn sleep(duration: Duration, stopped: &mut watch::Receiver<bool>) {
    let end = Instant::now() + duration;
    if let Some(most) = duration.checked_sub(THREAD_SLEEP) {
        tokio::select! {
            () = tokio::time::sleep(most) => {}
            () = wait_for_stop(stopped) => return,
        }
    }
    let rest = end.saturating_duration_since(Instant::now());
    if !rest.is_zero() {
        // An error means that the runtime ends, and no client waits.
        let _ = tokio::task::spawn_blocking(move || std::thread::sleep(rest)).await;
    }
}

/// Completes when the sandbox is shut down or dropped.
pub(super) async fn wait_for_stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the sandbox was dropped.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// A running mean, in microseconds.
struct Lateness(AtomicI64);

/// The maximum lateness that is compensated. A busy system may be later, or an answer may
/// take longer.
const MAX_LATENESS: i64 = 5_000;

impl Lateness {
    fn expected(&self) -> Duration {
        let late = self.0.load(Ordering::Relaxed);
        Duration::from_micros(u64::try_from(late).unwrap_or_default())
    }

    /// Records the duration of an exchange that should have taken `asked`. Of two
    /// concurrent records one may be lost.
    fn note(&self, asked: Duration, took: Duration) {
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let error = micros(took)
            .saturating_sub(micros(asked))
            .clamp(-MAX_LATENESS, MAX_LATENESS);
        let late = self.0.load(Ordering::Relaxed) + error / 16;
        self.0.store(late.clamp(0, MAX_LATENESS), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records exchanges on a system that is late by `late`. Returns the duration of the
    /// last exchange.
    fn last_of_many(lateness: &Lateness, late: Duration) -> Duration {
        let asked = Duration::from_millis(20);
        let mut took = asked;
        for _ in 0..200 {
            took = asked.saturating_sub(lateness.expected()) + late;
            lateness.note(asked, took);
        }
        took
    }

    #[test]
    fn exchanges_converge_to_the_requested_duration() {
        let lateness = Lateness(AtomicI64::new(0));
        for late in [700, 3_000, 0] {
            let took = last_of_many(&lateness, Duration::from_micros(late));
            let off = took.as_micros().abs_diff(20_000);
            assert!(off <= 16, "{late} µs late: {off} µs off");
        }
    }

    #[test]
    fn a_long_delay_counts_only_up_to_the_maximum() {
        let lateness = Lateness(AtomicI64::new(0));
        last_of_many(&lateness, Duration::from_secs(1));
        assert_eq!(lateness.expected(), Duration::from_millis(5));
    }
}
