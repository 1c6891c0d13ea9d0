//! An emulator of the Bluejay API on this machine, for use without an API key and for
//! fault injection.
//!
//! | files | responsibility |
//! | --- | --- |
//! | `state`, `simulation`, `suite` | the stored resources |
//! | `check`, `coerce`, `compound`, `scalar` | the validation of requests, as the API does it |
//! | `data` | the file of the stored resources |
//! | `faults` | the decision which fault a request gets |
//! | `routes`, `service` | the endpoints, and what they share |
//! | `runs`, `conversation`, `caller`, `metric_score`, `runs_routes` | runs and their endpoints |
//! | `exchange`, `wrong`, `pause` | late, wrong and lost answers |
//! | `server` | the listener |
//!
//! All but the last three rows are synchronous. The sandbox imports no other module
//! of the crate: `bluejayctl` is a client like any other.
//!
//! Where the behaviour of the API is not documented, the sandbox does this:
//! - An `agent_id` may be any text. A text that is not an integer is shown as null.
//! - An explicit null in an update restores the default.
//! - A second delete answers 404.
//! - The duration of an update without a unit is in minutes.
//! - Any integer may be linked as the id of a digital human.
//! - A run of a simulation without digital humans completes with no test.
//! - A transcript is a list of turns, in the form of `formatted_transcript`.
//! - A request without an API key is refused with 401.

mod caller;
mod check;
mod coerce;
mod compound;
mod conversation;
mod data;
mod exchange;
pub mod faults;
mod lag;
mod metric_score;
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
