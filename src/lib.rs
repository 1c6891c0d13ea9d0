//! `bluejayctl` keeps Bluejay simulations, which test voice and chat agents, as YAML
//! files in a git repository, and makes the API hold the desired state.
//!
//! # Modules
//!
//! The core is pure: its functions depend on their arguments only.
//!
//! - [`resource`] has keys, ids and fields, and normalises and compares states.
//! - [`spec`] reads and checks the desired state.
//! - [`lock`] is the prior state, as a value and as text.
//! - [`plan`] compares states and decides what to do.
//! - [`journal`] folds intents and outcomes onto a lockfile, and has the crash-safety
//!   argument.
//! - [`run`] decides whether a run of a simulation continues, and whether it passes.
//! - [`import`] writes the YAML of an existing resource.
//! - [`pull`] writes observed values into the files that declare them.
//! - [`doctor`] decides what is wrong with the set-up of a project.
//! - [`pace`] is the request budget.
//! - [`suggestion`] has the commands that messages propose.
//! - [`visible`] escapes untrusted text. [`wrap`] breaks prose into lines.
//! - [`diagnostic`] is a mistake with its place.
//!
//! The other modules have effects.
//!
//! - [`api`] sends requests to Bluejay.
//! - [`store`] reads and writes files. [`state`] keeps lockfile, journal and guard.
//! - [`report`] prints.
//! - [`apply`] executes a plan. [`runner`] queues runs and waits for them.
//! - [`sandbox`] is an emulator of the API.
//! - [`cli`] is the command line. [`commands`] combines the modules, one file per command.
//!
//! # Direction of imports
//!
//! A test compares the imports with this table. The table has no circle.
//!
//! | module | uses |
//! | --- | --- |
//! | `visible` | nothing |
//! | `suggestion` | nothing |
//! | `wrap` | nothing |
//! | `resource` | `visible` |
//! | `pace` | nothing: time and chance are arguments |
//! | `diagnostic` | `suggestion`, `visible` |
//! | `spec` | `pace`, `resource`, `diagnostic`, `suggestion`, `visible` |
//! | `lock` | `resource`, `spec`, `suggestion` |
//! | `plan` | `lock`, `spec`, `resource`, `suggestion` |
//! | `import` | `plan`, `spec`, `resource`, `diagnostic` |
//! | `pull` | `import`, `plan`, `lock`, `spec`, `resource`, `diagnostic`, `suggestion` |
//! | `journal` | `lock`, `spec`, `resource` |
//! | `run` | `spec`, `resource` |
//! | `doctor` | `resource`, `suggestion` |
//! | `sandbox` | `store` |
//! | `api` | `pace`, `run`, `lock`, `spec`, `resource` |
//! | `store` | `spec`, `resource`, `diagnostic` |
//! | `state` | `store`, `journal`, `lock`, `resource` |
//! | `apply` | `api`, `state`, `store`, `journal`, `plan`, `lock`, `spec`, `resource` |
//! | `runner` | `api`, `run`, `spec`, `resource` |
//! | `cli` | `pace`, `plan`, `run`, `sandbox`: the values of its options; `wrap` |
//! | `error` | `suggestion` |
//! | `report` | `doctor`, `pace`, `pull`, `apply`, `runner`, `api`, `plan`, `run`, `spec`, `resource`, `cli`, `error`, `diagnostic`, `suggestion`, `visible`, `wrap` |
//! | `commands` | `doctor`, `pace`, `import`, `pull`, `apply`, `runner`, `api`, `state`, `store`, `report`, `sandbox`, `cli`, `error`, `journal`, `plan`, `run`, `lock`, `spec`, `resource`, `diagnostic`, `suggestion`, `visible`, `wrap` |
//!
//! # Mistakes and failures
//!
//! Mistakes in the user's files are collected as [`diagnostic::Diagnostic`]s, each with
//! its place. A failure of the network or the disk ends the command as an
//! [`error::CommandError`] with its cause and a suggestion.

pub mod api;
pub mod apply;
pub mod cli;
pub mod commands;
pub mod diagnostic;
pub mod doctor;
pub mod error;
pub mod import;
pub mod journal;
pub mod lock;
pub mod pace;
pub mod plan;
pub mod pull;
pub mod report;
pub mod resource;
pub mod run;
pub mod runner;
pub mod sandbox;
pub mod spec;
pub mod state;
pub mod store;
pub mod suggestion;
pub mod visible;
pub mod wrap;
