//! The score of a run, and the lowest score that passes.

use std::fmt;
use std::str::FromStr;

use super::snapshot::Tests;

/// The share of the tests of a run that passed.
///
/// The score is shown in percent, rounded down to a tenth. A score below a bound
/// is therefore never shown as the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    passed: u32,
    /// Never 0.
    total: u32,
}

/// The lowest score that passes, in hundredths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinScore(u32);

impl Score {
    /// Returns the score of these tests; `None` if there are no tests.
    #[must_use]
    pub fn of(tests: Tests) -> Option<Self> {
        (tests.total > 0).then(|| Self {
            passed: tests.passed.min(tests.total),
            total: tests.total,
        })
    }

    /// Returns whether the score is at least `least`, without rounding.
    #[must_use]
    pub fn reaches(self, least: MinScore) -> bool {
        u64::from(self.passed) * 10_000 >= u64::from(least.0) * u64::from(self.total)
    }

    /// Returns the score in percent, rounded down to a tenth.
    #[must_use]
    pub fn percent(self) -> f64 {
        f64::from(self.tenths()) / 10.0
    }

    /// Returns the score in billionths of a percent, rounded down.
    pub(super) fn billionths(self) -> u64 {
        let billionths = u128::from(self.passed) * 100_000_000_000 / u128::from(self.total);
        u64::try_from(billionths).unwrap_or(u64::MAX)
    }

    fn tenths(self) -> u32 {
        let tenths = u64::from(self.passed) * 1000 / u64::from(self.total);
        u32::try_from(tenths).unwrap_or(1000)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.tenths();
        write!(f, "{}.{}", tenths / 10, tenths % 10)
    }
}

impl MinScore {
    /// Returns the bound in percent.
    #[must_use]
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// Returns the bound in billionths of a percent.
    pub(super) fn billionths(self) -> u64 {
        u64::from(self.0) * 10_000_000
    }
}

impl Default for MinScore {
    /// Returns 80 %.
    fn default() -> Self {
        Self(8_000)
    }
}

impl FromStr for MinScore {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let hundredths = (digits(whole) && digits(part) && part.len() <= 2)
            .then(|| format!("{whole}{part:0<2}").parse().ok())
            .flatten();
        match hundredths {
            Some(hundredths @ 0..=10_000) => Ok(Self(hundredths)),
            _ => Err("expected a number from 0 to 100, with at most two decimals".to_owned()),
        }
    }
}

impl fmt::Display for MinScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.percent().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(passed: u32, total: u32) -> Option<Score> {
        Score::of(Tests {
            total,
            passed,
            completed: total,
        })
    }

    #[track_caller]
    fn check(passed: u32, total: u32, least: &str, expected: bool) {
        let score = score(passed, total).unwrap();
        let least = least.parse().unwrap();
        assert_eq!(score.reaches(least), expected, "{score} and {least}");
    }

    #[test]
    fn required_scores_are_compared_without_rounding() {
        check(8, 10, "80", true);
        check(7, 10, "80", false);
        check(2, 3, "66.66", true);
        check(2, 3, "66.67", false);
        check(1_999_999, 2_500_000, "80", false);
        check(2_000_000, 2_500_000, "80", true);
        check(0, 5, "0", true);
        check(u32::MAX, 1, "100", true);
    }

    #[test]
    fn a_score_below_the_bound_is_never_shown_as_the_bound() {
        assert_eq!(score(1_999_999, 2_500_000).unwrap().to_string(), "79.9");
        assert_eq!(score(2, 3).unwrap().to_string(), "66.6");
        assert_eq!(score(3, 3).unwrap().to_string(), "100.0");
        assert_eq!(score(0, 0), None);
    }

    #[test]
    fn invalid_required_scores_are_refused() {
        assert_eq!("79.5".parse(), Ok(MinScore(7950)));
        assert_eq!("80".parse::<MinScore>().unwrap().to_string(), "80");
        assert_eq!("66.67".parse::<MinScore>().unwrap().to_string(), "66.67");
        for bad in [
            "", "-1", "101", "100.01", "80%", "8e1", ".5", "5.", "1.234", "+5",
        ] {
            assert!(bad.parse::<MinScore>().is_err(), "{bad}");
        }
    }
}
