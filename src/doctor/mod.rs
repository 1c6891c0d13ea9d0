//! Decides what is wrong with the set-up of a project.
//!
//! The command gathers [`Facts`] from the disk, from git and from the API. Each check is
//! a pure function of these facts. This module knows none of their sources.

mod facts;
mod local_checks;
mod remote_checks;
pub mod setup;
#[cfg(test)]
mod tests;

pub use facts::{
    Answers, Facts, FileStatus, GitFacts, KeyFacts, Known, LockfileFacts, Problem, ProjectFacts,
    Recorded, RemoteFacts, Repository, SchemaCopies, Tracking, WantedAgent,
};

use crate::suggestion::Message;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing is wrong.
    Ok,
    /// Something may be wrong.
    Warning,
    /// Something is wrong.
    Problem,
    /// The check was not possible.
    Skipped,
}

/// What a check found, and the ways to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The result.
    pub status: Status,
    /// What was found.
    pub message: Message,
    /// The ways to mend it.
    pub help: Vec<Message>,
}

impl Outcome {
    fn new(status: Status, message: impl Into<Message>) -> Self {
        Self {
            status,
            message: message.into(),
            help: Vec::new(),
        }
    }

    fn ok(message: impl Into<Message>) -> Self {
        Self::new(Status::Ok, message)
    }

    fn warning(message: impl Into<Message>) -> Self {
        Self::new(Status::Warning, message)
    }

    fn problem(message: impl Into<Message>) -> Self {
        Self::new(Status::Problem, message)
    }

    fn skipped(message: impl Into<Message>) -> Self {
        Self::new(Status::Skipped, message)
    }

    fn help(mut self, help: impl Into<Message>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl From<&Problem> for Outcome {
    fn from(problem: &Problem) -> Self {
        Self {
            status: Status::Problem,
            message: problem.message.as_str().into(),
            help: problem.help.clone(),
        }
    }
}

/// A check, by the facts that it needs.
enum CheckFn {
    /// Needs no other fact to be known.
    Always(fn(&Facts) -> Outcome),
    /// Needs the project.
    Project(fn(&ProjectFacts) -> Outcome),
    /// Needs the answers of git about the project.
    Git(fn(&ProjectFacts, &GitFacts) -> Outcome),
    /// Needs the answers of the API.
    Remote(fn(&ProjectFacts, &Answers) -> Outcome),
}

/// One line of the report.
struct Check {
    name: &'static str,
    function: CheckFn,
}

/// The checks, in the order of the report.
const CHECKS: [Check; 13] = [
    Check {
        name: "project",
        function: CheckFn::Always(local_checks::project),
    },
    Check {
        name: "lockfile",
        function: CheckFn::Project(local_checks::lockfile),
    },
    Check {
        name: "journal",
        function: CheckFn::Project(local_checks::journal),
    },
    Check {
        name: "schemas",
        function: CheckFn::Project(local_checks::schemas),
    },
    Check {
        name: "repository",
        function: CheckFn::Project(local_checks::repository),
    },
    Check {
        name: "committed",
        function: CheckFn::Git(local_checks::committed),
    },
    Check {
        name: "merge-driver",
        function: CheckFn::Git(local_checks::merge_driver),
    },
    Check {
        name: "ignored",
        function: CheckFn::Git(local_checks::ignored),
    },
    Check {
        name: "key",
        function: CheckFn::Always(remote_checks::key),
    },
    Check {
        name: "address",
        function: CheckFn::Project(remote_checks::address),
    },
    Check {
        name: "organization",
        function: CheckFn::Remote(remote_checks::organization),
    },
    Check {
        name: "agents",
        function: CheckFn::Remote(remote_checks::agents),
    },
    Check {
        name: "clock",
        function: CheckFn::Remote(remote_checks::clock),
    },
];

/// Runs every check. Returns the name and the outcome of each.
#[must_use]
pub fn run_checks(facts: &Facts) -> Vec<(&'static str, Outcome)> {
    let outcomes = CHECKS.iter().map(|check| (check.name, check.run(facts)));
    outcomes.collect()
}

impl Check {
    /// Runs the check, or names the missing fact.
    fn run(&self, facts: &Facts) -> Outcome {
        if let CheckFn::Always(check) = self.function {
            return check(facts);
        }
        let Ok(project) = &facts.project else {
            return Outcome::skipped("the project can't be read");
        };
        match self.function {
            CheckFn::Always(check) => check(facts),
            CheckFn::Project(check) => check(project),
            CheckFn::Git(check) => match &project.repository {
                Repository::Git(git) => check(project, git),
                Repository::None => Outcome::skipped("needs a git repository"),
                Repository::Unknown(_) => Outcome::skipped("needs git"),
            },
            CheckFn::Remote(check) => match &facts.remote {
                RemoteFacts::Asked(answers) => check(project, answers),
                RemoteFacts::NotAsked(reason) => Outcome::skipped(reason.as_str()),
            },
        }
    }
}
