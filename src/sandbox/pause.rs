//! Pauses that take as long as was asked for, on average.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// How late pauses have ended lately.
static LATENESS: Lateness = Lateness(AtomicI64::new(0));

/// The runtime's timer counts whole milliseconds, rounds up, and so does the poll that
/// it waits in. The last of a pause is slept by a thread, which the system wakes to a
/// tenth of one: else requests would be answered in bursts, once a millisecond.
const LAST: Duration = Duration::from_millis(4);

/// Waits, but no longer than the sandbox runs.
///
/// The system is always a little late. Asked for so much less, a pause is right on
/// average.
pub(super) async fn pause(duration: Duration, stopped: &mut watch::Receiver<bool>) {
    if duration.is_zero() {
        return;
    }
    let begun = Instant::now();
    if let Some(most) = duration.checked_sub(LAST) {
        tokio::select! {
            () = tokio::time::sleep(most) => {}
            () = wait_for_stop(stopped) => return,
        }
    }
    let asked = duration.saturating_sub(LATENESS.expected());
    let rest = asked.saturating_sub(begun.elapsed());
    if !rest.is_zero() {
        // It can only fail when the runtime ends, and then nobody waits.
        let _ = tokio::task::spawn_blocking(move || std::thread::sleep(rest)).await;
    }
    LATENESS.note(duration, begun.elapsed());
}

/// Ends when the sandbox is shut down or dropped.
pub(super) async fn wait_for_stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the sandbox was dropped.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// A running mean, in microseconds.
struct Lateness(AtomicI64);

/// A busy system may be later than this; then its pauses are longer.
const MOST: i64 = 5_000;

impl Lateness {
    fn expected(&self) -> Duration {
        let late = self.0.load(Ordering::Relaxed);
        Duration::from_micros(u64::try_from(late).unwrap_or_default())
    }

    /// Takes note of how long a pause took, in place of `asked`. Two at once may
    /// forget one of the two: it is a mean of many.
    fn note(&self, asked: Duration, took: Duration) {
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let error = micros(took)
            .saturating_sub(micros(asked))
            .clamp(-MOST, MOST);
        let late = self.0.load(Ordering::Relaxed) + error / 16;
        self.0.store(late.clamp(0, MOST), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pauses on a system that is so much late. Returns how long the last one took.
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
    fn pauses_come_to_take_what_was_asked_for() {
        let lateness = Lateness(AtomicI64::new(0));
        for late in [700, 3_000, 0] {
            let took = last_of_many(&lateness, Duration::from_micros(late));
            let off = took.as_micros().abs_diff(20_000);
            assert!(off <= 16, "{late} µs late: {off} µs off");
        }
    }

    #[test]
    fn a_system_that_stands_still_does_not_make_pauses_short() {
        let lateness = Lateness(AtomicI64::new(0));
        last_of_many(&lateness, Duration::from_secs(1));
        assert_eq!(lateness.expected(), Duration::from_millis(5));
    }
}
