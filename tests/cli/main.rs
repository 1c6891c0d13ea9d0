//! Integration tests of the program: files and an API, a command, and its exact output.
//! Each command has a module. `env` and `api` set up the scene.
//!
//! Tests of links, signals and shells run on Unix, and tests of programs and folders that
//! only Linux has on Linux. All other tests run on every system.

mod address;
mod agents;
mod answers;
mod api;
mod apply;
// The sources are the same on every system.
#[cfg(unix)]
mod architecture;
mod bulk;
mod ci;
mod completions;
mod contradiction;
#[cfg(feature = "crash-points")]
mod crash;
mod dashboard;
mod disk;
mod doctor;
mod edited;
mod env;
mod environments;
mod explain;
mod filled_api;
mod fmt;
mod graph;
#[cfg(unix)]
mod guard;
mod hostile;
mod import;
mod import_kinds;
#[cfg(unix)]
mod kill;
mod left_out;
mod life;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(unix)]
mod links;
mod lockfile;
mod logs;
mod markers;
mod merge;
mod neighbours;
mod outcome;
mod output_schemas;
mod ownership;
mod paths;
mod plan;
mod policy;
mod pull;
mod recorded;
#[cfg(feature = "crash-points")]
mod recovery;
mod reference;
mod requests;
mod run;
mod run_reports;
#[cfg(target_os = "linux")]
mod said;
mod schema;
mod secrets;
#[cfg(unix)]
mod signals;
mod state;
mod state_kinds;
mod state_table;
#[cfg(unix)]
mod suggestions;
mod suite;
#[path = "../support/tools.rs"]
mod tools;
#[cfg(all(target_os = "linux", feature = "crash-points"))]
mod transcripts;
mod validate;
