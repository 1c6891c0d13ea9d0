//! The options of `apply`, `destroy` and `import`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::plan::{AdoptArg, PlanFormat, PlanningArgs, RequestArgs};
use crate::sandbox::FaultRule;

/// `apply`.
#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    /// A plan saved by `plan --out FILE`: apply executes exactly this plan, or nothing
    #[arg(value_name = "PLANFILE", conflicts_with_all = ["targets", "prune", "refresh", "force", "on_change"])]
    pub plan_file: Option<PathBuf>,
    /// The options of the plan.
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// The format of the report; JSON is one event per line
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: PlanFormat,
    /// Also write the JSON events to this file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub json_into: Option<PathBuf>,
    /// Do not ask for confirmation on a terminal
    #[arg(short, long)]
    pub yes: bool,
    /// The options of requests.
    #[command(flatten)]
    pub requests: RequestArgs,
    /// What to do about an untracked resource of the same name
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "identical",
        hide_short_help = true
    )]
    pub adopt: AdoptArg,
    /// How long the API may still execute a request whose answer was lost [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, hide_short_help = true)]
    pub settle: Option<Duration>,
    /// How long to wait for another apply on the same lockfile [default: 0s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, hide_short_help = true)]
    pub lock_timeout: Option<Duration>,
    /// Inject this fault into the sandbox; may be repeated. See docs/sandbox.md
    #[arg(long = "fault", value_name = "RULE", hide_short_help = true)]
    pub faults: Vec<FaultRule>,
}

/// `destroy`.
#[derive(Debug, Args)]
pub struct DestroyArgs {
    /// Only resources whose key matches; may be repeated, globs allowed
    #[arg(long = "target", value_name = "KEY")]
    pub targets: Vec<String>,
    /// Do not ask for confirmation; required without a terminal
    #[arg(short, long)]
    pub yes: bool,
    /// Treat invisible resources as deleted, even if the organisation of the API key is
    /// unknown
    #[arg(long)]
    pub force: bool,
    /// The format of the report; JSON is one event per line
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: PlanFormat,
    /// How long to wait for another apply on the same lockfile [default: 0s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, hide_short_help = true)]
    pub lock_timeout: Option<Duration>,
    /// The options of requests.
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// `import`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["key", "agent", "all"]))]
pub struct ImportArgs {
    /// The key: KEY for a simulation, KIND:KEY for another resource; if no file declares
    /// the key, import writes a file
    #[arg(value_name = "KEY", requires = "id")]
    pub key: Option<String>,
    /// The id at the API
    #[arg(value_name = "ID", requires = "key")]
    pub id: Option<String>,
    /// Import every untracked simulation of this agent, with the digital humans, custom
    /// metrics and schedules that these simulations use
    #[arg(long, value_name = "ID")]
    pub agent: Option<String>,
    /// Import everything untracked of the organisation, including simulations that other
    /// features of Bluejay created
    #[arg(long)]
    pub all: bool,
    /// Write each text of four lines or more into a file of its own below this folder, which
    /// the YAML file includes
    #[arg(long, value_name = "DIR")]
    pub texts_into: Option<PathBuf>,
    /// The options of requests.
    #[command(flatten)]
    pub requests: RequestArgs,
}
