//! A small server that behaves like the Bluejay API, on this machine only: for
//! trying everything without a key, and for breaking things on purpose.
//!
//! `state` and `simulation` hold what exists, `suite` holds the other kinds, `check`, `coerce` and `scalar`
//! read requests as the API does, `data` keeps it all on disk, `faults` decides what
//! goes wrong; all of these are synchronous and know no network. `routes`
//! answers from what `service` shares (`runs` and `runs_routes` do both for runs), `exchange` makes answers late, wrong or lost (`wrong` says what such
//! an answer looks like), `server` listens.
//!
//! It knows nothing of plans, lockfiles and journals: to it, `bluejayctl` is a
//! client like any other.
//!
//! Where the API's behaviour is open, the sandbox does this:
//! - an `agent_id` may be any text; one that is no integer is shown as null;
//! - an explicit null in an update puts the field's default back;
//! - a second delete answers 404;
//! - an update's duration without a unit is in minutes;
//! - any integer can be linked as the id of a digital human;
//! - a simulation without digital humans runs with five made-up ones;
//! - a request without a key is refused with 401.

mod check;
mod coerce;
mod compound;
mod conversation;
mod data;
mod exchange;
pub mod faults;
mod pause;
mod refusal;
mod routes;
mod runs;
mod runs_routes;
mod scalar;
mod server;
mod service;
mod simulation;
mod state;
mod suite;
#[cfg(test)]
mod tests;
mod wrong;

pub use exchange::LoggedRequest;
pub use faults::{FaultError, FaultRule, Faults};
pub use server::{Sandbox, SandboxOptions, start};
