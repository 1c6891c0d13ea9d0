//! `completions`: prints the completion script of a shell.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::Exit;
use crate::report::Output;

/// Prints the completion script of a shell.
pub(super) fn run(shell: Shell, output: &mut Output) -> Exit {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    output.result(&String::from_utf8_lossy(&script));
    Exit::Success
}
