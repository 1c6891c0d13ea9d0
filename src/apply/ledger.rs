//! The journal of this run, and the current state.

use std::collections::{BTreeMap, BTreeSet};
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
use crate::lock::{LockedResource, Lockfile};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::state::{JournalWriter, StateError};
use crate::store::StoreError;

/// The reason why an entry could not be recorded.
#[derive(Debug, Clone)]
pub enum LedgerError {
    /// The disk failed.
    Store(Arc<StoreError>),
    /// The claims of other lockfiles could not be read.
    State(Arc<StateError>),
    /// The entry cannot follow the entries before it.
    History(HistoryError),
    /// The writing thread has ended.
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

/// The journal of this run, and the current state.
///
/// A separate thread writes the lines. All waiting lines share one write and one sync, so a
/// thousand concurrent changes do not need a thousand syncs.
pub struct Ledger {
    state: Mutex<State>,
    lines: Sender<Line>,
    /// The time at which this process found the open intents of an earlier process.
    begun: Instant,
    times: Mutex<Times>,
    has_changed: AtomicBool,
    /// The ids that an earlier run recorded.
    earlier: BTreeSet<RemoteId>,
    has_deleted: AtomicBool,
}

/// The times of the intents of this process, by their numbers and by the monotonic clock.
#[derive(Default)]
struct Times {
    /// The times at which intents were written.
    intended: BTreeMap<u64, Instant>,
    /// The times at which the answers to creates were lost.
    lost: BTreeMap<u64, Instant>,
}

/// The current state.
struct State {
    replay: Replay,
    owners: Owners,
}

impl Ledger {
    /// Returns a ledger that continues a state and appends to an open journal.
    #[must_use]
    pub fn new(replay: Replay, file: JournalWriter) -> Self {
        let owners = Owners::of(&replay.lock);
        let earlier = replay.lock.ids().map(|(id, _)| id).collect();
        let (lines, waiting) = channel();
        std::thread::spawn(move || write_lines(file, &waiting));
        Self {
            state: Mutex::new(State { replay, owners }),
            lines,
            begun: Instant::now(),
            times: Mutex::default(),
            has_changed: AtomicBool::new(false),
            earlier,
            has_deleted: AtomicBool::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an intent, with a time in milliseconds since 1970. Returns the number of the
    /// intent. When this function returns, the intent is on the disk.
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

    /// Records intents with shared syncs. Returns their numbers. After an error, none of
    /// the requests may be sent, because an intent may not be on the disk.
    pub async fn intend_all(&self, intents: Vec<Intent>, at: u64) -> Result<Vec<u64>, LedgerError> {
        crash_point!("intent.before");
        let (mut seqs, mut waits) = (Vec::new(), Vec::new());
        {
            let mut state = self.state();
            for intent in intents {
                let seq = state.replay.next_seq;
                waits.push(self.append(&mut state, &Entry::Intended { seq, at, intent })?);
                seqs.push(seq);
            }
        }
        let now = Instant::now();
        let intended = seqs.iter().map(|seq| (*seq, now));
        self.times().intended.extend(intended);
        for written in waits {
            written.await.map_err(|_| LedgerError::Gone)??;
        }
        crash_point!("intent.after");
        Ok(seqs)
    }

    /// Records that a request is about to be sent, if its intent is older than
    /// [`MAX_SEND_DELAY`]. When this function returns, the entry is on the disk.
    pub async fn sending(&self, seq: u64, at: u64) -> Result<(), LedgerError> {
        let intended = self.times().intended.get(&seq).copied();
        if intended.is_none_or(|intended| intended.elapsed() <= MAX_SEND_DELAY) {
            return Ok(());
        }
        self.record(Entry::Sending { seq, at }).await
    }

    /// Records that requests are about to be sent, like [`Self::sending`].
    pub async fn sending_all(&self, seqs: &[u64], at: u64) -> Result<(), LedgerError> {
        for seq in seqs {
            self.sending(*seq, at).await?;
        }
        Ok(())
    }

    /// Records that the answer to a create or a delete is lost. When this function
    /// returns, the entry is on the disk.
    pub async fn unanswered(&self, seq: u64, at: u64) -> Result<(), LedgerError> {
        self.times().lost.insert(seq, Instant::now());
        self.record(Entry::Unanswered { seq, at }).await
    }

    /// Returns how long this process has known that a request is open.
    pub(super) fn open_for(&self, seq: u64) -> OpenFor {
        match self.times().lost.get(&seq) {
            Some(since) => OpenFor::Lost(since.elapsed()),
            None => OpenFor::Found(self.begun.elapsed()),
        }
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an outcome. When this function returns, the outcome is on the disk.
    ///
    /// The outcome counts in memory even if the disk fails, so that a later lockfile has the
    /// id.
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

    /// Records entries without a request, in this order and with shared syncs. Recorded
    /// separately, ten thousand moves would need ten thousand syncs. When this function
    /// returns, each entry is on the disk or refused.
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

    /// Returns whether this run recorded a change at the API.
    pub(super) fn has_changed(&self) -> bool {
        self.has_changed.load(Ordering::Relaxed)
    }

    /// Returns whether an earlier run recorded an id. What this run recorded itself does not
    /// show to which organisation the rest of the lockfile belongs.
    pub(super) fn is_earlier(&self, id: RemoteId) -> bool {
        self.earlier.contains(&id)
    }

    /// Notes that the API deleted a resource of the lockfile. The lockfile therefore
    /// belongs to the organisation of the API key.
    pub(super) fn note_deleted(&self) {
        self.has_deleted.store(true, Ordering::Relaxed);
    }

    /// Returns whether the API deleted a resource of the lockfile in this run.
    pub(super) fn has_deleted(&self) -> bool {
        self.has_deleted.load(Ordering::Relaxed)
    }

    /// Folds an entry and sends its line to the writer under one lock, so that the file and
    /// the fold have the same order.
    fn append(
        &self,
        state: &mut State,
        entry: &Entry,
    ) -> Result<oneshot::Receiver<Result<(), LedgerError>>, LedgerError> {
        let State { replay, owners } = state;
        let applied = replay.apply_with_owners(entry, owners);
        applied.map_err(LedgerError::History)?;
        let mut bytes = Vec::new();
        write_line(entry, &mut bytes);
        let (written, wait) = oneshot::channel();
        let line = Line { bytes, written };
        self.lines.send(line).map_err(|_| LedgerError::Gone)?;
        Ok(wait)
    }

    /// Returns the lockfile with every known outcome.
    #[must_use]
    pub fn lock(&self) -> Lockfile {
        self.state().replay.lock.clone()
    }

    /// Returns the current state.
    #[must_use]
    pub fn snapshot(&self) -> Replay {
        self.state().replay.clone()
    }

    /// Returns the ids in the lockfile.
    #[must_use]
    pub fn owned(&self) -> Vec<RemoteId> {
        self.state().replay.lock.ids().map(|(id, _)| id).collect()
    }

    /// Returns the current id of a key.
    #[must_use]
    pub fn id_of(&self, key: &ResourceKey) -> Option<RemoteId> {
        let state = self.state();
        let locked = state.replay.lock.resources.get(key);
        locked.map(|locked| locked.id)
    }

    /// Returns the current entry of a key.
    #[must_use]
    pub fn entry_of(&self, key: &ResourceKey) -> Option<LockedResource> {
        self.state().replay.lock.resources.get(key).cloned()
    }

    /// Returns whether an intent is open.
    #[must_use]
    pub fn is_open(&self, seq: u64) -> bool {
        self.state().replay.open.contains_key(&seq)
    }

    /// Returns whether an earlier request, which the request of this intent repeats, may have
    /// been executed. A refusal then says nothing about the earlier one.
    pub(super) fn is_in_doubt(&self, seq: u64) -> bool {
        self.state().replay.is_in_doubt(seq)
    }

    /// Returns the open intents.
    #[must_use]
    pub fn open(&self) -> Vec<OpenIntent> {
        self.state().replay.open.values().cloned().collect()
    }
}

/// The least time between the beginnings of two syncs. Lines that arrive in this time share
/// the next sync: otherwise a fast disk would do thousands of syncs of a few lines, and
/// each sync writes a whole page. A request takes much longer than this interval.
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
            // The receiver is gone if its task was cancelled.
            let _ = line.written.send(written.clone());
        }
    }
}
