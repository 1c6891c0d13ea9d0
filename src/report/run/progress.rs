//! The progress of runs: a table and a bar on a terminal, lines elsewhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::live::{self, LiveRun, Size};
use super::{cells, result};
use crate::api::Notice;
use crate::report::Palette;
use crate::report::event::{Event as Said, Level};
use crate::report::output::write_event;
use crate::report::requests;
use crate::resource::key::ResourceKey;
use crate::run::{Judged, Outcome, Tests};
use crate::runner::{Event, Events};
use crate::visible;

/// How the progress is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A table of the runs in progress and a progress bar, on a terminal.
    Bar,
    /// One line per event.
    Lines,
    /// No progress.
    Quiet,
}

/// The progress display of runs.
pub struct RunProgress {
    mode: Mode,
    palette: Palette,
    bar: ProgressBar,
    known: Mutex<RunStates>,
}

/// The state of all runs so far.
#[derive(Debug, Default)]
struct RunStates {
    wanted: usize,
    ended: usize,
    tests: BTreeMap<ResourceKey, Tests>,
    /// The runs in progress.
    live: BTreeMap<ResourceKey, LiveRun>,
    /// The last line about all runs, and its time. Equal lines are not repeated.
    said: Option<(String, Instant)>,
}

/// The shortest time between two lines about all runs, in a log.
const LINE_PAUSE: Duration = Duration::from_secs(30);

impl RunProgress {
    /// Returns a progress display for a number of runs.
    #[must_use]
    pub fn new(mode: Mode, wanted: usize, palette: Palette) -> Self {
        let bar = match mode {
            Mode::Bar => ProgressBar::new(wanted as u64),
            _ => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
        };
        let style = ProgressStyle::with_template("{msg}  [{bar:32}] {prefix} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        if mode == Mode::Bar {
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        let progress = Self {
            mode,
            palette,
            bar,
            known: Mutex::new(RunStates {
                wanted,
                ..RunStates::default()
            }),
        };
        progress.bar.set_prefix(progress.known().line());
        progress
    }

    /// Removes the bar.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows a wait or a retry.
    pub fn notice(&self, notice: &Notice) {
        let what = requests::notice(notice);
        self.line(&format!("{} {what}", self.palette.changed("...")));
    }

    fn known(&self) -> MutexGuard<'_, RunStates> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line, above the bar if there is a bar.
    fn line(&self, text: &str) {
        self.line_of_level(Level::Info, text);
    }

    /// Writes a line of this level.
    fn line_of_level(&self, level: Level, text: &str) {
        match self.mode {
            Mode::Bar => {
                let text = visible::terminal(text, self.palette.is_coloured());
                self.bar.println(text);
            }
            Mode::Lines => write_event(&Said::new(level, text)),
            Mode::Quiet => {}
        }
    }

    /// Writes the state of all runs, if it has changed.
    fn overall(&self) {
        let line = {
            let mut known = self.known();
            let line = known.line();
            if self.mode == Mode::Bar {
                self.bar.set_position(known.ended as u64);
                self.bar.set_prefix(line.clone());
                self.bar
                    .set_message(live::table(&known.live, terminal_size()));
            }
            let is_due = known
                .said
                .as_ref()
                .is_none_or(|(said, at)| *said != line && at.elapsed() >= LINE_PAUSE);
            if self.mode != Mode::Lines || !is_due {
                return;
            }
            known.said = Some((line.clone(), Instant::now()));
            line
        };
        self.line(&format!("{} {line}", self.palette.faint("...")));
    }

    fn show_outcome(&self, judged: &Judged) {
        let result = result(judged);
        let key = &judged.key;
        let text = match &judged.outcome {
            Outcome::Ended { .. } if judged.verdict.is_passed() => {
                let [_, passed, score] = cells(judged);
                let word = self.palette.added("passed");
                return self.line(&format!("{word} {key}: {passed} tests, score {score}"));
            }
            Outcome::Ended { .. } => {
                let [_, passed, score] = cells(judged);
                let word = self.palette.error("failed");
                format!("{word} {key}: {result} ({passed} tests, score {score})")
            }
            _ => format!("{} {key}: {result}", self.palette.error("failed")),
        };
        self.line_of_level(Level::Error, &text);
    }
}

/// Returns the size of the terminal; a common size if the terminal does not tell its size.
fn terminal_size() -> Size {
    let size = terminal_size::terminal_size_of(std::io::stderr());
    size.map_or(
        Size {
            width: 80,
            height: 24,
        },
        |(width, height)| Size {
            width: usize::from(width.0),
            height: usize::from(height.0),
        },
    )
}

impl RunStates {
    /// Returns the state of all runs: `1 of 3 runs ended, 14 of 30 tests`.
    fn line(&self) -> String {
        let sum = |count: fn(&Tests) -> u32| -> u64 {
            self.tests
                .values()
                .map(|tests| u64::from(count(tests)))
                .sum()
        };
        let runs = if self.wanted == 1 { "run" } else { "runs" };
        let (ended, wanted) = (self.ended, self.wanted);
        match (sum(|tests| tests.completed), sum(|tests| tests.total)) {
            (_, 0) => format!("{ended} of {wanted} {runs} ended"),
            (done, all) => format!("{ended} of {wanted} {runs} ended, {done} of {all} tests"),
        }
    }
}

impl Events for RunProgress {
    fn event(&self, event: Event<'_>) {
        match event {
            // The table shows the state; in a log, lines must survive a killed job.
            Event::Queued { key, run } if self.mode == Mode::Lines => {
                let word = self.palette.moved("queued");
                self.line(&format!("{word} {key} (run {run})"));
            }
            Event::Queued { key, .. } => {
                self.known().live.insert(key.clone(), LiveRun::queued());
                self.overall();
            }
            Event::AnswerLost { key, reason } => self.line(&format!(
                "{} {key}: no answer ({reason}); searching for its run",
                self.palette.warning("unknown")
            )),
            Event::Read { key, snapshot } => {
                {
                    let mut known = self.known();
                    known.tests.insert(key.clone(), snapshot.tests);
                    known.live.insert(key.clone(), LiveRun::of(snapshot));
                }
                // The end of a run has a separate line.
                if snapshot.status.is_running() {
                    self.overall();
                }
            }
            Event::NotRead { key, reason } => self.line(&format!(
                "{} {key} can't be read ({reason}); trying again",
                self.palette.changed("...")
            )),
            Event::Judged { judged } => {
                {
                    let mut known = self.known();
                    known.ended += 1;
                    known.live.remove(&judged.key);
                }
                // The report at the end names the runs that continue.
                if !matches!(judged.outcome, Outcome::Interrupted { .. }) {
                    self.show_outcome(judged);
                }
                self.overall();
            }
        }
    }
}
