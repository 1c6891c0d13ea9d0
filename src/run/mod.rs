//! A run of a simulation, as values: what the API shows of it, whether it still
//! goes on, what it scored, and whether that is good enough.
//!
//! Pure: how a run is queued and waited for is `runner`'s business, how the API
//! spells all this is `api`'s.

mod gate;
mod look;
mod outcome;
mod score;
mod snapshot;
mod status;
mod verdict;

pub use gate::Gate;
pub use look::{Found, find_new};
pub use outcome::{Judged, Outcome};
pub use score::{MinScore, Score};
pub use snapshot::{ListedRun, RunId, Snapshot, Tests};
pub use status::RunStatus;
pub use verdict::{Reason, Verdict};
