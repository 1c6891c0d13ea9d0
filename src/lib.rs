//! `bluejayctl` keeps Bluejay simulations, tests of voice and chat agents, as
//! YAML in a git repository and makes the API hold what the files say.
//!
//! # The way of a simulation
//!
//! [`resource`] is the vocabulary: keys, ids and fields, and what it means that two
//! states are equal. [`spec`] reads and checks what the user declares. [`lock`] is what was
//! recorded when it was last applied. [`plan`] compares the two and decides what
//! to do. [`journal`] is the argument why no crash can lose or double a
//! simulation, as a value that is folded onto the lockfile. [`run`] says whether
//! a run of a simulation goes on and was good enough, [`import`] writes the YAML
//! of one that exists already. These six are pure: functions of their arguments,
//! which never touch the world.
//!
//! [`api`] talks to Bluejay, [`store`] to the disk, [`report`] to the user.
//! [`state`] keeps lockfile and journal on the disk. [`apply`] carries a plan out
//! with [`api`] and [`state`]. [`runner`] queues runs and
//! waits for them; [`visible`] makes the text of others safe to show. [`suggestion`] holds
//! the commands that messages propose. [`sandbox`] is a small server
//! that behaves like the API. [`commands`] puts them together, one verb a file.
//!
//! # Direction
//!
//! Above, the core: pure and synchronous. Below, what touches the world. A test
//! reads the imports and holds them against this table.
//!
//! | module | uses |
//! | --- | --- |
//! | `visible` | nothing |
//! | `suggestion` | nothing |
//! | `resource` | `visible` |
//! | `pace` | nothing: time and chance are arguments |
//! | `diagnostic` | `suggestion`, `visible` |
//! | `spec` | `pace`, `resource`, `diagnostic`, `suggestion`, `visible` |
//! | `lock` | `resource`, `spec`, `suggestion` |
//! | `plan` | `lock`, `spec`, `resource`, `suggestion` |
//! | `import` | `plan`, `spec`, `resource`, `diagnostic` |
//! | `journal` | `lock`, `spec`, `resource` |
//! | `run` | `spec`, `resource` |
//! | `sandbox` | `store` |
//! | `api` | `pace`, `run`, `lock`, `spec`, `resource` |
//! | `store` | `spec`, `resource`, `diagnostic` |
//! | `state` | `store`, `journal`, `lock`, `resource` |
//! | `apply` | `api`, `state`, `store`, `journal`, `plan`, `lock`, `spec`, `resource` |
//! | `runner` | `api`, `run`, `spec`, `resource` |
//! | `cli` | `pace`, `plan`, `run`, `sandbox`: the values of its options |
//! | `error` | `suggestion` |
//! | `report` | `apply`, `runner`, `api`, `plan`, `run`, `spec`, `resource`, `cli`, `error`, `diagnostic`, `suggestion`, `visible` |
//! | `commands` | `pace`, `import`, `apply`, `runner`, `api`, `state`, `store`, `report`, `sandbox`, `cli`, `error`, `journal`, `plan`, `run`, `lock`, `spec`, `resource`, `diagnostic`, `suggestion`, `visible` |
//!
//! # Mistakes and failures
//!
//! What is wrong in the user's files is collected as [`diagnostic::Diagnostic`]s,
//! each with its place. What fails in the world ends the command as an
//! [`error::CommandError`] with its cause and a way out.

pub mod api;
pub mod apply;
pub mod cli;
pub mod commands;
pub mod diagnostic;
pub mod error;
pub mod import;
pub mod journal;
pub mod lock;
pub mod pace;
pub mod plan;
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
