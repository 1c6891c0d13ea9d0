//! A conversation of a run, as the API shows it.

use std::time::Duration;

use crate::resource::key::RemoteId;

/// A conversation of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The id of the result at the API.
    pub id: String,
    /// The id of the digital human; `None` if the API shows no id.
    pub digital_human: Option<RemoteId>,
    /// Whether the conversation has ended, and how.
    pub outcome: ConversationOutcome,
    /// The reason for the outcome; `None` if the API shows no reason.
    pub reason: Option<String>,
    /// A summary of the conversation; `None` if the API shows no summary.
    pub summary: Option<String>,
    /// The duration; `None` if the API shows no duration.
    pub duration: Option<Duration>,
    /// The scores of the metrics.
    pub metrics: Vec<MetricScore>,
}

/// Whether a conversation has ended, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConversationOutcome {
    /// The conversation ended and failed.
    Failed,
    /// The conversation ended, and the API shows no judgement.
    NotJudged,
    /// The conversation ended and passed.
    Passed,
    /// The conversation runs.
    Running,
    /// The conversation has not begun.
    Queued,
}

/// The score of a metric for a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricScore {
    /// The name of the metric.
    pub name: String,
    /// The value, as a text.
    pub value: String,
    /// The reason for the value; `None` if the API shows no reason.
    pub reason: Option<String>,
}

impl Conversation {
    /// Returns why the conversation ended as it did: the reason of the outcome, else the
    /// summary.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.reason.as_deref().or(self.summary.as_deref())
    }
}

/// The words for a conversation that has not begun.
const QUEUED: [&str; 5] = ["QUEUED", "PENDING", "SCHEDULED", "WAITING", "INITIALIZING"];

/// The words for a conversation that runs.
const RUNNING: [&str; 6] = [
    "RUNNING",
    "IN_PROGRESS",
    "PROCESSING",
    "STARTED",
    "STARTING",
    "EVALUATING",
];

impl ConversationOutcome {
    /// Returns the outcome for a status of the API and the judgement of the goal. The API
    /// documents no words for the status: an unknown word means that the conversation has
    /// ended.
    #[must_use]
    pub fn read(status: Option<&str>, goal: Option<bool>) -> Self {
        let word = status.unwrap_or_default().trim().to_uppercase();
        let word = word.replace(['-', ' '], "_");
        match (word.as_str(), goal) {
            (word, _) if QUEUED.contains(&word) => Self::Queued,
            (word, _) if RUNNING.contains(&word) => Self::Running,
            ("PASSED", _) | (_, Some(true)) => Self::Passed,
            ("FAILED", _) | (_, Some(false)) => Self::Failed,
            (_, None) => Self::NotJudged,
        }
    }

    /// Returns the outcome in one word, for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotJudged => "not_judged",
            Self::Passed => "passed",
            Self::Running => "running",
            Self::Queued => "queued",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_and_the_goal_give_the_outcome() {
        use ConversationOutcome::{Failed, NotJudged, Passed, Queued, Running};
        for (status, goal, expected) in [
            (Some("QUEUED"), None, Queued),
            (Some("in progress"), Some(true), Running),
            (Some("COMPLETED"), Some(true), Passed),
            (Some("COMPLETED"), Some(false), Failed),
            (Some("PASSED"), Some(false), Passed),
            (Some("FAILED"), None, Failed),
            (Some("novel"), None, NotJudged),
            (None, None, NotJudged),
            (None, Some(true), Passed),
        ] {
            assert_eq!(ConversationOutcome::read(status, goal), expected);
        }
    }
}
