//! Queues runs and waits for them: the effects of the command `run`.
//!
//! A run is queued at most once per simulation and command. The API has no
//! idempotency key, so a request whose answer was lost is never sent again. The
//! lists of runs before and after the request decide its outcome.

mod event;
mod lost_request;
mod queue;
mod wait;

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::time::Instant;

use crate::api::Client;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::run::{Gate, History, Judged, ListedRun, Outcome, RunId};

pub use event::{Event, Events};

/// The options of queueing and waiting.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// The shortest pause between two reads of a run.
    pub poll: Duration,
    /// The end of the wait for all runs.
    pub deadline: Instant,
    /// The settle time of a request whose answer was lost.
    pub settle: Duration,
    /// The largest number of concurrent runs.
    pub parallelism: usize,
    /// The gate for each run.
    pub gate: Gate,
}

/// The values that all runs share.
pub struct Context<'a> {
    /// The client of the API.
    pub client: &'a Client,
    /// The receiver of events.
    pub events: &'a dyn Events,
    /// The options.
    pub options: RunOptions,
}

/// A simulation to run.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The key of the simulation.
    pub key: ResourceKey,
    /// The id of the simulation.
    pub id: RemoteId,
}

/// Runs these simulations concurrently, and returns outcome and verdict of each, in
/// the order of their keys.
pub async fn run_all(context: &Context<'_>, wanted: Vec<Wanted>) -> Vec<Judged> {
    let active = AtomicUsize::new(0);
    let runs = wanted
        .into_iter()
        .map(|wanted| run_one(context, wanted, &active));
    let mut judged: Vec<_> = stream::iter(runs)
        .buffer_unordered(context.options.parallelism)
        .collect()
        .await;
    judged.sort_by(|a, b| a.key.cmp(&b.key));
    judged
}

async fn run_one(context: &Context<'_>, wanted: Wanted, active: &AtomicUsize) -> Judged {
    let begin = Instant::now();
    let (earlier, outcome) = match queue::runs_before(context, &wanted).await {
        Ok(earlier) => {
            let outcome = queue_and_wait(context, &wanted, earlier.as_deref(), active).await;
            (earlier, outcome)
        }
        Err(outcome) => (None, outcome),
    };
    let history = earlier.as_deref().map(History::of);
    let judged = Judged {
        verdict: context.options.gate.judge(&outcome, history.as_ref()),
        key: wanted.key,
        simulation_id: wanted.id,
        outcome,
        history,
        took: begin.elapsed(),
    };
    context.events.event(Event::Judged { judged: &judged });
    judged
}

async fn queue_and_wait(
    context: &Context<'_>,
    wanted: &Wanted,
    earlier: Option<&[ListedRun]>,
    active: &AtomicUsize,
) -> Outcome {
    match queue::queue(context, wanted, earlier).await {
        Ok(run) => {
            context.events.event(Event::Queued {
                key: &wanted.key,
                run: &run,
            });
            wait::wait(context, wanted, run, active).await
        }
        Err(outcome) => outcome,
    }
}
