//! The pause between two reads of a run.

use std::time::Duration;

/// The share of the request limit that the reads of all runs use together, as a divisor: the
/// rest is for an apply behind the same address.
const SHARE: u32 = 4;

/// A pause is at most this fraction of the time since the run was queued, as a divisor, so
/// the end of a run is noticed with little delay.
const PRECISION: u32 = 10;

/// The longest pause that grows with time.
const LONGEST: Duration = Duration::from_secs(60);

/// Returns the pause before the next read of a run that was queued `waited` ago. `runs` is
/// the number of runs that are read, and `rate` the limit in requests per minute.
///
/// The pause is never shorter than `shortest`. It grows with the time since the run was
/// queued, and with the number of runs if there is a limit.
#[must_use]
pub fn pause(shortest: Duration, waited: Duration, runs: usize, rate: Option<u32>) -> Duration {
    let grown = (waited / PRECISION).min(LONGEST);
    let runs = u32::try_from(runs).unwrap_or(u32::MAX);
    let minute = Duration::from_secs(60);
    let shared = rate.map(|rate| minute.saturating_mul(SHARE.saturating_mul(runs)) / rate.max(1));
    shortest.max(grown).max(shared.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(waited: u64, runs: usize, rate: Option<u32>, expected: u64) {
        let seconds = Duration::from_secs;
        let pause = pause(seconds(10), seconds(waited), runs, rate);
        assert_eq!(pause.as_secs(), expected);
    }

    #[test]
    fn the_pause_grows_with_the_time_up_to_a_minute() {
        check(0, 1, None, 10);
        check(100, 1, None, 10);
        check(300, 1, None, 30);
        check(3600, 1, None, 60);
    }

    #[test]
    fn all_runs_together_use_a_quarter_of_the_limit() {
        check(0, 1, Some(100), 10);
        check(0, 8, Some(100), 19);
        check(0, 25, Some(100), 60);
        check(0, 100, Some(100), 240);
        check(3600, 8, Some(100), 60);
    }
}
