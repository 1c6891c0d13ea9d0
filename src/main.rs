//! The `bluejayctl` program: arguments in, exit code out.

use std::process::ExitCode;

use bluejayctl::cli::Cli;
use bluejayctl::report::{Output, color, log, suggestion};
use clap::Parser as _;

/// Ten thousand small maps are made and compared on all cores; the allocators of
/// the C libraries, musl's above all, make the cores wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Lets tests end the process at a named point.
    #[cfg(feature = "crash-points")]
    let _scenario = fail::FailScenario::setup();
    color::choose_for(std::env::args_os());
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return bluejayctl::commands::unparsed(&error),
    };
    color::choose(cli.global.color);
    log::listen(&cli.global);
    suggestion::repeat(&cli.global);
    let mut output = Output::of_process(cli.global.quiet);
    let result = bluejayctl::commands::run(cli, &mut output);
    let exit = output.conclude(result);
    // A thread that waits for an answer to a question must not keep us.
    std::process::exit(i32::from(exit.code()))
}
