//! Writes to stderr, and whether everything could be written.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::screen;

/// Whether a write to stderr of this process failed.
static IS_LOST: AtomicBool = AtomicBool::new(false);

/// Stderr. A failed write is remembered and is no error, because a failed write must not
/// stop the command.
#[derive(Debug, Clone, Copy)]
pub struct Stderr;

impl Stderr {
    /// Returns whether a write failed. A reader that went away (a broken pipe) is no
    /// failure.
    #[must_use]
    pub fn is_lost() -> bool {
        IS_LOST.load(Ordering::Relaxed)
    }
}

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if is_failure(&screen::write(bytes)) {
            IS_LOST.store(true, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_failure(written: &io::Result<()>) -> bool {
    let error = written.as_ref().err();
    error.is_some_and(|error| error.kind() != io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        assert!(!is_failure(&Ok(())));
        assert!(!is_failure(&Err(io::ErrorKind::BrokenPipe.into())));
        assert!(is_failure(&Err(io::ErrorKind::StorageFull.into())));
    }
}
