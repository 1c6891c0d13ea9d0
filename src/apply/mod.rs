//! The execution of a plan.
//!
//! `plan` makes every decision. This module records intents, sends requests and records
//! outcomes. [`look_up_all()`] searches for existing resources before a create, `execute`
//! executes changes, and `settle` decides open creates. This module prints nothing: it
//! reports [`Events`].
//!
//! A plan of simulations alone has one stage, and its changes are executed at the same time.
//! A plan with other kinds has several, in the order of [`stages`](crate::plan::stages):
//! `execute_stage` settles the open creates of a stage before the next stage begins, because
//! later bodies contain the ids. A change whose reference failed is not sent. The creates,
//! updates and deletes of the digital humans of one stage share requests of at most
//! [`BULK`](crate::plan::BULK) items.
//!
//! [`journal`](crate::journal) has the argument why each crash leaves one resource for each
//! key.

mod candidates;
mod create;
mod create_many;
mod delete;
mod delete_many;
mod event;
mod execute;
mod ledger;
mod listing;
mod lookup;
mod many;
mod missing;
mod outcome;
mod owner;
mod presence;
mod recover;
mod refresh;
mod rounds;
mod run;
mod settle;
mod step;
mod untracked;
mod update;
mod update_many;

pub use event::{Event, Events, Operation};
pub use execute::operation;
pub use ledger::{Ledger, LedgerError};
pub use lookup::{Known, Lookup, Search};
pub use outcome::{ChangeResult, Failed, Failure, Outcome};
pub use recover::{Recovered, recover};
pub use refresh::{Depth, Refreshed, Untracked, refresh};
pub use rounds::look_up_all;
pub use run::carry_out;
pub use settle::UndecidedCreate;

pub(crate) use crate::store::crash_point;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::api::Client;
use crate::journal::{OpenIntent, SettleTime};
use crate::plan::AdoptionPolicy;
use crate::resource::desired::DesiredState;
use crate::resource::key::RemoteId;
use crate::state::Neighbours;

/// The options of an apply.
#[derive(Debug, Clone, Copy)]
pub struct ApplyOptions {
    /// The policy for untracked resources of the same name.
    pub adopt: AdoptionPolicy,
    /// How long the API may still execute an open request.
    pub settle_time: SettleTime,
    /// The most concurrent calls.
    pub parallelism: usize,
    /// Whether a resource that is not found counts as deleted: the API key belongs to the
    /// organisation of the lockfile, or the user confirmed it.
    pub trusts_absence: bool,
    /// Whether a resource with the marker of another project is updated and deleted too:
    /// the user gave `--force`.
    pub ignores_markers: bool,
}

/// The environment of every step of an apply.
pub struct Context<'a> {
    /// The API.
    pub client: &'a Client,
    /// The journal and the current state.
    pub ledger: &'a Ledger,
    /// The receiver of events.
    pub events: &'a dyn Events,
    /// The options of an apply.
    pub options: ApplyOptions,
    /// The other lockfiles of the repository.
    pub neighbours: &'a Neighbours,
    /// The desired state.
    pub desired: &'a DesiredState,
}

impl Context<'_> {
    /// Returns the ids in all lockfiles and journals of the repository.
    #[must_use]
    pub fn tracked(&self) -> BTreeSet<RemoteId> {
        let mut tracked = self.neighbours.claims().ids;
        tracked.extend(self.ledger.owned());
        tracked
    }

    /// Returns how long the API may still execute an open request; zero when the settle time
    /// is over.
    pub(crate) fn time_left(&self, open: &OpenIntent) -> Duration {
        let open_for = self.ledger.open_for(open.seq);
        let settle_time = &self.options.settle_time;
        settle_time.left(open, open_for, self.earliest_time())
    }

    /// Returns the earliest possible time of the API, in milliseconds since 1970. `None` if
    /// no answer had a time.
    fn earliest_time(&self) -> Option<u64> {
        let server = self.client.server_time()?;
        let now = server.date.checked_add(server.received_at.elapsed())?;
        Some(milliseconds(now))
    }

    /// Returns the time for the journal, in milliseconds since 1970: the latest possible time
    /// of the API, or the time of this machine if no answer had a time.
    pub(crate) fn latest_time(&self) -> u64 {
        /// The `Date` of an answer is truncated to seconds.
        const TRUNCATED: u64 = 1000;
        match self.earliest_time() {
            Some(time) => time.saturating_add(TRUNCATED),
            None => milliseconds(SystemTime::now()),
        }
    }

    /// Returns the search for existing resources. `known` has the listings and resources
    /// that the run has read.
    #[must_use]
    pub fn search(&self, known: Known) -> Search<'_> {
        Search {
            client: self.client,
            adopt: self.options.adopt,
            parallelism: self.options.parallelism,
            tracked: self.ledger.owned().into_iter().collect(),
            neighbours: self.neighbours,
            desired: self.desired,
            known,
        }
    }
}

/// Returns a time in milliseconds since 1970.
fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
