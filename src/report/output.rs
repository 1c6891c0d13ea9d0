//! Stdout and stderr.

use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::color;
use super::event::{Event, Level, events};
use super::log;
use super::sink::Sink;
use super::style::Palette;
use super::suggestion;
use crate::error::{CommandError, Exit};
use crate::suggestion::Message;
use crate::visible;

/// Whether our own colours may stand in what is written to stderr.
static ERR_IS_COLOURED: OnceLock<bool> = OnceLock::new();

/// Stdout for the result, stderr for everything else.
pub struct Output {
    stdout: Arc<Sink>,
    files: Mutex<Vec<Arc<Sink>>>,
    /// The colours of stdout.
    pub out_palette: Palette,
    /// The colours of stderr.
    pub err_palette: Palette,
    /// No progress and no warnings.
    pub is_quiet: bool,
    /// Whether this command changed something at the API, or may have.
    pub has_changed_api: bool,
}

impl Output {
    /// The process's own streams.
    #[must_use]
    pub fn of_process(is_quiet: bool) -> Self {
        let err_palette = Palette::new(color::of_stderr() && !log::is_json());
        // Only the first of a process counts, and there is one.
        let _ = ERR_IS_COLOURED.set(err_palette.is_coloured());
        Self {
            stdout: Arc::new(Sink::new("stdout", io::BufWriter::new(io::stdout()))),
            files: Mutex::new(Vec::new()),
            out_palette: Palette::new(color::of_stdout()),
            err_palette,
            is_quiet,
            has_changed_api: false,
        }
    }

    /// Returns stdout.
    #[must_use]
    pub fn stdout(&self) -> Arc<Sink> {
        Arc::clone(&self.stdout)
    }

    /// Returns a file for results, whose failures count like those of stdout.
    pub fn file(&self, name: &str, writer: impl Write + Send + 'static) -> Arc<Sink> {
        let sink = Arc::new(Sink::new(format!("`{name}`"), writer));
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.push(Arc::clone(&sink));
        sink
    }

    /// Returns an error if something could not be written.
    pub fn check(&self) -> Result<(), CommandError> {
        self.take_failures().into_iter().next().map_or(Ok(()), Err)
    }

    fn take_failures(&self) -> Vec<CommandError> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let sinks = std::iter::once(&self.stdout).chain(files.iter());
        sinks.filter_map(|sink| sink.take_failure()).collect()
    }

    /// Reports what ended the command and what could not be written. Returns how the
    /// process ends: code 1 means that nothing was changed at the API, code 0 that
    /// everything was done and written.
    pub fn conclude(&self, result: Result<Exit, CommandError>) -> Exit {
        let exit = result.unwrap_or_else(|error| {
            self.error(&error);
            error.exit_code()
        });
        let lost = self.take_failures();
        for error in &lost {
            self.error(error);
        }
        match exit {
            Exit::Success | Exit::Found if lost.is_empty() => exit,
            Exit::Success | Exit::Found | Exit::Failure => {
                if self.has_changed_api {
                    Exit::Incomplete
                } else {
                    Exit::Failure
                }
            }
            exit => exit,
        }
    }

    /// Writes to stdout at once. A failure is kept: see [`Output::conclude`].
    pub fn result(&mut self, text: &str) {
        self.stdout.write(text);
    }

    /// Writes text for people to stdout at once.
    pub fn human(&mut self, text: &str) {
        self.result(&visible::terminal(text, self.out_palette.is_coloured()));
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

/// Whether a person can be asked a question: on a terminal, but not in a CI that gives
/// its jobs a pseudo-terminal.
#[must_use]
pub fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal() && !anstyle_query::is_ci()
}

/// Asks on stderr and reads a line from stdin. Bytes that are not UTF-8 are no answer
/// that a command expects, and no error.
pub async fn ask(question: &str) -> io::Result<String> {
    let mut err = io::stderr().lock();
    write!(err, "{question}")?;
    err.flush()?;
    drop(err);
    let read = tokio::task::spawn_blocking(|| {
        let mut answer = Vec::new();
        io::stdin().lock().read_until(b'\n', &mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    });
    read.await.map_err(io::Error::other)?
}
