//! The table of the runs in progress, which a terminal shows while a command waits.

use std::collections::BTreeMap;

use crate::report::layout::Size;
use crate::resource::key::ResourceKey;
use crate::run::{ConversationOutcome, RunId, Snapshot};
use crate::visible;

/// The largest number of lines of the table.
const MOST_LINES: usize = 12;

/// The lines of a terminal that the table leaves free: for the bar, and for lines above.
const FREE_LINES: usize = 6;

/// The width of the columns behind the key.
const COUNTS_WIDTH: usize = 14 + 3 * 9;

/// The progress of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LiveRun {
    /// The id of the run.
    pub id: RunId,
    status: String,
    /// The conversations that have not begun, that run, and that have ended; `None` before
    /// the first read.
    conversations: Option<[usize; 3]>,
}

impl LiveRun {
    /// Returns the progress of a run that was queued and not read.
    pub(super) fn queued(id: &RunId) -> Self {
        Self {
            id: id.clone(),
            status: "QUEUED".to_owned(),
            conversations: None,
        }
    }

    /// Notes the progress of a run after a read. An API that shows no conversations shows
    /// their number: those that have not ended count as not begun.
    pub(super) fn read(&mut self, snapshot: &Snapshot) {
        let tests = snapshot.tests;
        let running = snapshot
            .conversations
            .iter()
            .filter(|conversation| conversation.outcome == ConversationOutcome::Running);
        let running = running.count();
        let open = tests.total.saturating_sub(tests.completed) as usize;
        self.status = visible::line(snapshot.status.as_str()).into_owned();
        self.conversations = Some([
            open.saturating_sub(running),
            running.min(open),
            tests.completed as usize,
        ]);
    }
}

/// Returns the table, with a line break after each line; empty without runs. Runs that do
/// not fit are counted.
pub(super) fn table(runs: &BTreeMap<ResourceKey, LiveRun>, size: Size) -> String {
    if runs.is_empty() {
        return String::new();
    }
    let longest = runs.keys().map(|key| key.to_string().chars().count()).max();
    let room = size.width.saturating_sub(COUNTS_WIDTH + 5).max(8);
    let width = longest.unwrap_or(0).clamp(3, room);
    let line = |key: &str, status: &str, [queued, running, ended]: [&str; 3]| {
        format!(
            "  {:<width$}  {:<14}{queued:>9}{running:>9}{ended:>9}\n",
            shortened(key, width),
            shortened(status, 14)
        )
    };
    let mut text = line("RUN", "STATUS", ["QUEUED", "RUNNING", "ENDED"]);
    let most = size.height.saturating_sub(FREE_LINES).clamp(1, MOST_LINES);
    for (key, run) in runs.iter().take(most) {
        let counts = run
            .conversations
            .map(|counts| counts.map(|count| count.to_string()));
        let counts = counts.unwrap_or_else(|| ["-", "-", "-"].map(str::to_owned));
        let [queued, running, ended] = &counts;
        text += &line(&key.to_string(), &run.status, [queued, running, ended]);
    }
    if runs.len() > most {
        text += &format!("  and {} more\n", runs.len() - most);
    }
    text
}

/// Returns a text of at most `most` characters. The end of a key distinguishes it.
fn shortened(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let end = text.chars().skip(length + 1 - most);
    std::iter::once('…').chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Conversation, RunStatus, Tests};

    fn conversation(outcome: ConversationOutcome) -> Conversation {
        Conversation {
            id: String::new(),
            digital_human: None,
            outcome,
            reason: None,
            summary: None,
            duration: None,
            metrics: Vec::new(),
        }
    }

    fn runs(keys: &[&str]) -> BTreeMap<ResourceKey, LiveRun> {
        let tests = Tests {
            total: 15,
            passed: 4,
            completed: 5,
        };
        let snapshot = Snapshot {
            conversations: [ConversationOutcome::Running; 2].map(conversation).to_vec(),
            ..Snapshot::of(RunStatus::read("RUNNING"), tests)
        };
        let run = |key: &&str| {
            let mut run = LiveRun::queued(&RunId("7".to_owned()));
            run.read(&snapshot);
            (ResourceKey::from(*key), run)
        };
        keys.iter().map(run).collect()
    }

    #[test]
    fn the_table_counts_the_conversations_of_each_run() {
        let mut runs = runs(&["clinic/booking"]);
        runs.insert(
            ResourceKey::from("night"),
            LiveRun::queued(&RunId("8".to_owned())),
        );
        let size = Size {
            width: 80,
            height: 24,
        };
        insta::assert_snapshot!(table(&runs, size), @r"
          RUN             STATUS           QUEUED  RUNNING    ENDED
          clinic/booking  RUNNING               8        2        5
          night           QUEUED                -        -        -
        ");
        assert_eq!(table(&BTreeMap::new(), size), "");
    }

    #[test]
    fn the_table_fits_on_a_small_terminal() {
        let long = "a/very/long/folder/with/a/long/name/of/a/simulation";
        let runs = runs(&[long, "b", "c", "d", "e"]);
        let size = Size {
            width: 60,
            height: 9,
        };
        let text = table(&runs, size);
        assert!(
            text.lines().all(|line| line.chars().count() <= 60),
            "{text}"
        );
        assert!(
            text.contains("…") && text.contains("a/simulation  RUNNING"),
            "{text}"
        );
        assert!(text.ends_with("  and 2 more\n"), "{text}");
    }
}
