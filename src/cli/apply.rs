//! The options of what changes something: `apply`, `destroy`, `import`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::plan::PlanFormat;
use super::plan::PlanningArgs;
use super::plan::RequestArgs;
use crate::plan;
use crate::sandbox::FaultRule;

/// `apply`.
#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    /// A plan saved by `plan --out FILE`: exactly that is done, or nothing
    #[arg(value_name = "PLANFILE", conflicts_with_all = ["targets", "prune", "refresh", "force", "on_change"])]
    pub plan_file: Option<PathBuf>,
    /// What decides about the plan.
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// The form of the report; as JSON it is one event a line
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: PlanFormat,
    /// Write the JSON events into this file, beside what is shown
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Don't ask, on a terminal either
    #[arg(short, long)]
    pub yes: bool,
    /// How the requests are sent.
    #[command(flatten)]
    pub requests: RequestArgs,
    /// What to do about an untracked simulation of the same name and agent
    #[arg(long, value_name = "WHEN", default_value = "identical")]
    pub adopt: AdoptArg,
    /// How long a request may still come true after its answer was lost (at `--timeout`, or when the process ended)
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub settle: Duration,
    /// How long to wait for another apply on the same lockfile
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = humantime::parse_duration)]
    pub lock_timeout: Duration,
    /// Faults for the sandbox to make, to watch the promise hold
    #[arg(long = "fault", value_name = "RULE", requires = "sandbox")]
    pub faults: Vec<FaultRule>,
}

/// `destroy`.
#[derive(Debug, Args)]
pub struct DestroyArgs {
    /// Only simulations whose key matches; may be repeated, globs allowed
    #[arg(long = "target", value_name = "KEY")]
    pub targets: Vec<String>,
    /// Don't ask; needed where nobody can be asked
    #[arg(short, long)]
    pub yes: bool,
    /// Take what can't be seen for deleted, where the API doesn't say whose the key is
    #[arg(long)]
    pub force: bool,
    /// The form of the report: text, or one JSON event a line
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: PlanFormat,
    /// How long to wait for another apply on the same lockfile
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = humantime::parse_duration)]
    pub lock_timeout: Duration,
    /// How the requests are sent.
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// What to do about an untracked simulation of the same name and agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AdoptArg {
    /// Take it over when all that can be read is the same, else stop
    Identical,
    /// Take it over by its name, and update what differs
    Name,
    /// Leave it alone and create another
    Never,
}

/// `import`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["key", "agent", "all"]))]
pub struct ImportArgs {
    /// The key that it gets; where no file declares it, one is written
    #[arg(value_name = "KEY", requires = "id")]
    pub key: Option<String>,
    /// Its id at the API
    #[arg(value_name = "ID", requires = "key")]
    pub id: Option<u64>,
    /// Every simulation of this agent that no lockfile here names
    #[arg(long, value_name = "ID")]
    pub agent: Option<String>,
    /// Every simulation of the organisation that no lockfile here names, those
    /// that other features of Bluejay made included
    #[arg(long)]
    pub all: bool,
    /// How the API is read.
    #[command(flatten)]
    pub requests: RequestArgs,
}

impl From<plan::Adopt> for AdoptArg {
    fn from(adopt: plan::Adopt) -> Self {
        match adopt {
            plan::Adopt::Identical => Self::Identical,
            plan::Adopt::Name => Self::Name,
            plan::Adopt::Never => Self::Never,
        }
    }
}

impl From<AdoptArg> for plan::Adopt {
    fn from(arg: AdoptArg) -> Self {
        match arg {
            AdoptArg::Identical => Self::Identical,
            AdoptArg::Name => Self::Name,
            AdoptArg::Never => Self::Never,
        }
    }
}
