//! The options of `run`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::plan::parse_parallelism;
use crate::run::MinScore;
use crate::sandbox::FaultRule;

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Keys of the lockfile, globs allowed [default: all]
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
    /// The lowest score that passes, in percent of the tests of a run [default: 80]
    #[arg(long, value_name = "PERCENT")]
    pub min_score: Option<MinScore>,
    /// The longest wait for all runs together
    #[arg(long, value_name = "TIME", default_value = "25m", value_parser = humantime::parse_duration)]
    pub timeout: Duration,
    /// The shortest pause between two reads of a run [default: 10s; with `--sandbox` 200ms]
    #[arg(long, value_name = "TIME", value_parser = parse_poll)]
    pub poll: Option<Duration>,
    /// The largest number of concurrent runs [default: 8]
    #[arg(long, value_name = "N", value_parser = parse_parallelism)]
    pub parallelism: Option<usize>,
    /// How long to search for the run of a request whose answer was lost [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub settle: Option<Duration>,
    /// The format of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: RunFormat,
    /// Inject this fault into the sandbox; may be repeated
    #[arg(long = "fault", value_name = "RULE", requires = "sandbox")]
    pub faults: Vec<FaultRule>,
}

/// The formats of a report on runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// `JUnit` XML
    Junit,
    /// For a comment or a job summary
    Markdown,
}

/// Parses a pause of at least a millisecond, so that no loop runs without a pause.
pub(super) fn parse_poll(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(poll) if poll >= Duration::from_millis(1) => Ok(poll),
        Ok(_) => Err("expected at least 1ms".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
