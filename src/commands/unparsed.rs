//! A command line that can't be read, or that asks for help or the version.

use std::io::{Error, ErrorKind};
use std::process::ExitCode;

use crate::report::{log, output};

/// Says why, in the form that was asked for as far as that can be seen.
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
