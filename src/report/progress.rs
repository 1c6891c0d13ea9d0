//! An apply while it goes on: a bar, lines, or JSON events.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::apply_events::ApplyEvent;
use super::event::{Event as Said, Level};
use super::json;
use super::output::tell;
use super::sink::Sink;
use super::style::Palette;
use crate::api::Notice;
use crate::apply::{Event, Events};
use crate::diagnostic::Diagnostic;
use crate::visible;

/// How an apply is shown.
pub enum Mode {
    /// A progress bar on a terminal.
    Bar,
    /// A line for each change.
    Lines,
    /// A JSON object for each event.
    Json,
    /// Failures alone.
    Quiet,
}

/// Shows an apply while it goes on.
pub struct Progress {
    mode: Mode,
    palette: Palette,
    bar: ProgressBar,
    /// Where the JSON events go: stdout, a file, or both.
    events: Vec<Arc<Sink>>,
    /// Whether the open creates that are being settled were announced.
    is_settling: Mutex<bool>,
}

impl Progress {
    /// Shows in this mode, in these colours of stderr.
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

    /// The same with the JSON events written to `sink` too, in any mode.
    #[must_use]
    pub fn with_events(mut self, sink: Arc<Sink>) -> Self {
        self.events.push(sink);
        self
    }

    /// Says which version of the events follows, in that mode.
    pub fn version(&self) {
        self.json(&ApplyEvent::version());
    }

    /// The events of an apply whose files are invalid: the version, and all that
    /// is wrong as `validate` has it.
    pub fn invalid(&self, diagnostics: &[Diagnostic]) {
        self.version();
        self.json(&ApplyEvent::invalid(diagnostics));
    }

    /// Takes the bar away while something else is shown.
    pub fn pause(&self) {
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Shows the bar again.
    pub fn resume(&self) {
        if matches!(self.mode, Mode::Bar) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Takes note of a wait or a retry.
    pub fn notice(&self, notice: Notice) {
        self.json(&ApplyEvent::from(&notice));
        match notice {
            Notice::Throttled { status, pause } => {
                let why = match status {
                    401 => "401 after earlier success".to_owned(),
                    status => status.to_string(),
                };
                self.line(&format!(
                    "{} the API throttles ({why}): every request waits {}",
                    self.palette.changed("..."),
                    rounded(pause)
                ));
            }
            Notice::Paced { rate, pause } => {
                self.line(&format!(
                    "{} {rate} requests a minute are allowed: waiting {}",
                    self.palette.changed("..."),
                    rounded(pause)
                ));
            }
            Notice::Retried { reason, pause } => {
                self.line(&format!(
                    "{} {}; trying again in {}",
                    self.palette.changed("..."),
                    visible::line(&reason),
                    rounded(pause)
                ));
            }
        }
    }

    /// Writes an event for programs.
    pub fn json(&self, event: &ApplyEvent<'_>) {
        if self.events.is_empty() {
            return;
        }
        let line = json::line(event);
        for sink in &self.events {
            sink.write(&line);
        }
    }

    /// A line for people, above the bar where there is one.
    fn line(&self, text: &str) {
        self.leveled(Level::Info, text);
    }

    /// The same of this weight.
    fn leveled(&self, level: Level, text: &str) {
        if matches!(self.mode, Mode::Bar | Mode::Lines) {
            self.important(level, text);
        }
    }

    fn above_bar(&self, text: &str) {
        let text = visible::terminal(text, self.palette.is_coloured());
        self.bar.println(text);
    }

    /// A line that is shown even when quiet.
    fn important(&self, level: Level, text: &str) {
        match self.mode {
            Mode::Bar => self.above_bar(text),
            Mode::Json => {}
            Mode::Lines | Mode::Quiet => tell(&Said::new(level, text)),
        }
    }

    fn settling(&self, open: usize, at_most: Duration) {
        let mut is_settling = match self.is_settling.lock() {
            Ok(is_settling) => is_settling,
            Err(poisoned) => poisoned.into_inner(),
        };
        self.bar.set_message(format!("looking up {open}"));
        if !*is_settling {
            *is_settling = true;
            self.line(&format!(
                "{} looking up what became of {open} request{} without an answer, for at most {}",
                self.palette.changed("..."),
                if open == 1 { "" } else { "s" },
                rounded(at_most)
            ));
        }
    }

    fn show(&self, event: &Event) {
        let palette = self.palette;
        match event {
            Event::Began { summary } => {
                let work = summary.create
                    + summary.update
                    + summary.replace
                    + summary.delete
                    + summary.moved
                    + summary.adopt;
                self.bar.set_length(work as u64);
            }
            Event::Finished { key, operation, id } => {
                self.bar.inc(1);
                if matches!(self.mode, Mode::Lines) {
                    self.line(&format!("{} {key} ({id})", palette.added(operation.done())));
                }
            }
            // The report at the end says why, and the way out.
            Event::Failed { key, operation, .. } => {
                self.bar.inc(1);
                let verb = operation.verb();
                let text = format!("{} to {verb} {key}", palette.error("failed"));
                self.leveled(Level::Error, &text);
            }
            Event::Unknown { key, reason } => self.leveled(
                Level::Warn,
                &format!(
                    "{} {key}: no answer to its create ({}); it will be looked up",
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
                    "{}: simulation {id} of `{key}` isn't there: it was deleted before, or it belongs \
                     to another organisation than the key",
                    palette.warning("warning")
                ),
            ),
            Event::CannotList { status } => self.important(
                Level::Warn,
                &format!(
                    "{}: the API can't list simulations ({status}), so duplicates of simulations \
                     that nobody recorded can't be ruled out",
                    palette.warning("warning")
                ),
            ),
            // The report at the end names the candidates and the ways out.
            Event::Undecided { key, .. } => {
                self.bar.inc(1);
                let text = format!("{} {key}: needs a decision", palette.error("stopped"));
                self.leveled(Level::Error, &text);
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

pub(super) fn rounded(time: Duration) -> String {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let rounded = match milliseconds {
        0..1000 => Duration::from_millis(milliseconds),
        _ => Duration::from_secs(milliseconds.div_ceil(1000)),
    };
    humantime::format_duration(rounded).to_string()
}
