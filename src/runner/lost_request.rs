//! Decides the outcome of a queue request whose answer was lost.

use std::time::Duration;

use tokio::time::Instant;

use super::{Context, Outcome, RunId, Wanted};
use crate::run::{ListedRun, NewRuns, find_new_runs};

/// The longest pause between two lists.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Lists the runs of the simulation until a new run appears, or the settle time is
/// over: a slow server may still queue the run.
pub(super) async fn find_run(
    context: &Context<'_>,
    wanted: &Wanted,
    before: Option<&[ListedRun]>,
    lost: &str,
) -> Result<RunId, Outcome> {
    let undecided = |found: &str, candidates: Vec<RunId>| Outcome::Undecided {
        reason: format!("{lost}; {found}"),
        candidates,
    };
    let Some(before) = before else {
        let found = "the earlier runs could not be listed";
        return Err(undecided(found, Vec::new()));
    };
    let options = context.options;
    let until = (Instant::now() + options.settle).min(options.deadline);
    let pause = options.poll.min(LONGEST_PAUSE);
    loop {
        let is_last = Instant::now() + pause >= until;
        match context.client.list_runs(wanted.id).await {
            Ok(after) => match find_new_runs(before, &after) {
                NewRuns::One(run) => return Ok(run),
                NewRuns::Several(runs) => {
                    return Err(undecided("there is more than one new run", runs));
                }
                NewRuns::None if is_last => {
                    return Err(undecided("no new run was found", Vec::new()));
                }
                NewRuns::None => {}
            },
            Err(error) if is_last || error.is_final() => {
                let found = format!("its runs can't be listed: {error}");
                return Err(undecided(&found, Vec::new()));
            }
            Err(_) => {}
        }
        let pause = tokio::time::sleep(pause);
        if context.client.unless_stopped(pause).await.is_err() {
            let found = "interrupted before the run was found";
            return Err(undecided(found, Vec::new()));
        }
    }
}
