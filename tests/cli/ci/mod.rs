//! What CI makes of a repository: the forms for pull requests, the ready parts,
//! and jobs that race.

mod actions;
mod formats;
