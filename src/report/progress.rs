//! The progress of an apply: a bar, lines, or JSON events.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::apply_events::ApplyEvent;
use super::event::{Event as Said, Level};
use super::json;
use super::output::write_event;
use super::requests::{self, EstimatedRequests, rounded_duration};
use super::sink::Sink;
use super::style::Palette;
use crate::api::Notice;
use crate::apply::{Event, Events};
use crate::diagnostic::Diagnostic;
use crate::visible;

/// How the progress is displayed.
pub enum Mode {
    /// A progress bar on a terminal.
    Bar,
    /// One line per change.
    Lines,
    /// One JSON object per event.
    Json,
    /// Only failures.
    Quiet,
}

/// The progress display of an apply.
pub struct Progress {
    mode: Mode,
    palette: Palette,
    bar: ProgressBar,
    /// The sinks of the JSON events: stdout, a file, or both.
    events: Vec<Arc<Sink>>,
    /// Whether the settling of open creates was announced.
    is_settling: Mutex<bool>,
}

impl Progress {
    /// Returns a progress display.
    #[must_use]
    pub fn new(mode: Mode, palette: Palette) -> Self {
        let bar = match mode {
            Mode::Bar => ProgressBar::new(0),
            _ => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
        };
        let style = ProgressStyle::with_template("  [{bar:32}] {pos}/{len} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            mode,
            palette,
            bar,
            events: Vec::new(),
            is_settling: Mutex::new(false),
        }
    }

    /// Adds a sink for the JSON events, in any mode.
    #[must_use]
    pub fn with_events(mut self, sink: Arc<Sink>) -> Self {
        self.events.push(sink);
        self
    }

    /// Writes the event with the version of the events.
    pub fn version(&self) {
        self.json(&ApplyEvent::version());
    }

    /// Writes the events of an apply with invalid files: the version, and the diagnostics
    /// in the form of `validate`.
    pub fn invalid(&self, diagnostics: &[Diagnostic]) {
        self.version();
        self.json(&ApplyEvent::invalid(diagnostics));
    }

    /// Hides the bar.
    pub fn pause(&self) {
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Shows the bar again.
    pub fn resume(&self) {
        if matches!(self.mode, Mode::Bar) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Removes the bar.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows a wait or a retry.
    pub fn notice(&self, notice: Notice) {
        self.json(&ApplyEvent::from(&notice));
        let sign = self.palette.changed("...");
        self.line(&format!("{sign} {}", requests::notice(&notice)));
    }

    /// Writes a JSON event to the sinks.
    pub fn json(&self, event: &ApplyEvent<'_>) {
        if self.events.is_empty() {
            return;
        }
        let line = json::line(event);
        for sink in &self.events {
            sink.write(&line);
        }
    }

    /// Writes a line for people, above the bar if there is a bar.
    fn line(&self, text: &str) {
        self.line_of_level(Level::Info, text);
    }

    /// Writes a line of this level.
    fn line_of_level(&self, level: Level, text: &str) {
        if matches!(self.mode, Mode::Bar | Mode::Lines) {
            self.important(level, text);
        }
    }

    fn above_bar(&self, text: &str) {
        let text = visible::terminal(text, self.palette.is_coloured());
        self.bar.println(text);
    }

    /// Writes a line that `--quiet` does not suppress.
    fn important(&self, level: Level, text: &str) {
        match self.mode {
            Mode::Bar => self.above_bar(text),
            Mode::Json => {}
            Mode::Lines | Mode::Quiet => write_event(&Said::new(level, text)),
        }
    }

    fn settling(&self, open: usize, at_most: Duration) {
        let mut is_settling = match self.is_settling.lock() {
            Ok(is_settling) => is_settling,
            Err(poisoned) => poisoned.into_inner(),
        };
        self.bar.set_message(format!("settling {open}"));
        if !*is_settling {
            *is_settling = true;
            self.line(&format!(
                "{} settling {open} request{} without an answer, for at most {}",
                self.palette.changed("..."),
                if open == 1 { "" } else { "s" },
                rounded_duration(at_most)
            ));
        }
    }

    fn show(&self, event: &Event) {
        let palette = self.palette;
        match event {
            Event::Began {
                summary,
                requests,
                rate,
            } => {
                let work = summary.create
                    + summary.update
                    + summary.replace
                    + summary.delete
                    + summary.moved
                    + summary.adopt;
                self.bar.set_length(work as u64);
                if let Some(text) = EstimatedRequests::new(*requests, *rate).text() {
                    self.line(&format!("{} {text}", palette.changed("...")));
                }
            }
            Event::Finished { key, operation, id } => {
                self.bar.inc(1);
                if matches!(self.mode, Mode::Lines) {
                    self.line(&format!("{} {key} ({id})", palette.added(operation.done())));
                }
            }
            // The report at the end shows the cause and the help.
            Event::Failed { key, operation, .. } => {
                self.bar.inc(1);
                let verb = operation.verb();
                let text = format!("{} to {verb} {key}", palette.error("failed"));
                self.line_of_level(Level::Error, &text);
            }
            Event::Unknown { key, reason } => self.line_of_level(
                Level::Warn,
                &format!(
                    "{} {key}: no answer to the create ({}); the outcome will be looked up",
                    palette.warning("unknown"),
                    visible::line(reason)
                ),
            ),
            Event::Settling { open, at_most } => self.settling(*open, *at_most),
            Event::Settled { key, id: Some(id) } => self.line(&format!(
                "{} {key}: it was created ({id})",
                palette.added("settled")
            )),
            Event::Settled { key, id: None } => self.line(&format!(
                "{} {key}: it was not created",
                palette.added("settled")
            )),
            Event::Missing { key, id } => self.important(
                Level::Warn,
                &format!(
                    "{}: {id:#} of `{key}` does not exist: it was deleted earlier, or \
                     belongs to another organisation than the key",
                    palette.warning("warning")
                ),
            ),
            Event::CannotList { status } => self.important(
                Level::Warn,
                &format!(
                    "{}: the API can't list simulations ({status}), so a duplicate of an \
                     untracked simulation can't be ruled out",
                    palette.warning("warning")
                ),
            ),
            // The report at the end names the candidates and the help.
            Event::Undecided { key, .. } => {
                self.bar.inc(1);
                let text = format!("{} {key}: needs a decision", palette.error("stopped"));
                self.line_of_level(Level::Error, &text);
            }
        }
    }
}

impl Events for Progress {
    fn event(&self, event: Event) {
        if !self.events.is_empty() {
            self.json(&ApplyEvent::from(&event));
        }
        if !matches!(self.mode, Mode::Json) {
            self.show(&event);
        }
    }
}
