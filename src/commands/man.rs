//! `man`: the man pages, generated from the help texts and the manual.

use std::path::Path;

use clap::Command;
use clap_mangen::Man;
use roff::{Roff, bold, roman};

use crate::cli::manual::{self, Row};
use crate::cli::{self, GlobalArgs};
use crate::error::{CommandError, Exit};
use crate::report::Output;
use crate::store::writable::WritablePath;

/// Prints the man page of the program, or writes the pages of all commands.
pub(super) fn run(
    global: &GlobalArgs,
    folder: Option<&Path>,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let mut command = with_every_option(cli::command().disable_help_subcommand(true));
    command.build();
    let Some(folder) = folder else {
        output.result(&text(&Page::of(command, ""))?);
        return Ok(Exit::Success);
    };
    let folder = global.path(folder);
    WritablePath::named(&folder).create_folder()?;
    let count = write(command, "", &folder)?;
    output.note(format!("{count} man pages in `{}`", folder.display()));
    Ok(Exit::Success)
}

/// Returns the command with the options that its short help leaves out. A page would have no
/// text for these.
fn with_every_option(command: Command) -> Command {
    let command = command.mut_args(|arg| arg.hide_short_help(false));
    command.mut_subcommands(with_every_option)
}

/// Writes the page of a command and the pages of its subcommands. Returns the number of
/// pages.
fn write(command: Command, path: &str, folder: &Path) -> Result<usize, CommandError> {
    let mut count = 1;
    for inner in command.get_subcommands() {
        let path = format!("{path} {}", inner.get_name());
        count += write(inner.clone(), path.trim_start(), folder)?;
    }
    let page = Page::of(command, path);
    let file = WritablePath::named(&folder.join(page.man.get_filename()));
    file.replace_if_different(&text(&page)?)?;
    Ok(count)
}

/// The page of one command.
struct Page {
    man: Man,
    /// The words of the command after the name of the program.
    path: String,
    /// Whether the command has subcommands.
    has_commands: bool,
    /// The pages of the commands above and below.
    related: Vec<String>,
}

impl Page {
    /// Returns the page of a command. The page has no date, so the same source generates
    /// the same page.
    fn of(command: Command, path: &str) -> Self {
        let name = |path: &str| format!("bluejayctl {path}").trim_end().replace(' ', "-");
        let below = command.get_subcommands();
        let below = below.map(|inner| format!("{}-{}", name(path), inner.get_name()));
        let above = path.rsplit_once(' ').map_or("", |(above, _)| above);
        let above = (!path.is_empty()).then(|| name(above));
        let related = above.into_iter().chain(below).collect();
        Self {
            has_commands: command.has_subcommands(),
            man: Man::new(command)
                .source(concat!("bluejayctl ", env!("CARGO_PKG_VERSION")))
                .manual("bluejayctl"),
            path: path.to_owned(),
            related,
        }
    }

    /// Writes the page: the sections of the options, then the sections of the manual.
    fn render(&self, page: &mut Vec<u8>) -> std::io::Result<()> {
        let Self {
            man,
            path,
            has_commands,
            related,
        } = self;
        man.render_title(page)?;
        man.render_name_section(page)?;
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        if *has_commands {
            man.render_subcommands_section(page)?;
        }
        let mut roff = Roff::new();
        terms(&mut roff, "EXIT STATUS", manual::EXIT_STATUS);
        terms(&mut roff, "ENVIRONMENT", manual::ENVIRONMENT);
        roff.control("SH", ["EXAMPLES"]);
        for (line, meaning) in manual::examples(path) {
            roff.control("TP", []);
            roff.text([bold(*line)]);
            roff.text([roman(*meaning)]);
        }
        roff.control("SH", ["SEE ALSO"]);
        let pages = related.iter().enumerate().flat_map(|(index, name)| {
            let between = if index == 0 { "" } else { ", " };
            [roman(between), bold(name.clone()), roman("(1)")]
        });
        roff.text(pages.collect::<Vec<_>>());
        roff.to_writer(page)
    }
}

/// Writes a section with a meaning for each term.
fn terms(roff: &mut Roff, title: &str, rows: &[Row]) {
    roff.control("SH", [title]);
    for (term, meaning) in rows {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(*meaning)]);
    }
}

fn text(page: &Page) -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    page.render(&mut bytes)
        .map_err(|error| CommandError::new("could not make the man page").caused_by(error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
