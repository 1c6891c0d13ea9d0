//! The commands of the program, one file per command.

mod address;
mod agents;
mod api_key;
mod apply;
mod completions;
mod destroy;
mod doctor;
mod drift;
mod environment;
mod explain;
mod fmt;
mod graph;
mod id_argument;
mod import;
mod init;
mod key_proof;
mod load;
mod man;
mod plan;
mod project;
mod pull;
mod recorded;
mod refresh;
mod remote;
mod run;
mod sandbox;
mod saved_plan;
mod schema;
mod selection;
mod settings;
mod signals;
mod state;
mod step;
mod unparsed;
mod validate;
mod workspace;

pub use completions::complete;
pub use unparsed::unparsed;

use crate::cli::{Cli, Command};
use crate::error::{CommandError, Exit};
use crate::report::Output;
use crate::store::limits;

/// Checks the limits of the system, then runs a command.
pub fn run(mut cli: Cli, output: &mut Output) -> Result<Exit, CommandError> {
    limits::check()?;
    environment::inherit(&mut cli)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new("could not start the threads").caused_by(error))?;
    let exit = runtime.block_on(dispatch(cli, output));
    // A thread that waits for the answer to a question must not delay the exit.
    runtime.shutdown_background();
    exit
}

async fn dispatch(cli: Cli, output: &mut Output) -> Result<Exit, CommandError> {
    let global = &cli.global;
    match &cli.command {
        Command::Init(args) => init::run(global, args, output),
        Command::Validate(args) => validate::run(global, args, output),
        Command::Plan(args) => plan::run(global, args, output).await,
        Command::Apply(args) => apply::run(global, args, output).await,
        Command::Drift(args) => drift::run(global, args, output).await,
        Command::Pull(args) => pull::run(global, args, output).await,
        Command::Destroy(args) => destroy::run(global, args, output).await,
        Command::Import(args) => import::run(global, args, output).await,
        Command::State(command) => state::run(global, command, output),
        Command::Doctor(args) => doctor::run(global, args, output).await,
        Command::Graph(args) => graph::run(global, args, output),
        Command::List(args) => state::list(global, args, output),
        Command::Run(args) => run::run(global, args, output).await,
        Command::Fmt(args) => fmt::run(global, args, output),
        Command::Explain(args) => explain::run(args, output),
        Command::Schema(args) => schema::run(global, args, output),
        Command::Sandbox(args) => sandbox::run(global, args, output).await,
        Command::Completions { shell } => completions::run(*shell, output),
        Command::Man { dir } => man::run(global, dir.as_deref(), output),
    }
}

/// Skips the destructor of a large value shortly before the process ends. Freeing ten
/// thousand simulations takes a tenth of the time of a plan.
fn skip_drop<T>(value: T) {
    std::mem::forget(value);
}

impl From<limits::LimitError> for CommandError {
    fn from(error: limits::LimitError) -> Self {
        let help = error.help();
        let message = error.to_string();
        match std::error::Error::source(&error) {
            Some(source) => Self::new(message).caused_by(source.to_string()).help(help),
            None => Self::new(message).help(help),
        }
    }
}

impl From<crate::store::StoreError> for CommandError {
    fn from(error: crate::store::StoreError) -> Self {
        let message = error.to_string();
        match std::error::Error::source(&error) {
            Some(source) => Self::new(message).caused_by(source.to_string()),
            None => Self::new(message),
        }
    }
}
