//! A command line that can't be read, or that asks for help or the version.

use std::process::ExitCode;

use crate::report::{log, output};

/// Says why, in the form that was asked for as far as that can be seen.
#[must_use]
pub fn unparsed(error: &clap::Error) -> ExitCode {
    log::listen_for(std::env::args_os());
    if error.use_stderr() && log::is_json() {
        output::problem(&error.to_string());
    } else {
        // A closed stream leaves nobody to tell.
        let _ = error.print();
    }
    ExitCode::from(u8::from(error.use_stderr()))
}
