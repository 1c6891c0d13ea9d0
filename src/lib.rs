//! `bluejayctl` keeps Bluejay simulations as YAML in a git repository.
pub mod api;
pub mod apply;
pub mod cli;
pub mod diagnostic;
pub mod error;
pub mod journal;
pub mod lock;
pub mod plan;
pub mod report;
pub mod spec;
pub mod store;
