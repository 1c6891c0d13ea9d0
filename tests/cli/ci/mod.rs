//! Tests of the CI integration: the formats for pull requests, the actions and workflows,
//! and concurrent jobs.
//!
//! Tests of scripts need git, bash, curl and jq. Without these programs, the tests are
//! reported as skipped.

mod actions;
mod formats;
mod github;
mod merge_job;
mod merge_lock;
mod merge_trouble;
mod parts;
mod release;
mod scene;
mod shell;
mod unpushed;
