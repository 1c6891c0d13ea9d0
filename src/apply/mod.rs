//! The effects, in order.
//!
//! What is done was decided by `plan`; here it is journaled, sent and recorded.
//! [`look()`] finds out before a create whether the simulation is there already,
//! `execute` carries changes out, `settle` finds out what became of creates whose
//! answer never came. Nothing here prints: see [`Events`].

mod event;
mod execute;
mod ledger;
mod listing;
mod look;
mod recover;
mod refresh;
mod run;
mod settle;
mod settle_time;
mod update;

pub use event::{Event, Events, What};
pub use ledger::{Ledger, LedgerError};
pub use look::{Looked, Search, look};
pub use recover::{Recovered, recover};
pub use refresh::{Refreshed, Untracked, refresh};
pub use run::{Failed, Failure, Outcome, carry_out};
pub use settle::Doubt;

pub(crate) use crate::store::crash_point;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::api::Client;
use crate::plan::Adopt;
use crate::resource::key::SimulationId;
use crate::state::Neighbours;

/// What the user asked for.
#[derive(Debug, Clone, Copy)]
pub struct ApplyOptions {
    /// What to do about untracked simulations of the same name.
    pub adopt: Adopt,
    /// How long a request may still come true after its answer was lost.
    pub settle: Duration,
    /// How long a request may take, which is when its answer counts as lost.
    pub timeout: Duration,
    /// The most calls at a time.
    pub parallelism: usize,
    /// What isn't there was deleted: the key is known to be of the lockfile's
    /// organisation, or the lockfile names none, or the user says so.
    pub trusts_absence: bool,
}

/// What every step of an apply needs.
pub struct Context<'a> {
    /// The API.
    pub client: &'a Client,
    /// The journal and what it adds up to.
    pub ledger: &'a Ledger,
    /// Who hears of what happens.
    pub events: &'a dyn Events,
    /// What the user asked for.
    pub options: ApplyOptions,
    /// The other lockfiles beside this one.
    pub neighbours: &'a Neighbours,
}

impl Context<'_> {
    /// Every id that somebody's lockfile or journal names.
    #[must_use]
    pub fn tracked(&self) -> BTreeSet<SimulationId> {
        let mut tracked = self.neighbours.claims().ids;
        tracked.extend(self.ledger.owned());
        tracked
    }

    /// The look before a create.
    #[must_use]
    pub fn search(&self) -> Search<'_> {
        Search {
            client: self.client,
            adopt: self.options.adopt,
            parallelism: self.options.parallelism,
            own: self.ledger.owned().into_iter().collect(),
            neighbours: self.neighbours,
        }
    }
}
