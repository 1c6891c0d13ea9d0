//! The effects, in order.
//!
//! What is done was decided by `plan`; here it is journaled, sent and recorded.
//! [`look_up()`] finds out before a create whether the simulation is there already,
//! `execute` carries changes out, `settle` finds out what became of creates whose
//! answer never came. Nothing here prints: see [`Events`].

mod candidates;
mod event;
mod execute;
mod ledger;
mod listing;
mod lookup;
mod missing;
mod presence;
mod recover;
mod refresh;
mod run;
mod settle;
mod untracked;
mod update;

pub use event::{Event, Events, Operation};
pub use ledger::{Ledger, LedgerError};
pub use lookup::{Lookup, Search, look_up};
pub use recover::{Recovered, recover};
pub use refresh::{Refreshed, Untracked, refresh};
pub use run::{Failed, Failure, Outcome, carry_out};
pub use settle::UndecidedCreate;

pub(crate) use crate::store::crash_point;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::api::Client;
use crate::journal::{OpenIntent, SettleTime};
use crate::plan::AdoptionPolicy;
use crate::resource::key::SimulationId;
use crate::state::Neighbours;

/// What the user asked for.
#[derive(Debug, Clone, Copy)]
pub struct ApplyOptions {
    /// What to do about untracked simulations of the same name.
    pub adopt: AdoptionPolicy,
    /// How long an open request may still come true.
    pub settle_time: SettleTime,
    /// The most calls at a time.
    pub parallelism: usize,
    /// What isn't there was deleted: the key is known to be of the lockfile's
    /// organisation, or the user says so.
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

    /// How long an open request may still come true; zero when it is settled.
    pub(crate) fn time_left(&self, open: &OpenIntent) -> Duration {
        let open_for = self.ledger.open_for(open.seq);
        let settle_time = &self.options.settle_time;
        settle_time.left(open, open_for, self.earliest_time())
    }

    /// The API's time, in milliseconds since 1970; it may be a little later. `None`
    /// where no answer told it.
    fn earliest_time(&self) -> Option<u64> {
        let told = self.client.server_time()?;
        let now = told.date.checked_add(told.received_at.elapsed())?;
        Some(milliseconds(now))
    }

    /// The time for the journal, in milliseconds since 1970: the API's, at the latest,
    /// or where no answer told it, this machine's.
    pub(crate) fn latest_time(&self) -> u64 {
        /// The `Date` of an answer is in whole seconds, cut.
        const CUT: u64 = 1000;
        match self.earliest_time() {
            Some(time) => time.saturating_add(CUT),
            None => milliseconds(SystemTime::now()),
        }
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

/// Milliseconds since 1970.
fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
