//! `bluejayctl` keeps Bluejay simulations as YAML in a git repository.
pub mod commands;
pub mod diagnostic;
pub mod error;
pub mod report;
pub mod spec;
pub mod store;
