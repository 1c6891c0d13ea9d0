//! The status of a running command: lines, and a bar or a reading below them.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::Output;
use super::event::{Event as Said, Level};
use super::output::{wants_bar, write_event};
use super::requests::{self, rounded_duration};
use super::screen;
use super::style::Palette;
use crate::api::{Calls, Client, Notice};
use crate::pace::Budget;

/// How the status is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A line at the bottom of a terminal, which changes.
    Bar,
    /// Lines in a log.
    Lines,
    /// Nothing: the events are JSON.
    Json,
    /// Only what `--quiet` does not suppress.
    Quiet,
}

impl Mode {
    /// Returns the mode of a command that writes no JSON events.
    #[must_use]
    pub fn of(output: &Output) -> Self {
        match () {
            () if output.is_quiet => Self::Quiet,
            () if wants_bar() => Self::Bar,
            () => Self::Lines,
        }
    }
}

/// For how long nothing is shown about a read.
const SILENCE: Duration = Duration::from_secs(1);

/// The time between two changes of the bottom line.
const TICK: Duration = Duration::from_millis(200);

/// The time between two lines about one read, in a log.
const LINE_PAUSE: Duration = Duration::from_secs(30);

/// The display of the status.
pub struct Status {
    mode: Mode,
    palette: Palette,
    /// Whether a signal waits for the end of sent requests. Otherwise a signal ends the
    /// command at once.
    finishes_requests: AtomicBool,
}

impl Status {
    /// Returns a display.
    #[must_use]
    pub fn new(mode: Mode, palette: Palette) -> Self {
        Self {
            mode,
            palette,
            finishes_requests: AtomicBool::new(false),
        }
    }

    /// Returns the display of a command that writes no JSON events.
    #[must_use]
    pub fn of(output: &Output) -> Self {
        Self::new(Mode::of(output), output.err_palette)
    }

    /// Returns how the status is displayed.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Shows a bar for this number of steps at the bottom of a terminal.
    pub fn begin_steps(&self, steps: usize) {
        self.begin_bar("  [{bar:32}] {pos}/{len} {elapsed} {msg}", steps);
    }

    /// Shows a bar of this form for this number of steps at the bottom of a terminal.
    pub(super) fn begin_bar(&self, template: &str, steps: usize) {
        if self.mode != Mode::Bar {
            return;
        }
        screen::begin(template);
        self.change(|bar| {
            bar.set_length(steps as u64);
            bar.enable_steady_tick(TICK);
        });
    }

    /// Sets the number of steps that have ended.
    pub fn advance_to(&self, steps: usize) {
        self.change(|bar| bar.set_position(steps as u64));
    }

    /// Sets the text behind the bar.
    pub fn message(&self, text: String) {
        self.change(|bar| bar.set_message(text));
    }

    /// Changes the bar, if there is one.
    pub(super) fn change(&self, change: impl FnOnce(&ProgressBar)) {
        if self.mode == Mode::Bar {
            screen::change(change);
        }
    }

    /// Removes the bottom line.
    pub fn end(&self) {
        if self.mode == Mode::Bar {
            screen::end();
        }
    }

    /// Writes a line for people, above the bottom line.
    pub fn line(&self, level: Level, text: &str) {
        if matches!(self.mode, Mode::Bar | Mode::Lines) {
            self.important(level, text);
        }
    }

    /// Writes a note, beside JSON events too.
    pub fn note(&self, text: &str) {
        match self.mode {
            Mode::Json => write_event(&Said::new(Level::Info, text)),
            _ => self.line(Level::Info, text),
        }
    }

    /// Notes whether a signal waits for the end of sent requests from now on.
    pub fn finishes_requests(&self, does: bool) {
        self.finishes_requests.store(does, Ordering::Relaxed);
    }

    /// Tells what the first signal does, unless the command ends at once.
    pub fn stopping(&self) {
        if !self.finishes_requests.load(Ordering::Relaxed) {
            return;
        }
        self.note("stopping: sent requests are finished first; a second signal exits at once");
    }

    /// Writes a line that `--quiet` does not suppress.
    pub fn important(&self, level: Level, text: &str) {
        if self.mode != Mode::Json {
            write_event(&Said::new(level, text));
        }
    }

    /// Shows a wait or a retry.
    pub fn notice(&self, notice: &Notice) {
        let text = requests::notice(notice);
        self.line(
            Level::Info,
            &format!("{} {text}", self.palette.changed("...")),
        );
    }

    /// Shows the progress of a read that takes over a second, until the read ends. `what`
    /// is a present participle: `reading the simulations`.
    pub async fn during<T>(&self, what: &str, client: &Client, work: impl Future<Output = T>) -> T {
        let reading = Reading {
            what,
            rate: client.sent().rate,
            begun: Instant::now(),
            earlier: client.calls(),
        };
        let mut work = pin!(work);
        let mut ticks = tokio::time::interval(TICK);
        let mut last_line = reading.begun;
        let result = loop {
            tokio::select! {
                biased;
                result = &mut work => break result,
                _ = ticks.tick() => {}
            }
            let elapsed = reading.begun.elapsed();
            if elapsed < SILENCE {
                continue;
            }
            match self.mode {
                Mode::Bar => self.show(reading.text(client.calls(), elapsed)),
                Mode::Lines if last_line.elapsed() >= LINE_PAUSE => {
                    last_line = Instant::now();
                    let text = reading.text(client.calls(), elapsed);
                    self.line(Level::Info, &format!("... {text}"));
                }
                _ => {}
            }
        };
        self.end();
        result
    }

    /// Shows a text at the bottom of the terminal.
    fn show(&self, text: String) {
        if !screen::has_bar() {
            screen::begin("  {spinner} {wide_msg}");
        }
        self.change(|bar| {
            bar.set_message(text);
            bar.tick();
        });
    }
}

/// A read that goes on.
struct Reading<'a> {
    what: &'a str,
    /// The requests that are allowed in a minute.
    rate: Option<u32>,
    begun: Instant,
    /// The calls before the read.
    earlier: Calls,
}

impl Reading<'_> {
    /// Returns the read with the number of requests, the elapsed time, and the time that is
    /// left if the number of requests is known.
    fn text(&self, calls: Calls, elapsed: Duration) -> String {
        let calls = calls.since(self.earlier);
        let mut text = format!("{}: ", self.what);
        if calls.all > 1 {
            text.push_str(&format!("{} of {} requests, ", calls.ended, calls.all));
        }
        text.push_str(&rounded_down(elapsed));
        if let Some(left) = self.left(calls, elapsed) {
            text.push_str(&format!(", about {} left", rounded_duration(left)));
        }
        text
    }

    /// Returns the time that is left at the speed so far and at the allowed rate.
    fn left(&self, calls: Calls, elapsed: Duration) -> Option<Duration> {
        if !calls.is_announced || calls.ended == 0 {
            return None;
        }
        let open = u32::try_from(calls.all - calls.ended).ok()?;
        let ended = u32::try_from(calls.ended).ok()?;
        let at_speed = (elapsed / ended).checked_mul(open)?;
        let at_rate = self.rate.map(|rate| {
            let whole = Budget::per_minute(rate).time_for(calls.all);
            whole.saturating_sub(elapsed)
        });
        Some(at_speed.max(at_rate.unwrap_or_default())).filter(|left| left.as_secs() > 0)
    }
}

/// Returns a time in whole seconds, rounded down.
fn rounded_down(time: Duration) -> String {
    humantime::format_duration(Duration::from_secs(time.as_secs())).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rate: Option<u32>, (ended, all): (usize, usize), seconds: u64, expected: &str) {
        let reading = Reading {
            what: "reading",
            rate,
            begun: Instant::now(),
            earlier: Calls::default(),
        };
        let calls = Calls {
            ended,
            all,
            is_announced: all > ended + 1,
        };
        let text = reading.text(calls, Duration::from_secs(seconds));
        assert_eq!(text, expected);
    }

    #[test]
    fn a_reading_shows_the_elapsed_time_and_the_rest() {
        check(None, (0, 1), 3, "reading: 3s");
        check(None, (2, 3), 3, "reading: 2 of 3 requests, 3s");
        check(
            None,
            (100, 400),
            20,
            "reading: 100 of 400 requests, 20s, about 1m left",
        );
    }

    #[test]
    fn the_allowed_rate_bounds_the_speed_that_is_expected() {
        let text = |rate| {
            let reading = Reading {
                what: "reading",
                rate,
                begun: Instant::now(),
                earlier: Calls::default(),
            };
            let calls = Calls {
                ended: 100,
                all: 300,
                is_announced: true,
            };
            reading.left(calls, Duration::from_secs(3))
        };
        assert_eq!(text(None), Some(Duration::from_secs(6)));
        assert!(text(Some(100)) > Some(Duration::from_secs(60)));
    }
}
