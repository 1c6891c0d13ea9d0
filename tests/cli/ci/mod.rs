//! Tests of the CI integration: the formats for pull requests, the actions and workflows,
//! and concurrent jobs.
//!
//! Tests of scripts run on Linux, and need git, bash, curl and jq. Without these programs, the tests are
//! reported as skipped.

mod actions;
#[cfg(target_os = "linux")]
mod comments;
mod formats;
#[cfg(target_os = "linux")]
mod github;
#[cfg(target_os = "linux")]
mod killed;
#[cfg(target_os = "linux")]
mod lockfile_branch;
#[cfg(target_os = "linux")]
mod merge_job;
#[cfg(target_os = "linux")]
mod merge_lock;
#[cfg(target_os = "linux")]
mod merge_trouble;
#[cfg(target_os = "linux")]
mod parts;
#[cfg(target_os = "linux")]
mod protection;
#[cfg(target_os = "linux")]
mod pull_requests;
#[cfg(target_os = "linux")]
mod release;
#[cfg(target_os = "linux")]
mod scene;
#[cfg(target_os = "linux")]
mod shell;
#[cfg(target_os = "linux")]
mod steps;
#[cfg(target_os = "linux")]
mod unpushed;
