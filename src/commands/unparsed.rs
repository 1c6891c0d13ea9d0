//! Handles a command line that can't be parsed, or that asks for help or the version.

use std::io::{Error, ErrorKind};
use std::process::ExitCode;

use crate::report::{log, output};

/// Prints the error, the help or the version. Options for colour and log format count if
/// they are readable.
#[must_use]
pub fn unparsed(error: &clap::Error) -> ExitCode {
    log::listen_for(std::env::args_os());
    if error.use_stderr() && log::is_json() {
        output::problem(&error.to_string());
    } else {
        let printed = error.print();
        let is_lost = |error: &Error| error.kind() != ErrorKind::BrokenPipe;
        if !error.use_stderr() && printed.as_ref().err().is_some_and(is_lost) {
            output::problem("error: could not write to stdout");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::from(u8::from(error.use_stderr()))
}
