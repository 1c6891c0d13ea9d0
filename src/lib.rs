//! `bluejayctl` keeps Bluejay simulations as YAML in a git repository.
pub mod diagnostic;
pub mod error;
pub mod spec;
