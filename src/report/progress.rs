//! The progress of an apply: a bar, lines, or JSON events.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::apply_events::ApplyEvent;
use super::event::Level;
use super::json;
use super::requests::{EstimatedRequests, rounded_duration};
use super::sink::Sink;
use super::status::{Mode, Status};
use super::style::Palette;
use crate::api::Notice;
use crate::apply::{Event, Events};
use crate::diagnostic::Diagnostic;
use crate::resource::key::ResourceKey;
use crate::suggestion::{counted, share};
use crate::visible;

/// The progress display of an apply.
pub struct Progress {
    /// The lines and the bar.
    pub status: Status,
    palette: Palette,
    /// The sinks of the JSON events: stdout, a file, or both.
    events: Vec<Arc<Sink>>,
    /// Whether the settling of open creates was announced.
    is_settling: Mutex<bool>,
    known: Mutex<Known>,
}

/// The changes of a plan so far.
#[derive(Default)]
struct Known {
    /// The number of changes; 0 before they begin.
    planned: usize,
    /// The changes with a result. A change may have several results.
    concluded: BTreeSet<ResourceKey>,
}

impl Progress {
    /// Returns a progress display.
    #[must_use]
    pub fn new(mode: Mode, palette: Palette) -> Self {
        Self {
            status: Status::new(mode, palette),
            palette,
            events: Vec::new(),
            is_settling: Mutex::new(false),
            known: Mutex::default(),
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

    /// Shows a wait or a retry.
    pub fn notice(&self, notice: &Notice) {
        self.json(&ApplyEvent::from(notice));
        self.status.notice(notice);
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

    /// Reports at the second signal how many changes have a result.
    pub fn stopped_at_once(&self) {
        let known = self.known();
        let (concluded, planned) = (known.concluded.len(), known.planned);
        if planned == 0 {
            return self.status.note("stopped at once, before any change");
        }
        let changes = share(concluded, planned, "change");
        let text = format!(
            "stopped at once after {changes}; the outcomes are in the journal, and \
             sent requests may still be executed"
        );
        self.status.note(&text);
        let help = self.palette.help("help");
        self.status.note(&format!(
            "{help}: repeat the command: it looks up the open requests, and continues"
        ));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Advances the bar to the number of changes with a result.
    fn conclude(&self, key: &ResourceKey) {
        let mut known = self.known();
        known.concluded.insert(key.clone());
        self.status.advance_to(known.concluded.len());
    }

    fn line(&self, text: &str) {
        self.status.line(Level::Info, text);
    }

    fn settling(&self, open: usize, at_most: Duration) {
        let mut is_settling = match self.is_settling.lock() {
            Ok(is_settling) => is_settling,
            Err(poisoned) => poisoned.into_inner(),
        };
        self.status.message(format!("settling {open}"));
        if !*is_settling {
            *is_settling = true;
            self.line(&format!(
                "{} settling {} without an answer, for at most {}",
                self.palette.changed("..."),
                counted(open, "request"),
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
                self.known().planned = work;
                self.status.begin_steps(work);
                if let Some(text) = EstimatedRequests::new(*requests, *rate).text() {
                    self.line(&format!("{} {text}", palette.changed("...")));
                }
            }
            Event::Finished { key, operation, id } => {
                self.conclude(key);
                self.line(&format!("{} {key} ({id})", palette.added(operation.done())));
            }
            // The report at the end shows the cause and the help.
            Event::Failed { key, operation, .. } => {
                self.conclude(key);
                let verb = operation.verb();
                let text = format!("{} to {verb} {key}", palette.error("failed"));
                self.status.line(Level::Error, &text);
            }
            Event::Unknown { key, reason } => self.status.line(
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
            Event::Missing { key, id } => self.status.important(
                Level::Warn,
                &format!(
                    "{}: {id:#} of `{key}` does not exist: it was deleted earlier, or \
                     belongs to another organisation than the key",
                    palette.warning("warning")
                ),
            ),
            Event::CannotList { status } => self.status.important(
                Level::Warn,
                &format!(
                    "{}: the API can't list simulations ({status}), so a duplicate of an \
                     untracked simulation can't be ruled out",
                    palette.warning("warning")
                ),
            ),
            // The report at the end names the candidates and the help.
            Event::Undecided { key, .. } => {
                self.conclude(key);
                let text = format!("{} {key}: needs a decision", palette.error("stopped"));
                self.status.line(Level::Error, &text);
            }
        }
    }
}

impl Events for Progress {
    fn event(&self, event: Event) {
        if !self.events.is_empty() {
            self.json(&ApplyEvent::from(&event));
        }
        if self.status.mode() != Mode::Json {
            self.show(&event);
        }
    }
}
