//! `bluejayctl` keeps Bluejay simulations as YAML in a git repository.
pub mod api;
pub mod diagnostic;
pub mod error;
pub mod journal;
pub mod lock;
pub mod plan;
pub mod sandbox;
pub mod spec;
pub mod store;
