//! Stdout and stderr.

use std::io::{self, IsTerminal as _, Write};

use super::style::Palette;
use crate::cli::ColorChoice;
use crate::error::CommandError;
use crate::visible;

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
        Self {
            out: Box::new(io::BufWriter::new(io::stdout())),
            out_palette: palette(io::stdout().is_terminal()),
            err_palette: palette(io::stderr().is_terminal()),
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
    pub fn note(&self, line: &str) {
        if !self.is_quiet {
            self.problem(line);
        }
    }

    /// Writes a line to stderr.
    pub fn problem(&self, line: &str) {
        write_line(line, self.err_palette);
    }

    /// Writes a warning to stderr, unless quiet.
    pub fn warn(&self, text: &str) {
        let text = visible::line(text);
        self.note(&format!("{}: {text}", self.err_palette.warning("warning")));
    }

    /// Writes what ended a command, its causes and the ways out.
    pub fn error(&self, error: &CommandError) {
        let palette = self.err_palette;
        let message = shown(&error.to_string());
        self.problem(&format!("{}: {message}", palette.error("error")));
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            self.problem(&format!("  caused by: {}", shown(&cause.to_string())));
            source = cause.source();
        }
        for help in error.ways_out() {
            let help = visible::lines(help);
            self.problem(&format!("{}: {help}", palette.help("help")));
        }
    }
}

/// The longest message of an error, in characters.
const MAX_MESSAGE: usize = 4_000;

/// A message or a cause in one line of bounded length.
fn shown(message: &str) -> String {
    visible::line(&visible::bounded(message, MAX_MESSAGE)).into_owned()
}

/// Writes a line without colour to stderr, from anywhere.
pub fn note(line: &str) {
    write_line(line, Palette::new(false));
}

/// Writes a line to stderr, in colours that it may have.
pub(super) fn write_line(line: &str, palette: Palette) {
    let line = visible::terminal(line, palette.is_coloured());
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Whether a person can be shown a bar and asked a question.
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
