//! Errors that end a command: the attempt, the cause, and the help.
//!
//! Mistakes in files are [`crate::diagnostic::Diagnostic`]s. Diagnostics are collected; a
//! [`CommandError`] ends the command.

use std::error::Error;
use std::fmt;

use crate::suggestion::Message;

/// The exit code of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The command succeeded.
    Success,
    /// The command failed, and nothing was changed at the API.
    Failure,
    /// The command found changes or drift, and the options ask for this exit code.
    Found,
    /// The command made some changes; other changes failed or need a decision.
    Incomplete,
    /// A signal stopped the command; the recorded state is complete.
    Interrupted(Signal),
}

/// A signal that stops a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Control-C.
    Interrupt,
    /// A request to terminate.
    Terminate,
}

impl Exit {
    /// Returns the number of the exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Found => 2,
            Self::Incomplete => 3,
            Self::Interrupted(Signal::Interrupt) => 130,
            Self::Interrupted(Signal::Terminate) => 143,
        }
    }
}

/// An error that ends a command.
///
/// Shown as `error: {message}`, then one `caused by:` line for each source, then one
/// `help:` line for each help. The message is lower case, says what was attempted on
/// what, and never repeats its source.
#[derive(Debug)]
pub struct CommandError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    help: Vec<Message>,
    exit: Exit,
    is_interruption: bool,
}

impl CommandError {
    /// Returns an error with the exit code [`Exit::Failure`].
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
            help: Vec::new(),
            exit: Exit::Failure,
            is_interruption: false,
        }
    }

    /// Returns the end of a command that a signal stopped before the command changed
    /// anything. This is no failure, so it is reported in one line.
    #[must_use]
    pub fn interrupted(signal: Signal) -> Self {
        Self {
            is_interruption: true,
            ..Self::new("interrupted: nothing was changed").exit(Exit::Interrupted(signal))
        }
    }

    /// Returns whether a signal stopped the command before it changed anything.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        self.is_interruption
    }

    /// Sets the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds a help text.
    #[must_use]
    pub fn help(mut self, help: impl Into<Message>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Sets the exit code.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Returns the exit code.
    #[must_use]
    pub fn exit_code(&self) -> Exit {
        self.exit
    }

    /// Returns the help texts.
    #[must_use]
    pub fn ways_out(&self) -> &[Message] {
        &self.help
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
