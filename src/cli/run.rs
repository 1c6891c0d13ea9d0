//! The options of `run`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::plan::parse_parallelism;
use crate::run::{MaxDrop, MinScore};
use crate::sandbox::FaultRule;

/// `run`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(
    after_help = "A simulation with the key `history` is run by `bluejayctl run -- history`."
)]
pub struct RunArgs {
    /// The command, if no run is to be queued.
    #[command(subcommand)]
    pub command: Option<RunCommand>,
    /// Keys of the lockfile, globs allowed [default: all]
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
    /// The lowest score that passes, in percent [default: 80]
    #[arg(long, value_name = "PERCENT")]
    pub min_score: Option<MinScore>,
    /// Also fail if a score is more than this number of points below the mean of the last
    /// ten runs
    #[arg(long, value_name = "POINTS", hide_short_help = true)]
    pub fail_on_regression: Option<MaxDrop>,
    /// The longest wait for all runs together
    #[arg(long, value_name = "TIME", default_value = "25m", value_parser = humantime::parse_duration)]
    pub timeout: Duration,
    /// The shortest pause between two reads of a run [default: 10s; with `--sandbox` 200ms]
    #[arg(long, value_name = "TIME", value_parser = parse_poll, hide_short_help = true)]
    pub poll: Option<Duration>,
    /// The largest number of concurrent runs [default: 8]
    #[arg(long, value_name = "N", value_parser = parse_parallelism, hide_short_help = true)]
    pub parallelism: Option<usize>,
    /// How long to search for the run of a request whose answer was lost [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, hide_short_help = true)]
    pub settle: Option<Duration>,
    /// The format of the report on stdout
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: RunFormat,
    /// Also write a page with scores and conversations to this file
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// Also write the JUnit XML to this file
    #[allow(
        clippy::doc_markdown,
        reason = "the help shows the name without backticks"
    )]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub junit: Option<PathBuf>,
    /// Also write the Markdown to this file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub markdown: Option<PathBuf>,
    /// Also write the JSON to this file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub json_into: Option<PathBuf>,
    /// Inject this fault into the sandbox; may be repeated
    #[arg(long = "fault", value_name = "RULE", hide_short_help = true)]
    pub faults: Vec<FaultRule>,
}

/// The commands below `run`.
#[derive(Debug, Subcommand)]
pub enum RunCommand {
    /// Show the scores of the last runs; queues no run
    History(HistoryArgs),
}

/// `run history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// Keys of the lockfile, globs allowed [default: all]
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
    /// The largest number of runs of each simulation
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = parse_count)]
    pub last: usize,
    /// The format of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: HistoryFormat,
}

/// The formats of a report on earlier runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
}

/// The formats of a report on runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// JUnit XML
    #[allow(
        clippy::doc_markdown,
        reason = "the help shows the name without backticks"
    )]
    Junit,
    /// For a comment or a job summary
    Markdown,
}

/// Parses a number of runs.
fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=1000) => Ok(count),
        _ => Err("expected a number from 1 to 1000".to_owned()),
    }
}

/// Parses a pause of at least a millisecond, so that no loop runs without a pause.
pub(super) fn parse_poll(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(poll) if poll >= Duration::from_millis(1) => Ok(poll),
        Ok(_) => Err("expected at least 1ms".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
