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
    /// The least score of each run, in percent of its tests
    #[arg(long, value_name = "PERCENT", default_value = "80")]
    pub min_score: MinScore,
    /// How long to wait for all of them together
    #[arg(long, value_name = "TIME", default_value = "25m", value_parser = humantime::parse_duration)]
    pub timeout: Duration,
    /// How long to wait between two looks at a run [default: 10s; with `--sandbox` 200ms]
    #[arg(long, value_name = "TIME", value_parser = parse_poll)]
    pub poll: Option<Duration>,
    /// The most runs under way at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = parse_parallelism)]
    pub parallelism: usize,
    /// How long to look for a run whose queueing was not answered
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub settle: Duration,
    /// The form of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: RunFormat,
    /// Faults for the sandbox to make
    #[arg(long = "fault", value_name = "RULE", requires = "sandbox")]
    pub faults: Vec<FaultRule>,
}

/// The forms of a report on runs.
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

/// At least a millisecond, so that no loop runs hot.
pub(super) fn parse_poll(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(poll) if poll >= Duration::from_millis(1) => Ok(poll),
        Ok(_) => Err("expected at least 1ms".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
