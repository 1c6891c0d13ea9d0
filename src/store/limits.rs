//! The check that the system provides the threads and files that every command needs.
//!
//! Some libraries panic or block forever if a thread cannot start or a file cannot be
//! opened. The check therefore starts threads and opens files first.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::thread::{Builder, available_parallelism};

/// The number of files that are open at a time, without the standard streams: the
/// runtime, the lockfile, the journal, the guard, a connection, and the files that are read.
const FILES: usize = 20;

/// The number of files that a command opens beside its connections: the journal, the
/// lockfile and its folder, the data of the sandbox, and the files of the resolver.
const FILES_BESIDE: usize = 8;

/// The number of threads in addition to the runtime and the parallel reader, which have
/// one thread per processor each.
const OTHER_THREADS: usize = 4;

/// A limit of the system that is too low for any command.
#[derive(Debug)]
pub enum LimitError {
    /// Too few files may be open.
    Files(io::Error),
    /// Too few threads may run.
    Threads(io::Error),
    /// Too few files may be open for the requests that are sent at a time.
    Connections {
        /// The number of files.
        needed: usize,
        /// The number of requests.
        requests: usize,
        /// The error of the system.
        source: io::Error,
    },
}

impl LimitError {
    /// Returns how to raise the limit.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Files(_) => "raise the limit of open files: `ulimit -n 256`",
            Self::Connections { .. } => {
                "lower `--parallelism`, or raise the limit of open files: `ulimit -n 1024`"
            }
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
            Self::Connections {
                needed, requests, ..
            } => write!(
                f,
                "could not open {needed} more files at a time, which {requests} requests at a \
                 time need"
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
        let (Self::Files(source) | Self::Threads(source) | Self::Connections { source, .. }) = self;
        Some(source)
    }
}

fn threads() -> usize {
    2 * available_parallelism().map_or(1, usize::from) + OTHER_THREADS
}

/// Opens as many files and starts as many threads as a command needs at a time, and then
/// releases them.
pub fn check() -> Result<(), LimitError> {
    open_files(FILES).map_err(LimitError::Files)?;
    start_threads(threads()).map_err(LimitError::Threads)
}

/// Opens as many files as connections need in addition to the open files, and then
/// releases them. A connection to a server inside this process is two files. A request
/// can open a second connection while the first one is still being closed.
pub fn check_connections(requests: usize, is_inside: bool) -> Result<(), LimitError> {
    let files = if is_inside { 4 } else { 2 };
    let needed = requests.saturating_mul(files).saturating_add(FILES_BESIDE);
    open_files(needed).map_err(|source| LimitError::Connections {
        needed,
        requests,
        source,
    })
}

/// Copies the standard input, which counts as an open file: an image of a container may
/// have no other file that can be opened.
#[cfg(unix)]
fn open_files(count: usize) -> io::Result<()> {
    use std::os::fd::AsFd as _;
    let input = io::stdin();
    let copies = (0..count).map(|_| input.as_fd().try_clone_to_owned());
    copies.collect::<io::Result<Vec<_>>>().map(drop)
}

/// Does nothing: Windows has no such limit.
#[cfg(not(unix))]
fn open_files(_count: usize) -> io::Result<()> {
    Ok(())
}

fn start_threads(count: usize) -> io::Result<()> {
    let gate = Arc::new(Mutex::new(()));
    // Every thread waits for the gate, so that all threads run at the same time.
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
            // A thread that only waits does not panic.
            Ok(thread) => drop(thread.join()),
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}
