//! The file of the stored resources.
//!
//! There are two files: a snapshot (`sandbox.json`) and a log of later operations
//! (`sandbox.json.log`). An operation is written to the log before the state changes
//! and before the answer is sent. An answered operation therefore survives a SIGKILL.
//! An operation costs one write, whatever the size of the state. Nothing is synced: a
//! power failure may lose the newest operations.
//!
//! Opening and closing fold the log into the snapshot. A process that is killed between
//! writing the snapshot and truncating the log leaves operations in the log that the
//! snapshot has. Operations have numbers, so these operations are skipped. The log is
//! never deleted, and the process that has it open locks it.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::runs::RunRecord;
use super::simulation::Simulation;
use super::state::{Operation, State};
use super::suite::{Record, Records};
use crate::store::writable::WritablePath;

const VERSION: u32 = 1;

/// The pause between two attempts to lock a file that another process has open.
const LOCK_POLL: Duration = Duration::from_millis(20);

/// The state, and its files unless the state is only in memory.
#[derive(Debug)]
pub(super) struct Data {
    state: State,
    disk: Disk,
}

#[derive(Debug)]
enum Disk {
    /// The data is only in memory.
    None,
    Open(Log),
    /// A write failed, and no further write is possible.
    Closed,
}

#[derive(Debug)]
struct Log {
    snapshot: WritablePath,
    file: File,
    /// The length of complete lines, in bytes.
    length: u64,
    /// The number of the last written operation, over all logs.
    last_operation: u64,
}

#[derive(Serialize)]
struct SnapshotToWrite<'a> {
    version: u32,
    last_operation: u64,
    last_id: u64,
    simulations: Vec<&'a Simulation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    records: Vec<&'a Record>,
    #[serde(skip_serializing_if = "is_zero")]
    last_record: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    runs: &'a [RunRecord],
}

#[derive(Deserialize)]
struct ReadSnapshot {
    version: u32,
    last_operation: u64,
    last_id: u64,
    simulations: Vec<Simulation>,
    #[serde(default)]
    records: Vec<Record>,
    #[serde(default)]
    last_record: u64,
    #[serde(default)]
    runs: Vec<RunRecord>,
}

#[expect(clippy::trivially_copy_pass_by_ref)] // serde passes references
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Serialize)]
struct LineToWrite<'a> {
    n: u64,
    operation: &'a Operation,
}

#[derive(Deserialize)]
struct ReadLine {
    n: u64,
    operation: Operation,
}

impl Data {
    /// Returns data that ends with the process.
    pub(super) fn in_memory() -> Self {
        Self {
            state: State::default(),
            disk: Disk::None,
        }
    }

    /// Opens the data of a file; creates the file and its folder if they are missing.
    /// Blocks up to `wait` while another process has the file open.
    pub(super) fn open(snapshot: &WritablePath, wait: Duration) -> io::Result<Self> {
        snapshot.create_parent().map_err(io::Error::other)?;
        let path = snapshot.with_ending(".log").map_err(io::Error::other)?;
        let mut file = path.open()?;
        lock(&file, wait).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => io::Error::new(
                error.kind(),
                format!("another process uses `{}`", snapshot.as_path().display()),
            ),
            _ => error,
        })?;
        let path = path.as_path();
        let (mut state, mut last_operation) = read_snapshot(snapshot.as_path())?;
        // The open handle has the lock. On Windows, other handles can't read a locked file.
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        for line in whole_lines(&text) {
            let line: ReadLine =
                serde_json::from_slice(line).map_err(|error| damaged_file(path, &error))?;
            if line.n > last_operation {
                last_operation = line.n;
                state.apply(line.operation);
            }
        }
        let mut data = Self {
            state,
            disk: Disk::Open(Log {
                snapshot: snapshot.to_owned(),
                file,
                length: text.len() as u64,
                last_operation,
            }),
        };
        data.fold()?;
        Ok(data)
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Writes an operation to the log, then executes it. After an error the state is
    /// unchanged.
    pub(super) fn commit(&mut self, operation: Operation) -> io::Result<()> {
        match &mut self.disk {
            Disk::None => {}
            Disk::Open(log) => {
                if let Err(error) = log.append(&operation) {
                    // The next line must not continue an incomplete line.
                    if log.file.set_len(log.length).is_err() {
                        self.disk = Disk::Closed;
                    }
                    return Err(error);
                }
            }
            Disk::Closed => return Err(io::Error::other("the data file is closed")),
        }
        self.state.apply(operation);
        Ok(())
    }

    /// Folds the log into the snapshot and closes the files.
    pub(super) fn close(&mut self) -> io::Result<()> {
        let folded = self.fold();
        if matches!(self.disk, Disk::Open(_)) {
            self.disk = Disk::Closed;
        }
        folded
    }

    fn fold(&mut self) -> io::Result<()> {
        let Disk::Open(log) = &mut self.disk else {
            return Ok(());
        };
        if log.length == 0 {
            return Ok(());
        }
        let simulations = self.state.list_all();
        let snapshot = serde_json::to_vec(&SnapshotToWrite {
            version: VERSION,
            last_operation: log.last_operation,
            last_id: self.state.last_id(),
            simulations: simulations.collect(),
            records: self.state.records().all().collect(),
            last_record: self.state.records().last_number(),
            runs: self.state.runs(),
        })?;
        log.snapshot.replace(&snapshot).map_err(io::Error::other)?;
        log.file.set_len(0)?;
        log.length = 0;
        Ok(())
    }
}

impl Log {
    fn append(&mut self, operation: &Operation) -> io::Result<()> {
        let mut line = serde_json::to_vec(&LineToWrite {
            n: self.last_operation + 1,
            operation,
        })?;
        line.push(b'\n');
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(&line)?;
        self.length += line.len() as u64;
        self.last_operation += 1;
        Ok(())
    }
}

/// Returns the complete lines. The process that wrote an incomplete line ended before
/// the answer.
fn whole_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
        .filter_map(|line| line.strip_suffix(b"\n"))
}

fn read_snapshot(path: &Path) -> io::Result<(State, u64)> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok((State::default(), 0));
        }
        Err(error) => return Err(error),
    };
    let snapshot: ReadSnapshot =
        serde_json::from_slice(&text).map_err(|error| damaged_file(path, &error))?;
    if snapshot.version != VERSION {
        let found = format!("version {}, not {VERSION}", snapshot.version);
        return Err(damaged_file(path, &found));
    }
    let records = Records::restore(snapshot.records, snapshot.last_record);
    let state = State::restore(snapshot.simulations, snapshot.last_id).with(records, snapshot.runs);
    Ok((state, snapshot.last_operation))
}

fn damaged_file(path: &Path, cause: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("`{}` is not data of the sandbox: {cause}", path.display()),
    )
}

fn lock(file: &File, wait: Duration) -> io::Result<()> {
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if started.elapsed() >= wait => {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_POLL),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use jiff::Timestamp;
    use serde_json::Map;

    use super::*;

    fn try_open(path: &Path) -> io::Result<Data> {
        Data::open(&WritablePath::named(path), Duration::ZERO)
    }

    fn open(path: &Path) -> Data {
        try_open(path).unwrap()
    }

    fn log_of(path: &Path) -> PathBuf {
        path.with_extension("json.log")
    }

    fn create(data: &mut Data) -> u64 {
        let simulation = data.state().created(&Map::new(), Timestamp::UNIX_EPOCH);
        let id = simulation.id;
        data.commit(Operation::Put(Box::new(simulation))).unwrap();
        id
    }

    fn ids(data: &Data) -> Vec<u64> {
        data.state().list_all().map(|found| found.id).collect()
    }

    #[test]
    fn committed_operations_survive_a_kill() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/sandbox.json");
        let mut data = open(&path);
        let (first, second) = (create(&mut data), create(&mut data));
        data.commit(Operation::Delete(second)).unwrap();
        drop(data);
        let mut data = open(&path);
        assert_eq!(ids(&data), [first]);
        let third = create(&mut data);
        assert!(third > second, "a deleted id is given out again");
        data.close().unwrap();
        assert!(data.commit(Operation::Delete(third)).is_err());
        assert_eq!(ids(&open(&path)), [first, third]);
    }

    #[test]
    fn a_truncated_log_keeps_its_complete_operations() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.json");
        let mut data = open(&path);
        create(&mut data);
        let one = fs::metadata(log_of(&path)).unwrap().len();
        create(&mut data);
        drop(data);
        let log = fs::read(log_of(&path)).unwrap();
        for cut in 0..=log.len() {
            let _ = fs::remove_file(&path);
            fs::write(log_of(&path), &log[..cut]).unwrap();
            let mut data = open(&path);
            let whole = u64::from(cut as u64 >= one) + u64::from(cut == log.len());
            assert_eq!(ids(&data).len() as u64, whole, "cut at {cut}");
            assert_eq!(create(&mut data), whole + 1);
        }
    }

    #[test]
    fn operations_in_snapshot_and_log_are_applied_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.json");
        let mut data = open(&path);
        let id = create(&mut data);
        data.commit(Operation::Delete(id)).unwrap();
        let log = fs::read(log_of(&path)).unwrap();
        let kept = create(&mut data);
        data.close().unwrap();
        fs::write(log_of(&path), log).unwrap();
        assert_eq!(ids(&open(&path)), [kept]);
    }

    #[test]
    fn a_damaged_line_of_the_log_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.json");
        fs::write(log_of(&path), "{\"n\":1,\n").unwrap();
        let error = try_open(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        fs::write(log_of(&path), "").unwrap();
        fs::write(&path, "{}").unwrap();
        let error = try_open(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn two_processes_can_not_open_one_data_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.json");
        let data = open(&path);
        let error = try_open(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        drop(data);
        open(&path);
    }
}
