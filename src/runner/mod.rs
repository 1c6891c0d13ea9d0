//! Queues runs and waits for them: the effects behind `run`, as values of the
//! core's own making.
//!
//! The one promise: a run is queued at most once for one wish. The API has no
//! idempotency key, so a request whose answer was lost is never sent again; what
//! became of it is found out by comparing the simulation's runs before and after.

mod event;
mod look;
mod queue;
mod wait;

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::time::Instant;

use crate::api::Client;
use crate::resource::key::{SimulationId, SimulationKey};
use crate::run::{Gate, Judged, Outcome, RunId};

pub use event::{Event, Events};

/// How runs are queued and waited for.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// How long to wait between two reads of a run.
    pub poll: Duration,
    /// When the wait for all runs is over.
    pub deadline: Instant,
    /// How long a queue request whose answer was lost may still come true.
    pub settle: Duration,
    /// The most runs under way at a time.
    pub parallelism: usize,
    /// What a run has to reach.
    pub gate: Gate,
}

/// What all runs share.
pub struct Context<'a> {
    /// The API.
    pub client: &'a Client,
    /// Who is told.
    pub events: &'a dyn Events,
    /// How.
    pub options: RunOptions,
}

/// A simulation to run.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its key.
    pub key: SimulationKey,
    /// Its id.
    pub id: SimulationId,
}

/// Runs these simulations, some at a time, and judges what became of each; in
/// the order of their keys.
pub async fn run_all(context: &Context<'_>, wanted: Vec<Wanted>) -> Vec<Judged> {
    let runs = wanted.into_iter().map(|wanted| run_one(context, wanted));
    let mut judged: Vec<_> = stream::iter(runs)
        .buffer_unordered(context.options.parallelism)
        .collect()
        .await;
    judged.sort_by(|a, b| a.key.cmp(&b.key));
    judged
}

async fn run_one(context: &Context<'_>, wanted: Wanted) -> Judged {
    let outcome = match queue::queue(context, &wanted).await {
        Ok(run) => {
            context.events.event(Event::Queued {
                key: &wanted.key,
                run: &run,
            });
            wait::wait(context, &wanted, run).await
        }
        Err(outcome) => outcome,
    };
    let judged = Judged {
        verdict: context.options.gate.judge(&outcome),
        key: wanted.key,
        simulation_id: wanted.id,
        outcome,
    };
    context.events.event(Event::Judged { judged: &judged });
    judged
}
