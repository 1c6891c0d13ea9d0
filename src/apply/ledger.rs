//! The journal as it is being written, and what it adds up to.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::crash_point;
use crate::journal::{
    Entry, HistoryError, Intent, MAX_SEND_DELAY, OpenFor, OpenIntent, Owners, Replay, write_line,
};
use crate::lock::{LockedSimulation, Lockfile};
use crate::resource::key::{SimulationId, SimulationKey};
use crate::state::{JournalWriter, StateError};
use crate::store::StoreError;

/// Why an entry could not be recorded.
#[derive(Debug, Clone)]
pub enum LedgerError {
    /// The disk failed.
    Store(Arc<StoreError>),
    /// What other lockfiles claim could not be read.
    State(Arc<StateError>),
    /// The entry doesn't follow from those before it.
    History(HistoryError),
    /// The writing thread is gone.
    Gone,
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => {
                write!(f, "{error}")?;
                match std::error::Error::source(error) {
                    Some(source) => write!(f, ": {source}"),
                    None => Ok(()),
                }
            }
            Self::State(error) => error.fmt(f),
            Self::History(error) => error.fmt(f),
            Self::Gone => f.write_str("the journal is closed; this is a bug in bluejayctl"),
        }
    }
}

impl std::error::Error for LedgerError {}

impl From<StateError> for LedgerError {
    fn from(error: StateError) -> Self {
        Self::State(Arc::new(error))
    }
}

struct Line {
    bytes: Vec<u8>,
    written: oneshot::Sender<Result<(), LedgerError>>,
}

/// The journal as it is being written, and what it adds up to.
///
/// A thread of its own writes the lines: all that wait are written together and
/// share one sync, so a thousand changes in flight don't cost a thousand syncs.
pub struct Ledger {
    state: Mutex<State>,
    lines: Sender<Line>,
    /// When this process learned of what an earlier one left open.
    begun: Instant,
    times: Mutex<Times>,
    has_changed: AtomicBool,
}

/// When this process did something about its own intents, by their numbers and by the
/// monotonic clock.
#[derive(Default)]
struct Times {
    /// When an intent was written.
    intended: BTreeMap<u64, Instant>,
    /// When the answer to a create was lost.
    lost: BTreeMap<u64, Instant>,
}

/// What the journal adds up to so far.
struct State {
    replay: Replay,
    owners: Owners,
}

impl Ledger {
    /// Goes on from a state, appending to an open journal.
    #[must_use]
    pub fn new(replay: Replay, file: JournalWriter) -> Self {
        let owners = Owners::of(&replay.lock);
        let (lines, waiting) = channel();
        std::thread::spawn(move || write_lines(file, &waiting));
        Self {
            state: Mutex::new(State { replay, owners }),
            lines,
            begun: Instant::now(),
            times: Mutex::default(),
            has_changed: AtomicBool::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records what is about to be sent, at a time in milliseconds since 1970. When this
    /// returns, it is on the disk; the number is for its outcome.
    pub async fn intend(&self, intent: Intent, at: u64) -> Result<u64, LedgerError> {
        crash_point!("intent.before");
        let (seq, written) = {
            let mut state = self.state();
            let seq = state.replay.next_seq;
            (
                seq,
                self.append(&mut state, &Entry::Intended { seq, at, intent })?,
            )
        };
        self.times().intended.insert(seq, Instant::now());
        written.await.map_err(|_| LedgerError::Gone)??;
        crash_point!("intent.after");
        Ok(seq)
    }

    /// Records that a request is sent only now, if its intent is older than
    /// [`SENDING_SLACK`]. When this returns, that is on the disk.
    pub async fn sending(&self, seq: u64, at: u64) -> Result<(), LedgerError> {
        let intended = self.times().intended.get(&seq).copied();
        if intended.is_none_or(|intended| intended.elapsed() <= MAX_SEND_DELAY) {
            return Ok(());
        }
        self.record(Entry::Sending { seq, at }).await
    }

    /// Records that the answer to a create is lost. When this returns, that is on
    /// the disk.
    pub async fn unanswered(&self, seq: u64, at: u64) -> Result<(), LedgerError> {
        self.times().lost.insert(seq, Instant::now());
        self.record(Entry::Unanswered { seq, at }).await
    }

    /// For how long this process has known that a request is open.
    pub(super) fn open_for(&self, seq: u64) -> OpenFor {
        match self.times().lost.get(&seq) {
            Some(since) => OpenFor::Lost(since.elapsed()),
            None => OpenFor::Found(self.begun.elapsed()),
        }
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an outcome. When this returns, it is on the disk.
    ///
    /// It counts in memory even when the disk fails, so that a lockfile written
    /// afterwards still names the id.
    pub async fn record(&self, entry: Entry) -> Result<(), LedgerError> {
        if let Entry::Created { .. } | Entry::Done { .. } = entry {
            self.has_changed.store(true, Ordering::Relaxed);
        }
        let written = {
            let mut state = self.state();
            self.append(&mut state, &entry)?
        };
        written.await.map_err(|_| LedgerError::Gone)?
    }

    /// Records entries that say what the lockfile names, in this order and with shared
    /// syncs: one after the other, ten thousand renames would wait for as many. When
    /// this returns, each is on the disk or refused.
    pub async fn record_all(&self, entries: Vec<Entry>) -> Vec<Result<(), LedgerError>> {
        let waits: Vec<_> = {
            let mut state = self.state();
            let entries = entries.iter();
            entries
                .map(|entry| self.append(&mut state, entry))
                .collect()
        };
        let mut recorded = Vec::with_capacity(waits.len());
        for wait in waits {
            recorded.push(match wait {
                Ok(written) => written.await.unwrap_or(Err(LedgerError::Gone)),
                Err(error) => Err(error),
            });
        }
        recorded
    }

    /// Whether this run recorded that the API was changed.
    pub(super) fn has_changed(&self) -> bool {
        self.has_changed.load(Ordering::Relaxed)
    }

    /// Folds an entry and hands its line to the writer, in one step, so that the
    /// file's order is the fold's order.
    fn append(
        &self,
        state: &mut State,
        entry: &Entry,
    ) -> Result<oneshot::Receiver<Result<(), LedgerError>>, LedgerError> {
        let State { replay, owners } = state;
        let applied = replay.apply_among(entry, owners);
        applied.map_err(LedgerError::History)?;
        let mut bytes = Vec::new();
        write_line(entry, &mut bytes);
        let (written, wait) = oneshot::channel();
        let line = Line { bytes, written };
        self.lines.send(line).map_err(|_| LedgerError::Gone)?;
        Ok(wait)
    }

    /// The lockfile with every known outcome.
    #[must_use]
    pub fn lock(&self) -> Lockfile {
        self.state().replay.lock.clone()
    }

    /// The state as it stands.
    #[must_use]
    pub fn snapshot(&self) -> Replay {
        self.state().replay.clone()
    }

    /// The ids that the lockfile owns.
    #[must_use]
    pub fn owned(&self) -> Vec<SimulationId> {
        self.state().replay.lock.ids().map(|(id, _)| id).collect()
    }

    /// The id that a key has now.
    #[must_use]
    pub fn id_of(&self, key: &SimulationKey) -> Option<SimulationId> {
        let state = self.state();
        let locked = state.replay.lock.simulations.get(key);
        locked.map(|locked| locked.simulation_id)
    }

    /// What is recorded for a key now.
    #[must_use]
    pub fn entry_of(&self, key: &SimulationKey) -> Option<LockedSimulation> {
        self.state().replay.lock.simulations.get(key).cloned()
    }

    /// Whether an intent has no outcome yet.
    #[must_use]
    pub fn is_open(&self, seq: u64) -> bool {
        self.state().replay.open.contains_key(&seq)
    }

    /// The intents without an outcome.
    #[must_use]
    pub fn open(&self) -> Vec<OpenIntent> {
        self.state().replay.open.values().cloned().collect()
    }
}

/// How far apart syncs begin at least. What comes meanwhile shares the next one: on a
/// quick disk a few lines each would be thousands of syncs, and each writes a whole
/// page. Far less than a request takes, and nobody's place waits for it.
const SYNC_INTERVAL: Duration = Duration::from_millis(2);

fn write_lines(mut file: JournalWriter, waiting: &Receiver<Line>) {
    let mut last: Option<std::time::Instant> = None;
    while let Ok(first) = waiting.recv() {
        if let Some(rest) = last.and_then(|last| SYNC_INTERVAL.checked_sub(last.elapsed())) {
            std::thread::sleep(rest);
        }
        last = Some(std::time::Instant::now());
        let mut batch = vec![first];
        batch.extend(waiting.try_iter());
        let lines: Vec<_> = batch.iter().map(|line| line.bytes.as_slice()).collect();
        let bytes = lines.concat();
        let written = file
            .append(&bytes)
            .map_err(|error| LedgerError::Store(Arc::new(error)));
        for line in batch {
            // Whoever doesn't wait any more doesn't need to know.
            let _ = line.written.send(written.clone());
        }
    }
}
