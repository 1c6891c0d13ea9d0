//! The status of a run.

use std::fmt;

/// The status of a run.
///
/// The API documents `INITIALIZING`, `RUNNING`, `COMPLETED`, `INCOMPLETE` and
/// `INSUFFICIENT_FUNDS`. A status counts as running only if its word clearly means
/// a running run. An unknown status ends the wait, so no wait is endless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStatus {
    /// The run continues; the word of the API.
    Running(String),
    /// The run completed.
    Completed,
    /// The run ended without completing; the word of the API.
    Ended(String),
}

/// The words that mean a running run. The API documents the first two.
const RUNNING: [&str; 11] = [
    "INITIALIZING",
    "RUNNING",
    "INITIALISING",
    "IN_PROGRESS",
    "PENDING",
    "PROCESSING",
    "QUEUED",
    "SCHEDULED",
    "STARTED",
    "STARTING",
    "WAITING",
];

const COMPLETED: &str = "COMPLETED";

impl RunStatus {
    /// Reads the word of the API, in any case.
    #[must_use]
    pub fn read(word: &str) -> Self {
        let normalised: String = word
            .trim()
            .chars()
            .map(|c| if matches!(c, '-' | ' ') { '_' } else { c })
            .flat_map(char::to_uppercase)
            .collect();
        if normalised == COMPLETED {
            Self::Completed
        } else if RUNNING.contains(&normalised.as_str()) {
            Self::Running(normalised)
        } else {
            Self::Ended(normalised)
        }
    }

    /// Returns whether the run continues.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }

    /// Returns the word of the API, in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Running(word) | Self::Ended(word) => word,
            Self::Completed => COMPLETED,
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_for_a_running_run_count_as_running() {
        for word in [
            "INITIALIZING",
            "running",
            "In Progress",
            "QUEUED",
            "pending",
        ] {
            assert!(RunStatus::read(word).is_running(), "{word}");
        }
        for word in ["INCOMPLETE", "INSUFFICIENT_FUNDS", "ARCHIVED", "", "FAILED"] {
            let expected = RunStatus::Ended(word.to_owned());
            assert_eq!(RunStatus::read(word), expected);
        }
        assert_eq!(RunStatus::read("completed"), RunStatus::Completed);
    }
}
