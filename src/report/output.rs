//! Stdout and stderr.

use std::io::{self, IsTerminal as _, Write};

use super::style::Palette;
use crate::cli::ColorChoice;
use crate::error::CommandError;

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

    /// Writes a line to stderr, unless quiet.
    pub fn note(&self, line: &str) {
        if !self.is_quiet {
            self.problem(line);
        }
    }

    /// Writes a line to stderr.
    #[allow(clippy::unused_self)]
    pub fn problem(&self, line: &str) {
        note(line);
    }

    /// Writes a warning to stderr, unless quiet.
    pub fn warn(&self, text: &str) {
        self.note(&format!("{}: {text}", self.err_palette.warning("warning")));
    }

    /// Writes what ended a command, its causes and the ways out.
    pub fn error(&self, error: &CommandError) {
        let palette = self.err_palette;
        self.problem(&format!("{}: {error}", palette.error("error")));
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            self.problem(&format!("  caused by: {cause}"));
            source = cause.source();
        }
        for help in error.ways_out() {
            self.problem(&format!("{}: {help}", palette.help("help")));
        }
    }
}

/// Writes a line to stderr, from anywhere.
pub fn note(line: &str) {
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
