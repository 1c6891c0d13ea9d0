//! Decides whether output is coloured, and whether it has links.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal as _, stderr, stdout};

use anstream::{AutoStream, ColorChoice};

use crate::cli;

/// Sets the use of colour for all output of this process, including help texts.
///
/// The variables `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `FORCE_COLOR` and `TERM=dumb`
/// decide if the command line does not.
pub fn choose(color: cli::ColorChoice) {
    let choice = match color {
        cli::ColorChoice::Always => ColorChoice::Always,
        cli::ColorChoice::Never => ColorChoice::Never,
        cli::ColorChoice::Auto if is_forced() && !anstyle_query::no_color() => ColorChoice::Always,
        cli::ColorChoice::Auto if is_force_off() && !is_terminal() => ColorChoice::Never,
        cli::ColorChoice::Auto => ColorChoice::Auto,
    };
    choice.write_global();
}

/// Sets the use of colour from arguments that are not parsed yet.
pub fn choose_for(args: impl IntoIterator<Item = OsString>) {
    let color = cli::option_of(args, &["--color"]);
    choose(match color.as_deref() {
        Some("always") => cli::ColorChoice::Always,
        Some("never") => cli::ColorChoice::Never,
        _ => cli::ColorChoice::Auto,
    });
}

/// Returns whether stdout is coloured.
#[must_use]
pub fn of_stdout() -> bool {
    AutoStream::choice(&stdout()) != ColorChoice::Never
}

/// Returns whether stderr is coloured.
#[must_use]
pub fn of_stderr() -> bool {
    AutoStream::choice(&stderr()) != ColorChoice::Never
}

/// Returns whether stdout shows links: on a terminal with colour that is known to support
/// them. The variable `FORCE_HYPERLINK` decides about other terminals.
#[must_use]
pub fn has_links() -> bool {
    let is_supported = supports_hyperlinks::supports_hyperlinks();
    of_stdout() && stdout().is_terminal() && !is_dumb() && is_supported
}

/// Returns whether the terminal can't move the cursor.
pub(super) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn is_forced() -> bool {
    std::env::var_os("FORCE_COLOR").is_some_and(|value| !is_off(&value))
}

/// Returns whether `CLICOLOR_FORCE` is set to a value that forces nothing. `anstream` takes
/// every value as one that forces colour.
fn is_force_off() -> bool {
    std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| is_off(&value))
}

fn is_terminal() -> bool {
    stdout().is_terminal() && stderr().is_terminal()
}

/// Returns whether the value of a variable means no.
pub(super) fn is_off(value: &OsStr) -> bool {
    ["", "0", "false"].iter().any(|off| value == *off)
}
