//! The `bluejayctl` program: parses the arguments, runs the command, returns the exit
//! code.

use std::process::ExitCode;

use bluejayctl::cli;
use bluejayctl::report::{Output, color, log, suggestion};

/// The allocator. Plans allocate many small maps on all cores, and the allocators of the
/// C libraries, above all musl's, serialise the cores.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Tests end the process at a named point.
    #[cfg(feature = "crash-points")]
    let _scenario = fail::FailScenario::setup();
    if bluejayctl::commands::complete(std::env::args_os()) {
        return ExitCode::SUCCESS;
    }
    color::choose_for(std::env::args_os());
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(error) => return bluejayctl::commands::unparsed(&error),
    };
    color::choose(cli.global.color);
    log::listen(&cli.global);
    suggestion::repeat(&cli.global);
    let mut output = Output::of_process(cli.global.quiet);
    let result = bluejayctl::commands::run(cli, &mut output);
    let exit = output.conclude(result);
    // A thread that waits for the answer to a question must not delay the exit.
    std::process::exit(i32::from(exit.code()))
}
