//! How far a run is.

use std::fmt;

/// How far a run is, as the API says it.
///
/// Documented are `INITIALIZING`, `RUNNING`, `COMPLETED`, `INCOMPLETE` and
/// `INSUFFICIENT_FUNDS`. Any word that doesn't clearly say that the run goes on
/// ends it, so that a word of tomorrow is not waited on for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStatus {
    /// It goes on; the API's word for it.
    Running(String),
    /// It ended as it should.
    Completed,
    /// It ended otherwise; the API's word for it.
    Ended(String),
}

/// Words for a run that goes on. The first two are documented.
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
    /// Reads the API's word, whatever its case.
    #[must_use]
    pub fn read(word: &str) -> Self {
        let plain: String = word
            .trim()
            .chars()
            .map(|c| if matches!(c, '-' | ' ') { '_' } else { c })
            .flat_map(char::to_uppercase)
            .collect();
        if plain == COMPLETED {
            Self::Completed
        } else if RUNNING.contains(&plain.as_str()) {
            Self::Running(plain)
        } else {
            Self::Ended(plain)
        }
    }

    /// Whether it is worth waiting.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }

    /// The API's word, in capitals.
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
    fn only_what_clearly_runs_is_waited_for() {
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
