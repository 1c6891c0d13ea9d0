//! A stream or a file for results.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::CommandError;

/// A stream or a file for results.
///
/// A failed write does not stop the command, because the work at the API has to be finished
/// and recorded. The sink keeps the first failure, and drops later texts. A closed reader
/// (a broken pipe) is no failure.
pub struct Sink {
    name: String,
    state: Mutex<State>,
}

struct State {
    writer: Box<dyn Write + Send>,
    is_lost: bool,
    failure: Option<io::Error>,
}

impl Sink {
    /// Returns a sink; error messages use this name.
    pub fn new(name: impl Into<String>, writer: impl Write + Send + 'static) -> Self {
        Self {
            name: name.into(),
            state: Mutex::new(State {
                writer: Box::new(writer),
                is_lost: false,
                failure: None,
            }),
        }
    }

    /// Writes a text and flushes it.
    pub fn write(&self, text: &str) {
        self.write_with(|writer| writer.write_all(text.as_bytes()));
    }

    /// Writes with `write`, and flushes.
    pub fn write_with(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let mut state = self.state();
        if state.is_lost {
            return;
        }
        let written = write(&mut state.writer).and_then(|()| state.writer.flush());
        if let Err(error) = written {
            state.is_lost = true;
            if error.kind() != io::ErrorKind::BrokenPipe {
                state.failure = Some(error);
            }
        }
    }

    /// Takes the failure, so the failure is reported once.
    pub fn take_failure(&self) -> Option<CommandError> {
        let failure = self.state().failure.take()?;
        Some(CommandError::new(format!("could not write to {}", self.name)).caused_by(failure))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails each write with this error.
    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_first_failure_is_reported_once() {
        let sink = Sink::new("stdout", Failing(io::ErrorKind::StorageFull));
        sink.write("a");
        sink.write("b");
        let error = sink.take_failure().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("could not write to stdout"));
        sink.write("c");
        assert!(sink.take_failure().is_none());
    }

    #[test]
    fn a_broken_pipe_is_no_failure() {
        let sink = Sink::new("stdout", Failing(io::ErrorKind::BrokenPipe));
        sink.write("a");
        assert!(sink.take_failure().is_none());
    }
}
