//! The earlier runs of a simulation, and the drop of a score below them.

use std::fmt;
use std::str::FromStr;

use super::score::{MinScore, Score};
use super::snapshot::ListedRun;
use super::status::RunStatus;

/// The number of earlier runs with which a run is compared.
pub const COMPARED_RUNS: usize = 10;

/// The earlier runs of a simulation, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    runs: Vec<ListedRun>,
}

/// The mean score of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeanScore {
    billionths: u64,
    /// The number of runs; never 0.
    pub runs: usize,
}

/// How far a score may be below the mean of the earlier runs, in percentage points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxDrop(MinScore);

impl History {
    /// Returns the runs of a list by time. The API documents no order; runs without a time
    /// come first.
    #[must_use]
    pub fn of(listed: &[ListedRun]) -> Self {
        let mut runs = listed.to_vec();
        runs.sort_by_key(|run| run.created_at);
        Self { runs }
    }

    /// Returns the newest runs, the oldest of them first.
    #[must_use]
    pub fn newest(&self, count: usize) -> &[ListedRun] {
        &self.runs[self.runs.len().saturating_sub(count)..]
    }

    /// Returns the newest runs with a score, the newest first.
    pub fn scored(&self) -> impl Iterator<Item = (&ListedRun, Score)> {
        let newest = self.runs.iter().rev();
        newest.filter_map(|run| Some((run, run.score()?)))
    }

    /// Returns the mean score of the newest runs with a score; `None` if there are none.
    #[must_use]
    pub fn mean(&self, count: usize) -> Option<MeanScore> {
        let scores: Vec<_> = self.scored().take(count).map(|(_, score)| score).collect();
        MeanScore::of(&scores)
    }
}

impl ListedRun {
    /// Returns the score; `None` if the run did not complete or has no tests.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        let is_completed = self.last.status == RunStatus::Completed;
        Score::of(self.last.tests).filter(|_| is_completed)
    }
}

impl MeanScore {
    /// Returns the mean of scores; `None` without scores.
    #[must_use]
    pub fn of(scores: &[Score]) -> Option<Self> {
        let sum: u64 = scores.iter().map(|score| score.billionths()).sum();
        let count = u64::try_from(scores.len())
            .ok()
            .filter(|count| *count > 0)?;
        Some(Self {
            billionths: sum / count,
            runs: scores.len(),
        })
    }

    /// Returns whether a score is more than `most` points below the mean.
    #[must_use]
    pub fn is_above(self, score: Score, most: MaxDrop) -> bool {
        self.billionths > score.billionths() + most.0.billionths()
    }

    /// Returns the mean in percent, rounded down to a tenth.
    #[must_use]
    pub fn percent(self) -> f64 {
        f64::from(self.tenths()) / 10.0
    }

    fn tenths(self) -> u32 {
        u32::try_from(self.billionths / 100_000_000).unwrap_or(1000)
    }
}

impl fmt::Display for MeanScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.tenths() / 10, self.tenths() % 10)
    }
}

impl MaxDrop {
    /// Returns the points.
    #[must_use]
    pub fn points(self) -> f64 {
        self.0.percent()
    }
}

impl FromStr for MaxDrop {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

impl fmt::Display for MaxDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::{RunId, Snapshot, Tests};
    use super::*;

    fn listed(id: &str, at: Option<i64>, status: &str, passed: u32, total: u32) -> ListedRun {
        let tests = Tests {
            total,
            passed,
            completed: total,
        };
        ListedRun {
            id: RunId(id.to_owned()),
            created_at: at,
            last: Snapshot::of(RunStatus::read(status), tests),
        }
    }

    fn score(passed: u32, total: u32) -> Score {
        let tests = Tests {
            total,
            passed,
            completed: total,
        };
        Score::of(tests).unwrap()
    }

    #[test]
    fn runs_are_sorted_and_only_completed_runs_with_tests_have_a_score() {
        let history = History::of(&[
            listed("c", Some(9), "COMPLETED", 3, 4),
            listed("a", Some(5), "COMPLETED", 1, 4),
            listed("x", Some(6), "INCOMPLETED", 0, 4),
            listed("y", Some(7), "COMPLETED", 0, 0),
            listed("z", Some(8), "RUNNING", 1, 4),
        ]);
        let ids =
            |runs: &[ListedRun]| -> Vec<_> { runs.iter().map(|run| run.id.0.clone()).collect() };
        assert_eq!(ids(history.newest(9)), ["a", "x", "y", "z", "c"]);
        assert_eq!(ids(history.newest(1)), ["c"]);
        let scored: Vec<_> = history.scored().map(|(run, _)| run.id.0.as_str()).collect();
        assert_eq!(scored, ["c", "a"]);
        let mean = history.mean(9).unwrap();
        assert_eq!((mean.to_string(), mean.runs), ("50.0".to_owned(), 2));
        assert_eq!(history.mean(1).unwrap().to_string(), "75.0");
        assert_eq!(History::default().mean(9), None);
    }

    #[test]
    fn a_drop_of_exactly_the_points_is_allowed() {
        let listed = [
            listed("a", None, "COMPLETED", 1, 3),
            listed("b", None, "COMPLETED", 2, 3),
        ];
        let mean = History::of(&listed).mean(2).unwrap();
        let drop = |text: &str| text.parse::<MaxDrop>().unwrap();
        assert!(!mean.is_above(score(1, 2), drop("0")));
        assert!(!mean.is_above(score(2, 5), drop("10")));
        assert!(mean.is_above(score(2, 5), drop("9.99")));
        assert!(mean.is_above(score(399, 1000), drop("10")));
        assert!("-1".parse::<MaxDrop>().is_err());
    }
}
