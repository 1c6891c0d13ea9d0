//! The options of `plan`, `drift` and `pull`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::plan;

/// The options of a plan; the same for `plan` and `apply`.
#[derive(Debug, Clone, Args)]
pub struct PlanningArgs {
    /// Only resources whose key matches; may be repeated, globs allowed
    #[arg(long = "target", value_name = "KEY")]
    pub targets: Vec<String>,
    /// Delete resources that are in the lockfile and in no file
    #[arg(long)]
    pub prune: bool,
    /// Read the observed state first, and restore the desired state
    #[arg(long)]
    pub refresh: bool,
    /// Allow more deletes than `safety.max_deletes`, and treat invisible resources as
    /// deleted
    #[arg(long, hide_short_help = true)]
    pub force: bool,
    /// What to do when a field changes
    #[arg(
        long,
        value_name = "HOW",
        default_value = "update",
        hide_short_help = true
    )]
    pub on_change: OnChangeArg,
}

/// What to do when a field changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnChangeArg {
    /// Update in place if the API can; otherwise replace the resource
    Update,
    /// Always replace the resource
    Recreate,
}

/// What to do about an untracked resource of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AdoptArg {
    /// Adopt the resource if every readable field is equal; otherwise stop
    Identical,
    /// Adopt the resource by its name, and update the fields that differ
    Name,
    /// Ignore the resource and create another
    Never,
}

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The options of the plan.
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// The format of the plan
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: PlanFormat,
    /// Also write the JSON to this file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub json_into: Option<PathBuf>,
    /// Show long values and unchanged lines whole, in the format for people
    #[arg(long)]
    pub full: bool,
    /// Exit with 2 if the plan has changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Save the plan for `apply FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What to do about an untracked resource of the same name, as `apply` would
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "identical",
        requires = "refresh",
        hide_short_help = true
    )]
    pub adopt: AdoptArg,
    /// The options of requests, with `--refresh`.
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// The options of requests.
#[derive(Debug, Clone, Args)]
pub struct RequestArgs {
    /// The largest number of concurrent requests; fewer while the API throttles [default: 8]
    #[arg(long, value_name = "N", value_parser = parse_parallelism, hide_short_help = true)]
    pub parallelism: Option<usize>,
    /// The longest duration of one request [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, hide_short_help = true)]
    pub timeout: Option<Duration>,
}

/// The formats of a plan, and of the report of an apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For people
    Human,
    /// For programs
    Json,
    /// For the comment of a pull request
    Markdown,
    /// GitHub workflow annotations
    Github,
}

/// `drift`.
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// Only resources whose key matches; may be repeated, globs allowed
    #[arg(long = "target", value_name = "KEY")]
    pub targets: Vec<String>,
    /// Compare only the fields that lists show, with a handful of requests for everything
    #[arg(long)]
    pub quick: bool,
    /// The format of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: DriftFormat,
    /// The options of requests.
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// `pull`.
#[derive(Debug, Args)]
pub struct PullArgs {
    /// Only resources whose key matches; globs allowed [default: all]
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
    /// Write nothing: show the changes, and exit with 2 if there are any
    #[arg(long)]
    pub check: bool,
    /// Take the observed value where the file has changed, too
    #[arg(long)]
    pub force: bool,
    /// The format of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: DriftFormat,
    /// The options of requests.
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// The formats of the reports of `drift` and `pull`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DriftFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// For an issue or a comment
    Markdown,
}

impl From<OnChangeArg> for plan::OnChange {
    fn from(arg: OnChangeArg) -> Self {
        match arg {
            OnChangeArg::Update => Self::Update,
            OnChangeArg::Recreate => Self::Recreate,
        }
    }
}

impl From<plan::AdoptionPolicy> for AdoptArg {
    fn from(adopt: plan::AdoptionPolicy) -> Self {
        match adopt {
            plan::AdoptionPolicy::Identical => Self::Identical,
            plan::AdoptionPolicy::Name => Self::Name,
            plan::AdoptionPolicy::Never => Self::Never,
        }
    }
}

impl From<AdoptArg> for plan::AdoptionPolicy {
    fn from(arg: AdoptArg) -> Self {
        match arg {
            AdoptArg::Identical => Self::Identical,
            AdoptArg::Name => Self::Name,
            AdoptArg::Never => Self::Never,
        }
    }
}

pub(super) fn parse_parallelism(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=512) => Ok(number),
        _ => Err("expected a number from 1 to 512".to_owned()),
    }
}
