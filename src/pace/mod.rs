//! The request budget: how many requests may be sent per minute, and when.
//!
//! The API allows a number of requests per minute and client address. Programs behind one
//! address share the limit, but do not see each other. A [`Budget`] therefore has two
//! tasks:
//!
//! - It keeps the requests of this program below the limit, with fixed windows and with
//!   sliding windows. A job that fits into the budget of one minute never waits.
//! - After a throttled request (429), it assumes that other clients use the limit too, and
//!   uses only a share of the limit. The share grows with every answered request.
//!
//! The module is pure: the time is an argument, and so is the random number that spaces the
//! requests of several programs differently. `tests/fleet.rs` runs many budgets against a
//! simulated server with a simulated clock. That simulation determined the constants of
//! this module; docs/performance.md shows its results.

mod budget;
mod rate;
#[cfg(test)]
mod tests;

pub use budget::{Budget, Ticket, Turn, WINDOW, bulk_creates};
pub use rate::Rate;
