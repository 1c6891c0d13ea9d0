//! Stdout and stderr.

use std::io::{self, IsTerminal as _, Write};
use std::sync::OnceLock;

use super::event::{Event, Level, events};
use super::log;
use super::style::Palette;
use super::suggestion;
use crate::cli::ColorChoice;
use crate::error::CommandError;
use crate::suggestion::Message;
use crate::visible;

/// Whether our own colours may stand in what is written to stderr.
static ERR_IS_COLOURED: OnceLock<bool> = OnceLock::new();

/// Stdout for the result, stderr for everything else.
pub struct Output {
    /// Where the result goes.
    pub out: Box<dyn Write + Send>,
    /// The colours of stdout.
    pub out_palette: Palette,
    /// The colours of stderr.
    pub err_palette: Palette,
    /// No progress and no warnings.
    pub is_quiet: bool,
}

impl Output {
    /// The process's own streams.
    #[must_use]
    pub fn of_process(color: ColorChoice, is_quiet: bool) -> Self {
        let palette = |is_terminal: bool| {
            Palette::new(match color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => {
                    let no_color = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
                    is_terminal && !no_color
                }
            })
        };
        let err_palette = if log::is_json() {
            Palette::new(false)
        } else {
            palette(io::stderr().is_terminal())
        };
        // Only the first of a process counts, and there is one.
        let _ = ERR_IS_COLOURED.set(err_palette.is_coloured());
        Self {
            out: Box::new(io::BufWriter::new(io::stdout())),
            out_palette: palette(io::stdout().is_terminal()),
            err_palette,
            is_quiet,
        }
    }

    /// Writes to stdout at once.
    pub fn result(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    /// Writes text for people to stdout at once.
    pub fn human(&mut self, text: &str) -> io::Result<()> {
        self.result(&visible::terminal(text, self.out_palette.is_coloured()))
    }

    /// Writes a line to stderr, unless quiet.
    pub fn note(&self, line: impl Into<Message>) {
        if !self.is_quiet {
            note(&suggestion::text(&line.into()));
        }
    }

    /// Writes lines to stderr that tell of something wrong.
    #[allow(clippy::unused_self)]
    pub fn problem(&self, text: &str) {
        problem(text);
    }

    /// Writes a warning to stderr, unless quiet.
    pub fn warn(&self, text: impl Into<Message>) {
        let text = suggestion::text(&text.into());
        let text = visible::line(&text);
        if !self.is_quiet && log::is_json() {
            tell(&Event::new(Level::Warn, text));
        } else {
            self.note(format!("{}: {text}", self.err_palette.warning("warning")));
        }
    }

    /// Writes what ended a command, its causes and the ways out.
    pub fn error(&self, error: &CommandError) {
        let mut event = Event::new(Level::Error, shown(&error.to_string()));
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            event.causes.push(shown(&cause.to_string()));
            source = cause.source();
        }
        let help = error.ways_out().iter();
        let help = help.map(suggestion::text);
        event.help = help
            .map(|help| visible::lines(&help).into_owned())
            .collect();
        if log::is_json() {
            return tell(&event);
        }
        let palette = self.err_palette;
        write(&format!("{}: {}", palette.error("error"), event.message));
        for cause in event.causes {
            write(&format!("  caused by: {cause}"));
        }
        for help in event.help {
            write(&format!("{}: {help}", palette.help("help")));
        }
    }
}

/// The longest message of an error, in characters.
const MAX_MESSAGE: usize = 4_000;

/// A message or a cause in one line of bounded length.
fn shown(message: &str) -> String {
    visible::line(&visible::bounded(message, MAX_MESSAGE)).into_owned()
}

/// Writes a line to stderr, from anywhere.
pub fn note(line: &str) {
    tell(&Event::new(Level::Info, line));
}

/// Writes lines to stderr that tell of something wrong, from anywhere.
pub fn problem(text: &str) {
    if log::is_json() {
        events(text).iter().for_each(tell);
    } else {
        write(text);
    }
}

/// Writes an event to stderr; for people, its message alone.
pub fn tell(event: &Event) {
    match log::as_json(event) {
        Some(line) => write_raw(&visible::json(&line)),
        None => write(&event.message),
    }
}

/// Writes for people.
fn write(text: &str) {
    let is_coloured = ERR_IS_COLOURED.get().copied().unwrap_or(false);
    write_raw(&visible::terminal(text, is_coloured));
}

fn write_raw(line: &str) {
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Whether a person can be shown a bar: never where stderr is for programs.
#[must_use]
pub fn wants_bar() -> bool {
    is_terminal() && !log::is_json()
}

/// Whether a person can be asked a question.
#[must_use]
pub fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on stderr and reads a line from stdin.
pub async fn ask(question: &str) -> io::Result<String> {
    let mut err = io::stderr().lock();
    write!(err, "{question}")?;
    err.flush()?;
    drop(err);
    let read = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|_| answer)
    });
    read.await.map_err(io::Error::other)?
}
