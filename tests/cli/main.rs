//! Integration tests of the program: files and an API, a command, and its exact output.
//! Each command has a module. `env` and `api` set up the scene.

mod address;
mod agents;
mod answers;
mod api;
mod apply;
mod architecture;
mod ci;
mod completions;
mod contradiction;
#[cfg(feature = "crash-points")]
mod crash;
mod disk;
mod doctor;
mod env;
mod environments;
mod explain;
mod filled_api;
mod fmt;
mod graph;
mod guard;
mod hostile;
mod import;
mod import_kinds;
mod kill;
mod life;
mod limits;
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
mod pull;
mod recorded;
#[cfg(feature = "crash-points")]
mod recovery;
mod reference;
mod requests;
mod run;
mod run_reports;
mod said;
mod schema;
mod secrets;
mod signals;
mod state;
mod state_kinds;
mod state_table;
mod suggestions;
mod suite;
#[path = "../support/tools.rs"]
mod tools;
#[cfg(feature = "crash-points")]
mod transcripts;
mod validate;
