//! `man`: the man pages, generated from the help texts.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::cli::{Cli, GlobalArgs};
use crate::error::{CommandError, Exit};
use crate::report::Output;
use crate::store::writable::WritablePath;

/// Prints the man page of the program, or writes the pages of all commands.
pub(super) fn run(
    global: &GlobalArgs,
    folder: Option<&Path>,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = folder else {
        output.result(&text(&page(command))?);
        return Ok(Exit::Success);
    };
    let folder = global.path(folder);
    WritablePath::named(&folder).create_folder()?;
    let count = write(command, &folder)?;
    output.note(format!("{count} man pages in `{}`", folder.display()));
    Ok(Exit::Success)
}

/// Writes the page of a command and the pages of its subcommands. Returns the number of
/// pages.
fn write(command: Command, folder: &Path) -> Result<usize, CommandError> {
    let mut count = 1;
    for inner in command.get_subcommands() {
        count += write(inner.clone(), folder)?;
    }
    let man = page(command);
    let path = WritablePath::named(&folder.join(man.get_filename()));
    path.replace_if_different(&text(&man)?)?;
    Ok(count)
}

/// Returns the page of a command. The page has no date, so the same source generates the
/// same page.
fn page(command: Command) -> Man {
    Man::new(command)
        .source(concat!("bluejayctl ", env!("CARGO_PKG_VERSION")))
        .manual("bluejayctl")
}

fn text(man: &Man) -> Result<String, CommandError> {
    let mut page = Vec::new();
    man.render(&mut page)
        .map_err(|error| CommandError::new("could not make the man page").caused_by(error))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
