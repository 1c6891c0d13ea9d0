//! Failures of a command: what was attempted, why it failed, the way out.
//!
//! Mistakes in the user's files are [`crate::diagnostic::Diagnostic`]s instead;
//! they are collected, these end the command.

use std::error::Error;
use std::fmt;

use crate::suggestion::Message;

/// How a command ended, as the process's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; nothing wrong.
    Success,
    /// An error, and nothing was changed at the API.
    Failure,
    /// Changes or drift were found, and the command was asked to say so.
    Found,
    /// Some changes were made; others failed or need a decision.
    Incomplete,
    /// Stopped by this signal; the state is safe.
    Interrupted(Signal),
}

/// A signal that ends a command in good order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Control-C.
    Interrupt,
    /// A request to terminate.
    Terminate,
}

impl Exit {
    /// The number that the process ends with.
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
/// Shown as `error: {message}`, then a `caused by:` line for each source, then
/// a `help:` line for each way out. The message is lower case, says what was
/// attempted on what, and never repeats its source.
#[derive(Debug)]
pub struct CommandError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    help: Vec<Message>,
    exit: Exit,
}

impl CommandError {
    /// An error with nothing changed at the API.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
            help: Vec::new(),
            exit: Exit::Failure,
        }
    }

    /// The same with a cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same with one more way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<Message>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The same with another exit code.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// How the process ends.
    #[must_use]
    pub fn exit_code(&self) -> Exit {
        self.exit
    }

    /// The ways out.
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
