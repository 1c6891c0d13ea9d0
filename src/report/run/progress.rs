//! The progress of runs: a table and a bar on a terminal, lines elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::live::{self, LiveRun};
use super::{cells, queued_or_not, result, score_later};
use crate::api::Notice;
use crate::report::event::Level;
use crate::report::layout::Size;
use crate::report::status::Mode;
use crate::report::{Output, Palette, Status, suggestion};
use crate::resource::key::ResourceKey;
use crate::run::{Judged, Outcome, Tests};
use crate::runner::{Event, Events, Wanted};
use crate::suggestion::share;

/// The progress display of runs.
pub struct RunProgress {
    status: Status,
    palette: Palette,
    known: Mutex<RunStates>,
}

/// The state of all runs so far.
#[derive(Debug, Default)]
struct RunStates {
    wanted: BTreeSet<ResourceKey>,
    ended: BTreeSet<ResourceKey>,
    tests: BTreeMap<ResourceKey, Tests>,
    /// The runs in progress, and those whose wait was interrupted.
    live: BTreeMap<ResourceKey, LiveRun>,
    /// The last line about all runs, and its time. Equal lines are not repeated.
    said: Option<(String, Instant)>,
    /// The causes that kept runs from being queued, and were told.
    told: BTreeSet<String>,
}

/// The shortest time between two lines about all runs, in a log.
const LINE_PAUSE: Duration = Duration::from_secs(30);

impl RunProgress {
    /// Returns a progress display for the runs of these simulations.
    #[must_use]
    pub fn new(wanted: &[Wanted], output: &Output) -> Self {
        Self {
            status: Status::of(output),
            palette: output.err_palette,
            known: Mutex::new(RunStates {
                wanted: wanted.iter().map(|wanted| wanted.key.clone()).collect(),
                ..RunStates::default()
            }),
        }
    }

    /// Shows the bar, on a terminal. From now on, a signal waits for sent requests.
    pub fn begin(&self) {
        self.status.finishes_requests(true);
        let (wanted, line) = {
            let known = self.known();
            (known.wanted.len(), known.line())
        };
        let template = "{msg}  [{bar:32}] {prefix} {elapsed}";
        self.status.begin_bar(template, wanted);
        self.status.change(|bar| bar.set_prefix(line));
    }

    /// Tells what the first signal does.
    pub fn stopping(&self) {
        self.status.stopping();
    }

    /// Tells at the second signal which runs may go on.
    pub fn stopped_at_once(&self) {
        let text = "stopped at once; a request under way may still queue a run";
        self.status.line(Level::Warn, text);
        let known = self.known();
        for (key, run) in &known.live {
            let text = format!("{:#} of `{key}` may still be running", run.id);
            self.status.line(Level::Warn, &text);
        }
        let text = match known.live.keys().next() {
            Some(key) => Some(score_later(key)),
            None => known.waiting().map(queued_or_not),
        };
        if let Some(text) = text {
            let help = self.palette.help("help");
            let text = format!("{help}: {}", suggestion::text(&text));
            self.status.line(Level::Warn, &text);
        }
    }

    /// Removes the bar. On a terminal, a blank line divides the lines from the report.
    pub fn end(&self) {
        self.status.end();
        if Size::of_stderr_terminal().is_some() {
            self.line("");
        }
    }

    /// Shows a wait or a retry.
    pub fn notice(&self, notice: &Notice) {
        self.status.notice(notice);
    }

    fn known(&self) -> MutexGuard<'_, RunStates> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, text: &str) {
        self.status.line(Level::Info, text);
    }

    /// Writes the state of all runs, if it has changed.
    fn overall(&self) {
        let line = {
            let mut known = self.known();
            let line = known.line();
            self.status.change(|bar| {
                bar.set_position(known.ended.len() as u64);
                bar.set_prefix(line.clone());
                bar.set_message(live::table(&known.live, Size::of_stderr()));
            });
            let is_due = known
                .said
                .as_ref()
                .is_none_or(|(said, at)| *said != line && at.elapsed() >= LINE_PAUSE);
            if self.status.mode() != Mode::Lines || !is_due {
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
            // The report at the end names each run; equal causes are told once.
            Outcome::NotQueued { .. } if !self.known().told.insert(result.clone()) => return,
            _ => format!("{} {key}: {result}", self.palette.error("failed")),
        };
        self.status.line(Level::Error, &text);
    }
}

impl RunStates {
    /// Returns the first simulation whose run has not ended.
    fn waiting(&self) -> Option<&ResourceKey> {
        self.wanted.difference(&self.ended).next()
    }

    /// Returns the state of all runs: `1 of 3 runs ended, 14 of 30 tests`.
    fn line(&self) -> String {
        let sum = |count: fn(&Tests) -> u32| -> u64 {
            self.tests
                .values()
                .map(|tests| u64::from(count(tests)))
                .sum()
        };
        let runs = share(self.ended.len(), self.wanted.len(), "run");
        match (sum(|tests| tests.completed), sum(|tests| tests.total)) {
            (_, 0) => format!("{runs} ended"),
            (done, all) => format!("{runs} ended, {done} of {all} tests"),
        }
    }
}

impl Events for RunProgress {
    fn event(&self, event: Event<'_>) {
        match event {
            // The table shows the state; in a log, lines must survive a killed job.
            Event::Queued { key, run } if self.status.mode() == Mode::Lines => {
                let word = self.palette.moved("queued");
                self.line(&format!("{word} {key} ({run:#})"));
                self.known().live.insert(key.clone(), LiveRun::queued(run));
            }
            Event::Queued { key, run } => {
                self.known().live.insert(key.clone(), LiveRun::queued(run));
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
                    if let Some(run) = known.live.get_mut(key) {
                        run.read(snapshot);
                    }
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
                let is_interrupted = matches!(judged.outcome, Outcome::Interrupted { .. });
                {
                    let mut known = self.known();
                    known.ended.insert(judged.key.clone());
                    if !is_interrupted {
                        known.live.remove(&judged.key);
                    }
                }
                // The report at the end names the runs that continue.
                if !is_interrupted {
                    self.show_outcome(judged);
                }
                self.overall();
            }
        }
    }
}
