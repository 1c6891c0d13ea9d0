//! The request budget: how many requests a minute may be sent, and when.
//!
//! The API allows a number of requests a minute and client address. Other
//! programs behind the same address share that number, and this program does
//! not see them. So a [`Budget`] does two things:
//!
//! - It keeps this program's own requests under the limit, whatever kind of
//!   window the server counts in. A job that fits into one minute's budget
//!   never waits.
//! - It learns from a throttled request (429) that others use the limit too,
//!   and takes a share of it, which grows again with every answered request.
//!
//! The module is pure: the time is an argument, and so is the random number
//! that keeps several programs out of step. `tests/fleet.rs` runs many budgets
//! against a simulated server with a simulated clock. The constants below were
//! chosen by that simulation; docs/performance.md shows its figures.

mod budget;
mod rate;
#[cfg(test)]
mod tests;

pub use budget::{Budget, Ticket, Turn, WINDOW};
pub use rate::Rate;
