//! Whether the system gives this process the threads and files that every command
//! needs.
//!
//! The libraries that run tasks and read files in parallel end the process, or wait for
//! ever, where a thread or a file can't be had. So both are tried first.

use std::fmt;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex};
use std::thread::{Builder, available_parallelism};

/// How many files are open at a time, beside the standard streams: the runtime, the
/// lockfile, its journal and its guard, a connection, and the files that are read.
const FILES: usize = 20;

/// How many threads work beside those of the runtime and of the parallel reader, which
/// have one thread for each processor.
const OTHER_THREADS: usize = 4;

/// A limit of the system that is too low for any command.
#[derive(Debug)]
pub enum LimitError {
    /// Too few files may be open.
    Files(io::Error),
    /// Too few threads may run.
    Threads(io::Error),
}

impl LimitError {
    /// Returns how to raise the limit.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Files(_) => "raise the limit of open files: `ulimit -n 256`",
            Self::Threads(_) => {
                "raise the limit of processes, `ulimit -u`, or of the container, `--pids-limit`"
            }
        }
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(_) => write!(
                f,
                "could not open {FILES} files at a time, which every command needs"
            ),
            Self::Threads(_) => {
                let needed = threads();
                write!(
                    f,
                    "could not start {needed} threads, which every command needs"
                )
            }
        }
    }
}

impl std::error::Error for LimitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let (Self::Files(source) | Self::Threads(source)) = self;
        Some(source)
    }
}

fn threads() -> usize {
    2 * available_parallelism().map_or(1, usize::from) + OTHER_THREADS
}

/// Opens as many files and starts as many threads as a command may need at a time, and
/// gives them back.
pub fn check() -> Result<(), LimitError> {
    open_files().map_err(LimitError::Files)?;
    start_threads(threads()).map_err(LimitError::Threads)
}

fn open_files() -> io::Result<()> {
    // Elsewhere there is no such file, and no such limit.
    if cfg!(unix) {
        let files: io::Result<Vec<_>> = (0..FILES).map(|_| File::open("/dev/null")).collect();
        files?;
    }
    Ok(())
}

fn start_threads(count: usize) -> io::Result<()> {
    let gate = Arc::new(Mutex::new(()));
    // Every thread waits until the last was tried, so that all run at a time.
    let closed = gate.lock();
    let started: Vec<_> = (0..count)
        .map(|_| {
            let gate = Arc::clone(&gate);
            Builder::new().spawn(move || drop(gate.lock()))
        })
        .collect();
    drop(closed);
    let mut outcome = Ok(());
    for thread in started {
        match thread {
            // A thread that does nothing but wait does not panic.
            Ok(thread) => drop(thread.join()),
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}
