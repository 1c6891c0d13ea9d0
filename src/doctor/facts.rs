//! The facts that the checks need.

use crate::resource::agent::{Agent, AgentSelector};
use crate::suggestion::Message;

/// A fact, or the reason why something can't be used.
pub type Known<T> = Result<T, Problem>;

/// The reason why something can't be used, and the ways to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What failed, with its causes.
    pub message: String,
    /// The ways to mend it.
    pub help: Vec<Message>,
}

/// Everything that the checks know.
#[derive(Debug)]
pub struct Facts {
    /// The files of the project.
    pub project: Known<ProjectFacts>,
    /// The API key.
    pub key: Known<KeyFacts>,
    /// The answers of the API.
    pub remote: RemoteFacts,
}

/// The files of a project.
#[derive(Debug)]
pub struct ProjectFacts {
    /// The project file, if there is one.
    pub file: Option<String>,
    /// The number of files with resources.
    pub file_count: usize,
    /// The number of mistakes in all files.
    pub errors: usize,
    /// The number of warnings about all files.
    pub warnings: usize,
    /// The lockfile.
    pub lockfile: LockfileFacts,
    /// The git repository.
    pub repository: Repository,
    /// The copies of schemas in the repository.
    pub schemas: SchemaCopies,
    /// The address of the API, which may get the key.
    pub address: Known<String>,
    /// The agents that the files name, each once.
    pub agents: Vec<WantedAgent>,
}

/// The lockfile and its journal.
#[derive(Debug)]
pub struct LockfileFacts {
    /// The name of the lockfile without an environment.
    pub base_name: String,
    /// The name of the file.
    pub name: String,
    /// The path of the file from the current folder.
    pub path: String,
    /// Whether the file exists.
    pub exists: bool,
    /// Whether the ids in the file are those of the sandbox.
    pub is_of_sandbox: bool,
    /// What the file and its journal record.
    pub recorded: Known<Recorded>,
    /// Whether an apply is running.
    pub is_in_use: bool,
}

/// What a lockfile and its journal record.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The number of resources.
    pub resources: usize,
    /// The organisation that the ids belong to.
    pub organization: Option<String>,
    /// One sentence for each thing that an earlier apply left open.
    pub left_open: Vec<String>,
}

/// The git repository of a project.
#[derive(Debug)]
pub enum Repository {
    /// The project is in no repository.
    None,
    /// Git could not be asked; the reason.
    Unknown(String),
    /// The answers of git.
    Git(GitFacts),
}

/// The answers of git.
#[derive(Debug)]
pub struct GitFacts {
    /// The status of the lockfile.
    pub lockfile: FileStatus,
    /// Whether the lockfile has the attribute `merge=bluejayctl`.
    pub has_merge_attribute: bool,
    /// Whether this clone has the merge driver.
    pub has_merge_driver: bool,
    /// Whether the folder `.bluejay/` exists, and git does not ignore its files.
    pub shows_private_folder: bool,
}

/// The status of a file in git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStatus {
    /// Whether the file is in the last commit.
    pub tracking: Tracking,
    /// The line that ignores the file, in words, if git ignores the file.
    pub ignored_by: Option<String>,
}

/// Whether a file is in the last commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracking {
    /// The file is in the last commit as it is; or there is no file.
    Committed,
    /// The file differs from the last commit.
    Changed,
    /// The file is in no commit.
    Untracked,
}

impl Tracking {
    /// Reads the output of `git status --porcelain` for one file.
    #[must_use]
    pub fn of_status(porcelain: &str) -> Self {
        match porcelain.get(..2) {
            None => Self::Committed,
            Some("??" | "!!" | "A " | "AM") => Self::Untracked,
            Some(_) => Self::Changed,
        }
    }
}

/// The copies of schemas in a repository.
#[derive(Debug, Default)]
pub struct SchemaCopies {
    /// The folder.
    pub folder: String,
    /// The number of copies.
    pub count: usize,
    /// The copies that are not current.
    pub stale: Vec<String>,
}

/// An agent that the files name.
#[derive(Debug)]
pub struct WantedAgent {
    /// The id; for an agent that the files name in another way, the id that the lockfile
    /// pins.
    pub id: Option<String>,
    /// How the files name the agent in place of an id.
    pub selector: Option<AgentSelector>,
    /// The first resource that names the agent.
    pub key: String,
}

/// The API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFacts {
    /// The sandbox needs no key.
    NotNeeded,
    /// There is a key, and it may be sent to the address.
    Present {
        /// Whether every user of this machine can read the file of the key.
        is_readable_by_all: bool,
    },
}

/// The answers of the API, or why the API was not asked.
#[derive(Debug)]
pub enum RemoteFacts {
    /// The API was not asked; the reason.
    NotAsked(String),
    /// The API was asked.
    Asked(Answers),
}

/// The answers of the API.
#[derive(Debug)]
pub struct Answers {
    /// The organisation of the key, if the API names it.
    pub organization: Known<Option<String>>,
    /// All agents that the key can see. Not read if no file names an agent, or if the
    /// organisation could not be read.
    pub agents: Option<Known<Vec<Agent>>>,
    /// The seconds by which the clock of this machine is ahead of the clock of the API.
    pub clock_ahead: Option<i64>,
}
