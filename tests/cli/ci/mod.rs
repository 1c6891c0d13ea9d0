//! What CI makes of a repository: the forms for pull requests, the ready parts,
//! and jobs that race.
//!
//! Scripts run where git, bash, curl and jq are; elsewhere their tests are reported as skipped.

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
