//! Writes to stdout and stderr.

use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::color;
use super::event::{Event, Level, events};
use super::hanging;
use super::layout::{Layout, Size};
use super::log;
use super::screen;
use super::sink::Sink;
use super::stderr::Stderr;
use super::style::Palette;
use super::suggestion;
use crate::error::{CommandError, Exit};
use crate::suggestion::Message;
use crate::visible::{self, LinkMark};

/// Whether stderr may contain the colours of this program.
static ERR_IS_COLOURED: OnceLock<bool> = OnceLock::new();

/// The output of a command: stdout for the result, stderr for all other messages.
pub struct Output {
    stdout: Arc<Sink>,
    files: Mutex<Vec<Arc<Sink>>>,
    /// The colours of stdout.
    pub out_palette: Palette,
    /// The colours of stderr.
    pub err_palette: Palette,
    /// Whether progress and warnings are suppressed.
    pub is_quiet: bool,
    /// Whether this command changed something at the API, or may have changed something.
    pub has_changed_api: bool,
}

impl Output {
    /// Returns the output to the streams of the process.
    #[must_use]
    pub fn of_process(is_quiet: bool) -> Self {
        let err_palette = Palette::new(color::of_stderr() && !log::is_json());
        // A process creates one output, so the value is set once.
        let _ = ERR_IS_COLOURED.set(err_palette.is_coloured());
        Self {
            stdout: Arc::new(Sink::new("stdout", io::BufWriter::new(io::stdout()))),
            files: Mutex::new(Vec::new()),
            out_palette: out_palette(),
            err_palette,
            is_quiet,
            has_changed_api: false,
        }
    }

    /// Returns the layout of text for people on stdout.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout::of_stdout(self.out_palette)
    }

    /// Returns stdout.
    #[must_use]
    pub fn stdout(&self) -> Arc<Sink> {
        Arc::clone(&self.stdout)
    }

    /// Returns a sink for a file of results. Failed writes count like failed writes to
    /// stdout.
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

    /// Reports the error of the command and the failed writes. Returns the exit code: 1
    /// means that nothing was changed at the API, 0 that all work was done and every line
    /// was written, to stderr too.
    pub fn conclude(&self, result: Result<Exit, CommandError>) -> Exit {
        screen::end();
        let exit = result.unwrap_or_else(|error| {
            if error.is_interruption() {
                note(&error.to_string());
            } else {
                self.error(&error);
            }
            error.exit_code()
        });
        let lost = self.take_failures();
        for error in &lost {
            self.error(error);
        }
        let is_said = lost.is_empty() && !Stderr::is_lost();
        match exit {
            Exit::Success | Exit::Found if is_said => exit,
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

    /// Writes to stdout and flushes. A failure is reported by [`Output::conclude`].
    pub fn result(&mut self, text: &str) {
        self.stdout.write(text);
    }

    /// Writes text for people to stdout and flushes.
    pub fn human(&mut self, text: &str) {
        self.result(&self.out_palette.shown(text));
    }

    /// Writes lines for people to stdout, in the width of the terminal, and flushes.
    pub fn lines(&mut self, text: &str) {
        let text = self.out_palette.shown(text);
        self.result(&self.layout().hanging(text));
    }

    /// Writes a line to stderr, unless quiet.
    pub fn note(&self, line: impl Into<Message>) {
        if !self.is_quiet {
            note(&suggestion::text(&line.into()));
        }
    }

    /// Writes the lines of a problem to stderr.
    #[allow(clippy::unused_self)]
    pub fn problem(&self, text: &str) {
        problem(text);
    }

    /// Writes a warning to stderr, unless quiet.
    pub fn warn(&self, text: impl Into<Message>) {
        let text = suggestion::text(&text.into());
        let text = visible::line(&text);
        if !self.is_quiet && log::is_json() {
            write_event(&Event::new(Level::Warn, text));
        } else {
            self.note(format!("{}: {text}", self.err_palette.warning("warning")));
        }
    }

    /// Writes an error with its causes and help texts.
    pub fn error(&self, error: &CommandError) {
        let mut event = Event::new(Level::Error, in_one_line(&error.to_string()));
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            event.causes.push(in_one_line(&cause.to_string()));
            source = cause.source();
        }
        let help = error.ways_out().iter();
        let help = help.map(suggestion::text);
        event.help = help
            .map(|help| visible::lines(&help).into_owned())
            .collect();
        if log::is_json() {
            return write_event(&event);
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

/// Returns the colours and the links of stdout.
fn out_palette() -> Palette {
    let palette = Palette::new(color::of_stdout());
    if color::has_links() {
        // The standard library has no other source of random numbers.
        let mark = std::hash::RandomState::new().build_hasher().finish();
        palette.with_links(LinkMark(mark))
    } else {
        palette
    }
}

/// The longest message of an error, in characters.
const MAX_MESSAGE: usize = 4_000;

/// Returns a message or a cause in one line of limited length.
fn in_one_line(message: &str) -> String {
    visible::line(&visible::bounded(message, MAX_MESSAGE)).into_owned()
}

/// Writes a line to stderr, without an [`Output`].
pub fn note(line: &str) {
    write_event(&Event::new(Level::Info, line));
}

/// Writes the lines of a problem to stderr, without an [`Output`].
pub fn problem(text: &str) {
    if log::is_json() {
        events(text).iter().for_each(write_event);
    } else {
        write(text);
    }
}

/// Writes an event to stderr; for people, only the message.
pub fn write_event(event: &Event) {
    match log::as_json(event) {
        Some(line) => write_raw(&visible::json(&line)),
        None => write(&event.message),
    }
}

/// Writes a line for people.
fn write(text: &str) {
    let is_coloured = ERR_IS_COLOURED.get().copied().unwrap_or(false);
    let text = visible::terminal(text, is_coloured);
    match Size::of_stderr_terminal() {
        Some(size) => write_raw(&hanging::lines(&text, size.width)),
        None => write_raw(&text),
    }
}

fn write_raw(line: &str) {
    // A failed write is no error: it decides the exit code.
    let _ = Stderr.write_all(format!("{line}\n").as_bytes());
}

/// Returns whether a progress bar can be shown: never if stderr is in JSON, or on a
/// terminal that can't move the cursor.
#[must_use]
pub fn wants_bar() -> bool {
    is_terminal() && !log::is_json() && !color::is_dumb()
}

/// Returns whether a person can answer a question: on a terminal, but not in a CI whose
/// jobs have a pseudo-terminal.
#[must_use]
pub fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal() && !is_ci()
}

/// Returns whether the variable `CI` is set, and not to a value that means no.
fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !color::is_off(&value))
}

/// Asks on stderr and reads a line from stdin. Bytes that are not UTF-8 are a wrong
/// answer, not an error.
pub async fn ask(question: &str) -> io::Result<String> {
    io::stderr().write_all(question.as_bytes())?;
    screen::ask(true);
    let read = tokio::task::spawn_blocking(|| {
        let mut answer = Vec::new();
        io::stdin().lock().read_until(b'\n', &mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    });
    let answer = read.await.map_err(io::Error::other)?;
    screen::ask(false);
    answer
}
