//! A run of a simulation as values: its observed state, its conversations, its outcome,
//! its score, the earlier runs, and the verdict of the gate.
//!
//! This module is pure. `runner` queues runs and waits for them. `api` knows how
//! the API spells the state of a run.

mod conversation;
mod gate;
mod history;
mod new_runs;
mod outcome;
mod poll;
mod score;
mod snapshot;
mod status;
mod verdict;

pub use conversation::{Conversation, ConversationOutcome, MetricScore};
pub use gate::Gate;
pub use history::{COMPARED_RUNS, History, MaxDrop, MeanScore};
pub use new_runs::{NewRuns, find_new_runs};
pub use outcome::{Judged, Outcome};
pub use poll::pause;
pub use score::{MinScore, Score};
pub use snapshot::{ListedRun, RunId, Snapshot, Tests};
pub use status::RunStatus;
pub use verdict::{Reason, Verdict};
